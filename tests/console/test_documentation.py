"""The pages that are generated say what the models say."""

from typer.main import get_group

from cli import ROOMS, app
from console.documentation import DOCS, pages, refusals_of
from schemas.commands import COMMANDS


def test_the_page_is_current() -> None:
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m console.documentation"


def test_what_stands_down_says_what_it_may_be_refused_for() -> None:
    assert {"screening_needs_rationale", "screening_needs_threshold"} <= set(refusals_of("screened"))
    assert {"deregistration_needs_evidence", "deregistration_needs_voice", "not_on_register"} <= set(refusals_of("review_held"))
    assert {"closing_while_registered", "closing_needs_rationale"} <= set(refusals_of("record_closed"))


def test_every_command_that_people_give_is_there() -> None:
    text = next(text for path, text in pages().items() if path.name == "commands.md")
    for name, model in COMMANDS.items():
        assert (f"### {name}\n" in text) is not model.service


def test_every_verb_of_the_front_door_is_in_the_page_of_the_command_line() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    for name in get_group(app).commands.keys() - ROOMS:
        assert f"`siwrnai {name}" in text
    for name in ROOMS:
        assert f"`siwrnai {name} " in text
