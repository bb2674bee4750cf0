"""`siwrnai audit review`: a journey beside the procedures. The read is logged."""

import sys
from collections.abc import Iterator

import orjson
from rich.markup import escape
from rich.table import Table

from activities.surroundings import Library
from audit.review import Books, review, versions
from console.audit_show import Asking, Replayed, latest, replayed
from console.language import say, spoken
from console.running import Running
from console.showing import clock_title, screen, short, table, things
from procedures import words
from procedures.changes import Made
from procedures.rules import BadRules
from record.versions import NoSuchVersion
from schemas.reviewing import Departure, Drift, Kept, Review
from schemas.timeline import Versions


async def print_review(here: Running, child: str, asking: Asking) -> None:
    """Each timescale, each departure, and drift.

    Raises:
        Ended: the reader may not be told, or the child's key is destroyed.
    """
    # Whether a plan changed shows in its words alone; they are printed only where they were asked for.
    found = await replayed(here, child, asking._replace(words=True), "audit review")
    books, unread = await _books(here, found)
    made = review(found.journey, latest(found), books, found.told.texts)
    if unread:
        print(say("review.not_read", rules=", ".join(sorted(unread))), file=sys.stderr)
    if asking.json:
        print(orjson.dumps(found.as_json(made, words=asking.words)[0]).decode())
        return
    to = screen()
    to.print(f"[bold]{say('review.timescales')}[/bold]", _timescales(made), "", sep="\n")
    to.print(f"[bold]{say('review.departures')}[/bold]", *(_departures(made, found, asking.words) or [say("replay.nothing")]), "", sep="\n")
    to.print(f"[bold]{say('review.drift')}[/bold]", *([_drift(each) for each in made.drift] or [say("replay.nothing")]), sep="\n")


async def _books(here: Running, found: Replayed) -> tuple[Books, set[str]]:
    """What is still kept of what the timescales were planned with; and the hashes of rules that are kept and cannot be read any more."""
    library, books, unread = Library(), dict[Versions, Made](), set[str]()
    async with here.record() as connection:
        for each in versions(found.journey.entries):
            try:
                books[each] = await library.made(connection, each)
            except NoSuchVersion:
                continue
            except BadRules:
                unread.add(each.rules)
    return books, unread


def _timescales(made: Review) -> Table:
    shown = table("timescale", "begun", "due_by", "ended", "early_or_late", "other_convention")
    for each in made.timescales:
        ended = say(f"review.state_{each.state}") if each.ended_at is None else short(each.ended_at)
        shown.add_row(
            f"{clock_title(each.clock)} ({each.instance})", short(each.started_at), short(each.due), ended, _kept(each), _other(each)
        )
    return shown


def _kept(each: Kept) -> str:
    late = f"[red]{say('review.late_by', by=_length(each.late_seconds))}[/red]" if each.late_seconds else ""
    if each.stopped_because is not None:
        return ", ".join(part for part in (late, say("review.stopped")) if part)
    if late:
        return late
    if each.ended_at is None:
        return say("review.runs")
    early = int((each.due - each.ended_at).total_seconds())
    said = say("review.early", by=_length(early))
    return f"{said}, {say('clock.met_recorded_late')}" if each.recorded_late else said


def _length(seconds: int) -> str:
    """Whole days of 24 hours; below that whole hours, below that minutes."""
    days, hours, minutes = seconds // 86_400, seconds // 3_600, seconds // 60
    if days:
        return words.amount(days, "days", spoken())
    return words.amount(hours, "hours", spoken()) if hours else say("review.minutes", n=minutes)


def _other(each: Kept) -> str:
    if each.other_convention_due is None or each.other_convention_due == each.due:
        return "" if each.other_convention_due is not None else say("review.not_kept")
    late = each.in_time is True and each.in_time_by_other_convention is False
    return f"{short(each.other_convention_due)}{' ' + say('review.late_by_it') if late else ''}"


def _departures(made: Review, found: Replayed, with_words: bool) -> list[str]:
    return [_departure(each, found, with_words) for each in made.departures]


def _departure(each: Departure, found: Replayed, with_words: bool) -> str:
    about = things([each.about]) if each.what == "without" else clock_title(each.about)
    by = _length(each.late_seconds) if each.late_seconds else ""
    line = say(f"review.{each.what}", about=about, number=each.entry, at=short(each.at), by=by)
    if not each.reasons:
        return f"{line} [bold]{say('review.no_reason')}[/bold]"
    said = [found.naming.words(reason) if with_words else say("replay.words") for reason in each.reasons]
    return f"{line} {say('review.reason', words=escape('; '.join(said)))}"


def _drift(each: Drift) -> str:
    return say(
        f"review.{each.what}",
        number=each.number,
        about=_about(each),
        since="" if each.since is None else words.date(each.since, spoken()),
        entries=", ".join(_numbers(each)) or each.about,
    )


def _about(each: Drift) -> str:
    return words.category(each.about, spoken()) if each.what == "same_concern" else each.about


def _numbers(each: Drift) -> Iterator[str]:
    return (str(number) for number in each.entries)
