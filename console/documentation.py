"""Every command as a page, generated from its model and its decision, and kept true by a test.

`python -m console.documentation` writes it.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

from pydantic import BaseModel

import procedures.meetings
from console.fields import INSTANT_EXAMPLE, Field, fields
from console.options import said
from procedures import decisions
from procedures.decisions import DECISIONS
from procedures.decisions.draft import Draft
from procedures.in_force import rules_in_force
from procedures.meetings.decide import DECIDED
from procedures.refusals import sentences
from procedures.words import word
from schemas.commands import COMMANDS, Command, conferences, enquiries, moves, reports, taking_over
from schemas.meeting_commands import MEETING_COMMANDS, Arrange, CallOff

DOCS = Path(__file__).parent.parent / "docs"

ROOMS = {
    "Report, first hour, screening": reports,
    "Strategy discussion, enquiries, seeing and hearing the child": enquiries,
    "Conferences, core groups, plans, reviews": conferences,
    "Moves, being looked after, birth, endings, who works with the child": moves,
    "Records from elsewhere": taking_over,
}

SHARED = ("actor", "happened_at", "reason", "enquiry")
"""Fields that are told once, at the top."""

ALWAYS_OF_MEETINGS = ("meeting_not_arranged", "meeting_over", "in_the_future")
"""What any command to a meeting may be refused for."""

ALWAYS = ("in_the_future", "long_ago", "before_birth", "no_journey", "journey_closed", "journey_ended")
"""What any command may be refused for."""


def commands_page() -> str:
    """Every command: what it means, its options, an example, and what it may be refused for."""
    lines = [
        "# Commands",
        "",
        "All that people do to a child's journey. Each is a verb of `siwrnai journey`, a step of a rehearsal under the same name, and a model in",
        "`schemas/commands/`, from which this page is generated. What protects takes effect at once; what is missing becomes urgent. What stands",
        "down is refused, naming what is missing, and leaves everything as it was.",
        "",
        "Every command takes the child's id, `--id` (its own, so that a repeat does nothing and gets the first answer), and:",
        "",
        *_table([field for field in fields(reports.SafetyChecked) if field.name in SHARED], reports.SafetyChecked),
        "",
        "Any of them may be refused:",
        "",
        *(f"- {_sentence(code)}" for code in ALWAYS),
    ]
    for title, module in ROOMS.items():
        lines += ["", f"## {title}"]
        for name, model in COMMANDS.items():
            if model.__module__ == module.__name__ and not model.service:
                lines += _command(name, model)
    return "\n".join(lines) + "\n"


IN_ORDER = ("schemas.meeting_commands", "schemas.report_commands", "schemas.holding", "schemas.paper_commands")
"""Before a meeting, its reports, the day, its papers: however the modules came to be imported."""


def meetings_page() -> str:
    """Whom the procedures invite to each kind of meeting and when the silent are asked again; then every command to a meeting."""
    lines = [
        "# Meetings",
        "",
        "A meeting is arranged once for all the children that it is about. The service proposes a date inside the timescale, invites whom the",
        "procedures want there, asks the silent again, reminds of the day before, and tells the chair in time where there will not be enough.",
        "Each is a verb of `siwrnai meeting`; `propose`, `show`, `preview`, `papers-preview`, `list`, `agenda` and `followups` read.",
        "What is missing never stops a meeting: it is said at once.",
        "",
        "The silent are asked again by a letter of their own, the last time the agency's safeguarding lead too. Nobody of the family, and nobody at home, is",
        "ever asked again by the service: the social worker speaks with the family. A foster carer comes for the child and is no party to it; where the",
        "carer comes by an agency, the invitation goes out with those to its professionals, and silence is put to the agency's lead (the supervising",
        "social worker) in the carer's stead, without one to the child's social worker. A letter that cannot be delivered, to an invitee or to somebody in",
        "their stead, is told at once to whoever arranged the meeting: they know the agency, can speak to it the same day, and have the directory put right.",
        "The manager hears of what comes of it: a timescale that is not met climbs by its own ladder; and where the arranger's own",
        "mailbox refuses, the child's team manager and service manager are told.",
        "",
        "This page is generated from `procedures/wales.toml` and from the models of the commands.",
        "",
        "| meeting | invited in every case | invited where it applies | timescales that it meets | notice (working days) | asked again after (working days) |",
        "|---|---|---|---|---|---|",
        *_meetings(),
        "",
        *_agendas(),
        "",
        "Every command takes the meeting's id, `--id` (its own, so that a repeat does nothing and gets the first answer), and:",
        "",
        *_table([field for field in fields(CallOff) if field.name in SHARED], CallOff),
        "",
        "Any of them may be refused:",
        "",
        *(f"- {_sentence(code)}" for code in ALWAYS_OF_MEETINGS),
    ]
    for name, model in sorted(MEETING_COMMANDS.items(), key=lambda each: IN_ORDER.index(each[1].__module__)):
        if not model.service:
            lines += _command(name, model)
    return "\n".join(lines) + "\n"


def _meetings() -> Iterator[str]:
    rules = rules_in_force()
    for kind, rule in rules.arranging.items():
        invited = rules.invitees[rule.invitees]
        asked = [word("invitees", role, "en") for role in invited.always]
        asked += [f"{word('invitees', role, 'en')} ({word('conditions', when, 'en')})" for role, when in invited.always_when.items()]
        also = [word("invitees", role, "en") for role in invited.asked_in_every_case]
        limits = [rules.clocks[limit].title.en for limit in rule.limits]
        cells = (asked, also, limits, [str(rule.notice)], [str(each) for each in rule.chased_after])
        yield f"| {word('meetings', kind, 'en')} | {' | '.join(', '.join(cell) for cell in cells)} |"


def _agendas() -> Iterator[str]:
    """The items of each kind of meeting, in their order."""
    rules = rules_in_force()
    yield "`siwrnai meeting agenda MEETING --out FILE` makes the order of the day, a page to print: what is missing first, then each item and who is in the"
    yield "room for it. An item marked • is one for each child. Nobody is in the room for a child of whom they may not hear, or together with whom they are kept"
    yield "apart from (`attends-separately`). The order is a local setting, in which each child's voice stays before what is decided."
    yield from ("", "| meeting | agenda |", "|---|---|")
    for kind, agenda in rules.agendas.items():
        items = ((rules.agenda_items[key].for_each, rules.agenda_items[key].title.en.partition(":")[0]) for key in agenda.items)
        yield f"| {word('meetings', kind, 'en')} | {'; '.join(f'{title} •' if each else title for each, title in items)} |"


def refusals_of(name: str) -> list[str]:
    """The codes for which a command's decision may be refused, besides what any may be: read from the decision itself."""
    if (model := MEETING_COMMANDS.get(name)) is not None:
        decided, always = DECIDED[model], ALWAYS_OF_MEETINGS
    else:
        decided, always = DECISIONS[name], ALWAYS
    return [code for code in dict.fromkeys(_codes(decided, set())) if code not in always]


