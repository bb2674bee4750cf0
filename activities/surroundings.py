"""What a journey does not hold itself, as the record keeps it: rules, settings and calendars by version, the directory of one moment."""

from dataclasses import dataclass, field
from datetime import datetime

from procedures.changes import Made
from procedures.in_force import rules_in_force
from procedures.recipients import Directory
from procedures.rules import Rules, parse
from procedures.working_days import Calendar
from record import directory, versions
from record.pool import Connection
from schemas.timeline import Versions


@dataclass(frozen=True)
class Library:
    """Versions, which never change, kept once read."""

    _rules: dict[tuple[str, int], Rules] = field(default_factory=lambda: {})
    _calendars: dict[int, Calendar] = field(default_factory=lambda: {})

    async def made(self, connection: Connection, these: Versions) -> Made:
        """What a plan of these versions is made with.

        Raises:
            NoSuchVersion: there is none.
            BadRules: the rules were kept by a version whose files cannot be read any more.
        """
        rules = await self.rules(connection, these.rules, these.settings)
        return Made(rules, await self.calendar(connection, these.calendar))

    async def in_force(self, connection: Connection) -> Rules:
        """The rules of this process, with the authority's settings in force.

        Raises:
            NoSuchVersion: rules, calendar and settings are not all in the record yet.
        """
        return await self.rules(connection, rules_in_force().hash, (await versions.current(connection)).settings)

    async def rules(self, connection: Connection, hash: str, settings: int) -> Rules:
        """The rules of that hash with what of those settings counts in them.

        Raises:
            NoSuchVersion: there is none.
            BadRules: they were kept by a version whose files cannot be read any more.
        """
        if (hash, settings) not in self._rules:
            plain = await self.plain(connection, hash)
            self._rules[hash, settings] = plain.with_stored(await versions.get(connection, "settings", settings))
        return self._rules[hash, settings]

    async def plain(self, connection: Connection, hash: str) -> Rules:
        """The rules of that hash, as they were shipped.

        Raises:
            NoSuchVersion: there are none.
            BadRules: they were kept by a version whose files cannot be read any more.
        """
        ours = rules_in_force()
        return ours if ours.hash == hash else parse(await versions.rules(connection, hash), hash)

    async def calendar(self, connection: Connection, version: int) -> Calendar:
        """That version of the calendar.

        Raises:
            NoSuchVersion: there is none.
        """
        if version not in self._calendars:
            self._calendars[version] = Calendar.of(version, await versions.get(connection, "calendar", version))
        return self._calendars[version]


async def directory_of(connection: Connection, team: str, at: datetime) -> Directory:
    """Who held which post of that team at that instant, who was away, and whose mailbox refused letters."""
    holders = await directory.holders(connection, team, at)
    return Directory(posts=holders.posts, deputies=holders.deputies, bounced=holders.bounced)
