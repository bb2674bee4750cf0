"""Whoever a command names is known, wherever in it the id stands: each command there is, and each that will be."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from commands import CommandRefused
from console.fields import IDENTIFIER
from embedded.stack import Endpoints
from meetings import MeetingDoor
from named import UnknownPerson, UnknownRelative, check_named
from procedures.times import LONDON
from record import family, meetings
from record.pool import transaction
from schemas.base import AgencyMarker, DoorMarker, Identifier, PersonMarker
from schemas.commands import COMMANDS
from schemas.commands.base import Command
from schemas.family import FamilyMember, Relation, Way
from schemas.meeting_commands import MEETING_COMMANDS
from tests.live import live, opaque

ALL: dict[str, type[Command]] = {**COMMANDS, **MEETING_COMMANDS}

MISTYPED = "p-mistyped"

NOBODY = frozenset(
    {
        *("child", "children", "meeting", "invitee", "apart_from", "role", "recipient"),
        # What the service itself says.
        *("told", "refused", "answer", "to"),
        # From whom something of the child is hidden: the journey knows.
        "restriction_lifted.person",
    }
)
"""Ids in commands that are no person's in the directory: children, meetings, parts, and who somebody is at a meeting, which the meeting knows."""


def holding(annotation: Any, id: str) -> Iterator[Any]:
    """Each value of that type that holds the id in one place in which a person stands."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        if any(isinstance(mark, PersonMarker) for mark in marks):
            yield id
        yield from holding(inner, id)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from naming(annotation, id)
    elif isinstance(origin := get_origin(annotation), type) and issubclass(origin, Mapping):
        key, value = get_args(annotation)
        yield from ({each: None} for each in holding(key, id))
        yield from ({"of": each} for each in holding(value, id))
    elif origin in {tuple, list, set, frozenset}:
        yield from ((each,) for part in get_args(annotation) for each in holding(part, id))
    else:
        yield from (each for part in get_args(annotation) for each in holding(part, id))


def naming(model: type[BaseModel], id: str) -> Iterator[BaseModel]:
    """That model, nothing given but the id, in each place in which a person stands."""
    for name, info in model.model_fields.items():
        own = [id] if any(isinstance(mark, PersonMarker) for mark in info.metadata) else []
        for each in (*own, *holding(info.annotation, id)):
            given: dict[str, Any] = {**dict.fromkeys(model.model_fields), name: each}
            yield model.model_construct(None, **given)


def test_every_command_names_somebody() -> None:
    assert [name for name, model in ALL.items() if not list(naming(model, MISTYPED))] == []
    assert len(list(naming(ALL["arranged"], MISTYPED))) == 4, "who arranges, chair, minute-taker, and each who is added"


async def test_a_mistyped_person_is_refused_in_every_place_of_every_command(stack: Endpoints) -> None:
    async def relatives() -> frozenset[Identifier]:
        return frozenset({"f-mother"})

    async with live(stack, worker=False) as here, transaction(here.door_pool, here.authority) as connection:
        now = await here.door.clock()
        for model in ALL.values():
            for command in naming(model, MISTYPED):
                with pytest.raises((UnknownPerson, UnknownRelative), match=MISTYPED):
                    await check_named(connection, command, now, relatives)
            for command in naming(model, "p-carys"):
                await check_named(connection, command, now, relatives)


def ids(model: type[BaseModel]) -> Iterator[str]:
    """The fields, however deep, that hold ids of which nothing says whose they are."""
    for name, info in model.model_fields.items():
        known = [each for each in info.metadata if isinstance(each, (PersonMarker, AgencyMarker, DoorMarker))]
        if not known and (IDENTIFIER in info.metadata or any(True for _ in unmarked(info.annotation))):
            yield name
        yield from (each for inner in models(info.annotation) for each in ids(inner))


def unmarked(annotation: Any) -> Iterator[None]:
    """Once for each unmarked id within."""
    marks = getattr(annotation, "__metadata__", ())
    if any(isinstance(mark, (PersonMarker, AgencyMarker)) for mark in marks):
        return
    if IDENTIFIER in marks:
        yield None
    for part in get_args(annotation):
        yield from unmarked(part)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models within."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def test_every_id_in_a_command_says_whose_it_is() -> None:
    """A person who is added to a command by a plain id would be checked by nobody."""
    plain = {name if name in NOBODY else f"{command}.{name}" for command, model in ALL.items() for name in ids(model)}
    assert plain <= NOBODY


def member(person: Identifier, *, gone: bool = False) -> FamilyMember:
    """A parent."""
    return FamilyMember(person=person, relation=Relation.parent, name="Sioned Prys", way=Way.by_hand, gone=gone)


async def test_a_meeting_takes_nobody_who_is_neither_in_the_directory_nor_of_the_family(stack: Endpoints) -> None:
    mother, gone, stranger = opaque("f"), opaque("f"), opaque("f")
    async with live(stack, virtual=False) as here:
        child, other = await here.child(), await here.child()
        async with transaction(here.door_pool, here.authority) as connection:
            for of, person in ((child, member(mother)), (child, member(gone, gone=True)), (other, member(stranger))):
                await family.put(connection, of, person, here.keys, "p-mari")
        door = MeetingDoor(here.client, here.door_pool, here.authority, here.keys)
        meeting, now = door.new_id(), dt.datetime.now(LONDON).replace(microsecond=0)

        def command(name: str, **fields: Any) -> Command:
            return MEETING_COMMANDS[name].model_validate({"actor": "p-mari", "happened_at": now, **fields})

        def arranged(person: Identifier) -> Command:
            about = {"kind": "strategy", "children": (child,), "chair": "p-nia", "starts": now + dt.timedelta(days=9)}
            return command("arranged", **about, add=({"role": "parents", "person": person},))

        for wrong in (MISTYPED, gone, stranger):
            with pytest.raises(UnknownRelative, match=f"{wrong} in the directory, nor in the family of these children"):
                await door.submit(meeting, arranged(wrong), opaque("k"))
        async with transaction(here.door_pool, here.authority) as connection:
            assert await meetings.state(connection, meeting) is None
        await door.submit(meeting, arranged(mother), opaque("k"))
        async with transaction(here.door_pool, here.authority) as connection:
            log = await meetings.read(connection, meeting)
        for wrong in (MISTYPED, stranger):
            with pytest.raises(UnknownRelative, match=wrong):
                await door.submit(meeting, command("invited", who={"role": "police", "person": wrong}), opaque("k"))
        with pytest.raises(CommandRefused, match="invited already"):
            await door.submit(meeting, command("invited", who={"role": "parents", "person": mother}), opaque("k"))
        async with transaction(here.door_pool, here.authority) as connection:
            assert await meetings.read(connection, meeting) == log
        await here.client.get_workflow_handle(f"meeting:{meeting}").terminate("the test is over")


async def test_a_journey_knows_whoever_is_or_was_of_the_family(stack: Endpoints) -> None:
    gone, stranger = opaque("f"), opaque("f")
    async with live(stack) as here:
        child, other = await here.reported(), await here.child()
        async with transaction(here.door_pool, here.authority) as connection:
            for of, person in ((child, member(gone, gone=True)), (other, member(stranger))):
                await family.put(connection, of, person, here.keys, "p-mari")
        hidden = {"hidden": "address", "because": "bail"}
        for wrong in (MISTYPED, stranger):
            with pytest.raises(UnknownRelative, match=wrong):
                await here.does(child, "restriction_made", "2026-11-20 17:00", person=wrong, **hidden)
        there = [{"agency": "social_services", "person": "p-huw"}, {"agency": "parent", "person": MISTYPED}]
        with pytest.raises(UnknownRelative, match="attendance"):
            await here.does(child, "strategy_held", "2026-11-20 17:00", attendance=there, outcome="another_meeting")
        await here.does(child, "restriction_made", "2026-11-20 17:00", person=gone, **hidden)
        assert [each.kind for each in await here.entries(child) if each.kind in {"restriction_made", "strategy_held"}] == [
            "restriction_made"
        ]
