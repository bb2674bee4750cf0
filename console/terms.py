"""`siwrnai terms`: the school terms that are known. A school is asked for its report before they end, its holiday contact after."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.endings import Mistake
from console.language import say, spoken
from console.options import ACTOR
from console.purpose import Purpose, does

if TYPE_CHECKING:
    from procedures.terms import Term
    from procedures.working_days import Calendar

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

First = Annotated[str, typer.Argument(metavar="FIRST", help="The first school day, e.g. 2027-01-04.")]
Last = Annotated[str, typer.Argument(metavar="LAST", help="The last school day, e.g. 2027-02-12.")]
Actor = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who does it. Needed.")]


@app.command("list")
@does(Purpose.looks)
def list_terms() -> None:
    """The school terms that are known; the halves before and after a half-term are two."""
    from console.running import on_deployment
    from procedures.terms import terms

    found = terms(on_deployment(_calendar))
    for each in found:
        print(say("terms.term", first=_date(each.first), last=_date(each.last)))
    if not found:
        print(say("terms.none"))


@app.command()
@does(Purpose.goes_on)
def add(first: First, last: Last, actor: Actor = None) -> None:
    """A term, or the half of one, as the authority publishes it. No timescale moves."""
    from procedures.terms import with_term

    _change(first, last, actor, with_term)


@app.command()
@does(Purpose.goes_on)
def withdraw(first: First, last: Last, actor: Actor = None) -> None:
    """Take back a term that was entered wrongly."""
    from procedures.terms import without_term

    _change(first, last, actor, without_term)


def _change(first: str, last: str, actor: str | None, amended: "Callable[[Calendar, Term], Calendar]") -> None:
    from console.holidays import acting
    from console.running import on_deployment
    from procedures.terms import CannotChangeTerm, Term
    from procedures.working_days import Calendar

    who, term = acting(actor), Term(first=_day(first, "FIRST"), last=_day(last, "LAST"))
    if term.last < term.first:
        raise Mistake(say("terms.ends_first", last=_date(term.last)))

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        try:
            return amended(Calendar.of(0, body), term).body
        except CannotChangeTerm as error:
            raise Mistake(say(f"terms.{error.code}", first=_date(error.other.first), last=_date(error.other.last))) from None

    async def put(here: Any) -> int:
        from changing import Changing
        from record import directory, versions

        async with here.record() as connection:
            if not await directory.knows(connection, who, await versions.now(connection)):
                raise Mistake(say("mistakes.unknown_person", person=who))
        return await Changing(here.pool, here.authority).put_in_force("calendar", amend, who)

    print(say("terms.in_force", version=on_deployment(put)))


def _day(given: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise Mistake(say("mistakes.not_date", option=option, given=given[:40])) from None


async def _calendar(here: Any) -> "Calendar":
    from changing import Changing

    return (await Changing(here.pool, here.authority).calendar()).calendar


def _date(day: dt.date) -> str:
    from procedures import words

    return words.date(day, spoken())
