"""`siwrnai holidays`: the bank holidays that count, one proclaimed or moved away, and whom that affects."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.endings import Mistake
from console.language import say, spoken
from console.options import ACTOR
from console.purpose import Purpose, does

if TYPE_CHECKING:
    from procedures.working_days import Calendar

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Day = Annotated[str, typer.Argument(metavar="DAY", help="A day to come, e.g. 2027-04-12.")]
Actor = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who does it. Needed.")]
Apply = Annotated[bool, typer.Option("--apply", help="Do it. Without it nothing changes: whom it would affect is shown.")]


@app.command("list")
@does(Purpose.looks)
def list_holidays(
    year: Annotated[int | None, typer.Option("--year", min=2000, max=2100, help="Without it: this year and the next.")] = None,
) -> None:
    """The bank holidays of Wales, with what was proclaimed or moved away."""
    from console.running import on_deployment

    this = _today().year
    years = (this, this + 1) if year is None else (year,)
    calendar = on_deployment(_calendar)
    for each in years:
        _print(calendar, each)


@app.command()
@does(Purpose.goes_on)
def add(day: Day, actor: Actor = None, apply: Apply = False) -> int:
    """A holiday is proclaimed: limits in working days move later, a meeting that would fall on it earlier."""
    from procedures.working_days import Calendar

    return _change(day, actor, apply, Calendar.with_holiday)


@app.command()
@does(Purpose.goes_on)
def withdraw(day: Day, actor: Actor = None, apply: Apply = False) -> int:
    """A proclaimed holiday is withdrawn, or a bank holiday moved away: the day is a working day."""
    from procedures.working_days import Calendar

    return _change(day, actor, apply, Calendar.without_holiday)


def _change(day: str, actor: str | None, apply: bool, amended: "Callable[[Calendar, dt.date], Calendar]") -> int:
    from console.changes import Wanted, change
    from console.running import on_deployment
    from procedures.working_days import Calendar, CannotChange

    on = _to_come(day)
    who = acting(actor)

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        try:
            return amended(Calendar.of(0, body), on).body
        except CannotChange as error:
            raise Mistake(say(f"change.{error.code}", day=_date(on), why=_why(error.why))) from None

    return on_deployment(lambda here: change(here, Wanted("calendar", amend, who, apply)))


def _to_come(day: str) -> dt.date:
    try:
        on = dt.date.fromisoformat(day)
    except ValueError:
        raise Mistake(say("mistakes.not_date", option="DAY", given=day[:40])) from None
    if on <= _today():
        raise Mistake(say("change.past", day=_date(on)))
    return on


def _today() -> dt.date:
    """In Wales, whatever zone the machine is set to."""
    from procedures.times import local

    return local(dt.datetime.now(dt.UTC)).date()


def acting(actor: str | None) -> str:
    """Who does it.

    Raises:
        Mistake: nobody was named.
    """
    from console.reading import identifier

    if actor is None:
        raise Mistake(say("mistakes.missing_actor", option="--actor"))
    return identifier(actor, "--actor")


async def _calendar(here: Any) -> "Calendar":
    from changing import Changing

    return (await Changing(here.pool, here.authority).calendar()).calendar


def _print(calendar: "Calendar", year: int) -> None:
    from procedures.working_days import bank_holidays

    days = {**bank_holidays(year), **{day: key for day, key in calendar.added.items() if day.year == year}}
    for day, key in sorted(days.items()):
        note = say("change.moved_away") if day in calendar.removed else ""
        print(f"{day}  {_date(day)}: {_why(key)}{f' ({note})' if note else ''}")


def _date(day: dt.date) -> str:
    from procedures import words

    return words.date(day, spoken())


def _why(key: str | None) -> str:
    from procedures import words

    if key is None:
        return say("change.working_day")
    return say(f"change.{key}") if key in {"saturday", "sunday"} else words.holiday(key, spoken())
