"""What each letter says, in Welsh and English, as text and as a page: the facts, and nobody's name."""

import datetime as dt
import itertools
import re
from html.parser import HTMLParser

import pytest

from correspondence import wording
from correspondence.catalogue import LANGUAGES, say
from correspondence.letters import Letter, Page, compose
from correspondence.meetings import OF_MEETINGS
from correspondence.render import render
from correspondence.templating import WIDTH
from procedures import words
from procedures.explain import sentence
from procedures.times import LONDON
from schemas.clocks import Language
from schemas.letters import LetterKind
from tests.correspondence.examples import AFTER, DUE, KINDS, KNOWN, PERSONAL, PLAN, every_kind, item, letter

LANGUAGE_CHOICES: list[Language | None] = [*LANGUAGES, None]


def flat(text: str) -> str:
    """The text without its line breaks."""
    return re.sub(r"\s+", " ", text)


def text_of(letter: Letter) -> str:
    return flat(render(letter).text)


def rows(page: Page, part: int = 0, group: int = 0) -> dict[str, tuple[str, ...]]:
    return {row.label: row.lines for row in page.groups[group].parts[part].rows}


@pytest.mark.parametrize("language", LANGUAGE_CHOICES)
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_named_even_if_an_order_brought_a_name(kind: LetterKind, language: Language | None) -> None:
    rendered = render(every_kind(language)[kind])
    paper = flat(rendered.text + rendered.html)
    assert [word for word in PERSONAL.values() if word in paper] == []
    # Not everybody at a meeting may hear of each child that it is about.
    assert ("siwrnai journey show c-7f3a" in paper) is ("c-7f3a" in paper) is (kind not in OF_MEETINGS | {LetterKind.paper})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_says_all_that_the_text_says(kind: LetterKind, language: Language) -> None:
    rendered = render(every_kind(language)[kind])
    page = compose(every_kind(language)[kind])[0]
    said = [page.heading, page.intro, page.do, *page.closing, *(group.title for group in page.groups)]
    said += [part.title for group in page.groups for part in group.parts]
    said += [line for group in page.groups for part in group.parts for row in part.rows for line in (row.label, *row.lines)]
    html = Paper.read(rendered.html).words
    assert [words for words in said if words and words not in html] == []
    assert [words for words in said if words and words not in flat(rendered.text)] == []


@pytest.mark.parametrize(
    ("language", "was_due", "late", "next_at"),
    [
        ("en", "Was due: Friday 8 January 2027", "How late: 4 days", "Thursday 14 January 2027 at 08:30"),
        ("cy", "Roedd i'w wneud erbyn: dydd Gwener 8 Ionawr 2027", "Pa mor hwyr: 4 diwrnod", "dydd Iau 14 Ionawr 2027 am 08:30"),
    ],
)
def test_an_alert_says_which_timescale_since_when_to_whom_and_who_is_next(
    language: Language, was_due: str, late: str, next_at: str
) -> None:
    text = text_of(every_kind(language)["alert"])
    roles = {role: words.role(role, language) for role in ("social_worker", "team_manager", "service_manager")}
    assert wording.clock("seen_alone", language) in text
    assert was_due in text
    assert late in text
    assert f"{say('label.owner', language)}: {roles['social_worker']}" in text
    assert f"{say('label.escalated_to', language)}: {roles['team_manager']}" in text
    assert f"{say('label.told', language)}: {roles['social_worker']}" in text
    assert f"{say('label.next', language)}: {roles['service_manager']}, {next_at}" in text
    assert flat(sentence(PLAN.explanation, DUE, language)) in text


def test_siblings_share_one_part_and_another_timescale_has_its_own() -> None:
    page = compose(every_kind("en")["alert"])[0]
    assert [len(group.parts) for group in page.groups] == [2]
    assert rows(page)["Children (references)"] == ("c-7f3a, c-91bb",)
    assert rows(page)["Read more"] == ("siwrnai journey show c-7f3a", "siwrnai journey show c-91bb")
    assert rows(page, 1)["Child (reference)"] == ("c-7f3a",)


