"""An instant that is shown can be copied, and loses nothing of its minute."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.audit_show import _exactly  # pyright: ignore[reportPrivateUsage]
from console.endings import Mistake
from console.instants import through
from console.language import choose
from console.showing import moment, short

EARLY, LATE = (dt.datetime.fromisoformat(f"{year}-01-01") for year in (2020, 2030))


@pytest.fixture(autouse=True)
def in_english() -> None:
    choose("en")


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("2026-11-23 10:05", "2026-11-23T10:05:59.999999+00:00"),
        ("2026-07-01 10:05", "2026-07-01T09:05:59.999999+00:00"),
        ("2026-07-01T10:05Z", "2026-07-01T10:05:59.999999+00:00"),
        ("2026-11-23T10:05:30+00:00", "2026-11-23T10:05:30.999999+00:00"),
        ("2026-11-23T10:05:30.25+00:00", "2026-11-23T10:05:30.250000+00:00"),
        ("2026-07-01", "2026-07-01T22:59:59.999999+00:00"),
        ("2026-10-25 00:59", "2026-10-24T23:59:59.999999+00:00"),
        ("2026-10-25 01:30+01:00", "2026-10-25T00:30:59.999999+00:00"),
        ("2026-10-25 01:30+00:00", "2026-10-25T01:30:59.999999+00:00"),
        ("2026-10-25 02:00", "2026-10-25T02:00:59.999999+00:00"),
        ("2026-10-25", "2026-10-25T23:59:59.999999+00:00"),
    ],
)
def test_a_minute_means_its_end_on_the_clock_of_wales(given: str, means: str) -> None:
    assert through("--at", given) == dt.datetime.fromisoformat(means)


def test_an_hour_that_came_twice_is_asked_for_and_shown_with_its_offset() -> None:
    with pytest.raises(Mistake, match=r"twice.*2026-10-25 01:30\+01:00.*2026-10-25 01:30\+00:00"):
        through("--at", "2026-10-25 01:30")
    first, second = (dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC) for hour in (0, 1))
    assert (short(first), short(second)) == ("2026-10-25 01:30+01:00", "2026-10-25 01:30+00:00")
    assert (moment(first)[-8:], moment(second)[-8:]) == ("(+01:00)", "(+00:00)")
    assert short(first - dt.timedelta(hours=1)) == "2026-10-25 00:30"


def test_the_heading_says_it_in_words_and_as_it_is_read_again() -> None:
    for shown in ("2026-11-23 10:05", "2026-11-23 10:05:07", "2026-10-25 01:30:07+01:00", "2026-10-25 01:30+00:00"):
        said = _exactly(through("--at", shown))
        assert said.endswith(f" [{shown}]")
    assert said.startswith("Sunday 25 October 2026 at 01:30 (+00:00) ")


def test_an_hour_that_never_came_is_said() -> None:
    with pytest.raises(Mistake, match="never was 2027-03-28 01:30"):
        through("--at", "2027-03-28 01:30")


@pytest.mark.parametrize(
    "wrong",
    ["yesterday", "2026-13-01 10:00", "2026-11-23 25:00", "1234", "0001-01-01", "2026-11-23 10:05:", "2026-11-23 12:00.5", "2026-02-30"],
)
def test_what_is_no_instant_is_refused(wrong: str) -> None:
    with pytest.raises(Mistake, match="2026-11-23 10:05"):
        through("--at", wrong)


@given(st.datetimes(EARLY, LATE, timezones=st.just(dt.UTC)))
def test_whatever_is_shown_holds_what_happened_in_that_minute(instant: dt.datetime) -> None:
    again = through("--at", short(instant))
    assert instant <= again < instant + dt.timedelta(minutes=1)
