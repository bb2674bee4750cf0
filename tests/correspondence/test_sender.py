"""Letters leave the outbox once, in their time, or say why not. Real PostgreSQL, real SMTP."""

import asyncio
import datetime as dt
import email
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest

from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Backoff
from record import audits, directory, letters
from record.audits import Found, Frame, ToDo
from record.pool import open_pool, transaction
from record.projections import put_clocks
from record.roles import Role, dsn
from schemas.audits import Criteria, Drawn
from schemas.clocks import Language
from schemas.letters import DeliveryState
from tests.correspondence.conftest import ADDRESS, Record, sender
from tests.correspondence.examples import AFTER, BEFORE, DUE
from tests.correspondence.mail_server import LOST, MailServer, says, serving
from tests.record.conftest import AUTHORITY

NEVER = asyncio.Event()


def read(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, policy=policy.default)  # pyright: ignore[reportReturnType]


def text(message: bytes) -> str:
    part = read(message).get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


async def test_a_letter_is_sent_once_and_shown_as_sent(record: Record) -> None:
    child, person = await record.child(), await record.person()
    await record.order(child, "alert", "seen_alone", person)
    async with serving(MailServer()) as server:
        for _ in range(2):
            await sender(record, server.url).send_all(NEVER)
    assert [to for to, _ in server.got] == [ADDRESS]
    assert await record.states(child) == [DeliveryState.sent]
    assert child.child in text(server.got[0][1])


async def test_letters_go_side_by_side_and_those_to_one_person_one_after_the_other(record: Record) -> None:
    slow, other = await record.person("araf@enghraifft.example"), await record.person("arall@enghraifft.example")
    orders = [await record.order(await record.child(), "alert", "seen_alone", each) for each in (slow, slow, other)]
    assert len(orders) == 3
    there = asyncio.Event()

    async def after(recipient: str) -> str:
        if recipient.startswith("araf"):
            await there.wait()
        return "250 ok"

    async with serving(MailServer(after_message=after)) as server:
        first = sender(record, server.url)
        both = [first, replace(first, post=Post(parse_smtp_url(server.url), 10))]
        sending = asyncio.gather(*(each.send_all(NEVER) for each in both))
        async with asyncio.timeout(20):
            while not server.got:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert [to for to, _ in server.got] == ["arall@enghraifft.example"]
        assert len(server.kept) == 2, "the second to the slow one waits for the first"
        there.set()
        await sending
        assert sorted(to.partition("@")[0] for to, _ in server.got) == ["araf", "araf", "arall"]


async def test_siblings_stand_in_one_letter(record: Record) -> None:
    person, first = await record.person(), await record.child()
    second = await record.child(first.family)
    for child in (first, second):
        await record.order(child, "alert", "seen_alone", person)
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert len(server.got) == 1
    assert all(f"siwrnai journey show {child.child}" in text(server.got[0][1]) for child in (first, second))


@pytest.mark.parametrize(("language", "said"), [("cy", "Amserlen sydd wedi mynd heibio"), ("en", "A timescale has passed")])
async def test_a_letter_is_in_the_recipients_language(record: Record, language: Language, said: str) -> None:
    await record.order(await record.child(), "alert", "seen_alone", await record.person(language=language))
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert said in text(server.got[0][1])
    assert read(server.got[0][1])["Content-Language"] == language


async def test_where_the_language_is_not_known_the_letter_is_in_both(record: Record) -> None:
    await record.order(await record.child(), "alert", "seen_alone", await record.person(language=None))
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert read(server.got[0][1])["Content-Language"] == "cy, en"


async def test_the_date_is_the_orders_and_not_that_of_the_wall(record: Record) -> None:
    await record.order(await record.child(), "alert", "seen_alone", await record.person())
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert read(server.got[0][1])["Date"].datetime == AFTER


@pytest.mark.parametrize("answer", ["451 4.7.1 later", LOST])
async def test_after_4xx_or_a_lost_answer_the_same_bytes_go_again(record: Record, answer: str) -> None:
    child = await record.child()
    await record.order(child, "alert", "seen_alone", await record.person())
    seen: list[bytes] = []
    async with serving(MailServer(after_message=says(answer))) as server:
        server.kept = seen
        await sender(record, server.url).send_all(NEVER)
        assert await record.states(child) == [DeliveryState.deferred]
        server.after_message = says("250 ok")
        await asyncio.sleep(0.25)
        await sender(record, server.url).send_all(NEVER)
    assert await record.states(child) == [DeliveryState.sent]
    assert len(seen) == 2
    assert seen[0] == seen[1]


