"""What calendars answer is read; what is anything else is refused with its reason, quickly, and nothing else is raised."""

import base64
import datetime as dt
import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence.calendars.messages import build
from correspondence.calendars.refusals import ReplyRefused
from correspondence.calendars.replies import read_reply
from schemas.calendars import CalendarReply, Method, NotTaken, Partstat, Proposal
from tests.correspondence.calendars.answers import SERVER, calendar, mail, vevent
from tests.correspondence.calendars.facts import HUW, MONDAY, UID, instants, mailboxes, unhurried, words

NOW = dt.datetime(2027, 3, 2, 12, tzinfo=dt.UTC)
LONDON_TIMES = ("DTSTART;TZID=Europe/London:20270330T140000", "DTEND;TZID=Europe/London:20270330T150000")
QUICK = 2.0
"""Seconds in which any mail is read or refused, on a machine that does other things as well."""


def taken(raw: bytes, now: dt.datetime = NOW) -> CalendarReply:
    return read_reply(raw, now, {SERVER})


def refused(raw: bytes, now: dt.datetime = NOW) -> NotTaken:
    with pytest.raises(ReplyRefused) as refusal:
        read_reply(raw, now, {SERVER})
    return refusal.value.reason


def countered(*lines: str) -> bytes:
    return mail(calendar(vevent(*lines), method="COUNTER"), method="COUNTER")


def test_a_plain_answer() -> None:
    assert taken(mail(calendar())) == CalendarReply(
        uid=UID,
        sequence=0,
        stamp=dt.datetime(2027, 3, 2, 10, 11, 12, tzinfo=dt.UTC),
        attendee=HUW,
        partstat=Partstat.accepted,
        sender=HUW,
        authenticated=True,
    )


def test_the_example_of_the_standard() -> None:
    """RFC 5546, 4.2.2: a reply from 1997, with a status and no sequence needed."""
    example = calendar(
        "BEGIN:VEVENT",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@example.com",
        "ORGANIZER:mailto:a@example.com",
        "UID:calsrv.example.com-873970198738777@example.com",
        "SEQUENCE:0",
        "REQUEST-STATUS:2.0;Success",
        "DTSTAMP:19970612T190000Z",
        "END:VEVENT",
    )
    reply = taken(mail(example, sender="b@example.com"), dt.datetime(1997, 6, 13, tzinfo=dt.UTC))
    assert (reply.attendee, reply.partstat, reply.stamp.year) == ("b@example.com", Partstat.accepted, 1997)
    assert not reply.authenticated, "another domain was vouched for"


@pytest.mark.parametrize(
    "lines",
    [
        LONDON_TIMES,
        ("DTSTART;TZID=GMT Standard Time:20270330T140000", "DTEND;TZID=GMT Standard Time:20270330T150000"),
        ("DTSTART:20270330T130000Z", "DURATION:PT1H"),
        ('DTSTART;TZID="Europe/Paris":20270330T150000', "DTEND:20270330T140000Z"),
    ],
)
def test_another_time_proposed(lines: tuple[str, ...]) -> None:
    reply = taken(countered(*lines, "COMMENT:Mae hyn yn well\\, diolch"))
    start = dt.datetime(2027, 3, 30, 13, tzinfo=dt.UTC)
    assert reply.proposal == Proposal(start=start, end=start + dt.timedelta(hours=1))
    assert reply.comment == "Mae hyn yn well, diolch"


def test_another_time_may_come_without_an_answer_to_this_one() -> None:
    reply = taken(countered(*LONDON_TIMES).replace(b"PARTSTAT=ACCEPTED", b"PARTSTAT=NEEDS-ACTION"))
    assert reply.partstat is None
    assert reply.proposal


def test_time_zones_are_those_of_the_world_whatever_the_mail_says_of_them() -> None:
    bomb = ["BEGIN:STANDARD", "DTSTART:00010101T000000", "RRULE:FREQ=SECONDLY", "TZOFFSETFROM:+2359", "TZOFFSETTO:-2359", "END:STANDARD"]
    zone = ["BEGIN:VTIMEZONE", "TZID:Europe/London", *bomb, "END:VTIMEZONE"]
    for _ in range(2):
        reply = taken(mail(calendar(*zone, vevent(*LONDON_TIMES), method="COUNTER"), method="COUNTER"))
        assert reply.proposal
        assert reply.proposal.start == dt.datetime(2027, 3, 30, 13, tzinfo=dt.UTC)


