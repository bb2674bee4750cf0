"""What a meeting does not know itself: the record, the office and the rules, as they are now."""

from dataclasses import dataclass, field

from procedures.meetings.invitees import Resolved
from procedures.office import Office
from procedures.rules import Rules
from schemas.base import Identifier
from schemas.family import Reach
from schemas.meetings import About
from schemas.papers import Paper


@dataclass(frozen=True)
class Around:
    """What a meeting does not know itself, as the record has it now."""

    rules: Rules
    office: Office
    about: tuple[About, ...] = ()
    """The children, with the due date that the meeting meets, as the record has it now."""
    resolved: Resolved = field(default_factory=lambda: Resolved((), (), ()))
    """Whom the procedures want there; for who arranges."""
    chairs: frozenset[Identifier] = frozenset()
    """Who chaired for these children before; for who arranges. Another needs a reason."""
    line_management: frozenset[Identifier] = frozenset()
    """Who manages the case: none of them may chair."""
    shut_out: dict[Identifier, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By child: who is told nothing about that child."""
    leads: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By agency: its safeguarding lead."""
    family: dict[Identifier, Reach] = field(default_factory=lambda: {})
    """By person of the family: the safe way to reach them, as the record has it now."""
    social_workers: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By child: who speaks with the family."""
    agencies: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By person who is added: the agency for which that person comes, as the directory has it."""
    selves: dict[Identifier, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By person of the family: which of the children the record says that person is."""
    too_young: frozenset[Identifier] = frozenset()
    """Children who are invited, by person, and are not of an age to read a paper of their own."""
    papers: dict[Paper, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By paper: the children for whom it is written."""
    releasers: dict[Identifier, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By child: who may let something go out to the family."""
    chairs_line: frozenset[Identifier] = frozenset()
    """The reviewing service and whoever is above it, or stands in for them: who answers for a chair's meeting."""
    holiday_contacts: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By agency: whom to write to while schools are closed."""
