"""The rules in force, for a person: all timescales in a table, or one with everything about it."""

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from console.language import say, spoken
from console.showing import role_title, screen
from procedures import explain, words
from procedures.rules import ClockRule, Rules


def print_clocks(rules: Rules) -> None:
    """Print every timescale: limit, who owes it, source, trust label."""
    made = Table(box=None, pad_edge=False)
    for heading in ("timescale", "limit", "owner", "source", "trust"):
        made.add_column(say(f"rules.{heading}"), overflow="fold")
    for rule in rules.clocks.values():
        title = f"{rule.title.in_(spoken())}\n[dim]{rule.id}[/dim]"
        made.add_row(title, _amount(rule.amount, rule.unit), role_title(rule.owner), escape(rule.source), _trust(rule))
    screen().print(made)


def print_clock(rules: Rules, rule: ClockRule) -> None:
    """Print everything about one timescale."""
    out = screen()
    out.print(f"[bold]{rule.title.in_(spoken())}[/bold]  {rule.id}")
    for key, said in _said(rules, rule):
        out.print(f"{say(f'rules.{key}')}: {escape(said)}")


def _said(rules: Rules, rule: ClockRule) -> Iterator[tuple[str, str]]:
    limits = [_amount(rule.amount, rule.unit)]
    limits += [f"{_amount(each.amount, each.unit)} ({words.event(event, spoken())})" for event, each in rule.variants.items()]
    yield "limit", "; ".join(limits)
    for key in ("starts", "stops", "cancels"):
        if events := getattr(rule, key):
            yield key, "; ".join(words.event(event, spoken()) for event in events)
    yield "owner", role_title(rule.owner)
    ladder = rules.ladders[rule.ladder]
    if ladder.reminders:
        yield "reminders", ", ".join(say("rules.before_due", amount=_amount(each, "working_days")) for each in ladder.reminders)
    if ladder.rungs:
        yield "ladder", "; ".join(_rung(rule, each.role, each.after, each.unit) for each in ladder.rungs)
    yield "source", explain.source(rule.source, spoken())
    yield "trust", f"{_trust(rule)} ({words.word('trust', rule.trust, spoken())})"
    if rule.note:
        yield "note", rule.note


def _rung(rule: ClockRule, role: str, after: int, unit: str) -> str:
    title = role_title(rule.owner if role == "owner" else role)
    return say("rules.rung", role=title, amount=_amount(after, unit)) if after else say("rules.rung_at_once", role=title)


def _amount(amount: int, unit: str) -> str:
    return words.amount(amount, unit, spoken()) if amount else say("rules.same_day")


def _trust(rule: ClockRule) -> str:
    return f"{rule.trust}, {say('rules.setting')}" if rule.setting else rule.trust
