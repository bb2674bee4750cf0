"""Until when records are kept, and what was destroyed: shown to a person."""

import datetime as dt
from typing import NamedTuple

from rich.markup import escape

from audit.retention import KeptUntil, facts, kept_until
from console.auditing import check_reader
from console.custody import as_custodian, rules_now
from console.endings import Code
from console.language import say, spoken
from console.running import Running
from console.showing import screen, short, table, who
from console.viewing import beginning, reader, seen_by, whose_child
from procedures import words
from procedures.fold import fold
from procedures.rules import Rules
from procedures.times import local
from record import children, directory, lists, reads, retention, timeline, versions
from record.keys import KeyRing
from record.pool import Connection
from schemas.base import Identifier


class Closed(NamedTuple):
    """A record whose time can be told."""

    child: Identifier
    kept: KeptUntil
    head: int


async def closed_record(connection: Connection, child: Identifier, rules: Rules, keys: KeyRing) -> Closed | None:
    """None while it is open, or where nothing can be read of it any more.

    Raises:
        Mistake: no such child is on record.
    """
    whose = await whose_child(connection, child)
    try:
        known = await children.details(connection, child, keys)
    except LookupError:
        return None
    entries = await timeline.read(connection, child, keys)
    found = facts(entries, fold(beginning(whose), entries), known.born_on or known.expected_on)
    return None if found is None else Closed(child, kept_until(rules.retention, found), entries[-1].seq)


async def print_kept(here: Running, child: Identifier | None, actor: Identifier | None) -> None:
    """Each closed record of which the reader may be told."""
    async with here.record() as connection:
        await check_reader(connection, actor)
        if child is not None:
            await whose_child(connection, child)
        asked = await lists.closed_journeys(connection) if child is None else [child]
        allowed = await seen_by(connection, asked, actor)
        rules = await rules_now(connection)
        found = [each for one in asked if one in allowed and (each := await closed_record(connection, one, rules, here.keys)) is not None]
        today = local(await versions.now(connection)).date()
        await reads.log(connection, reader(actor), "audit kept", [each.child for each in found])
    if not found:
        print(say("retention.none_closed"))
        return
    listed = table("child", "kept_by", "kept_until", "in_the_way")
    async with as_custodian(here) as connection:
        for each in sorted(found, key=lambda one: one.kept.day):
            listed.add_row(
                each.child, say(f"retention.{each.kept.state}"), _until(each.kept, today), await _in_the_way(connection, each.child)
            )
    screen().print(listed)


async def print_destructions(here: Running, actor: Identifier | None) -> int:
    """The log, without reasons; 1 where something is not as it should be."""
    async with here.record() as connection:
        await check_reader(connection, actor)
        people = await directory.people(connection, await versions.now(connection))
        found = await retention.log(connection)
        allowed = await seen_by(connection, (each.entry.child for each in found), actor)
        shown = [each.entry for each in found if each.entry.child in allowed]
        unfinished = [child for child in await retention.unfinished(connection) if child in allowed]
        back = [child for child in await retention.destroyed(connection) if child in allowed and here.keys.is_there(child)]
        wrong = await retention.check(connection, here.keys)
        await reads.log(connection, reader(actor), "audit destructions", list(dict.fromkeys(each.child for each in shown)))
    if not shown:
        print(say("retention.none"))
    else:
        listed = table("number", "when", "child", "what", "who", "kept_by", "kept_until")
        for each in shown:
            by = "" if each.state is None else say(f"retention.{each.state}")
            until = "" if each.kept_until is None else words.date(each.kept_until, spoken())
            named = each.proposed_by, each.confirmed_by
            signed = ", ".join(who(person, people) for person in (named if all(named) else (each.actor,)))
            listed.add_row(str(each.seq), short(each.recorded_at), each.child, say(f"retention.{each.kind}"), escape(signed), by, until)
        screen().print(listed)
    for child in unfinished:
        print(say("retention.unfinished", child=child))
    for child in sorted(set(back) - set(unfinished)):
        print(say("retention.key_back", child=child))
    for number in wrong:
        print(say("retention.wrong", number=number))
    return Code.found_wrong if unfinished or back or wrong else Code.done


def _until(kept: KeptUntil, today: dt.date) -> str:
    day = words.date(kept.day, spoken())
    return say("retention.over", day=day) if kept.is_over(today) else day


async def _in_the_way(connection: Connection, child: Identifier) -> str:
    return ", ".join(say(f"retention.way_{each}") for each in await retention.in_the_way(connection, child))
