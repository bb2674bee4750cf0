"""Whether there will be enough agencies: from the answers, before the day. The number is a local setting; no source names one."""

from collections.abc import Iterable
from typing import NamedTuple

from procedures.rule_models import Quorum
from schemas.commands.base import AgencyKind
from schemas.meetings import Invitee, Reply


class Forecast(NamedTuple):
    """Agencies that said they come, that may yet come, and how many are needed (social services among them)."""

    coming: frozenset[AgencyKind]
    open: frozenset[AgencyKind]
    needed: int

    @property
    def enough(self) -> bool:
        """True where those who said they come are enough."""
        return AgencyKind.social_services in self.coming and len(self.coming) >= self.needed

    @property
    def possible(self) -> bool:
        """True while it can still become enough."""
        return AgencyKind.social_services in self.coming | self.open and len(self.coming | self.open) >= self.needed


def forecast(invitees: Iterable[Invitee], rule: Quorum) -> Forecast:
    """Each agency counted once, by the best that anybody of it said. A written contribution is none of those who are there."""
    coming: set[AgencyKind] = set()
    unsure: set[AgencyKind] = set()
    for each in invitees:
        agency = rule.speaks_for.get(each.role)
        if agency is None:
            continue
        if each.comes:
            coming.add(agency)
        elif (each.answer is None and each.contribution == "attend") or (each.answer is not None and each.answer.reply is Reply.tentative):
            unsure.add(agency)
    return Forecast(frozenset(coming), frozenset(unsure - coming), rule.other_agencies + 1)
