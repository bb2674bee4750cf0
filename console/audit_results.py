"""What audits came to: actions followed to their end, and results by theme."""

import datetime as dt
from collections.abc import Mapping

import orjson
from rich.markup import escape

from audit.forms import form
from audit.results import by_theme
from console.auditing import as_auditor, check_actors, check_reader
from console.endings import Code, Ended, Mistake
from console.language import say, spoken
from console.running import Running
from console.sampling import ActionDone
from console.showing import role_title, screen, table, who
from console.viewing import let_in, reader, seen_by
from procedures.times import local
from record import audits, directory, reads, versions
from record.directory import Person
from record.keys import KeyMissing
from record.pool import Connection
from schemas.audits import Action, AuditorId
from schemas.base import Identifier, Model


class _Auditor(Model):
    actor: AuditorId


async def end_action(here: Running, action: Identifier, new: ActionDone) -> None:
    """Keep that the action is done, by its owner's word or an auditor's."""
    async with as_auditor(here) as connection:
        await check_actors(connection, new)
        found = await audits.actions(connection, here.keys, action=action)
        if not found:
            raise Mistake(say("sampling.unknown_action", action=action))
        (known,) = found
        await let_in(connection, [known.child], new.actor)
        if new.actor != known.owner:
            await check_actors(connection, _Auditor(actor=new.actor))
        today = local(await versions.now(connection)).date()
        if new.done_on is not None and new.done_on > today:
            raise Mistake(say("sampling.done_to_come", given=new.done_on))
        try:
            new_word = await audits.done(connection, known, audits.Ended(new.done_on or today, new.words), new.actor, here.keys)
        except KeyMissing:
            raise Mistake(say("sampling.destroyed", child=known.child)) from None
    if not new_word:
        raise Ended(Code.mistake, say("sampling.done_before", action=action))
    print(say("sampling.done", action=action))


async def print_actions(here: Running, draw: Identifier | None, actor: Identifier | None, *, only_open: bool) -> int:
    """The actions about children of whom this reader may be told, what is overdue first; 1 where something is."""
    async with as_auditor(here) as connection:
        found, today = await _actions(connection, here, draw, actor)
        people = await directory.people(connection, await versions.now(connection))
        await reads.log(connection, reader(actor), "audit actions", list(dict.fromkeys(each.child for each in found)))
    shown = [each for each in found if each.is_open() or not only_open]
    if not shown:
        print(say("sampling.no_actions"))
        return Code.done
    listed = table("action", "child", "draw", "what")
    for each in shown:
        listed.add_row(each.action, each.child, each.draw, action_line(each, people, today))
    screen().print(listed)
    return Code.found_wrong if any(each.is_overdue(today) for each in shown) else Code.done


async def print_results(here: Running, draw: Identifier | None, actor: Identifier | None, *, json: bool) -> None:
    """Counts by theme, over the children of whom this reader may be told."""
    async with as_auditor(here) as connection:
        to_do, today = await _actions(connection, here, draw, actor)
        answered = await audits.answers(connection, here.keys, draw)
        allowed = await seen_by(connection, (each.child for each in answered), actor)
        await reads.log(connection, reader(actor), "audit results", sorted(allowed))
    found = list(by_theme(form(), (each for each in answered if each.child in allowed), to_do, today))
    if json:
        print(orjson.dumps({"draw": draw, "themes": [each.model_dump(mode="json") for each in found]}).decode())
        return
    listed = table("theme", "answers", "grades", "actions", "open", "overdue")
    for each in found:
        title = form().themes[each.theme].title.in_(spoken())
        grades = ", ".join(f"{form().grades[grade].title.in_(spoken())}: {number}" for grade, number in each.grades.items())
        listed.add_row(title, str(each.answers), grades, str(each.actions), str(each.open), str(each.overdue))
    screen().print(listed)


def action_line(action: Action, people: Mapping[str, Person], today: dt.date) -> str:
    """What is to be done, by whom, by when, and how that stands."""
    words = say("sampling.words_destroyed") if action.words is None else escape(action.words)
    owner = escape(who(action.owner, people))
    if action.done_on is not None:
        return say("sampling.action_done", words=words, owner=owner, on=action.done_on)
    line = say("sampling.action", words=words, owner=owner, due=action.due)
    if not action.is_overdue(today):
        return line
    told = ", ".join(role_title(role) for role in form().escalated(action.due, today))
    overdue = say("sampling.overdue_and_told", roles=told) if told else say("sampling.overdue")
    return f"[red]{line} – {overdue}[/red]"


async def _actions(
    connection: Connection, here: Running, draw: Identifier | None, actor: Identifier | None
) -> tuple[list[Action], dt.date]:
    await check_reader(connection, actor)
    if draw is not None and not await audits.draws(connection, draw):
        raise Mistake(say("sampling.unknown_draw", draw=draw))
    found = await audits.actions(connection, here.keys, draw)
    allowed = await seen_by(connection, (each.child for each in found), actor)
    return [each for each in found if each.child in allowed], local(await versions.now(connection)).date()