async def test_a_mail_server_too_slow_to_answer_has_the_letter_and_gets_the_same_bytes_again(record: Record) -> None:
    async def slow(_: str) -> str:
        # By then the connection is gone: nobody hears the yes.
        await asyncio.sleep(0.6)
        return "250 late"

    child = await record.child()
    await record.order(child, "alert", "seen_alone", await record.person())
    async with serving(MailServer(after_message=slow)) as server:
        await sender(record, server.url, post=Post(parse_smtp_url(server.url), 0.3)).send_all(NEVER)
        assert await record.states(child) == [DeliveryState.deferred]
        await asyncio.sleep(0.6)
        assert len(server.kept) == 1, "the server has the letter"
        server.after_message = says("250 ok")
        await sender(record, server.url).send_all(NEVER)
    assert await record.states(child) == [DeliveryState.sent]
    assert len(server.kept) == 2
    assert server.kept[0] == server.kept[1]


async def test_the_bytes_stay_the_same_though_the_directory_changes_meanwhile(record: Record) -> None:
    child = await record.child()
    await record.order(child, "alert", "seen_alone", await record.person())
    async with serving(MailServer(after_message=says("451 later"))) as server:
        await sender(record, server.url).send_all(NEVER)
        server.after_message = says("250 ok")
        await record.order(child, "alert", "core_group_next", (await record.seen(child))[0].recipient)
        await asyncio.sleep(0.25)
        await sender(record, server.url).send_all(NEVER)
    assert server.kept[0] == server.kept[1]
    assert await record.states(child) == [DeliveryState.in_digest, DeliveryState.sent] or await record.states(child) == [
        DeliveryState.sent,
        DeliveryState.in_digest,
    ]


async def test_a_dead_mail_server_loses_nothing(record: Record) -> None:
    child = await record.child()
    await record.order(child, "alert", "seen_alone", await record.person())
    async with serving(MailServer()) as server:
        url = server.url
    await sender(record, url).send_all(NEVER)
    assert await record.states(child) == [DeliveryState.deferred]
    async with serving(MailServer()) as server:
        await asyncio.sleep(0.25)
        await sender(record, server.url).send_all(NEVER)
    assert await record.states(child) == [DeliveryState.sent]


async def test_5xx_is_final_and_the_journey_is_to_be_told(record: Record) -> None:
    child = await record.child()
    order = await record.order(child, "alert", "seen_alone", await record.person())
    async with serving(MailServer(at_recipient=says(f"550 5.1.1 <{ADDRESS}> unknown"))) as server:
        for _ in range(2):
            await sender(record, server.url).send_all(NEVER)
    assert server.got == []
    assert await record.states(child) == [DeliveryState.refused]
    assert [(each.child, each.cause, each.detail) for each in await record.refused()] == [(child.child, order.cause, "550 5.1.1")]


async def test_each_siblings_journey_is_to_be_told_of_a_refused_letter(record: Record) -> None:
    person, first = await record.person(), await record.child()
    second = await record.child(first.family)
    for child in (first, second):
        await record.order(child, "alert", "seen_alone", person)
    async with serving(MailServer(after_message=says("554 no"))) as server:
        await sender(record, server.url).send_all(NEVER)
    assert {each.child for each in await record.refused()} == {first.child, second.child}


@pytest.mark.parametrize("address", [None, "no-at-sign"])
async def test_a_recipient_without_a_usable_address_is_refused_so_that_the_next_is_told(record: Record, address: str | None) -> None:
    child = await record.child()
    await record.order(child, "notice", "child_missing", await record.person(address), due=None)
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert await record.states(child) == [DeliveryState.refused]
    assert [each.detail for each in await record.refused()] == ["bad_address"]


async def test_an_overdue_timescale_met_before_the_letter_goes_makes_it_stale(record: Record) -> None:
    child = await record.child()
    await record.end_clock(child, await record.order(child, "alert", "seen_alone", await record.person()))
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert server.got == []
    assert await record.states(child) == [DeliveryState.stale]


async def test_of_two_siblings_only_the_one_still_overdue_is_written_of(record: Record) -> None:
    person, met = await record.person(), await record.child()
    still = await record.child(met.family)
    await record.end_clock(met, await record.order(met, "alert", "seen_alone", person))
    await record.order(still, "alert", "seen_alone", person)
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert still.child in text(server.got[0][1])
    assert met.child not in text(server.got[0][1])


@pytest.mark.parametrize(("now", "state"), [(DUE, DeliveryState.stale), (DUE - dt.timedelta(seconds=1), DeliveryState.sent)])
async def test_after_an_outage_a_reminder_of_what_is_past_is_stale(record: Record, now: dt.datetime, state: DeliveryState) -> None:
    child = await record.child()
    await record.order(child, "reminder", "seen_alone", await record.person(), at=BEFORE)
    async with serving(MailServer()) as server:
        await sender(record, server.url, outbox=record.outbox(now=now)).send_all(NEVER)
    assert await record.states(child) == [state]