def test_what_the_words_look_like_does_not_matter() -> None:
    reply = taken(mail(calendar(vevent("COMMENT:<script>alert(1)</script>\\n\u202etxt", "COMMENT;LANGUAGE=cy:Diolch"))))
    assert reply.comment == "<script>alert(1)</script>\ntxt\nDiolch"


def test_names_are_not_read_whatever_they_hold() -> None:
    named = f'ATTENDEE;CN="<img src=x onerror=alert(1)>";PARTSTAT=ACCEPTED:mailto:{HUW}'
    raw = mail(calendar(vevent(named, without="ATTENDEE")), sender=f'"<script>alert(1)</script>" <{HUW}>')
    assert taken(raw) == taken(mail(calendar()))


@pytest.mark.parametrize(
    ("shape", "partstat", "proposed"),
    [
        # As Exchange writes: its own zone since 1601, an empty comment, words of its own.
        (
            [
                "BEGIN:VTIMEZONE",
                "TZID:GMT Standard Time",
                *("BEGIN:STANDARD", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0000"),
                *("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD"),
                *("BEGIN:DAYLIGHT", "DTSTART:16010101T010000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0100"),
                *("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT"),
                "END:VTIMEZONE",
                "BEGIN:VEVENT",
                f"ATTENDEE;PARTSTAT=TENTATIVE;CN=Huw Bevan:mailto:{HUW}",
                "COMMENT;LANGUAGE=en-GB:\\n",
                f"UID:{UID}",
                "SUMMARY;LANGUAGE=en-GB:New Time Proposed: Siwrnai: cyfarfod / meeting",
                *("DTSTART;TZID=GMT Standard Time:20270330T140000", "DTEND;TZID=GMT Standard Time:20270330T150000"),
                *("CLASS:CONFIDENTIAL", "PRIORITY:5", "DTSTAMP:20270302T101112Z", "TRANSP:OPAQUE", "STATUS:CONFIRMED", "SEQUENCE:0"),
                *("X-MICROSOFT-CDO-APPT-SEQUENCE:0", "X-MS-OLK-ORIGINALSTART;TZID=GMT Standard Time:20270329T100000"),
                "END:VEVENT",
            ],
            Partstat.tentative,
            dt.datetime(2027, 3, 30, 13, tzinfo=dt.UTC),
        ),
        # As Google writes: an answer with the meeting's times in UTC, and an alarm of the person's own.
        (
            [
                "CALSCALE:GREGORIAN",
                "BEGIN:VEVENT",
                *("DTSTART:20270329T090000Z", "DTEND:20270329T113000Z", "DTSTAMP:20270302T101112Z", f"UID:{UID}"),
                f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN={HUW};X-NUM-GUESTS=0:mailto:{HUW}",
                *("CLASS:CONFIDENTIAL", "CREATED:20270301T091501Z", "DESCRIPTION:Dewch", "LAST-MODIFIED:20270302T101112Z", "SEQUENCE:0"),
                *("STATUS:CONFIRMED", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P0DT0H30M0S", "END:VALARM"),
                "END:VEVENT",
            ],
            Partstat.declined,
            None,
        ),
    ],
)
def test_answers_in_the_shape_of_well_known_calendars(shape: list[str], partstat: Partstat, proposed: dt.datetime | None) -> None:
    method = "COUNTER" if proposed else "REPLY"
    reply = taken(mail(calendar(*shape, method=method), method=method))
    assert (reply.uid, reply.partstat, reply.comment, reply.authenticated) == (UID, partstat, "", True)
    assert (reply.proposal.start if reply.proposal else None) == proposed


@unhurried
@given(
    partstat=st.sampled_from(Partstat),
    attendee=mailboxes,
    sequence=st.integers(0, 2**31 - 1),
    comment=words,
    encoded=st.booleans(),
    stamp=instants.filter(lambda at: at.year < 2027),
)
def test_what_a_calendar_says_comes_out(
    partstat: Partstat, attendee: str, sequence: int, comment: str, encoded: bool, stamp: dt.datetime
) -> None:
    escaped = comment.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = [
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee.replace('%', '%25')}",
        f"UID:{UID}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{stamp.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
        f"COMMENT:{escaped}",
    ]
    body = calendar("BEGIN:VEVENT", *lines, "END:VEVENT").encode()
    raw = mail(base64.encodebytes(body), encoding="base64") if encoded else mail(body)
    reply = taken(raw)
    assert (reply.partstat, reply.attendee, reply.sequence, reply.comment) == (partstat, attendee, sequence, comment.strip())
    assert reply.stamp == stamp


def test_who_sent_it_is_somebody_else() -> None:
    assert taken(mail(calendar())).authenticated
    assert not taken(mail(calendar(), headers=())).authenticated
    assistant = taken(mail(calendar(), sender="siwan@enghraifft.example"))
    assert (assistant.attendee, assistant.sender, assistant.authenticated) == (HUW, "siwan@enghraifft.example", True)


REFUSED: dict[str, tuple[bytes, NotTaken]] = {
    "nothing": (b"", NotTaken.no_calendar),
    "words only": (b"From: a@b.example\r\n\r\nI accept", NotTaken.no_calendar),
    "an html page": (mail("<html><body>Accepted</body></html>", kind="text/html", method=None), NotTaken.no_calendar),
    "html said to be a calendar": (mail("<html>BEGIN:VCALENDAR</html>"), NotTaken.unreadable),
    "a bounce": (b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" + mail(calendar()), NotTaken.mail_within_mail),
    "no sender": (mail(calendar()).replace(b"From:", b"X-From:"), NotTaken.no_sender),
    "two senders": (mail(calendar(), sender=f"{HUW}\r\nFrom: b@c.example"), NotTaken.no_sender),
    "a list of senders": (mail(calendar(), sender=f"{HUW}, b@c.example"), NotTaken.no_sender),
    "a name that is an address": (mail(calendar(), sender=f"{HUW} <b@c.example>"), NotTaken.no_sender),
    "two different objects": (
        mail(calendar() + "\r\n--b1\r\nContent-Type: text/calendar\r\n\r\n" + calendar(vevent("COMMENT:x"))),
        NotTaken.several_calendars,
    ),
    "two calendars in one": (mail(calendar() + calendar()), NotTaken.several_calendars),
    "our own invitation": (build(Method.request, MONDAY, "i-1"), NotTaken.of_an_organiser),
    "our own cancellation": (build(Method.cancel, MONDAY, "i-1"), NotTaken.of_an_organiser),
    "another time is declined": (mail(calendar(method="DECLINECOUNTER"), method="DECLINECOUNTER"), NotTaken.of_an_organiser),
    "asked to be sent again": (mail(calendar(method="REFRESH"), method="REFRESH"), NotTaken.asks_again),
    "a method of nobody": (mail(calendar(method="ACCEPT"), method="ACCEPT"), NotTaken.wrong_method),
    "no method": (mail(calendar().replace("METHOD:", "X-METHOD:"), method=None), NotTaken.missing_property),
    "another method outside": (mail(calendar(), method="COUNTER"), NotTaken.method_mismatch),
    "two events": (mail(calendar(vevent(), vevent())), NotTaken.not_one_event),
    "an event in an event": (mail(calendar(vevent(vevent()))), NotTaken.not_one_event),
    "no event": (mail(calendar("X-NOTHING:1")), NotTaken.not_one_event),
    "a task beside it": (mail(calendar(vevent(), "BEGIN:VTODO", "UID:x", "END:VTODO")), NotTaken.not_one_event),
    "no attendee": (mail(calendar(vevent(without="ATTENDEE"))), NotTaken.not_one_attendee),
    "two attendees": (mail(calendar(vevent("ATTENDEE;PARTSTAT=DECLINED:mailto:b@c.example"))), NotTaken.not_one_attendee),
    "an attendee by telephone": (mail(calendar(vevent("ATTENDEE;PARTSTAT=ACCEPTED:tel:+44", without="ATTENDEE"))), NotTaken.bad_value),
    "an attendee without a domain": (mail(calendar(vevent("ATTENDEE;PARTSTAT=ACCEPTED:mailto:b", without="ATTENDEE"))), NotTaken.bad_value),
    "no answer": (mail(calendar().replace("ACCEPTED", "NEEDS-ACTION")), NotTaken.no_answer),
    "passed to another": (mail(calendar().replace("ACCEPTED", "DELEGATED")), NotTaken.no_answer),
    "no uid": (mail(calendar(vevent(without="UID"))), NotTaken.missing_property),
    "two uids": (mail(calendar(vevent("UID:another"))), NotTaken.repeated_property),
    "an endless uid": (mail(calendar(vevent("UID:" + "x" * 300, without="UID"))), NotTaken.bad_value),
    "no stamp": (mail(calendar(vevent(without="DTSTAMP"))), NotTaken.missing_property),
    "a floating stamp": (mail(calendar(vevent("DTSTAMP:20270302T101112", without="DTSTAMP"))), NotTaken.floating_time),
    "a stamp of tomorrow week": (mail(calendar(vevent("DTSTAMP:20270309T101112Z", without="DTSTAMP"))), NotTaken.absurd_date),
    "a stamp in month 13": (mail(calendar(vevent("DTSTAMP:20271309T101112Z", without="DTSTAMP"))), NotTaken.bad_value),
    "a stamp before all": (mail(calendar(vevent("DTSTAMP:00010101T000000Z", without="DTSTAMP"))), NotTaken.bad_value),
    "a sequence below zero": (mail(calendar(vevent("SEQUENCE:-1", without="SEQUENCE"))), NotTaken.bad_value),
    "a sequence beyond all": (mail(calendar(vevent("SEQUENCE:9999999999", without="SEQUENCE"))), NotTaken.bad_value),
    "a rule": (mail(calendar(vevent("RRULE:FREQ=SECONDLY;COUNT=999999999"))), NotTaken.recurring),
    "dates without end": (mail(calendar(vevent("RDATE:" + ",".join(["20270101T000000Z"] * 400)))), NotTaken.recurring),
    "one of a series": (mail(calendar(vevent("RECURRENCE-ID:20270101T000000Z"))), NotTaken.recurring),
    "no time proposed": (countered(), NotTaken.missing_property),
    "a floating proposal": (countered("DTSTART:20270330T140000", "DTEND:20270330T150000"), NotTaken.floating_time),
    "a whole day proposed": (countered("DTSTART;VALUE=DATE:20270330", "DTEND;VALUE=DATE:20270331"), NotTaken.bad_value),
    "a zone of their own": (countered("DTSTART;TZID=My Zone:20270330T140000", "DURATION:PT1H"), NotTaken.unknown_time_zone),
    "a zone that is a file": (countered("DTSTART;TZID=../../../etc/passwd:20270330T140000", "DURATION:PT1H"), NotTaken.unknown_time_zone),
    "a time that has gone": (countered("DTSTART:20260330T140000Z", "DURATION:PT1H"), NotTaken.absurd_date),
    "a time in another age": (countered("DTSTART:21970330T140000Z", "DURATION:PT1H"), NotTaken.absurd_date),
    "the first hour of all": (countered("DTSTART;TZID=Asia/Tokyo:00010101T000000", "DURATION:PT1H"), NotTaken.absurd_date),
    "an end before the start": (countered("DTSTART:20270330T140000Z", "DTEND:20270330T130000Z"), NotTaken.bad_value),
    "a meeting of years": (countered("DTSTART:20270330T140000Z", "DURATION:P999999999999999W"), NotTaken.bad_value),
    "no duration": (countered("DTSTART:20270330T140000Z", "DURATION:long"), NotTaken.bad_value),
    "another alphabet": (mail(calendar().encode("utf-16"), kind="text/calendar; charset=utf-16"), NotTaken.wrong_encoding),
    "an unknown alphabet": (mail(calendar(), kind="text/calendar; charset=x-klingon"), NotTaken.wrong_encoding),
    "not the alphabet that it says": (mail(calendar(vevent("COMMENT:tŷ")).encode("utf-8")[:-3] + b"\xff"), NotTaken.wrong_encoding),
    "an encoding of long ago": (mail(calendar(), encoding="x-uuencode"), NotTaken.wrong_encoding),
    "not base64": (mail("!!!", encoding="base64"), NotTaken.unreadable),
    "a method in pieces": (mail(calendar(), method=None, kind="text/calendar; method*=utf-8''REPLY"), NotTaken.wrong_encoding),
    "a zero byte": (mail(calendar(vevent("COMMENT:\0"))), NotTaken.unreadable),
    "an end without a beginning": (mail("END:VCALENDAR\r\n"), NotTaken.unreadable),
    "a beginning without an end": (mail("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"), NotTaken.unreadable),
    "ends crossed": (mail("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n"), NotTaken.unreadable),
    "a broken line": (mail(calendar(vevent("SEQUENCE;=;=:0", without="SEQUENCE"))), NotTaken.unreadable),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_and_why(name: str) -> None:
    raw, reason = REFUSED[name]
    assert refused(raw) is reason


def deep(levels: int) -> str:
    return "".join(f"BEGIN:X{n}\r\n" for n in range(levels)) + "".join(f"END:X{n}\r\n" for n in reversed(range(levels)))


def nested_parts(levels: int) -> bytes:
    return b"From: a@b.example\r\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(levels)
    )


MIB = 1024 * 1024
COSTLY: dict[str, tuple[Callable[[], bytes], NotTaken | None]] = {
    "a mail without measure": (lambda: b"x" * (MIB + 1), NotTaken.too_large),
    "an object without measure": (lambda: mail(calendar(*["X-A:" + "b" * 70] * 1_000)), NotTaken.too_large),
    "empty lines": (lambda: b"From: a@b.example\r\n\r\n" + b"\r" * (MIB - 100), NotTaken.too_complex),
    "lines that go on": (lambda: mail(calendar(vevent("COMMENT:" + "\r\n x" * 15_000))), NotTaken.too_complex),
    "one long line": (lambda: mail(calendar(vevent("COMMENT:" + "\\n" * 30_000))), NotTaken.too_complex),
    "parts": (
        lambda: b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 9_000,
        NotTaken.too_complex,
    ),
    "parts in parts": (lambda: nested_parts(3_000), NotTaken.too_complex),
    "parts in some parts": (lambda: nested_parts(40), NotTaken.too_complex),
    "mails in mails": (lambda: b"Content-Type: message/rfc822\r\n\r\n" * 9_000, NotTaken.mail_within_mail),
    "status of deliveries": (
        lambda: b"From: a@b.example\r\nContent-Type: message/delivery-status\r\n\r\n" + b"\n" * 19_000,
        NotTaken.mail_within_mail,
    ),
    "headers": (lambda: b"X: y\r\n" * 19_000 * 2, NotTaken.too_complex),
    "one header": (lambda: b"From: " + b'"' * 900_000 + b"\r\n\r\n", NotTaken.too_complex),
    "a header of brackets": (lambda: mail(calendar(), headers=("Authentication-Results: " + "(" * 60_000,)), None),
    "a sender of quotes": (lambda: mail(calendar(), sender='"\\' * 400 + f" <{HUW}>"), NotTaken.no_sender),
    "a type of parameters": (lambda: mail(calendar(), kind="text/calendar" + ";a=b" * 200_000), NotTaken.too_complex),
    "a type of open quotes": (lambda: mail(calendar(), kind='text/calendar;a="' + ";" * 900_000), NotTaken.too_complex),
    "a type of escaped quotes": (lambda: mail(calendar(), kind="text/calendar" + ';a="\\"' * 10_000), NotTaken.too_complex),
    "a type in pieces": (
        lambda: mail(calendar(), kind="text/calendar" + "".join(f";\r\n a*{n}*=x" for n in range(10_000))),
        NotTaken.too_complex,
    ),
    "a top type of open quotes": (
        lambda: b'From: a@b.example\r\nContent-Type: multipart/mixed;a="' + b";" * 100_000 + b"\r\n\r\n",
        NotTaken.too_complex,
    ),
    "many types of open quotes": (
        lambda: mail(calendar() + ('\r\n--b1\r\nContent-Type: text/calendar;a="' + ";" * 1_900 + "\r\n\r\nx") * 90),
        NotTaken.several_calendars,
    ),
    "a boundary without end": (
        lambda: b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b" + b" " * 9_000 + b"x\r\n") * 95,
        NotTaken.no_calendar,
    ),
    "a sender of pieces": (lambda: mail(calendar(), sender="=?utf-8?q?" + "=20" * 30_000 + f"?= <{HUW}>"), NotTaken.no_sender),
    "many who vouch": (lambda: mail(calendar(), headers=(f"Authentication-Results: {SERVER}; " + "dkim=pass header.d=a;" * 5_000,)), None),
    "components": (lambda: mail(calendar(vevent(), *["BEGIN:X\r\nEND:X"] * 300)), NotTaken.too_complex),
    "components in components": (lambda: mail(calendar(vevent(), deep(500).strip())), NotTaken.too_complex),
    "properties": (lambda: mail(calendar(vevent(*["COMMENT:x"] * 1_900))), None),
    "components in some components": (lambda: mail(calendar(vevent(), deep(5).strip())), NotTaken.too_complex),
    "short lines": (lambda: mail(calendar(vevent(*["X:"] * 2_000))), NotTaken.too_complex),
    "parameters": (lambda: mail(calendar(vevent("COMMENT" + ';A="b"' * 1_300 + ":x"))), None),
    "blanks": (lambda: mail(calendar(vevent("COMMENT;A=b" + " " * 8_000 + ":x"))), None),
    "quotes": (lambda: mail(calendar(vevent('COMMENT;A="' + '"' * 8_000 + ":x"))), NotTaken.unreadable),
    "all the object it may have": (lambda: mail(calendar(vevent(*["COMMENT:" + "x" * 8_000] * 8))), None),
    "all the mail it may have": (lambda: mail(calendar(), headers=("X: " + "y" * 100_000,)) + b"z" * 800_000, None),
}


@pytest.mark.parametrize("name", COSTLY)
def test_nothing_takes_long(name: str) -> None:
    make, reason = COSTLY[name]
    raw = make()
    started = time.process_time()
    if reason is None:
        only_refuses(raw)
    else:
        assert refused(raw) is reason
    assert time.process_time() - started < QUICK


def test_every_reason_is_given_somewhere() -> None:
    given_here = {reason for _, reason in REFUSED.values()} | {reason for _, reason in COSTLY.values()}
    assert given_here - {None} == set(NotTaken)


def only_refuses(raw: bytes) -> None:
    try:
        taken(raw)
    except ReplyRefused as refusal:
        assert refusal.reason in NotTaken


@unhurried
@given(st.binary(max_size=2_000))
def test_any_bytes_are_refused_and_nothing_else(raw: bytes) -> None:
    only_refuses(raw)
    only_refuses(mail(raw))
    only_refuses(mail(raw, encoding="base64"))


@unhurried
@given(
    st.lists(st.sampled_from([*calendar(vevent(*LONDON_TIMES)).split("\r\n"), "BEGIN:VALARM", "END:VALARM", ";", ":", " x"]), max_size=30)
)
def test_any_order_of_lines_is_refused_or_read(lines: list[str]) -> None:
    only_refuses(mail("\r\n".join(lines)))


@unhurried
@given(st.integers(0, 2**32 - 1))
def test_a_mail_damaged_anywhere_is_refused_or_read(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    raw = bytearray(countered(*LONDON_TIMES))
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(raw))
        raw[at : at + chance.randrange(3)] = chance.choice([b"", b"\x00", b"\xff", b"\r\n", b'"', b":", b";", b"=?x?b?", b"(", raw[:40]])
    only_refuses(bytes(raw))


def test_a_refusal_repeats_nothing_of_the_mail() -> None:
    with pytest.raises(ReplyRefused) as refusal:
        taken(mail(calendar(vevent("UID:the name of somebody"))))
    assert str(refusal.value) == "repeated_property"
    assert refusal.value.__cause__ is None
