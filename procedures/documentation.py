"""The rules as pages for people: the two machines drawn, and every timescale with its source. Generated, and kept true by a test.

`python -m procedures.documentation` writes them.
"""

from pathlib import Path
from typing import get_args

from procedures import words
from procedures.lifecycle import STOOD_DOWN, EnquiryMachine, RegistrationMachine
from procedures.rule_models import Trust
from procedures.rules import ClockRule, Rules, load

DOCS = Path(__file__).parent.parent / "docs"


def lifecycle_page() -> str:
    """The two state machines, drawn and as tables."""
    parts = [
        "# The two state machines",
        "",
        "An enquiry runs from a report to its conference; a registration runs beside it. No event of one is an event of the other:",
        "whatever comes of a new enquiry, a registered child's visits, core groups and reviews go on. Generated from `procedures/lifecycle.py`.",
    ]
    for title, machine in (("An enquiry", EnquiryMachine), ("A child's registration", RegistrationMachine)):
        parts += ["", f"## {title}", "", "```mermaid", f"{machine:mermaid}".strip(), "```", "", f"{machine:md}".strip()]
    parts += ["", *_TAKEN_UP_AGAIN]
    return "\n".join(parts) + "\n"


_TAKEN_UP_AGAIN = (
    "## What was stood down is taken up again",
    "",
    "What protects is never refused for what was decided before. A strategy discussion, section 47 enquiries, a decision that the child is at",
    "continuing risk, or a conference that registers takes an enquiry that had been stood down through `screen_strategy` first, in the same",
    "entry: no further action → strategy → section 47, or not substantiated → strategy → registered. These are the stages from which it does so:",
    "",
    ", ".join(f"`{stage}`" for stage in sorted(STOOD_DOWN)) + ".",
    "",
    "An ending that was recorded in error is taken back by `resume_…`, to where the registration stood.",
)
"""What no single transition shows: two steps of one entry."""


def timescales_page(rules: Rules) -> str:
    """Every timescale: what starts and ends it, its limit, who owes it, where it comes from and how far that can be trusted."""
    lines = [
        "# Timescales",
        "",
        "Generated from `procedures/wales.toml`. These are WSP timescales (procedural). A rule whose words were not read in the procedures",
        "is a *local setting*, which an authority may change.",
        "",
        *(f"- **{label}**: {words.word('trust', label, 'en')}" for label in get_args(Trust)),
        "",
        "| timescale | limit | starts at | met by | ends without it at | owed by | ladder | source | trust | |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_row(rule) for rule in rules.clocks.values()),
        "",
        "Nothing is owed any more at: " + ", ".join(f"`{event}`" for event in rules.always_cancelled_by) + ".",
    ]
    return "\n".join(lines) + "\n"


def _row(rule: ClockRule) -> str:
    cells = (
        f"`{rule.id}`<br>{rule.title.en}<br>*{rule.title.cy}*",
        _limit(rule),
        _events(rule.starts),
        _events(rule.stops),
        _events(rule.cancels),
        rule.owner.replace("_", " "),
        rule.ladder,
        rule.source,
        rule.trust,
        "local setting" if rule.setting else "",
    )
    return "| " + " | ".join(cells) + " |"


def _limit(rule: ClockRule) -> str:
    def said(amount: int, unit: str) -> str:
        return "the same day" if amount == 0 else words.amount(amount, unit, "en")

    parts = [said(rule.amount, rule.unit), *(f"{said(each.amount, each.unit)} after `{event}`" for event, each in rule.variants.items())]
    if rule.direction == "before":
        parts[0] += f" before {(rule.anchor or '').replace('_', ' ')}"
    if rule.counted_from is not None:
        parts.append(f"counted from `{rule.counted_from}`")
    if rule.same_day_when is not None:
        parts.append("the same day where physical or sexual harm is alleged")
    return "; ".join(parts)


def _events(events: tuple[str, ...]) -> str:
    return ", ".join(f"`{event}`" for event in events)


def pages() -> dict[Path, str]:
    """What each generated page should say."""
    return {DOCS / "lifecycle.md": lifecycle_page(), DOCS / "timescales.md": timescales_page(load())}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.name}")
