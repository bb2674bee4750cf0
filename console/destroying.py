"""Holds, and destruction that two people sign: checked, signed, and brought to its end."""

from typing import Any

from temporalio.service import RPCError

from console.auditing import check_actors
from console.custody import as_custodian, custodian_pool, rules_now
from console.endings import Code, Ended, Mistake
from console.engine_door import door
from console.keeping import Reason, Signature
from console.kept_records import closed_record
from console.language import say, spoken
from console.running import Running
from console.viewing import let_in, whose_child
from destruction import Destruction
from procedures import words
from procedures.in_force import rules_in_force
from procedures.times import local
from record import directory, retention, versions
from record.keys import KeyMissing
from record.pool import Connection
from record.projections import facts
from record.retention import Said, StillNeeded
from schemas.base import Identifier
from schemas.retention import LINE, Entry, Kind


async def say_hold(here: Running, child: Identifier, new: Reason, kind: Kind) -> None:
    """Keep that a record must not be destroyed, or may be again."""
    async with here.record() as connection:
        await check_actors(connection, new)
        await whose_child(connection, child)
        await let_in(connection, [child], new.actor)
        held = _held([each.entry for each in await retention.log(connection, child)])
    if held is (kind is Kind.hold):
        raise Ended(Code.mistake, say("retention.is_held" if held else "retention.not_held", child=child))
    try:
        async with as_custodian(here) as connection:
            await retention.append(connection, Said(child, kind, new.actor, {}, new.reason), here.keys)
    except (KeyMissing, StillNeeded):
        raise Ended(Code.refused, say("sampling.destroyed", child=child)) from None
    except LookupError:
        raise Mistake(say("retention.no_timeline", child=child)) from None
    print(say(f"retention.said_{kind}", child=child))


async def propose(here: Running, child: Identifier, new: Signature) -> None:
    """The first signature, and by which rule the record's time is over."""
    said = await _may_be_destroyed(here, child, new)
    try:
        async with as_custodian(here) as connection:
            await retention.append(connection, Said(child, Kind.proposed, new.actor, said), here.keys)
    except StillNeeded:
        raise Ended(Code.refused, say("retention.still_needed", child=child)) from None
    print(say("retention.said_proposed", child=child))


async def withdraw(here: Running, child: Identifier, new: Reason) -> None:
    """Keep that a proposal is taken back, and why; the reason is sealed under the child's key."""
    async with here.record() as connection:
        await check_actors(connection, new)
        await whose_child(connection, child)
        await let_in(connection, [child], new.actor)
        said = [each.entry for each in await retention.log(connection, child)]
    if any(each.kind in retention.GONE for each in said):
        raise Ended(Code.refused, say("sampling.destroyed", child=child))
    if _proposal(said) is None:
        raise Ended(Code.mistake, say("retention.nothing_to_withdraw", child=child))
    try:
        async with as_custodian(here) as connection:
            await retention.append(connection, Said(child, Kind.withdrawn, new.actor, {}, new.reason), here.keys)
    except (KeyMissing, StillNeeded):
        # Somebody else took it back, or signed, meanwhile.
        raise Ended(Code.refused, say("retention.answered_meanwhile", child=child)) from None
    print(say("retention.said_withdrawn", child=child))


async def confirm(here: Running, child: Identifier, new: Signature) -> None:
    """The second signature, and then each step to the end; where it was signed before, only what is left of them."""
    async with here.record() as connection:
        await check_actors(connection, new)
        await whose_child(connection, child)
        said = [each.entry for each in await retention.log(connection, child)]
    if not any(each.kind in retention.GONE for each in said):
        await _sign(here, child, new, said)
    async with door(here) as way_in, custodian_pool(here) as pool:
        going = Destruction(way_in.client, pool, here.authority, here.keys)
        try:
            signed = await going.finish(child, new.actor)
        except RPCError:
            raise Ended(Code.away, say("retention.engine_away", child=child)) from None
    print(say("retention.said_destroyed", child=child, number=signed.entry.seq, hash=signed.entry.head_hash))


async def _sign(here: Running, child: Identifier, new: Signature, said: list[Entry]) -> None:
    rule = await _may_be_destroyed(here, child, new)
    proposed = _proposal(said)
    if proposed is None:
        taken_back = any(each.kind is Kind.withdrawn for each in said)
        raise Ended(Code.refused, say("retention.taken_back" if taken_back else "retention.not_proposed", child=child))
    if proposed.actor == new.actor:
        raise Ended(Code.refused, say("retention.same_person", person=new.actor))
    facts = {**rule, "proposed_by": proposed.actor, "confirmed_by": new.actor}
    try:
        async with as_custodian(here) as connection:
            await retention.append(connection, Said(child, Kind.confirmed, new.actor, facts), here.keys)
    except StillNeeded:
        raise Ended(Code.refused, say("retention.proposed_otherwise", child=child)) from None


async def _may_be_destroyed(here: Running, child: Identifier, new: Signature) -> dict[str, Any]:
    """By which rule its time is over.

    Raises:
        Ended: it is not, the record is still needed, or this person may not sign.
    """
    async with here.record() as connection:
        await check_actors(connection, new)
        await let_in(connection, [child], new.actor)
        whose = await whose_child(connection, child)
        await _not_in_line(connection, child, whose.team, new.actor)
        closed = await closed_record(connection, child, await rules_now(connection), here.keys)
        if closed is None:
            raise Ended(Code.refused, say("retention.open", child=child))
        if not closed.kept.is_over(local(await versions.now(connection)).date()):
            day = words.date(closed.kept.day, spoken())
            raise Ended(Code.refused, say("retention.too_early", child=child, by=say(f"retention.{closed.kept.state}"), day=day))
        settings = (await versions.current(connection)).settings
    async with as_custodian(here) as connection:
        ways = await retention.in_the_way(connection, child)
    if ways:
        raise Ended(Code.refused, say("retention.needed", child=child, why=", ".join(say(f"retention.way_{each}") for each in ways)))
    return {"state": closed.kept.state, "kept_until": closed.kept.day, "rules": rules_in_force().hash, "settings": settings}


async def _not_in_line(connection: Connection, child: Identifier, team: Identifier, actor: Identifier) -> None:
    """Nobody of the case's own line signs: no one with a part in it, and no holder of a post of the line in the child's team."""
    posts = (await directory.holders(connection, team, await versions.now(connection))).posts
    of_the_line = {person for role, person in posts.items() if role in LINE}
    if actor in of_the_line or actor in (await facts(connection, child)).roles.values():
        raise Ended(Code.refused, say("retention.own_line", person=actor, child=child))


def _proposal(said: list[Entry]) -> Entry | None:
    """The proposal that stands: none where nobody made one, or the last was taken back."""
    last = next((each for each in reversed(said) if each.kind in {Kind.proposed, Kind.withdrawn}), None)
    return last if last is not None and last.kind is Kind.proposed else None


def _held(said: list[Entry]) -> bool:
    last = next((each.kind for each in reversed(said) if each.kind in {Kind.hold, Kind.hold_lifted}), None)
    return last is Kind.hold
