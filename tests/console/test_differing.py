"""Where what was known differs from how things stood is said in words, in both languages."""

import re

import pytest

from audit.facets import LEFT_OUT
from audit.replay import Way
from audit.standing import stand
from console import differing
from console.language import choose, sentences
from procedures import vocabulary
from procedures.meetings.fold import FOLDED
from schemas.clocks import Clock, Language
from schemas.replay import Disagreeing
from schemas.state import Enquiry, JourneyState
from tests.audit.recorded import NAMES, journey_of
from tests.procedures.child import Child, at, registered

NEVER_DIFFER = {"child", "family", "authority"}


def test_every_fact_has_words() -> None:
    said = sentences()
    assert {each for each in JourneyState.model_fields if each not in {*LEFT_OUT, *NEVER_DIFFER}} <= said["facet"].keys()
    assert {*Enquiry.model_fields, *Clock.model_fields} == said["facet_of"].keys()


def test_every_entry_of_a_meetings_own_log_has_words() -> None:
    assert FOLDED.keys() == vocabulary.table("meeting_entries").keys()


@pytest.mark.parametrize("language", ["en", "cy"])
def test_no_raw_value_is_shown(language: Language) -> None:
    choose(language)
    child = registered()
    child.does("move_out", "2026-12-15 10:00", told="2026-12-18 10:00", to_authority="a-2", temporary=True, visits_by="this_authority")
    child.does("hold", "2026-12-15 11:00", told="2026-12-18 10:10", until=at("2026-12-24 12:00"), reason="The worker is ill.")
    child.does("missing", "2026-12-15 12:00", told="2026-12-18 11:00")
    child.does("ended", "2026-12-16 10:00", told="2026-12-18 12:00", ending="death")
    journey = journey_of(child)
    early = Child()
    early.does("report", "2026-11-20 09:00", told="2026-11-22 09:00", how="telephone", words="A bruise.")
    lines = [
        differing.line(each, lambda id: NAMES.get(id, id))
        for journey, instant in ((journey, "2026-12-17 12:00"), (journey_of(early), "2026-11-21 12:00"))
        for each in stand(journey, Way.known, at(instant)).differing
    ]
    assert lines
    for each in lines:
        assert not re.search(r"[a-z]_[a-z]|[{}]|text:|False|True|None|\bknown as 0\b", re.sub(r"\([a-z0-9_]+/\d+\)", "", each)), each
    moving, ends = (
        next(each for each in lines if each.startswith(what))
        for what in (("move:", "ended:") if language == "en" else ("symud:", "daeth i ben:"))
    )
    assert "a-2" in moving and ("death" in ends or "marw" in ends)


def test_an_element_of_its_own_is_said_to_be_there_and_a_fact_with_its_values() -> None:
    choose("en")
    there = Disagreeing(facet=("clocks", "seen_alone/2", ""), known=None, stood="yes")
    assert differing.line(there, str).endswith("(seen_alone/2): known as not there; stood as there")
    began = Disagreeing(facet=("journey",), known="0", stood="1")
    assert differing.line(began, str) == "journey: known as not begun; stood as number 1"
    role = Disagreeing(facet=("roles", "social_worker", ""), known=None, stood="p-mari")
    assert differing.line(role, lambda id: NAMES[id]) == "role, social worker: known as not there; stood as Mari Lloyd"
    crime = Disagreeing(facet=("enquiries", "1", "possible_crime"), known="False", stood="yes")
    assert differing.line(crime, str) == "enquiry, 1, possible crime: known as no; stood as yes"
