"""Every command has a verb made from its model: each option becomes its field, and each mistake is one sentence that says what would be right."""

import datetime as dt
import io
import shlex
import string
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from console import journey, language
from console.documentation import example_of
from console.endings import Code
from console.fields import fields
from console.options import ACTOR
from procedures import vocabulary
from schemas.base import TEXT_LIMIT
from schemas.commands import COMMANDS, Command
from tests.console.typed import needed, typed

PEOPLE_DO = {name: model for name, model in COMMANDS.items() if not model.service}

every_command = pytest.mark.parametrize("name", PEOPLE_DO)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (language.SETTING, *language.LOCALE, ACTOR):
        monkeypatch.delenv(name, raising=False)


class Taken:
    """What the verbs hand to the door."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[tuple[str, Command, str]] = []
        monkeypatch.setattr(journey, "take", self._take)

    def _take(self, child: str, command: Command, id: str) -> None:
        self.commands.append((child, command, id))

    @property
    def last(self) -> Command:
        return self.commands[-1][1]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    return Taken(monkeypatch)


def types(*arguments: str, words: bytes | None = None) -> Any:
    return CliRunner().invoke(app, arguments, input=words)


def verb(name: str) -> list[str]:
    return ["journey", name.replace("_", "-"), "c-1"]


@every_command
def test_each_option_becomes_its_field(taken: Taken, name: str) -> None:
    ways = [(field, *way) for field in fields(PEOPLE_DO[name]) for way in typed(field)]
    for field, arguments, means in ways:
        result = types(*verb(name), *needed(PEOPLE_DO[name], without=field.name), *arguments)
        assert result.exit_code == 0, result.output
        command = taken.last
        assert type(command) is PEOPLE_DO[name]
        assert command.model_dump(mode="json", include={field.name}, exclude_none=True) == {field.name: means}


@every_command
def test_a_field_that_is_needed_and_not_given_is_named(taken: Taken, name: str) -> None:
    for field in fields(PEOPLE_DO[name]):
        if field.required and field.name != "happened_at":
            result = types(*verb(name), *needed(PEOPLE_DO[name], without=field.name))
            assert result.exit_code == Code.mistake
            assert result.stderr.startswith(f"{field.option} is missing")
            where_to_look = ("right would be: ", "siwrnai directory people", "siwrnai journey show")
            assert any(each in result.stderr for each in where_to_look)
            assert len(result.stderr.splitlines()) == 1
    assert not taken.commands


@every_command
def test_an_unknown_value_is_answered_with_those_there_are(taken: Taken, name: str) -> None:
    for field in fields(PEOPLE_DO[name]):
        if field.choices:
            result = types(*verb(name), *needed(PEOPLE_DO[name], without=field.name), field.option, "zzzz")
            where = f"{field.option} (1)" if field.many else field.option
            assert result.exit_code == Code.mistake
            assert result.stderr == f"{where}: 'zzzz' is not known; right would be: {', '.join(field.choices)}.\n"
    assert not taken.commands


@every_command
def test_the_example_in_the_documentation_can_be_typed(taken: Taken, name: str) -> None:
    result = types(*shlex.split(example_of(name, PEOPLE_DO[name]).replace("CHILD", "c-1"))[1:])
    assert result.exit_code == 0, result.output
    assert taken.commands[-1][0] == "c-1"


@every_command
def test_every_command_has_a_name_in_welsh(name: str) -> None:
    assert vocabulary.command_names()[name]


FORMS = string.Formatter().parse


def test_everything_is_said_in_both_languages() -> None:
    for table, said in language.sentences().items():
        for key, sentence in said.items():
            assert sentence.keys() == ({"cy"} if table == "commands" else {"cy", "en"}), f"{table}.{key}"
            if table != "commands":
                assert placeholders(sentence["cy"]) == placeholders(sentence["en"]), f"{table}.{key}"


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in FORMS(sentence) if name is not None}


def test_what_is_counted_has_the_form_that_goes_with_its_number() -> None:
    counted = {
        spec
        for said in language.sentences().values()
        for each in said.values()
        for text in each.values()
        for _, _, spec, _ in FORMS(text)
        if spec
    }
    assert counted <= vocabulary.table("amounts").keys()
    language.choose("en")
    assert language.say("audit.checkpoint", number=1, when="…", chains=1, entries=2) == "Checkpoint 1 of …: 1 chain, 2 entries."
    language.choose("cy")
    assert language.say("audit.checkpoint", number=1, when="…", chains=2, entries=2) == "Pwynt gwirio 1, …: 2 gadwyn, 2 gofnod."
    language.choose(None)


def test_what_the_service_says_itself_has_no_verb() -> None:
    assert types("journey", "letter-refused", "c-1").exit_code == Code.mistake


def test_a_verb_may_be_written_as_timelines_write_it(taken: Taken) -> None:
    assert types("journey", "police_told", "c-1", "--actor", "p-1").exit_code == 0


def test_the_time_is_now_and_the_id_a_new_one_where_none_is_given(taken: Taken) -> None:
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    types("journey", "police-told", "c-1", "--actor", "p-1")
    result = types("journey", "police-told", "c-1", "--actor", "p-1")
    assert before < taken.last.happened_at < dt.datetime.now(dt.UTC)
    first, second = (id for _, _, id in taken.commands)
    assert first != second
    assert f"--id {second} --happened-at {taken.last.happened_at.isoformat()}" in result.stderr


def test_the_actor_may_stand_in_the_environment(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACTOR, "p-7")
    assert types("journey", "police-told", "c-1").exit_code == 0
    assert taken.last.actor == "p-7"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            "2026-11-23T10:05",
            "'2026-11-23T10:05' does not say its offset from UTC; on a clock in Wales it would be: 2026-11-23T10:05+00:00.",
        ),
        (
            "2026-07-01 10:05",
            "'2026-07-01 10:05' does not say its offset from UTC; on a clock in Wales it would be: 2026-07-01T10:05+01:00.",
        ),
        ("2026-11-23", "'2026-11-23' is not a date with a time; right would be, for instance: 2026-11-23T10:05+00:00."),
        ("1763892300", "'1763892300' is not a date with a time; right would be, for instance: 2026-11-23T10:05+00:00."),
        ("2026-02-30T10:00Z", "'2026-02-30T10:00Z' is not a date with a time; right would be, for instance: 2026-11-23T10:05+00:00."),
        ("0001-01-01T00:00Z", "'0001-01-01T00:00Z' is not a date with a time; right would be, for instance: 2026-11-23T10:05+00:00."),
        ("9999-12-31T23:59Z", "'9999-12-31T23:59Z' is not a date with a time; right would be, for instance: 2026-11-23T10:05+00:00."),
        ("yesterday", "'yesterday' is not a date with a time; right would be, for instance: 2026-11-23T10:05+00:00."),
    ],
)
def test_an_instant_that_is_none_is_answered_with_one_that_is(taken: Taken, given: str, says: str) -> None:
    result = types("journey", "police-told", "c-1", "--actor", "p-1", "--happened-at", given)
    assert (result.exit_code, result.stderr) == (Code.mistake, f"--happened-at: {says}\n")


@pytest.mark.parametrize("given", ["1763892300", "2027-3-2", "02/03/2027", "2027-02-30"])
def test_a_date_that_is_none_is_answered_with_one_that_is(taken: Taken, given: str) -> None:
    result = types("journey", "report", "c-1", "--actor", "p-1", "--how", "telephone", "--words", "x", "--expected-on", given)
    assert (result.exit_code, taken.commands) == (Code.mistake, [])
    assert result.stderr == f"--expected-on: {given!r} is not a date; right would be, for instance: 2027-03-02.\n"


@pytest.mark.parametrize("child", ["Ela Prys", "../etc", "x" * 65, ""])
def test_a_child_is_an_opaque_id(taken: Taken, child: str) -> None:
    result = types("journey", "police-told", "--actor", "p-1", "--", child)
    assert (result.exit_code, taken.commands) == (Code.mistake, [])
    assert "is not an id; right would be" in result.stderr


def test_ten_megabytes_of_text_are_too_long_from_a_file_and_from_standard_input(taken: Taken, tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_bytes(b"a" * 10_485_760)
    for result in (
        types("journey", "missing", "c-1", "--actor", "p-1", "--words", f"@{file}"),
        types("journey", "missing", "c-1", "--actor", "p-1", "--words", "-", words=file.read_bytes()),
    ):
        assert (result.exit_code, taken.commands) == (Code.mistake, [])
        assert result.stderr.startswith(f"--words: the text is too long; at most {TEXT_LIMIT} characters are taken.")


def test_words_come_from_a_file_or_from_standard_input_or_begin_with_an_at_sign(taken: Taken, tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_text("Ŵyneb a thŷ.\n", encoding="utf-8")
    for given, stdin, means in ((f"@{file}", None, "Ŵyneb a thŷ."), ("-", "Yn ôl.".encode(), "Yn ôl."), ("@@ddoe", None, "@ddoe")):
        assert types("journey", "missing", "c-1", "--actor", "p-1", "--words", given, words=stdin).exit_code == 0
        assert taken.last.model_dump()["words"] == means


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe", "is not text in UTF-8"), (None, "cannot be read (No such file or directory)"), (b" \n", "no words in it")],
)
def test_a_file_that_holds_no_words_is_named(taken: Taken, tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "words"
    if content is not None:
        file.write_bytes(content)
    result = types("journey", "missing", "c-1", "--actor", "p-1", "--words", f"@{file}")
    assert (result.exit_code, taken.commands) == (Code.mistake, [])
    assert says in result.stderr


def test_words_of_people_are_never_repeated_in_a_mistake(taken: Taken) -> None:
    secret = "Said in confidence " * 6000
    result = types(
        "journey", "strategy-held", "c-1", "--actor", "p-1", "--outcome", "section47_joint", "--rationale", "-", words=secret.encode()
    )
    assert result.exit_code == Code.mistake
    assert "confidence" not in result.output


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("polce", "--attendance (2) agency: 'polce' is not known; right would be: police."),
        (
            "agency=police,by=carrier",
            "--attendance (2) by: 'carrier' is not known; right would be: present, telephone, video, written, apologies.",
        ),
        ("agency=police,role=x", "--attendance (2): there is no part 'role': see --help."),
        ("person=p-1", "--attendance (2) agency is missing; right would be: social_services, police, "),
        ("{agency: police}", "--attendance: this is not JSON; right would be, for instance: agency=social_services."),
    ],
)
def test_a_mistake_within_a_part_says_in_which(taken: Taken, given: str, says: str) -> None:
    result = types(
        *verb("strategy_held"), "--actor", "p-1", "--outcome", "section47_joint", "--attendance", "social_services", "--attendance", given
    )
    assert (result.exit_code, taken.commands) == (Code.mistake, [])
    assert says.rstrip(".") in result.stderr.replace("(2) role", "(2)")


def test_a_plan_without_a_line_is_refused_at_the_edge(taken: Taken) -> None:
    result = types("journey", "plan-agreed", "c-1", "--actor", "p-1")
    assert (result.exit_code, taken.commands) == (Code.mistake, [])
    assert result.stderr.startswith("--plan is missing")


def test_mistakes_are_told_in_welsh(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, environment in ((["--language", "cy"], {}), ([], {language.SETTING: "cy"}), ([], {"LANGUAGE": "cy_GB:en"})):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        result = types(*arguments, "journey", "visit", "c-1", "--actor", "p-1", "--seen", "--place", "zzzz")
        assert result.stderr == "--place: nid yw 'zzzz' yn hysbys; byddai hyn yn gywir: home, school, family, other.\n"
        for name in environment:
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["jorney"], "There is no verb jorney: see --help."),
        (["journey", "reprt"], "There is no verb reprt: see --help."),
        (["journey", "report"], "CHILD is missing: see --help."),
        (["journey", "report", "c-1", "--hwo", "x"], "There is no option --hwo: see --help."),
    ],
)
def test_a_line_that_is_no_command_gets_one_sentence(line: list[str], says: str) -> None:
    result = types(*line)
    assert result.exit_code == Code.mistake
    assert result.stderr.startswith(says)


def test_help_names_every_verb_and_option() -> None:
    listed = types("journey", "--help").output
    for name, model in PEOPLE_DO.items():
        assert name.replace("_", "-") in listed
        shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["journey", name, "--help"]).output
        for field in fields(model):
            assert field.option in shown


def test_the_line_can_be_completed() -> None:
    result = CliRunner(
        env={"_SIWRNAI_COMPLETE": "complete_bash", "COMP_WORDS": "siwrnai journey report c-1 --how te", "COMP_CWORD": "5"}
    ).invoke(app, prog_name="siwrnai")
    assert "telephone" in result.output


def test_standard_input_is_read_once(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("x"))
    result = types(
        "journey",
        "strategy-held",
        "c-1",
        "--actor",
        "p-1",
        "--outcome",
        "section47_joint",
        "--attendance",
        "police",
        "--rationale",
        "-",
        "--reason",
        "-",
        words=b"x",
    )
    assert result.exit_code == Code.mistake
    assert "no words in it" in result.stderr


def test_a_fault_of_ours_is_one_sentence_without_words_of_people(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("words of people")

    monkeypatch.setattr(journey, "take", fails)
    result = types("journey", "police-told", "c-1", "--actor", "p-1")
    assert result.exit_code == Code.broken
    assert "RuntimeError at test_verbs.py, line " in result.stderr
    assert "words of people" not in result.stderr.replace("may hold words of people", "")
