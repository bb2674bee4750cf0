"""Who holds a role for one child at one moment: the person, or the deputy, or the next above where nobody can be told."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from schemas.base import Identifier, Model

NEXT_ABOVE: dict[str, str] = {
    # Before allocation the duty manager owns what the social worker will.
    "social_worker": "duty_manager",
    "plan_coordinator": "social_worker",
    "duty_manager": "team_manager",
    "team_manager": "service_manager",
    "service_manager": "head_of_service",
    "head_of_service": "director",
    "chair": "reviewing_service",
    # A chair's timescales never go to the case's line management below the head of service.
    "reviewing_service": "reviewing_service_head",
    "reviewing_service_head": "head_of_service",
    "agency_lead": "social_worker",
    "receiving_authority": "team_manager",
    "designated_officer": "senior_safeguarding_manager",
    "senior_safeguarding_manager": "head_of_service",
    "register_custodian": "head_of_service",
    "safeguarding_board": "head_of_service",
    "emergency_duty_team": "duty_manager",
}


def above(role: str) -> Iterator[str]:
    """The roles above that one, the nearest first."""
    while (role := NEXT_ABOVE.get(role, "")) != "":
        yield role


class Concerned(Protocol):
    """What of a journey decides who is told: who holds its roles, and who is told nothing of it."""

    @property
    def roles(self) -> Mapping[str, Identifier]: ...

    @property
    def told_nothing(self) -> tuple[Identifier, ...]: ...


class Recipient(Model):
    """The person told, and why it is not the one first meant."""

    person: Identifier
    role: str
    deputy_for: Identifier | None = None
    instead_of: Identifier | None = None
    """Somebody whose mailbox bounces, or who is shut out of this child's affairs."""


class Directory(Model):
    """Who held which post of a team, who was away and who deputised, at one moment."""

    posts: dict[str, Identifier]
    """By role."""
    deputies: dict[Identifier, Identifier | None] = {}
    """People away now, and who stands in for them."""
    bounced: frozenset[Identifier] = frozenset()
    """People whose mailbox refused a letter and who have not been given another address."""

    def holder(self, role: str, state: Concerned) -> Recipient | None:
        """Who is to be told, going upwards until there is somebody; none where the whole line is empty."""
        passed_over: Identifier | None = None
        asked: str | None = role
        while asked is not None:
            person = state.roles.get(asked) or self.posts.get(asked)
            if person is not None:
                recipient = self._reached(person, asked, state, passed_over)
                if recipient is not None:
                    return recipient
                passed_over = passed_over or person
            asked = NEXT_ABOVE.get(asked)
        return None

    def _reached(self, person: Identifier, role: str, state: Concerned, passed_over: Identifier | None) -> Recipient | None:
        away = person in self.deputies
        reached = self.deputies[person] if away else person
        if reached is None or reached in self.deputies or reached in self.bounced or reached in state.told_nothing:
            return None
        return Recipient(person=reached, role=role, deputy_for=person if away else None, instead_of=passed_over)
