"""`siwrnai child`: who a child is. Names and addresses go to the record alone; everything else knows an opaque id."""

import datetime as dt
import secrets
from typing import Annotated, Any

import typer
from pydantic import Field

from console.endings import Mistake
from console.language import say
from console.options import ACTOR, parameter, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from procedures.times import eighteenth_birthday, local
from schemas.base import FreeText, Identifier, Model
from schemas.clocks import Language
from schemas.family import FamilyFacts

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

OVERDUE_BIRTH = dt.timedelta(days=31)
"""How long after the expected date a child may still be registered as unborn."""

DUTY = "duty"
"""The team of a child whom nobody has been given to yet."""


class WorksWith(Model):
    """Which agency works with a child, in which part."""

    part: Identifier = Field(description="The part in which it is invited to meetings, e.g. education, gp, police.")
    agency: Identifier = Field(description="The agency's id in the directory.")


class NewAgencies(Model):
    """Agencies that work with a child from now on."""

    actor: Identifier = Field(description="Who records it: the id of a person in the directory.")
    agency: tuple[WorksWith, ...] = Field(min_length=1, description="Of each part the agency from now on; may be given several times.")


class NewMember(FamilyFacts):
    """Somebody of a child's family."""

    actor: Identifier = Field(description="Who records it: the id of a person in the directory.")
    person: Identifier | None = Field(
        default=None,
        description="The person's opaque id, for what is new about them, or for a brother's or sister's record. Without it: a new one.",
    )


class NewChild(Model):
    """A child as it is put on record."""

    actor: Identifier = Field(description="Who registers the child: the id of a person in the directory.")
    name: FreeText | None = Field(default=None, description="The child's name; none before birth.")
    born: dt.date | None = Field(default=None, description="Date of birth.")
    expected: dt.date | None = Field(default=None, description="For an unborn child: the expected date of delivery.")
    language: Language | None = Field(default=None, description="The child's language.")
    sex: str | None = Field(default=None, max_length=60, description="As recorded.")
    address: FreeText | None = Field(default=None, description="Where the child lives.")
    school: str | None = Field(default=None, max_length=200, description="School or early years setting.")
    agency: tuple[WorksWith, ...] = Field(
        default=(), description="An agency that works with the child, and in which part; may be given several times."
    )
    family: Identifier | None = Field(
        default=None, description="The family's opaque id, for a brother or sister. Without it: a new family."
    )
    team: Identifier | None = Field(default=None, description="The team. Without it: the actor's, else duty.")


@does(Purpose.goes_on)
def register(id: str | None = None, **given: Any) -> None:
    """Put a child on record. Its opaque id alone is printed on standard output."""
    from console.registering import enter
    from console.running import on_deployment

    child = identifier(id, "--id") if id else secrets.token_hex(8)
    new = checked(read(NewChild, given), dt.datetime.now(dt.UTC))
    print(on_deployment(lambda here: enter(here, child, new)))


@does(Purpose.goes_on)
def agencies(child: str, **given: Any) -> None:
    """Say which agencies work with a child: they are invited to meetings. Parts that are not named stay as they are."""
    from console.registering import put_agencies
    from console.running import on_deployment

    known, new = identifier(child, "CHILD"), read(NewAgencies, given)
    on_deployment(lambda here: put_agencies(here, known, new))


@does(Purpose.goes_on)
def family_member(child: str, **given: Any) -> None:
    """Record somebody of a child's family, or what is new about them: the safe way to reach them, and what they need. Their id is printed."""
    from console.families import put_member
    from console.running import on_deployment

    known, new = identifier(child, "CHILD"), read(NewMember, given)
    print(on_deployment(lambda here: put_member(here, known, new)))


@app.command()
@does(Purpose.looks)
def family(
    child: Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")],
    actor: Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")] = None,
) -> None:
    """Who the family is, how each may safely be reached, and what they need. The read is logged."""
    from console.families import print_family
    from console.running import on_deployment

    known = identifier(child, "CHILD")
    on_deployment(lambda here: print_family(here, known, actor))


@app.command()
@does(Purpose.looks)
def show(
    child: Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")],
    actor: Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")] = None,
) -> None:
    """Who the child is. The read is logged."""
    from console.registering import print_child
    from console.running import on_deployment

    known = identifier(child, "CHILD")
    on_deployment(lambda here: print_child(here, known, actor))


def checked(new: NewChild, now: dt.datetime) -> NewChild:
    """The child, if it can be one.

    Raises:
        Mistake: born or expected is missing, or cannot be.
    """
    if (new.born is None) == (new.expected is None) or (new.born is not None and new.name is None):
        raise Mistake(say("mistakes.born_or_expected"))
    if new.expected is not None and new.expected < local(now).date() - OVERDUE_BIRTH:
        raise Mistake(say("mistakes.expected_long_ago", given=new.expected))
    if new.born is not None:
        if new.born > local(now).date():
            raise Mistake(say("mistakes.born_in_future", given=new.born))
        if eighteenth_birthday(new.born) <= now:
            raise Mistake(say("mistakes.not_a_child", given=new.born))
    return new


_ahead = [
    parameter("id", Annotated[str | None, typer.Option("--id", metavar="ID", help="The child's opaque id. Without it: a new one.")], None)
]
_child = [parameter("child", Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")])]
app.command("agencies", help=agencies.__doc__)(with_options(agencies, NewAgencies, _child))
app.command("family-member", help=family_member.__doc__)(with_options(family_member, NewMember, _child))
app.command("register", help=register.__doc__)(with_options(register, NewChild, _ahead))