def test_siblings_with_other_dates_are_told_apart() -> None:
    page = compose(letter(item("alert", "seen_alone"), item("alert", "seen_alone", "c-91bb", due=DUE - dt.timedelta(days=1))))[0]
    assert [rows(page, part)["How late"] for part in (0, 1)] == [("4 days",), ("5 days",)]


@pytest.mark.parametrize(("language", "due"), [("en", "Due: Friday 8 January 2027"), ("cy", "I'w wneud erbyn: dydd Gwener 8 Ionawr 2027")])
def test_a_reminder_says_what_is_due_and_is_not_late(language: Language, due: str) -> None:
    text = text_of(every_kind(language)["reminder"])
    assert due in text
    assert say("label.late", language) not in text
    assert say("do.reminder", language) in text


def test_the_owner_is_told_and_not_escalated_to() -> None:
    page = compose(letter(item("alert", "seen_alone", role="social_worker", rung=1)))[0]
    assert "Escalated to" not in rows(page)


def test_before_allocation_the_duty_manager_is_responsible_and_not_escalated_to() -> None:
    said = rows(compose(letter(item("alert", "seen_alone", role="duty_manager", rung=1)))[0])
    assert said["Responsible"] == ("duty manager",)
    assert "Escalated to" not in said


def test_a_reminder_says_whom_it_will_be_escalated_to_besides_the_owner() -> None:
    said = rows(compose(every_kind("en")["reminder"])[0])
    assert said["If it is not done, escalated next to"] == ("team manager, Tuesday 12 January 2027 at 08:30",)


def test_who_is_told_at_the_same_time_is_said() -> None:
    urgent = PLAN.model_copy(update={"rungs": tuple(rung.model_copy(update={"at": PLAN.rungs[0].at}) for rung in PLAN.rungs[:2])})
    said = rows(compose(letter(item("alert", "seen_alone", role="social_worker", rung=1, plan=urgent.model_dump(mode="json"))))[0])
    assert said["Also told"] == ("team manager",)


def test_an_instant_that_was_only_watched_is_not_called_overdue() -> None:
    watched = item("notice", "icpc_from_first", due=None, happened_at=DUE.isoformat())
    order = watched.order.model_copy(update={"content": {**watched.order.content, "due": DUE.isoformat()}})
    said = rows(compose(letter(watched.model_copy(update={"order": order})))[0])
    assert said["When"] == ("Friday 8 January 2027",)
    assert not {"Due", "Was due", "How late"} & set(said)


def test_a_visit_recorded_late_says_of_which_timescale() -> None:
    said = rows(compose(letter(item("notice", "visit_recorded_late", due=None, clock="seen_at_home")))[0])
    assert said["Timescale"] == (words.clock("seen_at_home", "en"),)


def test_a_letter_that_could_not_be_delivered_says_of_which_timescale() -> None:
    said = rows(compose(letter(item("notice", "mailbox_bounced", due=None, instance="seen_alone/3")))[0])
    assert said["Timescale"] == (words.clock("seen_alone", "en"),)


def test_the_last_step_says_that_it_stays_on_the_board() -> None:
    page = compose(letter(item("alert", "seen_alone", role="director", rung=5)))[0]
    assert rows(page)["If it is not done, escalated next to"] == (say("value.last", "en"),)


