"""Letters: one a family, recipient and day; urgent ones at once; none lost, none twice."""

import asyncio
import datetime as dt

import pytest

from record import digests, directory, letters
from record.directory import Absence, Person, Post
from record.keys import KeyRing
from record.pool import Pool, transaction
from record.projections import Whose
from record.timeline import append
from schemas.letters import DeliveryState, LetterKind, LetterOrder
from tests.record.examples import AT, AUTHORITY, DUE, alert, clock, flush, new_child, new_id

HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def manager(door: Pool) -> str:
    """A team manager with a mailbox, of this test alone."""
    person = new_id("p")
    async with transaction(door, AUTHORITY) as conn:
        await directory.put_person(
            conn,
            Person(person=person, name="Huw Bevan", email="huw@example.test", language="cy", valid_from=AT - 24 * HOUR),
            "p-admin",
        )
    return person


async def ordered(journey: Pool, whose: Whose, keys: KeyRing, *orders: LetterOrder, head: int = 0) -> None:
    await append(journey, flush(whose, head, letters=orders), keys)


async def claimed(post: Pool, keys: KeyRing, recipient: str) -> list[letters.LetterToSend]:
    """All that waits is claimed; those to the recipient are given back."""
    async with transaction(post, AUTHORITY) as conn:
        return [letter for letter in await letters.claim(conn, keys, 1000) if letter.recipient == recipient]


async def states(journey: Pool, whose: Whose) -> list[str]:
    async with transaction(journey, AUTHORITY) as conn:
        return [seen.state for seen in await letters.seen(conn, [whose.child])]


