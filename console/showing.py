"""How things look on a person's screen: tables, dates and names, in the language spoken."""

import datetime as dt
import sys
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.language import say, spoken
from procedures import words
from procedures.times import END_OF_DAY, is_twice, local
from record.directory import Person
from schemas.commands import COMMANDS
from schemas.timeline import SERVICE, Stages

WIDTH = 140
"""Columns, where there is no terminal."""


def screen() -> Console:
    """Where a verb writes what it found."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def table(*headings: str, title: str | None = None) -> Table:
    """A table without lines; headings are keys of what is said."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in headings:
        made.add_column(say(f"heading.{heading}"), overflow="fold")
    return made


def moment(instant: dt.datetime) -> str:
    """`Friday 8 January 2027 at 10:30`; the date alone where it is the end of that day, and an offset where that time came twice."""
    there = local(instant)
    if there.time() == END_OF_DAY:
        return words.date(there.date(), spoken())
    said = words.instant(instant, spoken())
    return f"{said} ({there.isoformat()[-6:]})" if is_twice(there) else said


def short(instant: dt.datetime, to: str = "minutes") -> str:
    """`2027-01-08 10:30`, for columns and to be copied; `to` may be seconds; with an offset where that time came twice."""
    there = local(instant)
    return (there if is_twice(there) else there.replace(tzinfo=None)).isoformat(" ", to)


def overdue_by(due: dt.datetime, now: dt.datetime) -> str | None:
    """`overdue by 2 days` (whole days of 24 hours, below that whole hours); none where the due time is still to come."""
    late = now - due
    if late <= dt.timedelta():
        return None
    if late < dt.timedelta(hours=1):
        return say("answer.overdue_briefly")
    amount = words.amount(late.days, "days", spoken()) if late.days else words.amount(late.seconds // 3600, "hours", spoken())
    return say("answer.overdue_by", amount=amount)


def due_line(clock: str, due: dt.datetime, now: dt.datetime) -> str:
    """What is due and when; a timescale that is overdue says so in words and not by its colour alone."""
    late = overdue_by(due, now)
    line = f"{escape(clock_title(clock))}: {moment(due)}"
    return line if late is None else f"[red]{line} – {late}[/red]"


def command_title(name: str) -> str:
    """What a command is called."""
    return words.command(name, spoken()) if name in COMMANDS else name.replace("_", " ")


def clock_title(key: str) -> str:
    """What a timescale is called; its key where the rules in force no longer know it."""
    try:
        return words.clock(key, spoken())
    except KeyError:
        return key.replace("_", " ")


def delivery(state: str, no_address: bool) -> str:
    """What became of a letter."""
    return say("delivery.no_address" if no_address else f"delivery.{state}")


def role_title(key: str) -> str:
    """What a role is called."""
    try:
        return words.role(key, spoken())
    except KeyError:
        return key.replace("_", " ")


def things(keys: Iterable[str]) -> str:
    """What is missing, in words."""
    return ", ".join(dict.fromkeys(words.missing(key, spoken()) for key in keys))


def who(id: str | None, people: Mapping[str, Person]) -> str:
    """A person by name; the id of one who is not in the directory any more."""
    if id is None:
        return ""
    if id == SERVICE:
        return "Siwrnai"
    return people[id].name if id in people else id


def stages(before: Stages, after: Stages) -> list[str]:
    """What moved, in words."""
    moved: list[str] = []
    if after.registration != before.registration:
        moved.append(words.stage("registration", after.registration, spoken()))
    stood = dict(before.enquiries)
    for number, stage in after.enquiries:
        if stood.get(number) != stage:
            moved.append(say("timeline.enquiry", number=number, stage=words.stage("enquiry", stage, spoken())))
    return moved


def standing(registration: str, enquiries: Iterable[tuple[int, str]]) -> str:
    """Where a child stands: the registration, and each enquiry."""
    return "; ".join(stages(Stages(registration=""), Stages(registration=registration, enquiries=tuple(enquiries))))
