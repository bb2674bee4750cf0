"""What is hidden from somebody stays hidden: in the mail and the calendar that are sent, on the page, on the command line."""

import pytest

from record.pool import transaction
from record.projections import Whose, put_journey
from schemas.entitlement import Because, Hidden, Restriction
from schemas.flush import JourneySummary
from schemas.letters import DeliveryState, LetterKind
from tests.correspondence.conftest import Record, keys, record, server
from tests.correspondence.test_meeting_letters import PLACE, Held, begun, calendar, text
from tests.procedures.child import at
from tests.record.conftest import AUTHORITY

__all__ = ["keys", "record", "server"]


@pytest.fixture
async def held(record: Record) -> Held:
    found = await begun(record)
    found.table.asks_for_reports = False
    return found


async def hides(held: Held, whose: Whose, hidden: Hidden, person: str) -> None:
    """A child's journey comes to hide something from that person."""
    made = Restriction(person=person, hidden=hidden, because=Because.bail, since=at("2026-12-01"))
    barred = (person,) if hidden is Hidden.everything else ()
    async with transaction(held.record.journey, AUTHORITY) as connection:
        await put_journey(connection, whose, 1, JourneySummary(registration="not_registered", shut_out=barred, restrictions=(made,)))


async def met(held: Held) -> Whose:
    """The child whom the meeting is about."""
    child = held.table.children[0]
    async with transaction(held.record.door, AUTHORITY) as connection:
        row = await connection.fetchrow("SELECT child, family, authority, team FROM children WHERE child = $1", child)
    assert row is not None
    return Whose.model_validate(dict(row))


async def test_a_hidden_address_takes_the_venue_out_of_mail_and_calendar_for_that_person_alone(held: Held) -> None:
    await hides(held, await met(held), Hidden.address, "p-police")
    await held.arranged()
    mails = {each["To"]: each for each in await held.sent()}
    police, head = mails["p-police@enghraifft.example"], mails["p-head@enghraifft.example"]
    assert PLACE not in police.as_string()
    assert PLACE not in text(police)
    assert "LOCATION" not in calendar(police)
    assert "The social worker will tell you where" in text(police)
    assert calendar(head)["LOCATION"] == PLACE


async def test_brothers_and_sisters_share_an_address_so_what_hides_ones_hides_it_in_the_others_papers(held: Held) -> None:
    child = await met(held)
    sibling = await held.record.child(child.family)
    await hides(held, sibling, Hidden.address, "p-police")
    await held.arranged()
    assert PLACE not in text(await held.sent_to("p-police"))


async def test_whoever_comes_to_be_told_nothing_gets_no_letter_that_was_ordered_before(held: Held) -> None:
    await held.arranged()
    await hides(held, await met(held), Hidden.everything, "p-police")
    assert "p-police@enghraifft.example" not in [each["To"] for each in await held.sent()]
    assert sorted(await held.states(LetterKind.invitation)).count(DeliveryState.stale) == 1
