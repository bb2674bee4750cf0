"""The audit form of one case: shown with what was answered, and answered."""

import datetime as dt
from collections.abc import Iterator

from rich.markup import escape
from rich.padding import Padding

from audit.forms import Form, form
from console.audit_results import action_line
from console.auditing import as_auditor, check_actors, check_reader, known_key, no_part_in, the_draw
from console.endings import Mistake
from console.language import say, spoken
from console.running import Running
from console.sampling import NewAnswer
from console.showing import screen, short, who
from console.viewing import let_in, reader
from procedures.times import local
from record import audits, directory, reads, versions
from record.audits import Found, ToDo
from record.keys import KeyMissing
from record.pool import Connection
from schemas.audits import Draw
from schemas.base import Identifier

A_YEAR = dt.timedelta(days=366)
"""An action that was due longer ago than this is taken for a slip of the pen."""


async def print_form(here: Running, draw: Identifier, child: Identifier, actor: Identifier | None) -> None:
    """Theme by theme: each question, its answer, and what is to be done."""
    async with as_auditor(here) as connection:
        await check_reader(connection, actor)
        made = await _case(connection, draw, child)
        await let_in(connection, [child], actor)
        now = await versions.now(connection)
        people = await directory.people(connection, now)
        answered = {each.question: each for each in await audits.answers(connection, here.keys, draw, child)}
        to_do = await audits.actions(connection, here.keys, draw, child)
        await reads.log(connection, reader(actor), "audit form", [draw, child])
    out, asked = screen(), form()
    out.print(f"[bold]{child}[/bold]  {draw}")
    for key, theme in _asked(made, asked):
        out.print("", f"[bold]{escape(theme)}[/bold]", sep="\n")
        for name, question in asked.asked_of(key).items():
            out.print(Padding(f"{escape(question.in_(spoken()))} [dim]({name})[/dim]", (0, 0, 0, 2)))
            if (said := answered.get(name)) is None:
                out.print(Padding(say("sampling.unanswered"), (0, 0, 0, 4)))
                continue
            grade = asked.grades[said.grade].title.in_(spoken()) if said.grade in asked.grades else said.grade
            out.print(Padding(f"{escape(grade)} – {escape(who(said.actor, people))}, {short(said.at)}", (0, 0, 0, 4)))
            if said.finding is not None:
                out.print(Padding(escape(said.finding), (0, 0, 0, 4)))
            for each in to_do:
                if each.question == name:
                    out.print(Padding(action_line(each, people, local(now).date()), (0, 0, 0, 4)))
    out.print("", say("sampling.grades", grades=", ".join(f"{key} ({each.title.in_(spoken())})" for key, each in asked.grades.items())))


async def give_answer(here: Running, draw: Identifier, child: Identifier, new: NewAnswer) -> None:
    """Keep the answer, and what is to be done because of it."""
    asked = form()
    known_key("--question", new.question, asked.questions)
    known_key("--grade", new.grade, asked.grades)
    to_do = _checked(new, asked)
    async with as_auditor(here) as connection:
        await check_actors(connection, new)
        await _case(connection, draw, child)
        await let_in(connection, [child], new.actor)
        await no_part_in(connection, child, new.actor, "sampling.own_case")
        if to_do is not None and to_do.due < local(await versions.now(connection)).date() - A_YEAR:
            raise Mistake(say("sampling.due_long_past", given=to_do.due))
        found = Found(draw, child, new.question, new.grade, new.finding)
        try:
            await audits.answer(connection, found, new.actor, here.keys)
            action = None if to_do is None else await audits.act(connection, found, to_do, new.actor, here.keys)
        except KeyMissing:
            raise Mistake(say("sampling.destroyed", child=child)) from None
    print(say("sampling.answered", question=new.question) if action is None else action)


def _checked(new: NewAnswer, asked: Form) -> ToDo | None:
    if new.finding is None and new.grade != "not_applicable":
        raise Mistake(say("mistakes.missing_words", option="--finding"))
    given = (new.action, new.owner, new.due)
    if all(each is None for each in given):
        return None
    if new.action is None:
        raise Mistake(say("mistakes.missing_words", option="--action"))
    if new.owner is None or new.due is None:
        option, right = ("--owner", "p-1") if new.owner is None else ("--due", "2027-03-02")
        raise Mistake(say("mistakes.missing", option=option, right=right))
    if not asked.grades[new.grade].wanting:
        wanting = ", ".join(key for key, each in asked.grades.items() if each.wanting)
        raise Mistake(say("sampling.nothing_wanting", right=wanting))
    return ToDo(new.action, new.owner, new.due)


async def _case(connection: Connection, draw: Identifier, child: Identifier) -> Draw:
    made = await the_draw(connection, draw)
    if child not in {each.child for each in made.cases}:
        raise Mistake(say("sampling.not_drawn", child=child, draw=draw))
    return made


def _asked(made: Draw, asked: Form) -> Iterator[tuple[str, str]]:
    """The theme drawn by comes first."""
    for key in sorted(asked.themes, key=lambda each: each != made.criteria.theme):
        yield key, asked.themes[key].title.in_(spoken())
