"""In which language somebody who holds a link is spoken to, and whom they can call."""

from collections.abc import Mapping

from procedures.meetings.chasing import NEVER_CHASED
from record import family
from record.directory import Person
from record.keys import KeyRing
from record.pool import Connection
from schemas.answering import Contact, InBoth
from schemas.base import Identifier
from schemas.clocks import Language
from schemas.meetings import Invitee

UNKNOWN = InBoth(cy="Siwrnai", en="Siwrnai")


async def language_of(connection: Connection, keys: KeyRing, people: Mapping[Identifier, Person], known: Invitee | None) -> Language:
    """The invitee's; Welsh first where it is not known, since the page is in both."""
    if known is None:
        return "cy"
    person = people.get(known.person)
    if person is None and known.role in NEVER_CHASED:
        member = (await family.everybody(connection, known.children, keys)).get(known.person)
        return (None if member is None else member.language) or "cy"
    return (None if person is None else person.language) or "cy"


def contact_of(arranger: Person | None) -> Contact:
    """Whoever arranged the meeting."""
    if arranger is None:
        return Contact(name=UNKNOWN)
    return Contact(name=InBoth(cy=arranger.name, en=arranger.name), telephone=arranger.telephone)
