"""Calendar objects: what stands in them, what never does, and the same bytes for the same facts."""

import datetime as dt
import os
import subprocess
import sys
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from icalendar import Calendar
from pydantic import ValidationError

from correspondence.calendars.objects import WRITE, cancel, request
from procedures.times import LONDON
from schemas.calendars import Event, Method
from tests.correspondence.calendars.facts import HUW, MONDAY, events, unhurried


def only_event(written: bytes) -> Any:
    """The library's own reading, whose types are wider than its values."""
    (vevent,) = Calendar.from_ical(written).walk("VEVENT")
    return vevent


def lines(written: bytes) -> list[str]:
    return written.replace(b"\r\n ", b"").decode().split("\r\n")


@pytest.mark.parametrize("method", Method)
def test_both_objects_have_what_itip_asks_for(method: Method) -> None:
    said = lines(WRITE[method](MONDAY))
    assert f"METHOD:{method.value}" in said
    assert "ORGANIZER;CN=Siwrnai:mailto:cyfarfodydd@siwrnai.example" in said
    assert [line for line in said if line.startswith("ATTENDEE")] == {
        Method.request: [f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{HUW}"],
        Method.cancel: [f"ATTENDEE:mailto:{HUW}"],
    }[method]
    assert {"CLASS:CONFIDENTIAL", "SEQUENCE:0", f"UID:{MONDAY.uid}", "DTSTAMP:20270301T091500Z"} <= set(said)
    assert f"STATUS:{'CANCELLED' if method is Method.cancel else 'CONFIRMED'}" in said
    assert {"DTSTART;TZID=Europe/London:20270329T100000", "DTEND;TZID=Europe/London:20270329T123000"} <= set(said)


@pytest.mark.parametrize("method", Method)
def test_the_time_zone_is_two_rules_since_1970(method: Method) -> None:
    written = WRITE[method](MONDAY)
    assert written.count(b"BEGIN:VTIMEZONE") == 1
    assert written.count(b"RRULE:") == 2
    assert b"RDATE" not in written
    assert [line for line in lines(written) if line.startswith("DTSTART:")] == ["DTSTART:19700329T010000", "DTSTART:19701025T020000"]


def test_a_cancellation_says_no_more_than_which_meeting() -> None:
    assert not {name for name in ("DESCRIPTION", "LOCATION", "URL") if name in only_event(cancel(MONDAY))}


@pytest.mark.parametrize("method", Method)
def test_identical_facts_give_identical_bytes_in_another_process_too(method: Method) -> None:
    script = (
        "import sys; from correspondence.calendars.objects import WRITE; from schemas.calendars import Event, Method;"
        "sys.stdout.buffer.write(WRITE[Method(sys.argv[1])](Event.model_validate_json(sys.argv[2])))"
    )
    elsewhere = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script, method.value, MONDAY.model_dump_json()],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "1234", "TZ": "Asia/Tokyo"},
    )
    assert elsewhere.stdout == WRITE[method](MONDAY)


@unhurried
@given(events())
def test_what_goes_in_comes_out_of_the_library(event: Event) -> None:
    read = only_event(request(event))
    assert read.decoded("dtstart") == event.start
    assert read.decoded("dtend") == event.end
    assert read.decoded("dtstamp") == event.stamp
    assert (str(read["uid"]), read["sequence"], str(read["summary"])) == (event.uid, event.sequence, event.summary)
    assert str(read.get("description", "")) == event.description
    assert read.get("location") == event.location
    assert unquote(read["attendee"].removeprefix("mailto:")) == event.attendee
    assert unquote(read["organizer"].removeprefix("mailto:")) == event.organizer


@unhurried
@given(events())
def test_no_line_is_longer_than_the_standard_allows(event: Event) -> None:
    for method in Method:
        written = WRITE[method](event)
        assert max(len(line) for line in written.split(b"\r\n")) <= 75, "RFC 5545, 3.1"
        assert b"\n" not in written.replace(b"\r\n", b"")


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = dt.datetime(2027, 10, 31, 1, 30, tzinfo=LONDON)
    second = first.replace(fold=1)
    assert first.utcoffset() != second.utcoffset()
    for start in (first, second):
        event = MONDAY.model_copy(update={"start": start, "end": start.astimezone(dt.UTC) + dt.timedelta(hours=2)})
        assert only_event(request(event)).decoded("dtstart").astimezone(dt.UTC) == start.astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("end", MONDAY.start, "ends after its start"),
        ("end", MONDAY.start + dt.timedelta(days=2), "within a day"),
        ("start", dt.datetime(2027, 3, 29, 10), "timezone"),  # noqa: DTZ001
        ("start", MONDAY.start.replace(microsecond=5), "whole seconds"),
        ("stamp", MONDAY.start.astimezone(LONDON), "in UTC"),
        ("summary", "two\nlines", "pattern"),
        ("summary", "a bell \a", "printable"),
        ("description", "carriage\rreturn", "printable"),
        ("attendee", "Huw <huw@enghraifft.example>", "pattern"),
        ("attendee", "huw@enghraifft.example\nATTENDEE:mailto:x@y.example", "pattern"),
        ("uid", "with a blank", "pattern"),
        ("sequence", -1, "greater than or equal"),
        ("url", "http://siwrnai.example/m", "https"),
    ],
)
def test_what_no_calendar_could_hold_is_refused(field: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Event.model_validate(MONDAY.model_dump() | {field: value})
