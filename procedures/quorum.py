"""Quorum: social services and enough other agencies in direct contact with the child (a local setting; no source names a number)."""

from dataclasses import dataclass

from procedures.rules import Rules
from schemas.commands.base import AgencyKind, Attendance

FAMILY = frozenset({AgencyKind.child, AgencyKind.parent, AgencyKind.advocate})


@dataclass(frozen=True)
class Count:
    """Agencies that were there, of those needed."""

    there: int
    needed: int
    quorate: bool


def counted(attendance: tuple[Attendance, ...], rules: Rules) -> Count:
    """Count agencies, each once; family members and the advocate are not agencies."""
    agencies = {each.agency for each in attendance if each.there} - FAMILY
    needed = rules.quorum.other_agencies + 1
    return Count(len(agencies), needed, AgencyKind.social_services in agencies and len(agencies) >= needed)