async def test_one_alert_a_family_recipient_and_day(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    ela = await new_child(door, keys)
    tomos = await new_child(door, keys, ela.family)
    await ordered(journey, ela, keys, alert(ela, recipient=manager, kind=LetterKind.reminder))
    await ordered(journey, tomos, keys, alert(tomos, recipient=manager))
    (letter,) = await claimed(post, keys, manager)
    assert (letter.kind, letter.email, letter.language, letter.family) == (LetterKind.alert, "huw@example.test", "cy", ela.family)
    assert [order.child for order in letter.orders] == sorted([ela.child, tomos.child])

    await ordered(journey, tomos, keys, alert(tomos, AT + HOUR, manager, about="written_report"), head=1)
    assert await claimed(post, keys, manager) == []
    assert await states(journey, tomos) == ["waiting", "in_digest"]

    await ordered(journey, tomos, keys, alert(tomos, AT + 24 * HOUR, manager), head=2)
    assert len(await claimed(post, keys, manager)) == 1


async def test_the_day_is_that_of_london(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    whose = await new_child(door, keys)
    before_midnight = dt.datetime(2027, 6, 1, 22, 30, tzinfo=dt.UTC)
    orders = [alert(whose, before_midnight + offset, manager) for offset in (0 * HOUR, HOUR)]
    await ordered(journey, whose, keys, *orders)
    assert len(await claimed(post, keys, manager)) == 2


async def test_another_family_has_a_letter_of_its_own(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    for _ in range(2):
        whose = await new_child(door, keys)
        await ordered(journey, whose, keys, alert(whose, recipient=manager))
    assert len(await claimed(post, keys, manager)) == 2


async def test_siblings_notices_come_in_one_letter(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    ela = await new_child(door, keys)
    tomos = await new_child(door, keys, ela.family)
    happened = {"content": {"happened_at": AT.isoformat()}, "kind": LetterKind.notice, "urgent": True, "about": "tried_not_seen"}
    await asyncio.gather(
        *(ordered(journey, each, keys, alert(each, AT + later * HOUR, manager, **happened)) for later, each in enumerate((ela, tomos)))
    )
    (letter,) = await claimed(post, keys, manager)
    assert len(letter.orders) == 2
    await ordered(journey, ela, keys, alert(ela, AT + 2 * HOUR, manager, **happened), head=1)
    assert len(await claimed(post, keys, manager)) == 1


async def test_urgent_letters_are_never_put_off(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    whose = await new_child(door, keys)
    await ordered(journey, whose, keys, alert(whose, recipient=manager))
    assert len(await claimed(post, keys, manager)) == 1
    await ordered(journey, whose, keys, alert(whose, AT + HOUR, manager, urgent=True), head=1)
    assert len(await claimed(post, keys, manager)) == 1


async def test_no_two_senders_get_the_same_letter(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    for _ in range(8):
        whose = await new_child(door, keys)
        await ordered(journey, whose, keys, alert(whose, recipient=manager))
    found = await asyncio.gather(*(claimed(post, keys, manager) for _ in range(4)))
    ids = [letter.id for each in found for letter in each]
    assert len(ids) == len(set(ids)) == 8


async def test_a_new_letter_settles_first(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    whose = await new_child(door, keys)
    await ordered(journey, whose, keys, alert(whose, recipient=manager))
    async with transaction(post, AUTHORITY) as conn:
        waiting = await letters.claim(conn, keys, 1000, settle=HOUR)
    assert manager not in {letter.recipient for letter in waiting}


async def test_every_try_sends_the_same_bytes(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    whose = await new_child(door, keys)
    await ordered(journey, whose, keys, alert(whose, recipient=manager))
    (letter,) = await claimed(post, keys, manager)
    async with transaction(post, AUTHORITY) as conn:
        assert await letters.store_rendered(conn, letter.id, b"first", "both", keys) == b"first"
        keys.post.rotate()
        assert await letters.store_rendered(conn, letter.id, b"second", "cy", keys) == b"first"
        await letters.mark(conn, letter.id, DeliveryState.deferred, "451 4.7.1")
    (again,) = await claimed(post, keys, manager)
    assert (again.id, again.message, again.attempts) == (letter.id, b"first", 1)
    async with transaction(door, AUTHORITY) as conn:
        assert [each.language for each in await letters.seen(conn, [whose.child])] == ["both"], "as it was written, to anybody"
    async with transaction(post, AUTHORITY) as conn:
        await letters.mark(conn, letter.id, DeliveryState.sent, "250")
    assert await claimed(post, keys, manager) == []
    assert await states(journey, whose) == ["sent"]


async def test_a_letter_that_its_sender_left_is_sent_by_another(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    whose = await new_child(door, keys)
    await ordered(journey, whose, keys, alert(whose, recipient=manager))
    async with transaction(post, AUTHORITY) as conn:
        await letters.claim(conn, keys, 1000, lease=dt.timedelta())
    assert len(await claimed(post, keys, manager)) == 1


async def test_a_cause_that_is_gone_no_longer_stands(journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str) -> None:
    whose = await new_child(door, keys)
    await append(journey, flush(whose, 0, letters=(alert(whose, recipient=manager),), clocks=(clock(),)), keys)
    (letter,) = await claimed(post, keys, manager)
    async with transaction(post, AUTHORITY) as conn:
        assert len(await letters.standing(conn, letter.id)) == 1
    await append(journey, flush(whose, 1, clocks=(clock(running=False),)), keys)
    async with transaction(post, AUTHORITY) as conn:
        assert await letters.standing(conn, letter.id) == set()
        await letters.mark(conn, letter.id, DeliveryState.stale, "cause_gone")
    await ordered(journey, whose, keys, alert(whose, AT + HOUR, manager), head=2)
    assert len(await claimed(post, keys, manager)) == 1


async def test_a_refused_letter_is_told_once_and_its_mailbox_passed_over(
    journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str
) -> None:
    whose = await new_child(door, keys)
    order = alert(whose, recipient=manager)
    await ordered(journey, whose, keys, order)
    (letter,) = await claimed(post, keys, manager)
    async with transaction(post, AUTHORITY) as conn:
        await letters.mark(conn, letter.id, DeliveryState.refused, "550 5.1.1")
    async with transaction(post, AUTHORITY) as conn:
        assert letters.RefusedOrder(
            whose.child, order.cause, letter.id, manager, order.instance, "550 5.1.1", order.at
        ) in await letters.untold_refusals(conn)
    async with transaction(journey, AUTHORITY) as conn:
        await letters.mark_told(conn, whose.child, order.cause)
        assert whose.child not in {refused.child for refused in await letters.untold_refusals(conn)}
    async with transaction(door, AUTHORITY) as conn:
        assert manager in (await directory.holders(conn, "t-north", AT)).bounced
        await directory.put_person(conn, Person(person=manager, name="Huw Bevan", email="new@example.test", valid_from=AT), "p-admin")
        assert manager not in (await directory.holders(conn, "t-north", AT)).bounced


async def test_the_digest_says_what_was_put_off_and_what_is_overdue_once_a_day(
    journey: Pool, door: Pool, post: Pool, keys: KeyRing, manager: str
) -> None:
    whose = await new_child(door, keys)
    late, coming = clock(owner=manager, escalated_to=manager, rung=1), clock("feedback/1", DUE + 240 * HOUR, owner=manager)
    first, reminder = (
        alert(whose, recipient=manager),
        alert(whose, AT + HOUR, manager, about="feedback", kind=LetterKind.reminder, due=coming.due),
    )
    await append(journey, flush(whose, 0, letters=(first,), clocks=(late, coming)), keys)
    await claimed(post, keys, manager)
    await ordered(journey, whose, keys, reminder, head=1)
    morning = DUE + 8 * HOUR

    async def told(owed: digests.Owed) -> frozenset[str]:
        return frozenset({manager} if owed.escalated_to == "team_manager" else ())

    async def nobody(_: digests.ActionOwed) -> frozenset[str]:
        return frozenset()

    async with transaction(journey, AUTHORITY) as conn:
        (mine,) = [digest for digest in await digests.items(conn, morning, told, nobody) if digest.recipient == manager]
        assert [(each.order.about, each.put_off) for each in mine.orders] == [("screening", False), ("feedback", True)]
        assert await digests.insert(conn, mine, morning) is not None
        assert await digests.insert(conn, mine, morning + HOUR) is None
    (letter,) = await claimed(post, keys, manager)
    assert (letter.kind, len(letter.orders)) == (LetterKind.digest, 2)
    async with transaction(post, AUTHORITY) as conn:
        assert len(await letters.standing(conn, letter.id)) == 2
    async with transaction(journey, AUTHORITY) as conn:
        (next_day,) = [digest for digest in await digests.items(conn, morning + 24 * HOUR, told, nobody) if digest.recipient == manager]
    assert [each.order.about for each in next_day.orders] == ["screening"]


async def test_posts_deputies_and_their_validity(door: Pool) -> None:
    team, holder, deputy = new_id("t"), new_id("p"), new_id("p")
    async with transaction(door, AUTHORITY) as conn:
        await directory.put_post(conn, Post(role="team_manager", person="p-anyone", valid_from=AT), "p-admin")
        await directory.put_post(conn, Post(team=team, role="team_manager", person=holder, valid_from=AT), "p-admin")
        await directory.put_post(conn, Post(team=team, role="team_manager", person=deputy, valid_from=AT + 48 * HOUR), "p-admin")
        await directory.put_absence(conn, Absence(person=holder, away_from=AT, away_to=AT + 2 * HOUR, deputy=deputy), "p-admin")
        now = await directory.holders(conn, team, AT + HOUR)
        later = await directory.holders(conn, team, AT + 48 * HOUR)
        elsewhere = await directory.holders(conn, new_id("t"), AT)
    assert (now.posts["team_manager"], now.deputies[holder]) == (holder, deputy)
    assert (later.posts["team_manager"], holder in later.deputies) == (deputy, False)
    assert elsewhere.posts["team_manager"] == "p-anyone"
