"""The directory as the record holds it: entering and printing."""

import datetime as dt
import secrets
from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from console.directory import NewAbsence, NewAgency, NewPerson, NewPost
from console.endings import Mistake
from console.language import say
from console.running import Running
from console.showing import role_title, screen, who
from console.viewing import reader
from procedures.times import LONDON, end_of_day
from record import directory, versions
from record.directory import Absence, Agency, Person, Post
from record.pool import Connection


async def print_people(here: Running) -> None:
    """Print who is in the directory now."""
    async with here.record() as connection:
        now = await versions.now(connection)
        people = await directory.people(connection, now)
        teams = {person.team for person in people.values() if person.team}
        standing = [await directory.holders(connection, team, now) for team in sorted(teams) or [""]]
    if not people:
        print(say("directory.empty"))
        return
    posts: dict[str, list[str]] = {}
    deputies: dict[str, str | None] = {}
    for each in standing:
        deputies |= each.deputies
        for role, person in each.posts.items():
            posts.setdefault(person, []).append(role_title(role))
    made = _table("person", "name", "posts", "team", "language", "email", "away")
    for person in people.values():
        held = ", ".join(dict.fromkeys(posts.get(person.person, ())))
        away = _away(person.person, deputies, people)
        made.add_row(person.person, escape(person.name), held, person.team or "", person.language or "", escape(person.email or ""), away)
    screen().print(made)


async def print_agencies(here: Running) -> None:
    """Print which agencies are in the directory now."""
    async with here.record() as connection:
        agencies = await directory.agencies(connection, await versions.now(connection))
    if not agencies:
        print(say("directory.no_agencies"))
        return
    made = _table("person", "name", "kind", "email")
    for agency in agencies.values():
        made.add_row(agency.agency, escape(f"{agency.name_cy} / {agency.name_en}"), agency.kind, escape(agency.email or ""))
    screen().print(made)


async def enter_person(here: Running, new: NewPerson) -> str:
    """Enter a person with their posts, and give the id."""
    id = new.person or secrets.token_hex(8)
    async with here.record() as connection:
        now = await versions.now(connection)
        if new.agency is not None and new.agency not in await directory.agencies(connection, now):
            raise Mistake(say("directory.unknown_agency", given=new.agency))
        since = new.valid_from or now
        row = Person(person=id, name=new.name, email=new.email, language=new.language, agency=new.agency, team=new.team, valid_from=since)
        await directory.put_person(connection, row, reader(None))
        for role in new.role:
            await directory.put_post(connection, Post(team=new.team, role=role, person=id, valid_from=since), reader(None))
    return id


async def enter_agency(here: Running, new: NewAgency) -> str:
    """Enter an agency, and give the id."""
    id = new.agency or secrets.token_hex(8)
    async with here.record() as connection:
        since = new.valid_from or await versions.now(connection)
        row = Agency(agency=id, kind=new.kind, name_cy=new.name_cy, name_en=new.name_en, email=new.email, valid_from=since)
        await directory.put_agency(connection, row, reader(None))
    return id


async def enter_post(here: Running, new: NewPost) -> None:
    """Enter who holds a role."""
    async with here.record() as connection:
        now = await versions.now(connection)
        await _known(connection, now, new.person)
        row = Post(team=new.team, role=new.role, person=new.person, valid_from=new.valid_from or now, valid_to=new.valid_to)
        await directory.put_post(connection, row, reader(None))


async def enter_absence(here: Running, new: NewAbsence) -> None:
    """Enter that somebody is away."""
    async with here.record() as connection:
        await _known(connection, await versions.now(connection), new.person, new.deputy)
        row = Absence(
            person=new.person,
            away_from=dt.datetime.combine(new.first, dt.time(), LONDON),
            away_to=end_of_day(new.last),
            deputy=new.deputy,
        )
        await directory.put_absence(connection, row, reader(None))


async def _known(connection: Connection, now: dt.datetime, *named: str | None) -> None:
    people = await directory.people(connection, now)
    for person in named:
        if person is not None and person not in people:
            raise Mistake(say("mistakes.unknown_person", person=person))


def _away(person: str, deputies: Mapping[str, str | None], people: Mapping[str, Person]) -> str:
    if person not in deputies:
        return ""
    deputy = deputies[person]
    return say("directory.is_away", deputy=say("directory.nobody") if deputy is None else escape(who(deputy, people)))


def _table(*headings: str) -> Table:
    made = Table(box=None, pad_edge=False)
    for heading in headings:
        made.add_column(say(f"directory.{heading}"), overflow="fold")
    return made
