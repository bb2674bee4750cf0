"""Which answers of calendars count, which wait for a person, and which change nothing."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.replies import DOUBTS, SET_ASIDE, SLOW_CLOCK, Decision, decide, decide_of_family
from schemas.calendars import CalendarAnswer, CalendarReply, Doubt, Method, Partstat, Proposal, Sent, Verdict

HUW = "huw.bevan@enghraifft.example"
SIWAN = "siwan@enghraifft.example"
SENT_AT = dt.datetime(2027, 3, 1, 9, 15, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)

SENT = Sent(uid="m-1", sequence=2, stamp=SENT_AT, attendee=HUW)
REPLY = CalendarReply(
    **CalendarAnswer(sequence=2, stamp=SENT_AT + 10 * MINUTE, partstat=Partstat.accepted).model_dump(),
    uid="m-1",
    attendee=HUW,
    sender=HUW,
    authenticated=True,
)
TUESDAY = Proposal(start=SENT_AT + dt.timedelta(days=8), end=SENT_AT + dt.timedelta(days=8, hours=1))


def reply(**changes: Any) -> CalendarReply:
    return CalendarReply.model_validate(REPLY.model_dump() | changes)


def sent(**changes: Any) -> Sent:
    return Sent.model_validate(SENT.model_dump() | changes)


def answered(partstat: Partstat | None, minutes: int, sequence: int = 2, proposal: Proposal | None = None) -> CalendarAnswer:
    return CalendarAnswer(sequence=sequence, stamp=SENT_AT + minutes * MINUTE, partstat=partstat, proposal=proposal)


CASES: dict[str, tuple[CalendarReply, Sent | None, Verdict]] = {
    "a first answer": (REPLY, SENT, Verdict.taken),
    "a later answer": (REPLY, sent(last=answered(Partstat.declined, 5)), Verdict.taken),
    "the same answer given anew": (REPLY, sent(last=answered(Partstat.accepted, 5)), Verdict.taken),
    "an answer to a change, after one to what it was before": (REPLY, sent(last=answered(Partstat.accepted, 5, sequence=1)), Verdict.taken),
    # A clock that is fast before the change must not outrank the answer to the change.
    "an answer to a change, stamped before one to what it was before": (
        REPLY,
        sent(last=answered(Partstat.declined, 90, sequence=1)),
        Verdict.taken,
    ),
    "another time proposed": (reply(partstat=Partstat.tentative, proposal=TUESDAY), SENT, Verdict.taken),
    "an address in capitals": (reply(attendee=HUW.upper(), sender=HUW.title()), SENT, Verdict.taken),
    "made when it was sent": (reply(stamp=SENT_AT), SENT, Verdict.taken),
    "made by a slow clock": (reply(stamp=SENT_AT - SLOW_CLOCK), SENT, Verdict.taken),
    "delivered twice": (REPLY, sent(last=answered(Partstat.accepted, 10)), Verdict.doubled),
    "another time, delivered twice": (
        reply(partstat=None, proposal=TUESDAY),
        sent(last=answered(None, 10, proposal=TUESDAY)),
        Verdict.doubled,
    ),
    "delivered after a later one": (REPLY, sent(last=answered(Partstat.declined, 11)), Verdict.stale),
    "the meeting has been changed": (reply(sequence=1), SENT, Verdict.stale),
    "the meeting has been cancelled": (REPLY, sent(method=Method.cancel), Verdict.stale),
    "nothing was sent": (REPLY, None, Verdict.unknown_meeting),
    "another meeting": (reply(uid="M-1"), SENT, Verdict.unknown_meeting),
    "passed on to somebody": (reply(attendee=SIWAN, sender=SIWAN), SENT, Verdict.stranger),
    "a stranger who is late too": (reply(attendee=SIWAN, sender=SIWAN, sequence=0), SENT, Verdict.stranger),
}


@pytest.mark.parametrize("name", CASES)
def test_what_an_answer_comes_to(name: str) -> None:
    given_reply, last_sent, verdict = CASES[name]
    assert decide(given_reply, last_sent) == Decision(verdict)


@pytest.mark.parametrize(
    ("doubtful", "last_sent", "doubts"),
    [
        (reply(authenticated=False), SENT, {Doubt.not_authenticated}),
        (reply(sender=SIWAN), SENT, {Doubt.another_sender}),
        (reply(sender=SIWAN, authenticated=False), SENT, {Doubt.another_sender, Doubt.not_authenticated}),
        (reply(attendee="h.bevan@sir.example"), SENT, {Doubt.another_address}),
        (reply(sequence=3), SENT, {Doubt.revision_not_sent}),
        (reply(stamp=SENT_AT - SLOW_CLOCK - MINUTE), SENT, {Doubt.before_it_was_sent}),
        (REPLY, sent(last=answered(Partstat.declined, 10)), {Doubt.contradicts_the_last}),
        (REPLY, sent(last=answered(Partstat.accepted, 10, proposal=TUESDAY)), {Doubt.contradicts_the_last}),
    ],
)
def test_what_waits_for_a_person_and_why(doubtful: CalendarReply, last_sent: Sent, doubts: set[Doubt]) -> None:
    decision = decide(doubtful, last_sent)
    assert (decision.verdict, set(decision.doubts)) == (Verdict.to_be_confirmed, doubts)


def test_every_verdict_and_every_doubt_is_reached_by_data() -> None:
    assert {verdict for *_, verdict in CASES.values()} | {Verdict.to_be_confirmed} == set(Verdict)
    assert set(SET_ASIDE) | {Verdict.taken, Verdict.to_be_confirmed, Verdict.unknown_meeting} == set(Verdict)
    assert {*DOUBTS, Doubt.mailbox_not_known} == set(Doubt)


answers = st.builds(
    answered,
    st.sampled_from(Partstat),
    st.integers(-3_000, 3_000),
    st.integers(0, 4),
    st.none() | st.just(TUESDAY),
)


@given(
    answers,
    st.none() | answers,
    st.sampled_from([HUW, SIWAN]),
    st.sampled_from([HUW, SIWAN]),
    st.booleans(),
    st.sampled_from(Method),
)
def test_only_a_proven_answer_of_the_person_to_what_was_sent_last_counts_at_once(
    answer: CalendarAnswer, last: CalendarAnswer | None, attendee: str, sender: str, authenticated: bool, method: Method
) -> None:
    last_sent = sent(last=last, method=method)
    doubtful = reply(**answer.model_dump(), attendee=attendee, sender=sender, authenticated=authenticated)
    decision = decide(doubtful, last_sent)
    assert bool(decision.doubts) == (decision.verdict is Verdict.to_be_confirmed)
    if decision.verdict is Verdict.taken:
        assert (attendee, sender, authenticated, answer.sequence, method) == (HUW, HUW, True, 2, Method.request)
        assert last is None or (last.sequence, last.stamp) < (answer.sequence, answer.stamp)
        # Once it counts, it counts once.
        now_sent = sent(last=CalendarAnswer(**answer.model_dump()), method=method)
        assert decide(doubtful, now_sent) == Decision(Verdict.doubled)


def test_an_answer_to_an_object_that_told_of_the_same_time_counts() -> None:
    elsewhere = sent(sequence=3, since=1)
    for sequence, verdict in ((0, Verdict.stale), (1, Verdict.taken), (2, Verdict.taken), (3, Verdict.taken), (4, Verdict.to_be_confirmed)):
        assert decide(reply(sequence=sequence), elsewhere).verdict is verdict
    last = CalendarAnswer(sequence=3, stamp=reply().stamp, partstat=Partstat.declined)
    later = reply(sequence=1, stamp=last.stamp + dt.timedelta(minutes=1))
    assert decide(later, elsewhere.model_copy(update={"last": last})).verdict is Verdict.taken, "the later answer, whichever it answers"


def test_an_answer_of_the_family_whose_mailbox_nobody_here_knows_is_confirmed_by_a_person_and_never_counts_by_itself() -> None:
    theirs = reply(sender=SIWAN, attendee=SIWAN)
    found = decide_of_family(theirs, sent(attendee=SIWAN))
    assert (found.verdict, set(found.doubts)) == (Verdict.to_be_confirmed, {Doubt.mailbox_not_known})
    forged = decide_of_family(reply(sender=SIWAN, attendee=SIWAN, authenticated=False), sent(attendee=SIWAN))
    assert set(forged.doubts) == {Doubt.mailbox_not_known, Doubt.not_authenticated}
    assert decide_of_family(reply(uid="m-2"), SENT).verdict is Verdict.unknown_meeting
    assert decide_of_family(reply(sequence=1), SENT).verdict is Verdict.stale
