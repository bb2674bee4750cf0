"""The directory: people who work with children, posts, absences, agencies. Append-only: a later row of the same thing takes its place
from its `valid_from` on.
"""

import datetime as dt
from typing import NamedTuple

from record.pool import Connection
from schemas.base import Identifier, Instant, Model
from schemas.clocks import Language

SAFEGUARDING_LEAD = "designated_safeguarding_person"
"""The post of an agency's own safeguarding lead."""


class Person(Model):
    """Somebody who is written to, or acts. Family members are not here: they are sealed with the child."""

    person: Identifier
    name: str
    email: str | None = None
    telephone: str | None = None
    """For whoever is invited by this person and wants to ask."""
    language: Language | None = None
    agency: Identifier | None = None
    team: Identifier | None = None
    safe_contact: str | None = None
    valid_from: Instant
    valid_to: Instant | None = None


class Post(Model):
    """Who holds a role: in one team, or without a team in the whole authority."""

    team: Identifier | None = None
    role: str
    person: Identifier
    valid_from: Instant
    valid_to: Instant | None = None


class Absence(Model):
    """Somebody is away, and who stands in. A later row of the same person and beginning corrects it."""

    person: Identifier
    away_from: Instant
    away_to: Instant
    deputy: Identifier | None = None


class Agency(Model):
    """A school, a force, a health board, another authority."""

    agency: Identifier
    kind: str
    name_cy: str
    name_en: str
    email: str | None = None
    holiday_contact: Identifier | None = None
    """Of a school: the person to write to in the holidays."""
    valid_from: Instant
    valid_to: Instant | None = None


class Holders(NamedTuple):
    """Who held which post of a team, who was away, and whose mailbox refuses letters, at one instant."""

    posts: dict[str, str]
    """Role → person; a team's own post stands before the authority's."""
    deputies: dict[str, str | None]
    """People away → who stands in."""
    bounced: frozenset[str]
    """A letter was refused for good since their address was entered."""


