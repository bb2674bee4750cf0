"""The people and children of one run: ids made anew by chance, and their entry in the directory and the record."""

import datetime as dt
import secrets
from dataclasses import dataclass
from functools import cached_property

from procedures.times import LONDON, end_of_day
from record import children, directory, family
from record.children import ChildDetails
from record.keys import KeyRing
from record.pool import Connection
from record.projections import Whose
from rehearsal.script import Child, Person, Relative, Script
from schemas.commands.base import AgencyKind
from schemas.family import FamilyMember, Need, Way
from schemas.timeline import SERVICE

BEFORE = dt.timedelta(days=366)
"""How long before the first step everybody held their posts."""

CASE_ROLES = frozenset({"social_worker", "chair", "plan_coordinator", "advocate"})
"""Professions rather than posts of a team: who does it for a child is said by `allocated` or by a conference."""

MAIL_DOMAIN = "rehearsal.invalid"
"""A domain that can never be somebody's (RFC 2606)."""


def opaque() -> str:
    """An id that says nothing."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Cast:
    """Ids of one run. Never those of another run, and never from a name."""

    script: Script
    authority: str
    team: str
    ids: dict[tuple[str, str], str]
    """By kind and key."""

    @cached_property
    def keys(self) -> dict[str, str]:
        """The script's key of each id."""
        return {id: key for (_, key), id in self.ids.items()} | {SERVICE: SERVICE}

    def id_of(self, kind: str, key: str) -> str:
        """The id of a person, agency, authority, child or meeting."""
        return self.ids.setdefault((kind, key), opaque()) if kind == "meetings" else self.ids[kind, key]

    def child(self, key: str) -> str:
        """The child's id."""
        return self.ids["children", key]

    def mailbox(self, key: str) -> str:
        """The address of a person or relative."""
        return f"{self.id_of('people', key)}@{MAIL_DOMAIN}"

    def key(self, id: str | None) -> str | None:
        """The script's key of that id."""
        return None if id is None else self.keys.get(id, id)


def cast(script: Script) -> Cast:
    """A cast with ids of its own."""
    families = {child.family for child in script.children.values()}
    named = {
        "people": script.keys_of("people"),
        "children": script.children,
        "agencies": script.agencies,
        "authorities": script.authorities,
        "families": families,
    }
    ids = {(kind, key): opaque() for kind, keys in named.items() for key in keys}
    return Cast(script=script, authority=opaque(), team=opaque(), ids=ids)


async def enter(connection: Connection, cast: Cast, keys: KeyRing, start: dt.datetime) -> None:
    """Enter everybody in the directory, as from a year before the first step, and register the children."""
    since = start - BEFORE
    for key, agency in cast.script.agencies.items():
        row = directory.Agency(
            agency=cast.id_of("agencies", key),
            kind=agency.kind,
            name_cy=agency.welsh or agency.name,
            name_en=agency.name,
            valid_from=since,
        )
        await directory.put_agency(connection, row, SERVICE)
    for key, name in cast.script.authorities.items():
        # Another authority is known by its children's services.
        row = directory.Agency(
            agency=cast.id_of("authorities", key), kind=AgencyKind.social_services, name_cy=name, name_en=name, valid_from=since
        )
        await directory.put_agency(connection, row, SERVICE)
    for key, person in cast.script.people.items():
        await _enter_person(connection, cast, key, person, since)
    for key, child in cast.script.children.items():
        whose = Whose(child=cast.child(key), family=cast.id_of("families", child.family), authority=cast.authority, team=cast.team)
        await children.register(connection, whose, _details(cast, child), keys, SERVICE)
    for key, relative in cast.script.relatives.items():
        for child in cast.script.children if relative.of == ("all",) else relative.of:
            await family.put(connection, cast.child(child), _member(cast, key, relative), keys, SERVICE)


async def _enter_person(connection: Connection, cast: Cast, key: str, person: Person, since: dt.datetime) -> None:
    id = cast.id_of("people", key)
    row = directory.Person(
        person=id,
        name=person.name,
        email=cast.mailbox(key),
        language=person.language,
        agency=cast.id_of("agencies", person.agency) if person.agency else None,
        team=cast.team,
        valid_from=since,
    )
    await directory.put_person(connection, row, SERVICE)
    for role in sorted(set(person.post) - CASE_ROLES):
        await directory.put_post(connection, directory.Post(team=cast.team, role=role, person=id, valid_from=since), SERVICE)
    for away in person.away:
        absence = directory.Absence(
            person=id,
            away_from=dt.datetime.combine(away.first, dt.time(), LONDON),
            away_to=end_of_day(away.last),
            deputy=cast.id_of("people", away.deputy) if away.deputy else None,
        )
        await directory.put_absence(connection, absence, SERVICE)


def _member(cast: Cast, key: str, relative: Relative) -> FamilyMember:
    return FamilyMember(
        person=cast.id_of("people", key),
        relation=relative.relation,
        name=relative.name,
        language=relative.language,
        way=relative.way,
        email=cast.mailbox(key) if relative.way is Way.email else None,
        address=relative.address,
        need=tuple(Need(each) for each in relative.need),
        apart=relative.apart,
    )


def _details(cast: Cast, child: Child) -> ChildDetails:
    return ChildDetails(
        name=child.name if child.born else None,
        born_on=child.born,
        expected_on=child.expected,
        language=child.language,
        address=child.address,
        school=child.school,
        agencies={part: cast.id_of("agencies", key) for part, key in child.agencies.items()},
    )
