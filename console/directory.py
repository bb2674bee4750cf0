"""`siwrnai directory`: who works with children, which posts they hold, who is away and who stands in. Entries are added, never changed."""

import datetime as dt
from typing import Any

import typer
from pydantic import Field

from console.endings import Mistake
from console.language import say
from console.options import with_options
from console.purpose import Purpose, does
from console.reading import read
from procedures import vocabulary
from schemas.base import Identifier, Instant, Model, PersonId
from schemas.clocks import Language
from schemas.commands.base import AgencyKind

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

ROLE = "Role, e.g. social_worker, team_manager, duty_manager, service_manager, head_of_service, director, reviewing_service."


TELEPHONE = r"^\+?[0-9][0-9 ]{2,24}$"


class NewPerson(Model):
    """Somebody who acts or is written to; the same id again says what is new about them."""

    name: str | None = Field(default=None, min_length=1, max_length=200, description="The person's name. Needed for a new one.")
    person: Identifier | None = Field(
        default=None,
        description="The person's opaque id. Without it: a new one. With it: what is not said of a known person stays as it is.",
    )
    email: str | None = Field(default=None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", description="Where letters go.")
    telephone: str | None = Field(
        default=None, pattern=TELEPHONE, description="Where people whom they invite can call them, e.g. 01632 960 001."
    )
    language: Language | None = Field(default=None, description="The language of their letters. Without it: both.")
    agency: Identifier | None = Field(default=None, description="Their agency, by its id.")
    team: Identifier | None = Field(default=None, description="Their team.")
    role: tuple[str, ...] = Field(default=(), description=f"A post that they hold from then on. {ROLE}")
    valid_from: Instant | None = Field(default=None, description="From when on it is so. Without it: now.")
    valid_to: Instant | None = Field(default=None, description="Of somebody who leaves: until when. From then on nothing is sent to them.")


class NewAgency(Model):
    """A school, a force, a health board, another authority."""

    name_cy: str = Field(min_length=1, max_length=200, description="Its name in Welsh.")
    name_en: str = Field(min_length=1, max_length=200, description="Its name in English.")
    kind: AgencyKind = Field(description="What it is.")
    agency: Identifier | None = Field(default=None, description="Its opaque id. Without it: a new one.")
    email: str | None = Field(default=None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", description="Where letters go.")
    holiday_contact: PersonId | None = Field(default=None, description="Of a school: the person to write to in the holidays, by id.")
    valid_from: Instant | None = Field(default=None, description="From when on it is so. Without it: now.")


class NewPost(Model):
    """Who holds a role: in one team, or without a team in the whole authority."""

    role: str = Field(description=ROLE)
    person: Identifier = Field(description="Who holds it, by id.")
    team: Identifier | None = Field(default=None, description="The team. Without it: the whole authority.")
    valid_from: Instant | None = Field(default=None, description="From when on. Without it: now.")
    valid_to: Instant | None = Field(default=None, description="Until when. Without it: until somebody else holds it.")


class NewAbsence(Model):
    """Somebody is away; meanwhile their letters go to the deputy."""

    person: Identifier = Field(description="Who is away, by id.")
    first: dt.date = Field(description="The first day away.")
    last: dt.date = Field(description="The last day away.")
    deputy: Identifier | None = Field(default=None, description="Who stands in, by id.")


@app.command()
@does(Purpose.looks)
def people() -> None:
    """The people in the directory now, with their posts, and who is away."""
    from console.directory_entries import print_people
    from console.running import on_deployment

    on_deployment(print_people)


@app.command()
@does(Purpose.looks)
def agencies() -> None:
    """The agencies in the directory now."""
    from console.directory_entries import print_agencies
    from console.running import on_deployment

    on_deployment(print_agencies)


@does(Purpose.goes_on)
def add_person(**given: Any) -> None:
    """Enter a person, or what is new about one; the id is printed."""
    from console.directory_entries import enter_person
    from console.running import on_deployment

    new = read(NewPerson, given)
    known = new.model_copy(update={"role": tuple(role_of(role) for role in new.role)})
    print(on_deployment(lambda here: enter_person(here, known)))


@does(Purpose.goes_on)
def add_agency(**given: Any) -> None:
    """Enter an agency, or what is new about one; the id is printed."""
    from console.directory_entries import enter_agency
    from console.running import on_deployment

    new = read(NewAgency, given)
    print(on_deployment(lambda here: enter_agency(here, new)))


@does(Purpose.goes_on)
def post(**given: Any) -> None:
    """Say who holds a role."""
    from console.directory_entries import enter_post
    from console.running import on_deployment

    new = read(NewPost, given)
    known = new.model_copy(update={"role": role_of(new.role)})
    on_deployment(lambda here: enter_post(here, known))


@does(Purpose.goes_on)
def away(**given: Any) -> None:
    """Say that somebody will be away, and who stands in."""
    from console.directory_entries import enter_absence
    from console.running import on_deployment

    new = read(NewAbsence, given)
    if new.last < new.first:
        raise Mistake(say("mistakes.away_ends_first", given=new.last))
    if new.deputy == new.person:
        raise Mistake(say("mistakes.own_deputy"))
    on_deployment(lambda here: enter_absence(here, new))


def role_of(written: str) -> str:
    """The key of a role as a person writes it: `social worker`, `social-worker`.

    Raises:
        Mistake: there is no such role.
    """
    role = written.strip().lower().replace(" ", "_").replace("-", "_")
    known = vocabulary.table("roles")
    if role not in known:
        raise Mistake(say("mistakes.unknown_role", given=written[:40], right=", ".join(sorted(known))))
    return role


app.command("add-person", help=add_person.__doc__)(with_options(add_person, NewPerson))
app.command("add-agency", help=add_agency.__doc__)(with_options(add_agency, NewAgency))
app.command("post", help=post.__doc__)(with_options(post, NewPost))
app.command("away", help=away.__doc__)(with_options(away, NewAbsence))
