"""Which parts of a conference's paper each reader may read: the child's voice, and what is closed to one of the family."""

import datetime as dt
from typing import Any

import pytest

from procedures.in_force import rules_in_force
from procedures.meetings.papers import children_of, may_read_voice, readable
from schemas.clocks import Language
from schemas.commands.base import PlanLine
from schemas.meetings import Invitee
from schemas.papers import Circulated, Closed, Decided, Paper, PaperPart, PaperSection, PaperWords, VoiceReader

NOW = dt.datetime(2026, 12, 21, 10, 0, tzinfo=dt.UTC)


def guest(role: str, **fields: Any) -> Invitee:
    return Invitee.model_validate({"id": "i-1", "role": role, "person": "p-1", "children": ("c-1", "c-2"), **fields})


def paper(*closed: PaperPart, voice_for: tuple[VoiceReader, ...] = ("conference", "parents")) -> PaperWords:
    return PaperWords(
        decided=Decided(decision="register", on=NOW.date(), voice_for=voice_for),
        sections={PaperSection.voice: "Voice.", PaperSection.reasons: "Why.", PaperSection.risks: "Risks."},
        plan=(PlanLine(change_needed="Breakfast.", sign_of_change="Seen.", who_helps="Mari."),),
        closed=tuple(Closed(section=each, person="i-1") for each in closed),
    )


@pytest.mark.parametrize(
    ("role", "voice_for", "reads"),
    [
        ("chair", (), True),
        ("social_worker", ("chair",), True),
        ("child_where_appropriate", ("chair",), True),
        ("advocate", ("chair",), True),
        ("parents", ("chair", "conference", "school"), False),
        ("parents", ("parents",), True),
        ("foster_carer", ("conference",), False),
        ("police", ("chair",), False),
        ("police", ("school",), False),
        ("police", ("conference",), True),
        ("education", ("school",), True),
        ("education", ("chair",), False),
        ("supporter", ("parents", "conference"), False),
    ],
)
def test_a_voice_is_for_those_alone_who_may_read_it(role: str, voice_for: tuple[VoiceReader, ...], reads: bool) -> None:
    assert may_read_voice(guest(role), voice_for) is reads
    shown = readable({"en": paper(voice_for=voice_for)}, paper(voice_for=voice_for), tuple(PaperSection), guest(role))
    assert (PaperSection.voice in shown.sections) is reads


def test_what_is_closed_in_one_language_is_closed_in_the_other_and_to_nobody_else() -> None:
    versions: dict[Language, PaperWords] = {"cy": paper("risks", "plan"), "en": paper()}
    shown = readable(versions, versions["en"], tuple(PaperSection), guest("parents"))
    assert (set(shown.sections), shown.plan) == ({PaperSection.voice, PaperSection.reasons}, ())
    other = readable(versions, versions["en"], tuple(PaperSection), guest("parents", id="i-2"))
    assert set(other.sections) == {PaperSection.voice, PaperSection.reasons, PaperSection.risks}
    assert other.plan


def test_sections_stand_in_the_order_of_their_form_and_no_others() -> None:
    form = rules_in_force().papers.sections[Paper.outline_plan]
    shown = readable({"en": paper()}, paper(), form, guest("chair"))
    assert list(shown.sections) == [PaperSection.reasons, PaperSection.risks, PaperSection.voice]
    assert readable({"en": paper()}, paper(), (PaperSection.reasons,), guest("chair")).sections == {PaperSection.reasons: "Why."}


def test_the_family_has_it_of_those_children_alone_for_whom_it_was_released() -> None:
    out = Circulated(paper=Paper.outline_plan, at=NOW, by="p-nia", children=("c-1", "c-2"), until=NOW)
    assert children_of(guest("parents"), out) == ()
    assert children_of(guest("parents", released=("c-2",)), out) == ("c-2",)
    assert children_of(guest("parents", released=("c-1", "c-2")), out, shut_out=["c-1"]) == ("c-2",)
    assert children_of(guest("police"), out.model_copy(update={"children": ("c-1",)})) == ("c-1",)
    assert children_of(guest("advocate", agency="a-1"), out) == ("c-1", "c-2"), "of an agency, as any professional"


def test_no_supporter_gets_papers() -> None:
    assert "supporter" not in rules_in_force().papers.told