async def test_a_correction_names_the_letter_that_went_before_it(record: Record) -> None:
    child, person = await record.child(), await record.person()
    await record.order(child, "alert", "seen_alone", person)
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
        await record.order(child, "correction", "seen_alone", person, met_at=BEFORE.isoformat(), at=AFTER + dt.timedelta(hours=2))
        await sender(record, server.url).send_all(NEVER)
    assert "Our letter of: Tuesday 12 January 2027 at 08:30" in text(server.got[1][1])


async def test_a_letter_that_never_went_needs_no_correction(record: Record) -> None:
    child, person = await record.child(), await record.person()
    await record.end_clock(child, await record.order(child, "alert", "seen_alone", person))
    await record.order(child, "correction", "seen_alone", person, met_at=BEFORE.isoformat())
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert server.got == []
    assert await record.states(child) == [DeliveryState.stale, DeliveryState.stale]


MORNING = AFTER.replace(hour=8, minute=0)


async def test_a_digest_lists_what_was_put_off_and_what_is_overdue(record: Record) -> None:
    person, family = await record.person(), await record.child()
    other = await record.child()
    await record.order(family, "alert", "seen_alone", person, at=AFTER - dt.timedelta(days=1))
    await record.overdue(other, "core_group_first", person)
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
        await record.order(family, "reminder", "seen_at_home", person, at=AFTER - dt.timedelta(days=1), due=AFTER + dt.timedelta(days=1))
        await record.write_digests(MORNING)
        await sender(record, server.url).send_all(NEVER)
    first, digest = (text(message) for _, message in server.got)
    assert "A timescale has passed" in first
    assert digest.startswith("Your list for Tuesday 12 January 2027")
    assert (
        digest.index("Overdue")
        < digest.index(other.child)
        < digest.index("Put off from an earlier day")
        < digest.index("Child seen at home")
    )


async def test_the_digest_of_somebody_away_goes_to_the_deputy(record: Record) -> None:
    person, deputy, child = await record.person(), await record.person(), await record.child()
    await record.overdue(child, "core_group_first", person)
    await record.away(person, MORNING - dt.timedelta(days=1), MORNING + dt.timedelta(days=1), deputy)
    await record.write_digests(MORNING)
    await record.write_digests(MORNING + dt.timedelta(days=2))
    assert [letter.recipient for letter in await record.seen(child)] == [deputy, person]


async def test_an_overdue_action_from_an_audit_is_told_each_morning_and_climbs_until_it_is_done(record: Record) -> None:
    owner, head, child = await record.person(), await record.person(), await record.child()
    await record.overdue(child, "core_group_first", owner)
    due, auditor = MORNING.date() - dt.timedelta(days=1), dsn(record.superuser, Role.auditor, record.keys.directory)
    async with transaction(record.door, AUTHORITY) as conn:
        await directory.put_post(conn, directory.Post(role="reviewing_service_head", person=head, valid_from=BEFORE), "p-admin")
    async with await open_pool(auditor, "tests", most=1) as pool, transaction(pool, AUTHORITY) as conn:
        criteria = Criteria(seed="s", size=1, as_of=MORNING, late_within_days=1, long_on_register_days=1)
        drawn = await audits.put_draw(conn, "p-nia", criteria, Frame(1, "ab"), [Drawn(child=child.child, signs=())])
        found = Found(drawn.draw, child.child, "own_words", "improve", "Nobody asked.")
        id = await audits.act(conn, found, ToDo("Hear her alone.", owner, due), "p-nia", record.keys)

    async def told(days: int) -> set[str]:
        await record.write_digests(MORNING + dt.timedelta(days=days))
        return {each.recipient for each in await record.seen(child) if each.about == "audit_action"}

    assert await told(0) == {owner}
    assert await told(5) == {owner}
    assert await told(6) == {owner, head}
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    said = text(server.got[0][1])
    assert "Action from an audit" in said
    assert id in said
    assert "Hear her alone" not in said
    async with await open_pool(auditor, "tests", most=1) as pool, transaction(pool, AUTHORITY) as conn:
        (action,) = await audits.actions(conn, record.keys, action=id)
        await audits.done(conn, action, audits.Ended(due, "Heard."), owner, record.keys)
    before = len(await record.seen(child))
    await record.write_digests(MORNING + dt.timedelta(days=10))
    assert [each.about for each in (await record.seen(child))[before:]] == ["core_group_first"]


