"""The directory as a person keeps it: what is missing, replaced or kept is said."""

import datetime as dt

from console.endings import Code
from console.showing import delivery
from tests.console.conftest import Desk


async def test_a_person_without_an_address_is_warned_of_and_what_is_not_said_later_is_kept(desk: Desk) -> None:
    ran = await desk.runs("directory", "add-person", "--name", "Sioned Rees", "--language", "cy")
    sioned = ran.out.strip()
    assert "Sioned Rees has no e-mail address" in ran.err
    assert f"--person {sioned} --email" in ran.err
    ran = await desk.runs("directory", "add-person", "--person", sioned, "--email", "sioned@enghraifft.example")
    assert (ran.code, ran.out.strip(), ran.err) == (Code.done, sioned, "")
    (row,) = [line for line in (await desk.gets("directory", "people")).splitlines() if line.startswith(sioned)]
    assert "Sioned Rees" in row
    assert " cy " in row
    assert "sioned@enghraifft.example" in row


async def test_a_new_person_needs_a_name_and_an_address_looks_like_one(desk: Desk) -> None:
    assert (await desk.runs("directory", "add-person", "--person", "p-nobody")).err.startswith("--name is missing")
    wrong = await desk.runs("directory", "add-person", "--name", "X", "--email", "notanemail")
    assert wrong.err.startswith("--email: 'notanemail' is not an e-mail address; right would be, for instance: huw.bevan@")


async def test_who_loses_a_post_is_named(desk: Desk) -> None:
    first = await desk.runs("directory", "add-person", "--name", "Ann", "--email", "a@b.example", "--role", "director")
    second = await desk.runs("directory", "add-person", "--name", "Bob", "--email", "b@b.example", "--role", "director")
    assert first.err == ""
    assert "director: from " in second.err
    assert "Bob takes the place of Ann." in second.err
    welsh = await desk.runs("--language", "cy", "directory", "post", "--role", "director", "--person", first.out.strip())
    assert "mae Ann yn cymryd lle Bob." in welsh.err


async def test_absences_booked_are_shown_past_ones_are_noted_and_nobody_stands_in_for_themselves(desk: Desk) -> None:
    dafydd = await desk.gets("directory", "add-person", "--name", "Dafydd", "--email", "d@b.example")
    elin = await desk.gets("directory", "add-person", "--name", "Elin", "--email", "e@b.example")
    away = ("directory", "away", "--person", dafydd)
    own = await desk.runs(*away, "--first", "2030-01-07", "--last", "2030-01-08", "--deputy", dafydd)
    assert own.code == Code.mistake
    assert own.err.startswith("--deputy: nobody stands in for themselves")
    await desk.gets(*away, "--first", "2030-01-07", "--last", "2030-01-08", "--deputy", elin)
    people = " ".join((await desk.gets("directory", "people")).split())
    assert "from 2030-01-07 to" in people
    yesterday = (dt.date.today() - dt.timedelta(days=9)).isoformat()  # noqa: DTZ011
    past = await desk.runs(*away, "--first", yesterday, "--last", yesterday)
    assert past.err.startswith("These days lie in the past")


def test_a_letter_to_nobodys_address_does_not_blame_the_mail_server() -> None:
    assert delivery("refused", no_address=True) == "not sent: no e-mail address in the directory"
    assert delivery("refused", no_address=False) == "refused by the mail server"
