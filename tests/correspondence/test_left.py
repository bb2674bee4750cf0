"""Somebody who left the directory is written to no more: the letter ends, and whoever arranged the meeting hears of it."""

import datetime as dt
from dataclasses import replace

from embedded.stack import Endpoints
from record import directory, letters, versions
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from report_pages import ReportPages
from reporting import Reporting
from schemas.answering import Contact, InBoth, Refused
from schemas.reporting import Saved, Whose
from schemas.reports import ReportWords, Section
from tests.correspondence.conftest import Record, sender
from tests.correspondence.invited import Invited, invited
from tests.correspondence.mail_server import MailServer, serving
from tests.correspondence.test_sender import NEVER
from tests.workflows.test_meetings_arranged import Around

POLICE = "p-arolygydd"
CONTACT = Contact(name=InBoth(cy="Swyddfa Cynadleddau", en="Conference Office"), telephone="01632 960 001")


async def leaves(there: Around, person: str) -> None:
    """The directory says that the person is not there any more."""
    async with transaction(there.here.door_pool, there.here.authority) as connection:
        now = await versions.now(connection)
        known = (await directory.people(connection, now))[person]
        await directory.put_person(connection, known.model_copy(update={"valid_from": now, "valid_to": now}), "p-mari")


async def sends(invited: Invited, endpoints: Endpoints) -> MailServer:
    """The post sends what waits."""
    here = invited.there.here
    pool = await open_pool(dsn(here.superuser, Role.post, endpoints.keys), "tests")
    record, server = Record(here.superuser, here.keys, here.journey_pool, here.door_pool, pool), MailServer()
    async with pool, serving(server) as there:
        await replace(sender(record, there.url), outbox=replace(record.outbox(), authority=here.authority)).send_all(NEVER)
    return server


async def test_nothing_goes_to_the_mailbox_of_somebody_who_left_and_whoever_arranged_hears_of_it_once(stack: Endpoints) -> None:
    async with invited(stack) as here:
        await leaves(here.there, POLICE)
        server = await sends(here, stack)
        assert not [raw for _, raw in server.got if f"{POLICE}@".encode() in raw]
        there = here.there.here
        async with transaction(there.door_pool, there.authority) as connection:
            rows = await connection.fetch(
                "SELECT l.state, d.detail FROM letters l JOIN deliveries d ON d.letter = l.id WHERE l.recipient = $1", POLICE
            )
            refused = await letters.refused_at_meeting(connection, here.there.children, here.there.meeting)
        assert {tuple(row) for row in rows} == {("refused", "left_directory")}
        assert refused == {((await here.guest(POLICE)).id, POLICE): True}, "no mail server refused it"
        await here.bounces().tell_all()
        assert (await here.guest(POLICE)).undeliverable
        assert await here.notices() == ["invitation_undeliverable"]
        assert {to.partition("@")[0] for to, _ in (await sends(here, stack)).got} == {"p-sarjant", "p-mari"}, "the lead and the arranger"


async def test_a_report_of_an_author_who_left_is_not_given_in_that_name_and_the_draft_is_kept(stack: Endpoints) -> None:
    async with invited(stack) as here:
        await leaves(here.there, POLICE)
        pages = ReportPages(Reporting(here.there.door), lambda _: CONTACT)
        whose = Whose(here.there.meeting, (await here.guest(POLICE)).id, here.there.children[0])
        words = ReportWords(sections={Section.harm: "She does not sleep at home any more."})
        assert await pages.give(whose, words, dt.datetime.now(dt.UTC)) == Refused(why="left")
        assert isinstance(await pages.save(whose, words, ""), Saved)