PUT_PERSON = """
INSERT INTO people (
    authority, recorded_by, person, name, email, telephone, language, agency, team, safe_contact, valid_from, valid_to
) VALUES (current_setting('siwrnai.authority'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

PUT_POST = """
INSERT INTO posts (authority, recorded_by, team, role, person, valid_from, valid_to)
VALUES (current_setting('siwrnai.authority'), $1, $2, $3, $4, $5, $6)
"""

PUT_ABSENCE = """
INSERT INTO absences (authority, recorded_by, person, away_from, away_to, deputy)
VALUES (current_setting('siwrnai.authority'), $1, $2, $3, $4, $5)
"""

PUT_AGENCY = """
INSERT INTO agencies (authority, recorded_by, agency, kind, name_cy, name_en, email, holiday_contact, valid_from, valid_to)
VALUES (current_setting('siwrnai.authority'), $1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

PEOPLE = """
SELECT * FROM (
    SELECT DISTINCT ON (person) person, name, email, telephone, language, agency, team, safe_contact, valid_from, valid_to
    FROM people WHERE valid_from <= $1 ORDER BY person, valid_from DESC, entry DESC
) latest WHERE coalesce(valid_to > $1, true) ORDER BY person
"""

KNOWS = """
SELECT coalesce(valid_to > $1, true) FROM people
WHERE person = $2 AND valid_from <= $1 ORDER BY valid_from DESC, entry DESC LIMIT 1
"""

HELD_BY = """
SELECT role FROM (
    SELECT DISTINCT ON (team, role) role, person, valid_to FROM posts
    WHERE valid_from <= $1 ORDER BY team, role, valid_from DESC, entry DESC
) latest WHERE person = $2 AND coalesce(valid_to > $1, true)
"""

POSTS = """
SELECT role, person FROM (
    SELECT DISTINCT ON (team, role) team, role, person, valid_to FROM posts
    WHERE valid_from <= $1 AND (team = $2 OR team IS NULL) ORDER BY team, role, valid_from DESC, entry DESC
) latest WHERE coalesce(valid_to > $1, true) ORDER BY team NULLS FIRST
"""

DEPUTIES = """
SELECT person, deputy FROM (
    SELECT DISTINCT ON (person, away_from) person, away_from, away_to, deputy FROM absences
    WHERE away_from <= $1 ORDER BY person, away_from, entry DESC
) latest WHERE away_to > $1 ORDER BY away_from
"""

HOLDER = """
SELECT person FROM (
    SELECT person, valid_to FROM posts
    WHERE valid_from <= $3 AND role = $1 AND team IS NOT DISTINCT FROM $2 ORDER BY valid_from DESC, entry DESC LIMIT 1
) latest WHERE coalesce(valid_to > $3, true)
"""

BOOKED = """
SELECT DISTINCT ON (person, away_from) person, away_from, away_to, deputy FROM absences
WHERE away_from > $1 ORDER BY person, away_from, entry DESC
"""

BOUNCED = """
SELECT DISTINCT d.recipient FROM deliveries d
WHERE d.state = 'refused' AND NOT EXISTS (SELECT FROM people p WHERE p.person = d.recipient AND p.recorded_at > d.at)
"""

AGENCIES = """
SELECT * FROM (
    SELECT DISTINCT ON (agency) agency, kind, name_cy, name_en, email, holiday_contact, valid_from, valid_to
    FROM agencies WHERE valid_from <= $1 ORDER BY agency, valid_from DESC, entry DESC
) latest WHERE coalesce(valid_to > $1, true) ORDER BY agency
"""


async def put_person(conn: Connection, row: Person, actor: str) -> None:
    """Enter a person, or what is new about one. A new entry also clears a bounced mailbox."""
    await conn.execute(
        PUT_PERSON,
        *(actor, row.person, row.name, row.email, row.telephone, row.language, row.agency, row.team, row.safe_contact),
        *(row.valid_from, row.valid_to),
    )


async def put_post(conn: Connection, row: Post, actor: str) -> None:
    """Who holds a role from then on."""
    await conn.execute(PUT_POST, actor, row.team, row.role, row.person, row.valid_from, row.valid_to)


async def put_absence(conn: Connection, row: Absence, actor: str) -> None:
    """Somebody will be away."""
    await conn.execute(PUT_ABSENCE, actor, row.person, row.away_from, row.away_to, row.deputy)


async def put_agency(conn: Connection, row: Agency, actor: str) -> None:
    """Enter an agency, or what is new about one."""
    await conn.execute(
        PUT_AGENCY,
        *(actor, row.agency, row.kind, row.name_cy, row.name_en, row.email, row.holiday_contact, row.valid_from, row.valid_to),
    )


async def people(conn: Connection, at: dt.datetime) -> dict[str, Person]:
    """The people in the directory at that instant, by id."""
    return {row["person"]: Person.model_validate(dict(row)) for row in await conn.fetch(PEOPLE, at)}


async def knows(conn: Connection, person: str, at: dt.datetime) -> bool:
    """Whether that person is in the directory at that instant."""
    return await conn.fetchval(KNOWS, at, person) or False


async def posts_of(conn: Connection, person: str, at: dt.datetime) -> frozenset[str]:
    """The roles whose post that person holds, in whatever team, at that instant."""
    return frozenset(row["role"] for row in await conn.fetch(HELD_BY, at, person))


async def holder_of(conn: Connection, role: str, team: str | None, at: dt.datetime) -> str | None:
    """Who holds that very post at that instant: the team's, or without a team the authority's."""
    return await conn.fetchval(HOLDER, role, team, at)


async def booked(conn: Connection, at: dt.datetime) -> list[Absence]:
    """The absences that begin after that instant, by person and day."""
    return [Absence.model_validate(dict(row)) for row in await conn.fetch(BOOKED, at)]


async def agencies(conn: Connection, at: dt.datetime) -> dict[str, Agency]:
    """The agencies in the directory at that instant, by id."""
    return {row["agency"]: Agency.model_validate(dict(row)) for row in await conn.fetch(AGENCIES, at)}


async def speakers(conn: Connection, agency: str, at: dt.datetime) -> list[Person]:
    """Who speaks for an agency at that instant, its safeguarding lead first."""
    there = [each for each in (await people(conn, at)).values() if each.agency == agency]
    leads = {each.person for each in there if SAFEGUARDING_LEAD in await posts_of(conn, each.person, at)}
    return sorted(there, key=lambda each: (each.person not in leads, each.person))


async def holders(conn: Connection, team: str, at: dt.datetime) -> Holders:
    """Who holds the posts of that team at that instant, who is away, who cannot be written to."""
    posts = await conn.fetch(POSTS, at, team)
    away = await conn.fetch(DEPUTIES, at)
    bounced = await conn.fetch(BOUNCED)
    return Holders(
        posts={row["role"]: row["person"] for row in posts},
        deputies={row["person"]: row["deputy"] for row in away},
        bounced=frozenset(row["recipient"] for row in bounced),
    )