def example_of(name: str, model: type[Command]) -> str:
    """A line that can be typed."""
    needed = [field for field in fields(model) if field.required and field.name not in SHARED]
    room, which = ("journey", "CHILD ") if name in COMMANDS else ("meeting", "" if model is Arrange else "MEETING ")
    return " ".join([f"siwrnai {room}", name.replace("_", "-"), f"{which}--actor p-1", *(_given(field) for field in needed)])


def _command(name: str, model: type[Command]) -> Iterator[str]:
    yield from ("", f"### {name}", "", f"**{model.title}.** {' '.join((inspect.getdoc(model) or '').split())}")
    own = [field for field in fields(model) if field.name not in SHARED]
    if own:
        yield from ("", *_table(own, model))
    yield from ("", "```", example_of(name, model), "```")
    if codes := refusals_of(name):
        yield from ("", "May be refused:", "", *(f"- {_sentence(code)}" for code in codes))


def _table(rows: list[Field], model: type[BaseModel]) -> Iterator[str]:
    yield from ("| option | values | meaning |", "|---|---|---|")
    for field in rows:
        option = f"{field.option}, --no-{field.option[2:]}" if field.is_flag else field.option
        yield f"| `{option}` | {_values(field)} | {_meaning(field, model)} |"


def _values(field: Field) -> str:
    if field.is_flag:
        return ""
    return ", ".join(f"`{each}`" for each in field.choices) or f"`{field.shape}`"


def _meaning(field: Field, model: type[BaseModel]) -> str:
    parts = [field.meaning]
    if field.model is not None:
        parts.append(" ".join((inspect.getdoc(field.model) or "").split()))
        parts += [f"`{part.name}`: {', '.join(part.choices)}." for part in fields(field.model) if part.choices]
    if field.many:
        parts.append("May be given again and again.")
    if field.name == "happened_at":
        parts.append("Now, where it is left out.")
    elif field.required:
        parts.append("**Needed.**")
    elif field.default not in (None, ()):
        parts.append(f"`{said(field.default)}` where it is left out.")
    return " ".join(part for part in parts if part)


def _given(field: Field) -> str:
    if field.is_flag:
        return field.option
    value = INSTANT_EXAMPLE if field.shape == "DATE-TIME" else '"What was said."' if field.is_text else field.example
    return f"{field.option} {value}" if " " not in value or field.is_text else f'{field.option} "{value}"'


def _codes(function: Callable[..., Any] | None, seen: set[str]) -> Iterator[str]:
    """Codes of `Refused` in a function, in those of the decisions that it calls, and in what it asks of its draft."""
    if not isinstance(function, FunctionType) or function.__qualname__ in seen:
        return
    seen.add(function.__qualname__)
    code = function.__code__
    if "Refused" in code.co_names:
        yield from (each for each in code.co_consts if isinstance(each, str) and each in sentences())
    for name in code.co_names:
        called = function.__globals__.get(name)
        if isinstance(called, FunctionType) and called.__module__.startswith((decisions.__name__, procedures.meetings.__name__)):
            yield from _codes(called, seen)
        asked = vars(Draft).get(name)
        yield from _codes(asked.fget if isinstance(asked, property) else asked, seen)


def _sentence(code: str) -> str:
    return re.sub(r"'?\{\w+\}'?", "…", sentences()[code]["en"])


def pages() -> dict[Path, str]:
    """What each generated page should say."""
    return {DOCS / "commands.md": commands_page(), DOCS / "meetings.md": meetings_page()}


def main() -> None:
    """Write them."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