def test_a_deputy_is_told_for_whom() -> None:
    page = compose(letter(item("alert", "seen_alone", deputy_for="team_manager")))[0]
    assert rows(page)["In the absence of"] == (words.role("team_manager", "en"),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tried_not_seen_says_when_and_why_and_what_to_do(language: Language) -> None:
    page = compose(every_kind(language)["notice"])[0]
    assert page.groups[0].parts[0].title == say("notice.tried_not_seen.title", language)
    said = rows(page)
    assert said[say("label.because", language)] == (say("because.no_access", language),)
    assert said[say("label.when", language)] == (wording.moment(dt.datetime(2027, 1, 8, 16, tzinfo=LONDON), language),)
    assert said[say("label.do", language)] == (say("notice.tried_not_seen.do", language),)


def test_a_notice_without_words_of_its_own_still_says_that_something_waits() -> None:
    page = compose(letter(item("notice", "something_new", due=None)))[0]
    assert page.groups[0].parts[0].title == say("notice.other.title", "en")


def test_facts_that_cannot_be_read_hold_no_letter_back() -> None:
    page = compose(letter(item("alert", "seen_alone", plan="not a plan", rung="x")))[0]
    assert rows(page)["Was due"] == ("Friday 8 January 2027",)


def test_words_that_the_rules_in_force_no_longer_have_hold_no_letter_back() -> None:
    explanation = PLAN.explanation.model_copy(update={"clock": "gone", "convention": "gone"})
    plan = PLAN.model_copy(update={"explanation": explanation}).model_dump(mode="json")
    page = compose(letter(item("alert", "gone", plan=plan, role="gone")))[0]
    assert page.groups[0].parts[0].title == "A timescale"
    assert rows(page)["Escalated to"] == ("somebody else",)
    assert "How the date was counted" not in rows(page)


def test_a_death_is_not_told_by_ordinary_mail() -> None:
    text = text_of(letter(item("notice", "journey_ended", due=None))).lower()
    assert not re.search(r"\b(death|died|dead|stillb\w+|miscarriage)\b", text)
    assert "read the record now" in text


@pytest.mark.parametrize(
    ("language", "letter_of", "done"),
    [
        ("en", "Our letter of: Monday 11 January 2027 at 08:30", "Done: Friday 8 January 2027 at 16:00"),
        ("cy", "Ein llythyr dyddiedig: dydd Llun 11 Ionawr 2027 am 08:30", "Gwnaed: dydd Gwener 8 Ionawr 2027 am 16:00"),
    ],
)
def test_a_correction_names_the_earlier_letter_by_its_date_and_says_what_is_known(language: Language, letter_of: str, done: str) -> None:
    text = text_of(every_kind(language)["correction"])
    assert letter_of in text
    assert done in text
    assert say("correction.met_in_time.what", language) in text
    assert say("label.late", language) not in text


@pytest.mark.parametrize("known", KNOWN)
def test_a_correction_says_each_thing_that_can_be_known(known: str) -> None:
    page = compose(letter(item("correction", "seen_alone", known=known)))[0]
    assert rows(page)["Now known"] == (say(f"correction.{known}.what", "en"),)


def test_a_digest_lists_the_overdue_first_by_risk_then_what_was_put_off_then_what_comes() -> None:
    page = compose(every_kind("en")["digest"])[0]
    assert page.heading == "Your list for Tuesday 12 January 2027"
    assert [group.title for group in page.groups] == ["Overdue", "Put off from an earlier day", "Due soon"]
    names = [[part.title for part in group.parts] for group in page.groups]
    assert names == [
        [wording.clock("seen_alone", "en"), wording.clock("conference_record", "en")],
        [wording.clock("seen_at_home", "en")],
        [wording.clock("outline_plan", "en")],
    ]


def test_a_digest_says_how_late_each_is_and_leaves_the_counting_to_the_record() -> None:
    said = rows(compose(every_kind("en")["digest"])[0])
    assert said["How late"] == ("4 days",)
    assert "How the date was counted" not in said


def test_a_digest_says_how_far_an_overdue_timescale_has_been_escalated() -> None:
    overdue = item("digest", "seen_alone", role=None, rung=3)
    said = rows(compose(letter(overdue, kind="digest", at=PLAN.rungs[2].at + dt.timedelta(hours=1)))[0])
    assert said["Escalated to"] == ("service manager",)
    assert said["If it is not done, escalated next to"] == ("head of service, Monday 18 January 2027 at 08:30",)


def test_no_step_is_announced_whose_time_is_past() -> None:
    late = letter(item("alert", "seen_alone"), at=PLAN.rungs[2].at + dt.timedelta(hours=1))
    assert rows(compose(late)[0])["If it is not done, escalated next to"] == ("head of service, Monday 18 January 2027 at 08:30",)


def test_where_the_language_is_not_known_all_is_said_in_both_with_welsh_first() -> None:
    rendered = render(every_kind(None)["alert"])
    assert rendered.subject == "Siwrnai: mae angen eich sylw ar amserlen / a timescale needs your attention"
    assert rendered.text.index("Amserlen sydd wedi mynd heibio") < rendered.text.index("A timescale has passed")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_in_one_language_has_no_word_of_the_other(kind: LetterKind, language: Language) -> None:
    other: Language = "en" if language == "cy" else "cy"
    letter = every_kind(language)[kind]
    foreign = compose(letter.model_copy(update={"language": other}))[0]
    assert foreign.heading not in render(letter).text
    assert foreign.intro not in text_of(letter)


@pytest.mark.parametrize(
    ("due", "at", "said"),
    [
        (DUE, DUE + dt.timedelta(seconds=1), "1 day"),
        (DUE, AFTER, "4 days"),
        (AFTER, AFTER + dt.timedelta(minutes=50), "50 minutes"),
        (AFTER, AFTER + dt.timedelta(seconds=5), "1 minute"),
        (AFTER, AFTER + dt.timedelta(hours=4, minutes=50), "4 hours"),
        (AFTER, AFTER + dt.timedelta(hours=50), "2 days"),
    ],
)
def test_how_late_is_told_in_the_unit_that_the_due_time_has(due: dt.datetime, at: dt.datetime, said: str) -> None:
    assert wording.lateness(due, at, "en") == said


def test_a_due_time_in_hours_is_told_with_its_time() -> None:
    page = compose(letter(item("alert", "immediate_safety", due=dt.datetime(2026, 11, 20, 17, 40, tzinfo=LONDON))))[0]
    assert rows(page)["Was due"] == ("Friday 20 November 2026 at 17:40",)


def test_no_line_of_the_text_is_too_long_to_quote() -> None:
    lines = [line for each in every_kind(None).values() for line in render(each).text.splitlines()]
    assert max(len(line) for line in lines) <= WIDTH


class Paper(HTMLParser):
    """What a screen reader meets: the elements in order, and the words."""

    VOID = frozenset({"meta", "br", "hr", "link", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self.words = ""

    @classmethod
    def read(cls, html: str) -> "Paper":
        paper = cls()
        paper.feed(html)
        paper.close()
        return paper

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


@pytest.mark.parametrize("language", LANGUAGE_CHOICES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_can_be_read_aloud_and_printed(kind: LetterKind, language: Language | None) -> None:
    each = every_kind(language)[kind]
    html = render(each).html
    paper = Paper.read(html)
    assert (paper.open, paper.faults) == ([], []), "every element is closed in order"
    assert paper.named("html") == [{"lang": each.languages[0]}]
    assert [article["lang"] for article in paper.named("article")] == list(each.languages)
    assert len(paper.named("h1")) == len(each.languages)
    levels = [int(tag[1]) for tag, _ in paper.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), "no level of heading is skipped"
    assert len(paper.named("title")) == 1
    assert len(paper.named("dt")) >= 1
    assert [tag for tag, _ in paper.elements if tag in {"img", "script", "link", "font", "table"}] == []
    assert [attributes for _, attributes in paper.elements if {"style", "color", "bgcolor"} & set(attributes)] == [], (
        "nothing by colour alone"
    )
    assert "@media print" in html
    assert "http" not in re.sub(r'<a href="[^"]*">[^<]*</a>', "", html), "nothing is fetched when it is opened"


def test_what_an_order_brings_is_never_markup() -> None:
    html = render(letter(item("alert", "<b>seen</b>", plan=None))).html
    assert "<b>" not in html
