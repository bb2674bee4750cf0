"""A timeline of a child's pure journey as the record would give it: virtual time, no chain."""

from collections.abc import Iterable

from audit.standing import Journey
from console.timeline import Told
from record.children import ChildDetails
from record.directory import Person
from schemas.replay import Beside, PutInForce, SentLetter
from schemas.state import JourneyState
from schemas.timeline import Entry, RecordedEntry
from tests.procedures.child import Child

BEGUN: JourneyState = Child().state
"""Before the first entry."""

NAMES = {"p-mari": "Mari Lloyd", "p-huw": "Huw Bevan", "p-nia": "Nia Probert", "p-carys": "Carys Owen", "p-duty": "Dafydd Rees"}


def recorded(entries: Iterable[Entry]) -> list[RecordedEntry]:
    """The entries as recorded when they were decided."""
    unchained = {"child": BEGUN.child, "previous": "", "hash": "", "signature": ""}
    return [RecordedEntry.model_validate({**each.model_dump(), "recorded_at": each.decided_at, **unchained}) for each in entries]


def journey_of(child: Child) -> Journey:
    """The child's whole timeline, with its letters, of which none has been sent yet."""
    letters = tuple(
        SentLetter(cause=each.cause, letter=f"l-{number}", kind=each.kind, recipient=each.recipient, about=each.about, at=each.at)
        for number, each in enumerate(child.letters)
    )
    versions = tuple(PutInForce(kind=kind, version="1", at=child.entries[0].decided_at) for kind in ("rules", "calendar", "settings"))
    return Journey(BEGUN, recorded(child.entries), Beside(letters=letters, in_force=versions))


def told_of(child: Child) -> Told:
    """The same, for a person to read."""
    people = {id: Person(person=id, name=name, valid_from=child.entries[0].decided_at) for id, name in NAMES.items()}
    details = ChildDetails(name="Efa <b>Prys</b>", language="cy")
    return Told(BEGUN.child, BEGUN.family, details, child.state, recorded(child.entries), [], people, {}, child.entries[-1].decided_at)
