"""Who is told where a meeting is held, where one of the family may not know it."""

import pytest

from entitlement.check import Entitlement
from entitlement.venue import tells_venue
from procedures.in_force import rules_in_force
from schemas.entitlement import Hidden, Rights
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
    assert {each.person for each in INVITED if tells_venue(told, each, INVITED, ["c-1"])} == knows
