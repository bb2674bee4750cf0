"""What programs that are not ours make of the service's calendar objects: the same meeting, at the same hour, without complaint."""

import datetime as dt
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from icalendar import Calendar

from correspondence.calendars.objects import WRITE, cancel, request
from correspondence.calendars.replies import read_reply
from procedures.replies import Decision, decide
from procedures.times import LONDON
from schemas.calendars import CalendarReply, Event, Method, Partstat, Proposal, Sent, Verdict
from tests.correspondence.calendars.answers import SERVER, mail
from tests.correspondence.calendars.facts import MONDAY, events
from tests.correspondence.calendars.judges import tools

YEARS = range(2026, 2032)


def last_sunday(year: int, month: int) -> dt.date:
    day = dt.date(year, month, 31)
    return day - dt.timedelta(days=(day.weekday() + 1) % 7)


def at_ten(day: dt.date) -> Event:
    start = dt.datetime.combine(day, dt.time(10), LONDON)
    return MONDAY.model_copy(update={"start": start, "end": start + dt.timedelta(hours=1)})


def mondays() -> dict[str, Event]:
    """10:00 on the last Monday before the clocks change and the first after, for years."""
    sundays = [last_sunday(year, month) for year in YEARS for month in (3, 10)]
    return {f"monday-{day}": at_ten(day) for sunday in sundays for day in (sunday - dt.timedelta(days=6), sunday + dt.timedelta(days=1))}


def twice() -> dict[str, Event]:
    """01:30 on the night in which that time comes twice, once and again."""
    first = dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)
    starts = {"first": first, "second": first + dt.timedelta(hours=1)}
    return {f"twice-{name}": MONDAY.model_copy(update={"start": at, "end": at + dt.timedelta(hours=2)}) for name, at in starts.items()}


def any_meetings(number: int) -> dict[str, Event]:
    drawn: list[Event] = []

    @settings(max_examples=number, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
    @given(events())
    def draw(event: Event) -> None:
        drawn.append(event)

    draw()
    return {f"any-{n}": event for n, event in enumerate(drawn)}


EVENTS = {"monday": MONDAY, **mondays(), **twice(), **any_meetings(20)}
BROKEN = {
    "no-organizer": request(MONDAY).replace(b"ORGANIZER;", b"X-ORGANIZER;"),
    "no-stamp": cancel(MONDAY).replace(b"DTSTAMP:", b"X-DTSTAMP:"),
    "two-uids": request(MONDAY).replace(b"UID:", b"UID:another\r\nUID:"),
}


OBJECTS = {f"{name}.{method}.ics": (event, method) for name, event in EVENTS.items() for method in Method}
WRITTEN = {name: WRITE[method](event) for name, (event, method) in OBJECTS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str, testrun_uid: str) -> Path:
    """One for all test processes of this run."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / f"judged-{testrun_uid}"


@pytest.fixture(scope="module")
def node(folder: Path) -> dict[str, dict[str, Any]]:
    return tools.by_node(folder / "node", WRITTEN)


@pytest.fixture(scope="module")
def java(folder: Path) -> tools.Answers:
    return tools.by_java(folder / "java", WRITTEN | {f"{name}.ics": broken for name, broken in BROKEN.items()})


def mailto(mailbox: str) -> str:
    return "mailto:" + quote(mailbox, safe="@!$&'*+-=_~.")


def test_ical_js_reads_every_object_as_it_was_meant(node: dict[str, dict[str, Any]]) -> None:
    for name, (event, method) in OBJECTS.items():
        says, invites = node[name], method is Method.request
        assert says["method"] == method.value
        assert (says["events"], says["uid"], says["sequence"], says["summary"]) == (1, event.uid, event.sequence, event.summary)
        assert says["status"] == ("CONFIRMED" if invites else "CANCELLED")
        assert says["organizer"] == mailto(event.organizer)
        assert says["attendees"] == [mailto(event.attendee)]
        assert says["partstat"] == ["NEEDS-ACTION" if invites else None]
        assert (says["description"] or "") == (event.description if invites else "")
        assert says["location"] == (event.location if invites else None)
        assert (says["start"], says["end"]) == (event.start.timestamp(), event.end.timestamp()), name


def test_ical4j_finds_no_fault_with_any_object_and_reads_the_same_instants(java: tools.Answers) -> None:
    for name, (event, _) in OBJECTS.items():
        says = java.read[name]
        assert says.faults == "", name
        assert (says.start, says.end) == (event.start.timestamp(), event.end.timestamp()), name


def test_ical4j_does_find_faults_where_there_are_some(java: tools.Answers) -> None:
    assert {name: bool(java.read[f"{name}.ics"].faults) for name in BROKEN} == dict.fromkeys(BROKEN, True)


def test_ten_on_a_monday_stays_ten_when_the_clocks_have_changed(node: dict[str, dict[str, Any]], java: tools.Answers) -> None:
    offsets: set[dt.timedelta | None] = set()
    for name, event in mondays().items():
        object_name = f"{name}.REQUEST.ics"
        expected = f"{event.start.date()}T10:00:00"
        (ours,) = Calendar.from_ical(request(event)).events
        assert ours.start == event.start
        assert f"{ours.start:%Y-%m-%dT%H:%M:%S}" == expected
        assert node[object_name]["wall"] == expected
        assert java.read[object_name].wall == expected
        offsets.add(event.start.utcoffset())
    assert len(offsets) == 2, "summer and winter"


def answer(java: tools.Answers, name: str, kind: str, event: Event) -> CalendarReply:
    method = "COUNTER" if kind == "COUNTER" else "REPLY"
    vouched = f"Authentication-Results: {SERVER}; dmarc=pass header.from={event.attendee.rpartition('@')[2]}"
    # ical4j stamps by this machine's clock, which for most of these meetings is years away.
    written = re.sub(rb"DTSTAMP:\w+", f"DTSTAMP:{event.start.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}".encode(), java.answers[name, kind])
    return read_reply(mail(written, method=method, sender=event.attendee, headers=(vouched,)), event.start, {SERVER})


def sent(event: Event) -> Sent:
    return Sent(uid=event.uid, sequence=event.sequence, stamp=event.start.astimezone(dt.UTC), attendee=event.attendee)


def test_what_ical4j_answers_is_what_the_service_reads(java: tools.Answers) -> None:
    for name, (event, method) in OBJECTS.items():
        if method is Method.cancel:
            assert (name, "ACCEPTED") not in java.answers
            continue
        for partstat in Partstat:
            reply = answer(java, name, partstat.value, event)
            assert (reply.uid, reply.sequence, reply.partstat, reply.proposal) == (event.uid, event.sequence, partstat, None)
            assert decide(reply, sent(event)) == Decision(Verdict.taken), name
        counter = answer(java, name, "COUNTER", event)
        later = dt.timedelta(hours=2)
        assert counter.proposal == Proposal(start=event.start + later, end=event.end + later), name
        assert counter.partstat is Partstat.tentative
        assert decide(counter, sent(event)) == Decision(Verdict.taken), name


def test_a_judge_that_is_not_here_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(tools.Missing, match=r"^Calendar objects are judged by programs that need Node 20 .*apt-get install nodejs\)\.$"):
        tools.by_node(tmp_path, {})
    with pytest.raises(
        tools.Missing, match=r"^Calendar objects are judged by programs that need a Java .*apt-get install default-jdk-headless\)\.$"
    ):
        tools.by_java(tmp_path, {})
