"""The words of the pages exist in Welsh and in English, all that are said, and no others."""

import re
from pathlib import Path
from typing import get_args

import pytest
from jinja2 import Environment, nodes

import web
from correspondence.catalogue import problems
from schemas.answering import Gone, Reply
from web.forms import BUTTONS
from web.rendering import TEMPLATES
from web.wording import phrases

SOURCE = Path(web.__file__).parent

ROOT = SOURCE.parent

FORBIDDEN = ("referral clock", "rung", "clock ", "removed", "key worker", "statutory", "child", "please")


def said() -> set[str]:
    """The keys that templates and code say, with those that are put together."""
    templates = " ".join(path.read_text(encoding="utf-8") for path in TEMPLATES.iterdir())
    keys: set[str] = set(re.findall(r'say(?:_in)?\("([a-z]+\.[a-z_]+)"', templates))
    forms = (SOURCE / "forms.py").read_text(encoding="utf-8")
    keys |= {f"wrong.{name}" for name in re.findall(r'"((?:date|time|reason)_[a-z]+|changed)"', forms)} | {"wrong.answer"}
    keys |= {f"wrong.{name}" for name in re.findall(r'"(section_[a-z]+)"', (SOURCE / "report_forms.py").read_text(encoding="utf-8"))}
    keys |= {f"reply.{reply}" for reply in Reply} | {f"button.{reply}" for reply in BUTTONS}
    keys |= {f"field.{name}" for name in re.findall(r'(?:group\(|\()"([a-z]+)", [\[0-9]', templates)}
    keys |= {f"{part}.{kind}" for part in ("field", "hint") for kind in ("reason", "contribution")}
    ended = {"expired", "papers", "home", "unknown", "unreadable", "failed", *get_args(Gone.model_fields["why"].annotation)}
    return keys | {f"{part}.{key}" for part in ("title", "text") for key in ended}


def test_every_phrase_stands_in_welsh_and_in_english_with_the_same_place_holders() -> None:
    assert problems(phrases()) == []


def test_no_welsh_phrase_is_left_in_english() -> None:
    assert {key for key, pair in phrases().items() if pair["cy"] == pair["en"]} == {"every.service"}


def test_all_that_pages_say_has_words_and_no_others_are_kept() -> None:
    assert said() == set(phrases())


def test_no_template_has_words_of_its_own() -> None:
    for path in TEMPLATES.iterdir():
        data = Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.TemplateData)  # noqa: S701 - nothing is rendered.
        text = re.sub(r"<[^>]*>", " ", "".join(each.data for each in data))
        assert re.findall(r"[A-Za-zŵŷâêîôû]{2,}", text) == [], path.name


@pytest.mark.parametrize("word", FORBIDDEN)
def test_the_pages_use_the_words_of_the_field_and_name_no_child(word: str) -> None:
    assert [
        key
        for key, pair in phrases().items()
        if word in str(pair["en"]).lower() and not key.endswith(".time") and (word, key.partition(".")[0]) != ("child", "report")
    ] == []
