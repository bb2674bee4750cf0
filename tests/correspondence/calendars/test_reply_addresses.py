"""Whose answer a mail is, by the address that it came to."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from correspondence.calendars.reply_addresses import LONGEST_NAME, ReplyAddresses
from procedures.meetings.arranging import invitee_id
from record.keys import Ring
from schemas.calendars import Mailbox

INVITEE = invitee_id("m-1", "p-1")
ADDRESS = TypeAdapter(Mailbox)


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return Ring(tmp_path)


def test_an_address_says_whose_it_is_whatever_the_case(ring: Ring) -> None:
    here = ReplyAddresses(ring, "atebion@enghraifft.example")
    address = here.of(INVITEE)
    assert here.read(address) == here.read(address.upper()) == INVITEE


def test_one_made_under_an_older_key_is_good(ring: Ring) -> None:
    here = ReplyAddresses(ring, "atebion@enghraifft.example")
    address = here.of(INVITEE)
    ring.rotate()
    assert here.of(INVITEE) != address
    assert here.read(address) == INVITEE


def test_a_guess_another_mailbox_or_another_persons_token_is_nobodys(ring: Ring) -> None:
    here = ReplyAddresses(ring, "atebion@enghraifft.example")
    address, other = here.of(INVITEE), here.of(invitee_id("m-1", "p-2"))
    mac = other.partition(".")[2]
    for wrong in (
        "atebion@enghraifft.example",
        "",
        f"atebion+{INVITEE}.{'0' * 16}@enghraifft.example",
        f"atebion+{INVITEE}.{mac}",
        address.replace("atebion", "rhywun"),
        address.replace("enghraifft", "arall"),
        address.replace(INVITEE, invitee_id("m-1", "p-2")),
    ):
        assert here.read(wrong) is None


def test_it_fits_into_what_mail_servers_and_calendars_take(ring: Ring) -> None:
    here = ReplyAddresses(ring, "a" * LONGEST_NAME + "@enghraifft.example")
    address = here.of(INVITEE)
    assert ADDRESS.validate_python(address) == address
    assert len(address.partition("@")[0]) <= 64