async def test_a_morning_with_nothing_to_say_has_no_digest(record: Record) -> None:
    child, person = await record.child(), await record.person()
    await record.end_clock(child, await record.order(child, "alert", "seen_alone", person))
    async with serving(MailServer()) as server:
        await record.write_digests(MORNING)
        await sender(record, server.url).send_all(NEVER)
    assert server.got == []


async def test_a_digest_whose_last_item_was_done_meanwhile_does_not_go(record: Record) -> None:
    child, person = await record.child(), await record.person()
    row = await record.overdue(child, "core_group_first", person)
    await record.write_digests(MORNING)
    async with transaction(record.journey, AUTHORITY) as connection:
        await put_clocks(connection, child, (row.model_copy(update={"running": False, "state": "met"}),))
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert server.got == []
    assert await record.states(child) == [DeliveryState.stale]


async def test_urgent_letters_go_first(record: Record) -> None:
    person = await record.person()
    await record.order(await record.child(), "alert", "seen_alone", person)
    missing = await record.child()
    await record.order(missing, "notice", "child_missing", person, due=None, urgent=True)
    async with serving(MailServer()) as server:
        await sender(record, server.url).send_all(NEVER)
    assert missing.child in text(server.got[0][1])


async def test_what_one_letter_cannot_say_holds_up_no_other(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await record.person()
    bad, good = await record.child(), await record.child()
    await record.order(bad, "notice", "child_missing", person, due=None, urgent=True)
    await record.order(good, "alert", "seen_alone", person)
    monkeypatch.setattr("correspondence.letters._notice", lambda _: 1 / 0)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    backoff = Backoff(dt.timedelta(minutes=1), dt.timedelta(minutes=1))
    async with serving(MailServer()) as server:
        await sender(record, server.url, backoff=backoff).send_all(NEVER)
    assert await record.states(bad) == [DeliveryState.deferred]
    assert await record.states(good) == [DeliveryState.sent]


async def test_two_senders_send_a_letter_once(record: Record) -> None:
    person = await record.person()
    for _ in range(10):
        await record.order(await record.child(), "alert", "seen_alone", person)
    async with serving(MailServer()) as server:
        await asyncio.gather(*(sender(record, server.url).send_all(NEVER) for _ in range(3)))
    ids = [read(message)["Message-ID"] for _, message in server.got]
    assert len(ids) == len(set(ids)) == 10


async def test_while_the_record_is_away_the_sender_waits_and_goes_on(record: Record) -> None:
    child = await record.child()
    await record.order(child, "alert", "seen_alone", await record.person())
    stop = asyncio.Event()
    async with serving(MailServer()) as server:
        working = sender(record, server.url)
        for connection in [record.post]:
            await connection.expire_connections()
        async with transaction(record.post, AUTHORITY) as connection:
            pid = connection.get_server_pid()
        await _terminate(record, pid)
        serving_task = asyncio.create_task(working.serve(stop, poll=0.05))
        await _until_sent(record, child)
        stop.set()
        await serving_task
    assert len(server.got) == 1


async def _terminate(record: Record, pid: int) -> None:
    import asyncpg

    superuser = await asyncpg.connect(record.superuser)
    await superuser.execute("SELECT pg_terminate_backend($1)", pid)
    await superuser.close()


async def _until_sent(record: Record, child: letters.Whose) -> None:
    async with asyncio.timeout(5):
        while await record.states(child) != [DeliveryState.sent]:  # noqa: ASYNC110 (another task does it)
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 2.5, 5), (2, 5, 10), (4, 20, 40), (50, 450, 900), (10_000, 450, 900)])
def test_each_wait_is_twice_as_long_up_to_the_cap_and_never_ends(tries: int, least: float, most: float) -> None:
    waits = [Backoff(dt.timedelta(seconds=5), dt.timedelta(seconds=900), lambda luck=luck: luck).wait(tries) for luck in (0.0, 0.5, 1.0)]
    assert [wait.total_seconds() for wait in waits] == [most, (least + most) / 2, least]


async def test_a_mail_server_that_hangs_does_not_keep_the_sender_from_stopping(record: Record) -> None:
    async def hangs(_: str) -> str:
        await asyncio.sleep(1)
        return "250 late"

    await record.order(await record.child(), "alert", "seen_alone", await record.person())
    stop = asyncio.Event()
    async with serving(MailServer(after_message=hangs)) as server:
        working = sender(record, server.url, post=Post(parse_smtp_url(server.url), 0.3))
        task = asyncio.create_task(working.serve(stop, poll=0.05))
        await asyncio.sleep(0.1)
        stop.set()
        async with asyncio.timeout(3):
            await task
        await asyncio.sleep(1)
