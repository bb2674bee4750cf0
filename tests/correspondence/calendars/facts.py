"""Meetings for the tests of calendars: one that is written out, and any that there may be."""

import datetime as dt

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from schemas.calendars import Event

HUW = "huw.bevan@enghraifft.example"
ORGANIZER = "cyfarfodydd@siwrnai.example"
UID = "m-5c1e0f2a@siwrnai.example"
STAMP = dt.datetime(2027, 3, 1, 9, 15, tzinfo=dt.UTC)

MONDAY = Event(
    uid=UID,
    sequence=0,
    stamp=STAMP,
    start=dt.datetime(2027, 3, 29, 9, tzinfo=dt.UTC),
    end=dt.datetime(2027, 3, 29, 11, 30, tzinfo=dt.UTC),
    summary="Siwrnai: cyfarfod / meeting",
    description="Dewch â'ch adroddiad; bring your report.\nMae'r cofnod y tu ôl i fewngofnodi.",
    location="Swyddfa'r sir, ystafell 1",
    url="https://siwrnai.example/m/5c1e0f2a",  # pyright: ignore[reportArgumentType]
    organizer=ORGANIZER,
    attendee=HUW,
)
"""10:00 to 12:30 on the Monday after the clocks have gone forward."""

instants = st.datetimes(
    min_value=dt.datetime(1996, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone.
    max_value=dt.datetime(2190, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=1)), dt.timezone(dt.timedelta(hours=-7))]),
).map(lambda at: at.replace(microsecond=0))

words = st.text(st.sampled_from("abcXYZ019 ,;:\\\"'=<>&%ŵŷâ€日🙂"), max_size=120)
mailboxes = st.builds(
    "{}@{}.{}".format,
    st.text(st.sampled_from("abZ09!#$%&'*+/=?^_`{|}~-"), min_size=1, max_size=30),
    st.text(st.sampled_from("az09"), min_size=1, max_size=20),
    st.sampled_from(["example", "cymru"]),
)
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
"""Other things run on the machine that tests run on."""


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any meeting that the model lets through."""
    start = draw(instants)
    return Event(
        uid=draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)),
        sequence=draw(st.integers(0, 2**31 - 1)),
        stamp=draw(instants).astimezone(dt.UTC),
        start=start,
        end=start
        + draw(
            st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=1)).map(lambda d: dt.timedelta(seconds=d // dt.timedelta(seconds=1)))
        ),
        summary=draw(words.filter(str.strip)),
        description="\n".join(draw(st.lists(words, max_size=5))),
        location=draw(st.none() | words.filter(str.strip)),
        organizer=draw(mailboxes),
        attendee=draw(mailboxes),
    )
