"""Moves, being looked after, birth, endings, allocation, and what is said of the record itself (WSP section 4 part 10)."""

from datetime import timedelta

from procedures.decisions.draft import Draft
from procedures.lifecycle import STOOD_DOWN
from procedures.refusals import Refused
from procedures.times import eighteenth_birthday, local
from schemas.commands import moves
from schemas.state import Move

SIGNS_OF_BIRTH = frozenset({"born", "child_seen", "child_seen_at_home", "child_seen_alone"})


def move_out(draft: Draft, command: moves.MoveOut) -> None:
    """The child stays on this register until the conference in the new area; both custodians are told."""
    if not draft.state.registered:
        raise Refused("not_on_register")
    draft.fact(
        move=Move(to_authority=command.to_authority, told_at=command.happened_at, temporary=command.temporary, visits_by=command.visits_by)
    )
    draft.raises("move_told")
    if command.temporary:
        draft.raises("temporary_move_started")
    draft.tells("moving_out", "team_manager", "register_custodian")


def _move(draft: Draft) -> Move:
    if draft.state.move is None:
        raise Refused("not_moving")
    return draft.state.move


def move_information_sent(draft: Draft, _: moves.MoveInformationSent) -> None:
    """In writing, within 3 days."""
    _move(draft)
    draft.raises("move_information_sent")


def move_permanence_agreed(draft: Draft, command: moves.MovePermanenceAgreed) -> None:
    """The receiving authority's 15 working days begin; days since being told are shown beside them."""
    # A child who moved in temporarily is here to stay: the conference is ours.
    if draft.state.registration != "temporarily_registered":
        draft.fact(move=_move(draft).model_copy(update={"permanent_at": command.happened_at, "temporary": False}))
        draft.raises("temporary_move_ended")
    draft.raises("move_permanence_agreed")


def transfer_in_asked(draft: Draft, _: moves.TransferInAsked) -> None:
    """A temporary move has lasted."""
    _move(draft)
    draft.raises("transfer_in_asked")


def temporary_move_ended(draft: Draft, _: moves.TemporaryMoveEnded) -> None:
    """The child is back."""
    _move(draft)
    draft.fact(move=None)
    draft.raises("temporary_move_ended")


def transferred(draft: Draft, command: moves.Transferred) -> None:
    """The conference in the new area was held: the name leaves this register."""
    _move(draft)
    if command.decision == "not_registered_there" and command.rationale is None:
        raise Refused("deregistration_needs_rationale")
    draft.fact(move=None)
    draft.raises("transfer_in_held")
    draft.name_removed()


def moved_in(draft: Draft, command: moves.MovedIn) -> None:
    """Known from being told: temporary registration until the conference here."""
    state = draft.state
    if state.registered:
        raise Refused("already_registered")
    if state.journey == 0 or state.closed:
        draft.fact(journey=state.journey + 1, closed=False)
    draft.move("register_temporarily")
    draft.fact(registered_at=command.happened_at, categories=tuple(sorted(set(command.categories))))
    # A last visit elsewhere is not known here: visits are due from being told.
    draft.raises("visits_begin")
    draft.raises("registered_child_dated")
    if command.permanent:
        draft.raises("move_permanence_agreed")
    draft.tells("moving_in", "team_manager", "register_custodian")
    if "social_worker" not in state.roles:
        draft.tells("no_social_worker", "head_of_service")


def looked_after(draft: Draft, _: moves.LookedAfter) -> None:
    """Reviews after 20 working days, then 3, then 6 months."""
    draft.fact(looked_after=True, looked_after_reviews=0)
    draft.raises("looked_after_started")


def looked_after_review_held(draft: Draft, _: moves.LookedAfterReviewHeld) -> None:
    """The first is followed after 3 months, each later one after 6."""
    reviews = draft.state.looked_after_reviews + 1
    draft.fact(looked_after_reviews=reviews)
    draft.raises("looked_after_review_held")
    draft.raises("looked_after_first_review" if reviews == 1 else "looked_after_later_review")


def looked_after_ended(draft: Draft, _: moves.LookedAfterEnded) -> None:
    """The protection plan goes on."""
    draft.fact(looked_after=False)
    draft.raises("looked_after_ended")


def born(draft: Draft, command: moves.Born) -> None:
    """The same journey goes on under the child's name."""
    if not draft.state.unborn:
        raise Refused("already_born")
    turns_18 = eighteenth_birthday(local(command.happened_at).date())
    draft.fact(unborn=False, turns_18=turns_18)
    draft.raises("born")
    for enquiry in draft.state.enquiries:
        if enquiry.stage in {"section47", "conference"}:
            draft.raises("born_in_enquiries", enquiry)
    if draft.state.registered:
        draft.raises("visits_begin")
        draft.raises("registered_child_dated", anchor=turns_18)


