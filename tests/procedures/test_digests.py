"""A digest says the state, and nothing of how it was written."""

from datetime import UTC

from procedures.fold import digest, fold
from procedures.times import local
from schemas.timeline import Entry
from tests.procedures.child import THERE, Child, registered


def test_in_summer_what_was_said_with_an_hours_offset_has_the_digest_of_what_is_read_back_in_utc() -> None:
    child = registered()
    child.does("review_held", "2027-03-01 10:00", chair="p-nia", attendance=THERE, decision="stay", rationale="Why.")
    child.does("visit", "2027-06-01 10:00", seen=True, alone="alone", place="home", bedroom_seen=True)
    read_back = [in_utc(each) for each in child.entries]
    assert any(local(each.happened_at).utcoffset() for each in child.entries), "some of it was said in summer"
    begun, state = Child().state, Child().state
    for entry in read_back:
        state = fold(state, [entry])
        assert digest(state) == entry.digest, f"entry {entry.seq}, {entry.kind}"
    assert state == fold(begun, child.entries)


def in_utc(entry: Entry) -> Entry:
    """As the record gives it back."""
    return entry.model_copy(update={name: getattr(entry, name).astimezone(UTC) for name in ("happened_at", "effective_from", "decided_at")})
