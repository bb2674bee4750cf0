"""The two state machines: an enquiry, and a child's registration. Flat, and apart: no event of one is an event of the other.

Source of stages and outcomes: Wales Safeguarding Procedures, children, sections 2 to 4. The machines know what may follow what;
what a decision needs besides (a rationale, evidence) is asked in `procedures.decisions`.
"""

from functools import lru_cache

from statemachine import State, StateMachine
from statemachine.exceptions import TransitionNotAllowed


class EnquiryMachine(StateMachine):
    """One enquiry: report, screening, assessment, strategy, section 47, conference."""

    allow_event_without_transition = False
    catch_errors_as_events = False

    reported = State(initial=True)
    no_further_action = State()
    information_given = State()
    assessment = State()
    strategy = State()
    section47 = State()
    care_and_support = State()
    not_substantiated = State()
    conference = State()
    registered = State(final=True)
    not_registered = State()

    screen_no_further_action = reported.to(no_further_action) | assessment.to(no_further_action)
    screen_information_advice = reported.to(information_given) | assessment.to(information_given)
    screen_assessment = reported.to(assessment)
    # A disagreement that is upheld reopens what was stood down: protection is never out of reach.
    screen_strategy = (
        reported.to(strategy)
        | assessment.to(strategy)
        | no_further_action.to(strategy)
        | information_given.to(strategy)
        | care_and_support.to(strategy)
        | not_substantiated.to(strategy)
        | not_registered.to(strategy)
    )
    reopen_assessment = no_further_action.to(assessment) | information_given.to(assessment)
    strategy_no_further_action = strategy.to(no_further_action)
    strategy_care_and_support = strategy.to(care_and_support)
    strategy_another_meeting = strategy.to(strategy) | section47.to(section47)
    start_section47 = (
        reported.to(section47) | assessment.to(section47) | strategy.to(section47) | section47.to(section47) | conference.to(section47)
    )
    determine_not_substantiated = section47.to(not_substantiated)
    determine_not_at_risk = section47.to(care_and_support)
    determine_at_risk = section47.to(conference) | strategy.to(conference) | assessment.to(conference) | reported.to(conference)
    # A conference that was held counts, whatever was not yet written of the way there.
    conference_registers = (
        conference.to(registered) | section47.to(registered) | strategy.to(registered) | assessment.to(registered) | reported.to(registered)
    )
    conference_does_not_register = conference.to(not_registered) | section47.to(not_registered)


class RegistrationMachine(StateMachine):
    """A child's place on the Child Protection Register."""

    allow_event_without_transition = False
    catch_errors_as_events = False

    not_registered = State(initial=True)
    temporarily_registered = State()
    registered = State()
    deregistered = State()
    ended = State()

    register = (
        not_registered.to(registered) | deregistered.to(registered) | temporarily_registered.to(registered) | registered.to(registered)
    )
    register_temporarily = not_registered.to(temporarily_registered) | deregistered.to(temporarily_registered)
    stay = registered.to(registered)
    deregister = registered.to(deregistered) | temporarily_registered.to(deregistered)
    end = not_registered.to(ended) | temporarily_registered.to(ended) | registered.to(ended) | deregistered.to(ended)
    # An ending that was recorded in error is taken back: the registration stands where it stood.
    resume_not_registered = ended.to(not_registered)
    resume_temporarily_registered = ended.to(temporarily_registered)
    resume_registered = ended.to(registered)
    resume_deregistered = ended.to(deregistered)


MACHINES: dict[str, type[StateMachine]] = {"enquiry": EnquiryMachine, "registration": RegistrationMachine}

STOOD_DOWN = frozenset({"no_further_action", "information_given", "care_and_support", "not_substantiated", "not_registered"})
"""Stages of an enquiry that protect no further."""


class NotPossible(Exception):
    """The machine knows no such step from this stage."""

    def __init__(self, machine: str, stage: str, trigger: str) -> None:
        super().__init__(f"{machine}: {trigger} is not possible from {stage}")
        self.machine, self.stage, self.trigger = machine, stage, trigger


def following(machine: str, stage: str) -> list[str]:
    """The stages to which the procedures lead from this one, in the machine's order."""
    states = {str(state.value): state for state in MACHINES[machine].states}
    reached = [str(target.value) for each in states[stage].transitions for target in each.targets]
    return [name for name in states if name in reached and name not in {stage, "ended"}]


@lru_cache(maxsize=1024)
def next_stage(machine: str, stage: str, trigger: str) -> str:
    """The stage that follows.

    Raises:
        NotPossible: where the procedures know no such step from that stage.
    """
    running = MACHINES[machine](start_value=stage)
    try:
        running.send(trigger)
    except TransitionNotAllowed as error:
        raise NotPossible(machine, stage, trigger) from error
    return str(running.current_state_value)