def adult_safeguarding_handover(draft: Draft, _: moves.AdultSafeguardingHandover) -> None:
    """Ahead of the 18th birthday."""
    draft.raises("adult_safeguarding_handover")


def ended(draft: Draft, command: moves.Ended) -> None:
    """Every timescale and letter stops at once; the record is locked."""
    state = draft.state
    if command.ending == "death" and state.unborn:
        raise Refused("ending_of_unborn")
    # The door knows a date of birth; here a birth, a known birthday or a child that was seen tell.
    if command.ending != "death" and not state.unborn and (state.turns_18 is not None or SIGNS_OF_BIRTH & set(state.done)):
        raise Refused("ending_of_born")
    draft.fact(ended=command.ending, ended_from=state.registration)
    draft.move("end")
    draft.raises("journey_ended")
    draft.tells("journey_ended", "head_of_service", "safeguarding_board")


def ended_in_error(draft: Draft, _: moves.EndedInError) -> None:
    """The child stands where it stood; what the ending stopped runs again (`settlement`), and those who were told of it are told."""
    state = draft.state
    if state.ended is None:
        raise Refused("not_ended")
    draft.fact(ended=None, ended_from=None, stopped_by_ending=())
    draft.move(f"resume_{state.ended_from}")
    draft.tells("ended_in_error", "head_of_service", "safeguarding_board", "social_worker", "team_manager")


def record_closed(draft: Draft, command: moves.RecordClosed) -> None:
    """Only when nothing that protects is open, missing or owed."""
    state = draft.state
    if state.registered:
        raise Refused("closing_while_registered")
    if state.child_missing:
        raise Refused("closing_while_missing_child")
    for enquiry in state.enquiries:
        if enquiry.stage not in STOOD_DOWN | {"registered"}:
            raise Refused("closing_while_open", number=enquiry.number, stage=enquiry.stage)
    if state.missing:
        raise Refused("closing_while_lacking", lacking=[each.thing for each in state.missing])
    owed = sorted(each.clock for each in state.clocks.values() if each.ladder != "none" and not each.watch)
    if owed:
        raise Refused("closing_while_owed", owed=owed)
    if command.rationale is None:
        raise Refused("closing_needs_rationale")
    draft.fact(closed=True)
    draft.raises("record_closed")


def allocated(draft: Draft, command: moves.Allocated) -> None:
    """A change of worker or chair is told; a registered child without a social worker is told of at once."""
    before = draft.state.roles.get(command.role)
    roles = {key: person for key, person in draft.state.roles.items() if key != command.role}
    if command.person is not None:
        roles[command.role] = command.person
    draft.fact(roles=roles)
    draft.raises("allocated")
    if before is not None and command.person not in {None, before} and command.role in {"social_worker", "chair"}:
        draft.raises("worker_changed")
    if command.role == "social_worker" and command.person is None and draft.state.registered:
        draft.tells("no_social_worker", "head_of_service")


def worker_change_told(draft: Draft, _: moves.WorkerChangeTold) -> None:
    """Family and agencies know."""
    draft.raises("worker_change_told")


def acknowledged(draft: Draft, command: moves.Acknowledged) -> None:
    """Holds the ladder for a while; the timescale itself ends only by doing the thing."""
    clock = draft.state.clocks.get(command.instance)
    if clock is None or not clock.overdue:
        may_be = sorted(each.instance for each in draft.state.clocks.values() if each.overdue and each.acknowledgement is None)
        raise Refused("not_running" if clock is None else "not_overdue", instance=command.instance, instances=may_be)
    # Once for each rung: whoever only acknowledges is escalated past.
    if clock.acknowledgement is not None:
        raise Refused("already_acknowledged", instance=command.instance)


def corrected(draft: Draft, command: moves.Corrected) -> None:
    """Never an edit: it points to the entry."""
    if command.entry > draft.state.seq:
        raise Refused("no_such_entry", entry=command.entry)
    draft.raises("corrected")


def hold(draft: Draft, command: moves.OnHold) -> None:
    """A flag beside the stage: visits, conferences and what is urgent run on, and it expires."""
    if command.reason is None:
        raise Refused("hold_needs_reason")
    longest = draft.rules.hold.longest_days
    if not max(draft.now, command.happened_at) < command.until <= draft.now + timedelta(days=longest):
        raise Refused("hold_must_expire", days=longest)
    draft.fact(hold_until=command.until)
    draft.raises("held", anchor=command.until)
    draft.tells("on_hold", "head_of_service")


def hold_ended(draft: Draft, _: moves.HoldEnded) -> None:
    """Before its time."""
    if draft.state.hold_until is None:
        raise Refused("not_held")
    draft.fact(hold_until=None)
    draft.raises("hold_ended")


def letter_refused(draft: Draft, command: moves.LetterRefused) -> None:
    """A mailbox that bounces passes to the next rung at once."""
    draft.tells("mailbox_bounced", "team_manager", "service_manager", instance=command.instance)
