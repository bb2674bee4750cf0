"""A record that is taken over from paper or another system: what it tells counts from its dates, what it does not tell is due now."""

from collections.abc import Iterator
from datetime import datetime, time

from procedures.decisions.draft import Begun, Draft
from procedures.refusals import Refused
from procedures.times import LONDON
from schemas.commands import taking_over
from schemas.state import Enquiry


def taken_over(draft: Draft, command: taking_over.TakenOver) -> None:
    """The stages are set as the old record has them, and every timescale that runs there runs here."""
    state = draft.state
    if state.journey > 0 and not state.closed:
        raise Refused("already_on_record")
    _hangs_together(draft, command)
    draft.fact(journey=state.journey + 1, closed=False)
    if command.expected_on is not None:
        draft.fact(unborn=True, expected_on=command.expected_on)
    enquiry = _enquiry(draft, command) if command.reported_at is not None else None
    if command.registered_at is not None:
        _registered(draft, command, enquiry)
    begun = [*_of_registration(command), *(_of_enquiry(command, enquiry) if enquiry is not None else ())]
    draft.decision.begun += [each for each in begun if each.clock not in command.met]
    if "social_worker" not in state.roles and (command.registered_at or command.s47_at):
        draft.tells("no_social_worker", "head_of_service" if command.registered_at else "service_manager")


def _hangs_together(draft: Draft, command: taking_over.TakenOver) -> None:
    if command.reported_at is None and command.registered_at is None:
        raise Refused("taken_over_needs_date")
    if command.registered_at is not None and not command.categories:
        raise Refused("registering_needs_category")
    if bool(command.reviews_held) != (command.review_at is not None):
        raise Refused("taken_over_reviews")
    for name in taking_over.INSTANTS:
        told = getattr(command, name)
        if told is not None and told > command.happened_at:
            raise Refused("taken_over_from_past", field=name)
    for each in command.met:
        if each not in draft.rules.clocks:
            raise Refused("no_such_timescale", instance=each)


def _enquiry(draft: Draft, command: taking_over.TakenOver) -> Enquiry:
    enquiry = draft.opens(
        Enquiry(
            number=len(draft.state.enquiries) + 1,
            reported_at=command.reported_at or command.happened_at,
            how="taken_over",
            reporter="not_known",
            alleged=command.alleged,
        )
    )
    draft.learns(
        enquiry,
        strategies=int(command.strategy_at is not None),
        first_strategy_at=command.first_strategy_at or command.strategy_at,
        last_strategy_at=command.strategy_at,
        s47_at=command.s47_at,
        determination="substantiated_at_risk" if command.conference_decided_at else None,
        conference_decided_at=command.conference_decided_at,
        conference_at=command.registered_at,
    )
    for trigger in _way(command):
        draft.move(trigger, enquiry)
    return enquiry


def _way(command: taking_over.TakenOver) -> Iterator[str]:
    if command.registered_at is not None:
        yield "conference_registers"
    elif command.conference_decided_at is not None:
        yield "determine_at_risk"
    elif command.s47_at is not None:
        yield "start_section47"
    elif command.strategy_at is not None or command.strategy_wanted_at is not None:
        yield "screen_strategy"


def _registered(draft: Draft, command: taking_over.TakenOver, enquiry: Enquiry | None) -> None:
    draft.move("register")
    draft.fact(
        categories=tuple(sorted(set(command.categories))),
        registered_at=command.registered_at,
        last_conference_at=command.review_at or command.registered_at,
        last_review_at=command.review_at,
        reviews_held=command.reviews_held,
        core_groups_held=int(command.core_group_at is not None),
        voice_at=command.voice_at,
        chair=command.chair,
        plan_agreed=command.core_group_at is not None,
    )
    draft.raises("registered_child_dated")


