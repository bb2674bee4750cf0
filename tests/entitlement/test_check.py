"""Who may be told what: the check by itself."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlement.check import Entitlement
from procedures.in_force import rules_in_force
from schemas.base import Identifier
from schemas.entitlement import Fact, Hidden, Rights

BETRAYING = [Fact.address, Fact.venue, Fact.invitees, Fact.agencies, Fact.report, Fact.plan]

PEOPLE = st.sampled_from(["p-dylan", "p-sian", "p-mari"])
CHILDREN = st.sampled_from(["c-ela", "c-tomos", "c-cadi"])
RIGHTS = st.builds(
    Rights,
    st.frozensets(PEOPLE),
    st.dictionaries(PEOPLE, st.frozensets(st.sampled_from([Hidden.address]), min_size=1)),
)

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine may take seconds over the first example."""


def told(rights: Mapping[Identifier, Rights]) -> Entitlement:
    return Entitlement(rights, rules_in_force().entitlement)


@pytest.mark.parametrize("fact", BETRAYING)
def test_an_address_is_hidden_with_all_that_betrays_it(fact: Fact) -> None:
    check = told({"c-tomos": Rights(hidden={"p-dylan": frozenset({Hidden.address})})})
    assert check.withheld("p-dylan", fact, "c-tomos") == "betrays_hidden"
    assert check.withheld("p-sian", fact, "c-tomos") is None


def test_from_whom_an_address_is_hidden_still_learns_that_there_is_a_conference_and_what_it_decided() -> None:
    check = told({"c-tomos": Rights(hidden={"p-dylan": frozenset({Hidden.address})})})
    assert check.may("p-dylan", Fact.case, ["c-tomos"])
    assert check.may("p-dylan", Fact.decision, ["c-tomos"])


@pytest.mark.parametrize("fact", list(Fact))
def test_whoever_is_told_nothing_is_told_nothing(fact: Fact) -> None:
    assert told({"c-ela": Rights(frozenset({"p-coach"}))}).withheld("p-coach", fact, "c-ela") == "told_nothing"


@QUICK
@given(st.dictionaries(CHILDREN, RIGHTS), PEOPLE, st.sampled_from(Fact), CHILDREN)
def test_it_fails_closed(rights: dict[Identifier, Rights], reader: Identifier, fact: Fact, child: Identifier) -> None:
    """Nothing is told of a child that is not on record, nor to a reader whom nobody can name where anything is hidden."""
    check = told(rights)
    if child not in rights:
        assert check.withheld(reader, fact, child) == "unknown_child"
        assert check.withheld(None, fact, child) == "unknown_child"
    elif rights[child].anybody:
        assert check.withheld(None, fact, child) == "unnamed"


@QUICK
@given(st.dictionaries(CHILDREN, RIGHTS), PEOPLE, st.sampled_from(Fact), st.lists(CHILDREN))
def test_of_several_children_it_is_told_only_where_it_may_be_told_of_each(
    rights: dict[Identifier, Rights], reader: Identifier, fact: Fact, children: list[Identifier]
) -> None:
    check = told(rights)
    each = [check.withheld(reader, fact, child) is None for child in children]
    assert check.may(reader, fact, children) == (bool(children) and all(each))
    assert len(check.of(reader, fact, children)) == sum(each)


@QUICK
@given(RIGHTS, PEOPLE, st.sampled_from(Fact), PEOPLE)
def test_hiding_more_never_tells_more(rights: Rights, reader: Identifier, fact: Fact, other: Identifier) -> None:
    more = Rights(rights.told_nothing | {other}, rights.hidden)
    if told({"c": rights}).withheld(reader, fact, "c") is not None:
        assert told({"c": more}).withheld(reader, fact, "c") is not None
