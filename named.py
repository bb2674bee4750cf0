"""Whom and what a command names: known at the boundary, wherever in the command the id stands, or the command is not taken."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from record import directory
from record.pool import Connection
from schemas.base import AgencyMarker, Identifier, PersonMarker

Marker = TypeVar("Marker")

Family = Callable[[], Awaitable[frozenset[Identifier]]]
"""Looks up who stands around the children whom a command is about; asked for those alone who are not in the directory."""


class NotTaken(Exception):
    """The door did not pass the command on; nothing has changed. The message says what is wrong and what would be right."""


class UnknownPerson(NotTaken):
    """No person with that id is in the directory."""

    def __init__(self, person: Identifier, field: str) -> None:
        super().__init__(
            f"There is no person {person} in the directory ({field}). "
            "See: siwrnai directory people; enter somebody: siwrnai directory add-person."
        )
        self.person, self.field = person, field


class UnknownRelative(NotTaken):
    """No person with that id is in the directory, or of the family of the children whom it is about."""

    def __init__(self, person: Identifier, field: str) -> None:
        super().__init__(
            f"There is no person {person} in the directory, nor in the family of these children ({field}). "
            "See: siwrnai directory people, siwrnai child family; enter somebody: siwrnai directory add-person, siwrnai child family-member."
        )
        self.person, self.field = person, field


class UnknownAgency(NotTaken):
    """No agency with that id, of the kind that this asks for, is in the directory."""

    def __init__(self, agency: Identifier, field: str, right: Sequence[Identifier]) -> None:
        self.agency, self.field, self.right = agency, field, tuple(right)
        super().__init__(
            f"There is no such agency {agency} in the directory ({field}); right would be one of: {', '.join(right) or 'none yet'}."
        )


class NoSuchPost(NotTaken):
    """The person named holds none of the posts that this asks for."""

    def __init__(self, person: Identifier, field: str, posts: frozenset[str]) -> None:
        self.person, self.field, self.posts = person, field, tuple(sorted(posts))
        super().__init__(f"{person} holds no manager's post ({field}): name somebody who does, one of {', '.join(self.posts)}.")


async def check_named(connection: Connection, command: BaseModel, now: datetime, family: Family | None = None) -> None:
    """Whoever a command names is in the directory, or where the field allows it of the family, and holds the post that the field asks for;
    whichever agency it names is there, and of the kind that the field asks for.

    Raises:
        UnknownPerson, UnknownRelative: somebody is not known.
        NoSuchPost: somebody holds none of those posts.
        UnknownAgency: there is no such agency.
    """
    for field, person, mark in marked(command, PersonMarker):
        if not await directory.knows(connection, person, now):
            if not mark.or_family:
                raise UnknownPerson(person, field)
            if family is None or person not in await family():
                raise UnknownRelative(person, field)
        if mark.posts and not mark.posts & await directory.posts_of(connection, person, now):
            raise NoSuchPost(person, field, mark.posts)
    for field, agency, mark in marked(command, AgencyMarker):
        known = await directory.agencies(connection, now)
        right = sorted(id for id, each in known.items() if not mark.kinds or each.kind in mark.kinds)
        if agency not in right:
            raise UnknownAgency(agency, field, right)


def marked(model: BaseModel, kind: type[Marker]) -> Iterator[tuple[str, Identifier, Marker]]:
    """Each id in the model that bears such a mark, however deep it stands: the field of the model in which it is given, the id, the mark."""
    for name, info in type(model).model_fields.items():
        own = [mark for mark in marks(info) if isinstance(mark, kind)]
        for each in _values(getattr(model, name)):
            if isinstance(each, BaseModel):
                yield from ((name, id, mark) for _, id, mark in marked(each, kind))
            elif each is not None:
                yield from ((name, each, mark) for mark in own)


def marks(info: FieldInfo) -> list[Any]:
    """What a field's type is marked with, or that of one of its values."""
    return [*info.metadata, *_within(info.annotation)]


def _within(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for each in get_args(annotation):
        yield from _within(each)


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = tuple(cast("Mapping[Any, Any]", value).values())
    if isinstance(value, (tuple, list, set, frozenset)):
        for each in cast("Sequence[Any]", value):
            yield from _values(each)
    else:
        yield value
