"""The field's words, dates and amounts in Welsh or English, as people read them. Times are Europe/London."""

import datetime as dt

from babel.dates import format_date

from procedures import vocabulary
from procedures.in_force import rules_in_force
from procedures.times import local
from schemas.clocks import Language
from schemas.commands import COMMANDS

NUMBERS = {1: "one", 2: "two", 3: "few", 6: "many"}
"""The plural forms that CLDR knows for Welsh. English has the first two alone."""


def clock(key: str, language: Language) -> str:
    """The name of a timescale: `First core group`, `Grŵp craidd cyntaf`."""
    return rules_in_force().clocks[key].title.in_(language)


def ladder(key: str, language: Language) -> str:
    """The name of a ladder."""
    return rules_in_force().ladders[key].title.in_(language)


def event(key: str, language: Language) -> str:
    """What happened, as a noun phrase: `the initial conference`, `y gynhadledd gychwynnol`."""
    return word("events", key, language)


def role(key: str, language: Language) -> str:
    """The name of a role: `team manager`, `rheolwr tîm`."""
    return word("roles", key, language)


def stage(machine: str, key: str, language: Language) -> str:
    """The name of a stage of the machine `enquiry` or `registration`."""
    return word(machine, key, language)


def category(key: str, language: Language) -> str:
    """The name of a category of the Child Protection Register."""
    return word("categories", key, language)


def command(name: str, language: Language) -> str:
    """The name of a command: `Screening decision`, `Penderfyniad sgrinio`."""
    return vocabulary.command_names()[name] if language == "cy" else COMMANDS[name].title


def missing(key: str, language: Language) -> str:
    """What a decision took effect without: `the rationale`, `y sail resymegol`."""
    return word("missing", key, language)


def holiday(key: str, language: Language) -> str:
    """The name of a bank holiday; `proclaimed bank holiday` where it has none."""
    named = vocabulary.holidays()
    return named.get(key, named["proclaimed"])[language]


def date(day: dt.date, language: Language) -> str:
    """`Friday 8 January 2027`, `dydd Gwener 8 Ionawr 2027`."""
    if language == "en":
        return format_date(day, "EEEE d MMMM y", locale="en_GB")
    written = format_date(day, "EEEE d MMMM y", locale="cy")
    return written[0].lower() + written[1:]


def instant(at: dt.datetime, language: Language) -> str:
    """`Friday 8 January 2027 at 10:30`, `dydd Gwener 8 Ionawr 2027 am 10:30`."""
    there = local(at)
    return phrase("at_time", language, day=date(there.date(), language), time=f"{there:%H:%M}")


def amount(number: int, unit: str, language: Language) -> str:
    """`10 working days`, `10 diwrnod gwaith`."""
    forms = vocabulary.table("amounts")[unit][language]
    return forms.get(NUMBERS.get(number, "other"), forms["other"]).format(n=number)


def phrase(key: str, language: Language, **parts: object) -> str:
    """One part of the sentence that explains a due date."""
    return word("sentence", key, language).format(**parts)


def word(table: str, key: str, language: Language) -> str:
    """The words of one key of a table.

    Raises:
        KeyError: there is no such key.
    """
    return vocabulary.table(table)[key][language]