def _of_registration(command: taking_over.TakenOver) -> Iterator[Begun]:
    """Each from when it was last done; where the record does not tell that, from the registration, or it is due now."""
    begun = command.registered_at
    if begun is None:
        return
    for first, following, done_at in (
        (("core_group_first", "registered"), ("core_group_next", "core_group_held"), command.core_group_at),
        (("rcpc_first", "registered"), ("rcpc_next", "rcpc_held"), command.review_at),
        (("seen_alone", "visits_begin"), ("seen_alone", "child_seen_alone"), command.seen_alone_at),
        (("seen_at_home", "visits_begin"), ("seen_at_home", "child_seen_at_home"), command.seen_at_home_at),
    ):
        (clock, by), at = (first, begun) if done_at is None else (following, done_at)
        yield Begun(clock=clock, by=by, at=at, or_now=done_at is None)
    conference = command.review_at or begun
    if command.bedroom_seen_at is None or command.bedroom_seen_at < conference:
        yield Begun(clock="bedroom_seen", by="rcpc_held" if command.review_at else "visits_begin", at=conference, or_now=True)
    met_at, met = max(
        (at, by) for at, by in ((begun, "registered"), (command.core_group_at, "core_group_held"), (command.review_at, "rcpc_held")) if at
    )
    if command.voice_at is None or command.voice_at < met_at:
        yield Begun(clock="lived_experience_missing", by=met, at=met_at, or_now=True)
    yield Begun(clock="conference_record", by="conference_held", at=conference, or_now=True)
    if command.review_at is not None:
        yield Begun(clock="review_outcome", by="rcpc_held", at=conference, or_now=True)
    else:
        yield Begun(clock="outline_plan", by="icpc_held", at=begun, or_now=True)
        yield Begun(clock="advocacy_offer", by="registered", at=begun, or_now=True)


def _of_enquiry(command: taking_over.TakenOver, enquiry: Enquiry) -> Iterator[Begun]:
    if command.registered_at is not None:
        return
    number = enquiry.number
    if command.expected_on is not None:
        born = datetime.combine(command.expected_on, time(), LONDON)
        yield Begun(clock="pre_birth_icpc", by="unborn_child_reported", at=enquiry.reported_at, anchor=born)
    yield Begun(clock="immediate_safety", by="report_received", at=enquiry.reported_at, scope=number, or_now=True)
    if command.strategy_at is None and command.s47_at is None:
        yield from _towards_strategy(command, enquiry)
    if command.strategy_at is not None and command.s47_at is not None:
        first = command.first_strategy_at or command.strategy_at
        yield Begun(clock="icpc", by="strategy_towards_conference", at=command.strategy_at, scope=number)
        yield Begun(clock="icpc_from_first", by="first_strategy_towards_conference", at=first, scope=number)
    if command.s47_at is not None:
        yield from _of_section47(command, command.s47_at, number)
    if command.conference_decided_at is not None:
        yield Begun(clock="safety_plan", by="icpc_decided", at=command.conference_decided_at, scope=number, or_now=True)


def _towards_strategy(command: taking_over.TakenOver, enquiry: Enquiry) -> Iterator[Begun]:
    if command.strategy_wanted_at is None:
        yield Begun(clock="screening", by="report_received", at=enquiry.reported_at, scope=enquiry.number)
    else:
        yield Begun(clock="strategy", by="strategy_wanted", at=command.strategy_wanted_at, scope=enquiry.number)


def _of_section47(command: taking_over.TakenOver, s47_at: datetime, number: int) -> Iterator[Begun]:
    alone = [each for each in (command.seen_alone_at,) if each is not None]
    seen = [each for each in (*alone, command.seen_at, command.seen_at_home_at) if each is not None]
    for clock, times in (("child_first_seen", seen), ("child_first_seen_alone", alone)):
        seen_at = max(times, default=None)
        if seen_at is None or seen_at < s47_at:
            yield Begun(clock=clock, by="s47_started", at=s47_at, scope=number, or_now=True)
    yield Begun(clock="assessment_s47", by="s47_started", at=s47_at, scope=number)
    yield Begun(clock="advocacy_offer", by="s47_started", at=s47_at, or_now=True)
