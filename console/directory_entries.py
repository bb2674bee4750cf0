"""The directory as the record holds it: entering and printing."""

import datetime as dt
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping

from rich.markup import escape
from rich.table import Table

from console.directory import NewAbsence, NewAgency, NewPerson, NewPost
from console.endings import Mistake
from console.language import say
from console.running import Running
from console.showing import role_title, screen, short, who
from console.viewing import reader
from procedures.times import LONDON, end_of_day, local
from record import directory, versions
from record.directory import SAFEGUARDING_LEAD, Absence, Agency, Person, Post
from record.pool import Connection


async def print_people(here: Running) -> None:
    """Print who is in the directory now."""
    async with here.record() as connection:
        now = await versions.now(connection)
        people = await directory.people(connection, now)
        teams = {of for person in people.values() for of in (person.team, person.agency) if of}
        booked = await directory.booked(connection, now)
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
        away = "\n".join(_away(person.person, deputies, booked, people))
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
        if new.valid_to is not None and new.valid_to < since:
            raise Mistake(say("mistakes.leaves_first", given=new.valid_to.isoformat()))
        row = _person(id, new, (await directory.people(connection, since)).get(id), since)
        await directory.put_person(connection, row, reader(None))
        for role in new.role:
            await _put_post(connection, Post(team=row.team, role=role, person=id, valid_from=since))
    if not row.email:
        _warn(say("directory.no_email", name=row.name, person=id))
    return id


def _person(id: str, new: NewPerson, known: Person | None, since: dt.datetime) -> Person:
    """What is said of a person; of one who is known already, what is not said stays as it is.

    Raises:
        Mistake: a new person without a name.
    """
    said = new.model_dump(include={"name", "email", "telephone", "language", "agency", "team", "valid_to"}, exclude_none=True)
    if known is not None:
        return known.model_copy(update={**said, "valid_from": since})
    if new.name is None:
        raise Mistake(say("mistakes.missing", option="--name", right="…"))
    return Person(person=id, valid_from=since, **said)


async def _put_post(connection: Connection, row: Post) -> None:
    """Enter who holds a role, and say whose place that person takes. Each agency has a safeguarding lead of its own."""
    people = await directory.people(connection, row.valid_from)
    if row.role == SAFEGUARDING_LEAD and row.person in people:
        row = row.model_copy(update={"team": people[row.person].agency})
    before = await directory.holder_of(connection, row.role, row.team, row.valid_from)
    await directory.put_post(connection, row, reader(None))
    if before is not None and before != row.person:
        facts = {"person": who(row.person, people), "before": who(before, people), "since": short(row.valid_from)}
        _warn(say("directory.replaces", role=role_title(row.role), **facts))


def _warn(sentence: str) -> None:
    """On standard error: what the verb prints may be taken for an id."""
    print(sentence, file=sys.stderr)


async def enter_agency(here: Running, new: NewAgency) -> str:
    """Enter an agency, and give the id."""
    id = new.agency or secrets.token_hex(8)
    async with here.record() as connection:
        since = new.valid_from or await versions.now(connection)
        if new.holiday_contact is not None:
            await _known(connection, since, new.holiday_contact)
        row = Agency(agency=id, **new.model_dump(exclude={"agency", "valid_from"}), valid_from=since)
        await directory.put_agency(connection, row, reader(None))
    return id


async def enter_post(here: Running, new: NewPost) -> None:
    """Enter who holds a role."""
    async with here.record() as connection:
        now = await versions.now(connection)
        await _known(connection, now, new.person)
        row = Post(team=new.team, role=new.role, person=new.person, valid_from=new.valid_from or now, valid_to=new.valid_to)
        await _put_post(connection, row)


async def enter_absence(here: Running, new: NewAbsence) -> None:
    """Enter that somebody is away."""
    async with here.record() as connection:
        now = await versions.now(connection)
        await _known(connection, now, new.person, new.deputy)
        row = Absence(
            person=new.person,
            away_from=dt.datetime.combine(new.first, dt.time(), LONDON),
            away_to=end_of_day(new.last),
            deputy=new.deputy,
        )
        await directory.put_absence(connection, row, reader(None))
    if row.away_from.date() < now.astimezone(LONDON).date():
        _warn(say("directory.already_past"))


async def _known(connection: Connection, now: dt.datetime, *named: str | None) -> None:
    people = await directory.people(connection, now)
    for person in named:
        if person is not None and person not in people:
            raise Mistake(say("mistakes.unknown_person", person=person))


def _away(person: str, deputies: Mapping[str, str | None], booked: Iterable[Absence], people: Mapping[str, Person]) -> Iterator[str]:
    """Whether that person is away now, and when they will be."""

    def named(deputy: str | None) -> str:
        return say("directory.nobody") if deputy is None else escape(who(deputy, people))

    if person in deputies:
        yield say("directory.is_away", deputy=named(deputies[person]))
    for each in booked:
        if each.person == person:
            first, last = (f"{local(at):%Y-%m-%d}" for at in (each.away_from, each.away_to))
            yield say("directory.booked", first=first, last=last, deputy=named(each.deputy))


def _table(*headings: str) -> Table:
    made = Table(box=None, pad_edge=False)
    for heading in headings:
        made.add_column(say(f"directory.{heading}"), overflow="fold")
    return made
