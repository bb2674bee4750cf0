"""What a family reads: plain, in both languages, of this person alone."""

import datetime as dt
import re

import pytest

from correspondence.catalogue import LANGUAGES, catalogue
from correspondence.family import orders
from correspondence.family.leaflets import FOLDER, FOR_ADULTS, FOR_CHILDREN, leaflet
from correspondence.family.letters import SECTIONS, FamilyLetter, News, Reader, compose, reader_of_child
from correspondence.render import print_family, render_family
from procedures.meetings.chasing import NEVER_CHASED
from schemas.calendars import Method
from schemas.clocks import Language
from schemas.letter_facts import LetterFacts
from schemas.letters import LetterKind
from schemas.meetings import MeetingKind
from tests.correspondence.family_letters import EVERY, LINK, PLACE, STARTS, letter

LONGEST, USUAL = 20, 11.0
"""Words of a sentence: the longest, and on average, which somebody who reads at B1 can follow."""

LONGEST_FOR_A_CHILD = 14

JARGON = re.compile(
    r"\b(statutory|multi-agency|safeguarding concern|threshold|quorum|agenda|key worker|significant harm|disclos|s47|section 47)\w*",
    re.IGNORECASE,
)


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; a heading and a bullet point end as one does."""
    parts = re.split(r"(?<=[.?!:])\s+|\n", text)
    return [words for part in parts if (words := [each for each in part.split() if any(map(str.isalpha, each))])]


def spoken(sent: FamilyLetter) -> str:
    """All that is said to the reader, without the facts of the meeting."""
    return "\n".join(
        text
        for sheet in compose(sent)
        for text in (sheet.heading, sheet.intro, *(line for each in sheet.sections for line in (each.title, *each.paragraphs)))
    )


@pytest.mark.parametrize(("reader", "news", "kind"), EVERY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_can_be_written_and_its_sentences_are_short(reader: Reader, news: News, kind: str | None, language: Language) -> None:
    said = spoken(letter(reader, news, kind=kind, language=language, apart=True))
    found = sentences(said)
    limit = LONGEST_FOR_A_CHILD if reader is Reader.younger else LONGEST
    assert [" ".join(each) for each in found if len(each) > limit] == []
    assert sum(map(len, found)) / len(found) <= USUAL
    assert JARGON.findall(said) == []


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_leaflet_is_plain_too(path: object) -> None:
    text = FOLDER.joinpath(str(path)).read_text(encoding="utf-8")
    found = sentences(text)
    assert [" ".join(each) for each in found if len(each) > LONGEST] == []
    assert sum(map(len, found)) / len(found) <= USUAL


def test_every_leaflet_is_there_in_both_languages_and_each_is_sent_with_something() -> None:
    there = {tuple(path.name.split(".")) for path in FOLDER.iterdir()}
    used = {name for names in FOR_ADULTS.values() for name in names} | set(FOR_CHILDREN)
    assert there == {(name, language, "md") for name in used for language in LANGUAGES}


@pytest.mark.parametrize("name", sorted({name for names in FOR_ADULTS.values() for name in names} | set(FOR_CHILDREN)))
def test_a_leaflet_says_the_same_in_both_languages_by_its_shape(name: str) -> None:
    welsh, english = (leaflet(name, language) for language in LANGUAGES)
    assert welsh.title != english.title
    shapes = [[line[:2] for line in each.text.splitlines() if line.startswith(("#", "- "))] for each in (welsh, english)]
    assert shapes[0] == shapes[1]
    assert re.findall(r"\d{3,}", welsh.text) == re.findall(r"\d{3,}", english.text), "numbers to ring"


def test_every_kind_of_meeting_to_which_a_family_comes_has_leaflets() -> None:
    assert set(FOR_ADULTS) == set(MeetingKind) - {MeetingKind.strategy}, "no family comes to a strategy discussion"


def test_every_reader_can_be_told_everything() -> None:
    assert set(SECTIONS) == {(reader, news) for reader in Reader for news in News}


@pytest.mark.parametrize("reader", Reader)
def test_no_word_is_kept_that_no_letter_says(reader: Reader) -> None:
    asked = {name for (who, _), names in SECTIONS.items() if who is reader for name in names} - {"answer"}
    there = {key.split(".")[1] for key in catalogue() if re.fullmatch(rf"family\.\w+\.{reader}(\.\w+)?", key)}
    assert (
        there
        - asked
        - {"heading", "intro", "title", "place_told", "answer_page", "answer_paper", "why_page", "ask_nobody", "ask_after", "link"}
        == set()
    )


def test_where_the_language_is_not_known_it_is_in_both_welsh_first() -> None:
    rendered = render_family(letter(language=None))
    assert rendered.languages == ("cy", "en")
    assert rendered.text.index("dydd Mawrth 15 Rhagfyr 2026 am 10:00") < rendered.text.index("Tuesday 15 December 2026 at 10:00")
    assert rendered.subject == "Siwrnai: gwahoddiad i gyfarfod / Siwrnai: invitation to a meeting".replace(" / Siwrnai:", " /")


def test_an_invitation_says_which_meeting_what_happens_who_may_come_and_how_to_answer() -> None:
    said = " ".join(render_family(letter()).text.split())
    for each in (
        *(
            "Initial child protection conference",
            "Tuesday 15 December 2026 at 10:00",
            PLACE,
            "What happens there?",
            "bring somebody to support you",
        ),
        *(
            "You can have an interpreter",
            "You will get the reports before the meeting",
            "ask for another time",
            LINK,
            "Mari Lewis",
            "01632 960001",
        ),
        *("What happens at a child protection conference", "080880 23456", "If you are not happy with something"),
    ):
        assert each in said, each


@pytest.mark.parametrize("kind", ["core_group", "family_network"])
def test_reports_are_promised_only_before_conferences(kind: str) -> None:
    assert "get the reports" not in render_family(letter(kind=kind)).text


def test_what_happens_at_another_kind_of_meeting_is_not_told_of_a_conference() -> None:
    assert "Register" not in spoken(letter(kind="core_group"))


@pytest.mark.parametrize("reader", Reader)
def test_whoever_attends_separately_reads_so_and_nobody_else_does(reader: Reader) -> None:
    alone, together = (spoken(letter(reader, apart=apart)) for apart in (True, False))
    title = "A separate time" if reader is Reader.supporter else "A time of your own"
    assert title in alone
    assert "separate time" not in together
    assert title not in together


@pytest.mark.parametrize("news", [News.cancelled, News.paper])
def test_of_a_meeting_that_is_over_or_off_nobody_is_still_arranging_it(news: News) -> None:
    assert "who arranged the meeting" in spoken(letter(news=news))
    assert "who is arranging the meeting" in spoken(letter())


@pytest.mark.parametrize("reader", [Reader.adult, Reader.supporter, Reader.older])
def test_the_day_before_says_what_to_do_for_somebody_who_cannot_come(reader: Reader) -> None:
    (sheet,) = compose(letter(reader, News.tomorrow))
    assert "tell" in sheet.intro


def test_as_plain_text_a_leaflet_shows_no_marks_of_how_its_headings_are_written() -> None:
    lines = render_family(letter()).text.splitlines()
    assert [line for line in lines if line.startswith("#")] == []
    for heading, mark in (("What happens at a child protection conference", "="), ("The Child Protection Register", "-")):
        assert lines[lines.index(heading) + 1] == mark * len(heading)


WHO_WRITES = "Enghraifft Children's Services"


def test_an_invitation_says_who_writes_by_the_name_that_people_know() -> None:
    (welsh, english) = compose(letter(language=None))
    assert (welsh.rows[0], english.rows[0]) == (("Oddi wrth", "Gwasanaethau Plant Sir Enghraifft"), ("From", WHO_WRITES))


@pytest.mark.parametrize(("reader", "news"), [(Reader.adult, News.paper), (Reader.supporter, News.invited), (Reader.younger, News.invited)])
def test_who_writes_is_not_told_where_the_kind_of_meeting_is_not(reader: Reader, news: News) -> None:
    assert WHO_WRITES not in str(compose(letter(reader, news)))


def test_a_supporter_is_told_neither_the_kind_of_meeting_nor_the_outcome_that_it_decides() -> None:
    said = render_family(letter(Reader.supporter)).text
    assert "conference" not in said
    assert "Register" not in said


def test_a_place_that_may_not_be_written_is_told_by_the_social_worker() -> None:
    said = render_family(letter(place=None)).text
    assert "Where: Your social worker will tell you where, or how you take part." in said
    assert PLACE not in said


def test_what_was_called_off_names_no_place_and_asks_for_nothing() -> None:
    said = render_family(letter(news=News.cancelled)).text
    assert PLACE not in said
    assert LINK not in said
    assert "will not take place" in said


def test_on_paper_there_is_no_link_to_open() -> None:
    page = print_family(letter(link=None), "Siân Prys\n2 Heol Fawr", large=False)
    assert "link" not in spoken(letter(link=None))
    assert "Please tell your social worker whether you will come." in page
    assert "<address>Siân Prys\n2 Heol Fawr</address>" in page


def test_the_code_is_spoken_of_only_where_there_is_a_page_to_read_with_it() -> None:
    told = "with a code from your social worker"
    assert [told in spoken(each) for each in (letter(), letter(link=None), letter(kind="core_group"))] == [True, False, False]


def test_large_print_is_larger() -> None:
    small, large = (print_family(letter(), "", large=each) for each in (False, True))
    assert ("font-size: 12pt" in small, "font-size: 18pt" in large) == (True, True)


def test_words_that_come_from_people_are_text_and_no_html() -> None:
    html = render_family(letter(place="<script>alert(1)</script>")).html
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("born_on", "reader"),
    [
        (dt.date(2015, 12, 15), Reader.older),
        (dt.date(2015, 12, 16), Reader.younger),
        (dt.date(2010, 1, 1), Reader.older),
        (dt.date(2020, 1, 1), Reader.younger),
        (None, Reader.younger),
    ],
)
def test_a_childs_letter_is_for_its_age_on_the_day(born_on: dt.date | None, reader: Reader) -> None:
    assert reader_of_child(born_on, STARTS.date(), 11) is reader
    assert orders.reader("child_where_appropriate", orders.Age(born_on, STARTS, 11)) is reader


def test_every_part_of_a_family_has_its_reader() -> None:
    found = {part: orders.reader(part) for part in NEVER_CHASED}
    assert {part for part, reader in found.items() if reader.is_child} == orders.CHILDREN
    assert found["supporter"] is Reader.supporter
    assert found["foster_carer"] is Reader.adult


@pytest.mark.parametrize(
    ("kind", "facts", "news"),
    [
        (LetterKind.invitation, LetterFacts(method=Method.request, sequence=0), News.invited),
        (LetterKind.invitation, LetterFacts(method=Method.request, sequence=1), News.changed),
        (LetterKind.invitation, LetterFacts(method=Method.cancel, sequence=2), News.cancelled),
        (LetterKind.day_before, LetterFacts(), News.tomorrow),
    ],
)
def test_what_an_order_tells(kind: LetterKind, facts: LetterFacts, news: News) -> None:
    assert orders.news(kind, facts) is news
