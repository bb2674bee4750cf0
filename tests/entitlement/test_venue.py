"""Who is told where a meeting is held, where one of the family may not know it."""

import pytest

from entitlement.check import Entitlement
from entitlement.venue import tells_venue
from procedures.in_force import rules_in_force
from schemas.entitlement import Hidden, Rights
from schemas.family import FamilyMember, Relation, Way
from schemas.meetings import Invitee

ADDRESS = frozenset({Hidden.address})


def guest(person: str, role: str, agency: str | None = None) -> Invitee:
    return Invitee(id=f"i-{person}", role=role, person=person, agency=agency, children=("c-1",))


INVITED = [guest("mother", "parents"), guest("father", "parents"), guest("friend", "supporter"), guest("head", "education", "ysgol")]


@pytest.mark.parametrize(
    ("hidden_from", "knows"),
    [
        ((), {"mother", "father", "friend", "head"}),
        (("friend",), {"mother", "father", "head"}),
        (("father",), {"mother", "head"}),
        (("father", "friend"), {"mother", "head"}),
        (("head",), {"mother", "father", "friend"}),
    ],
)
def test_no_supporter_knows_what_one_of_the_family_may_not(hidden_from: tuple[str, ...], knows: set[str]) -> None:
    told = Entitlement({"c-1": Rights(hidden=dict.fromkeys(hidden_from, ADDRESS))}, rules_in_force().entitlement)
    assert {each.person for each in INVITED if tells_venue(told, each, INVITED, ["c-1"], {})} == knows


NETWORK = [*(guest(each, "family") for each in ("mother", "father", "friend", "cousin")), guest("mari", "coordinator", "cyngor")]
RELATIVES = {
    each: FamilyMember(person=each, relation=relation, name=each, way=Way.none)
    for each, relation in {"mother": Relation.parent, "father": Relation.parent, "friend": Relation.supporter}.items()
}


@pytest.mark.parametrize(
    ("hidden_from", "knows"), [((), {"mother", "father", "friend", "cousin", "mari"}), (("father",), {"mother", "mari"})]
)
@pytest.mark.parametrize("invited", [True, False])
def test_nor_where_all_of_the_family_come_in_one_part_nor_where_whoever_may_not_is_left_out(
    hidden_from: tuple[str, ...], knows: set[str], invited: bool
) -> None:
    told = Entitlement({"c-1": Rights(hidden=dict.fromkeys(hidden_from, ADDRESS))}, rules_in_force().entitlement)
    there = [each for each in NETWORK if invited or each.person not in hidden_from]
    assert {each.person for each in there if tells_venue(told, each, there, ["c-1"], RELATIVES)} == knows


def test_whoever_is_told_nothing_is_told_no_more_by_a_supporter() -> None:
    told = Entitlement({"c-1": Rights(told_nothing=frozenset({"father"}))}, rules_in_force().entitlement)
    there = [each for each in INVITED if each.person != "father"]
    assert {each.person for each in there if tells_venue(told, each, there, ["c-1"], {})} == {"mother", "head"}
