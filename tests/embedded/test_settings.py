"""Environment variables: a bad one is named, with what would be right, and no secret is repeated."""

import re
from pathlib import Path

import pytest

from correspondence.reply_settings import ReplySettings
from correspondence.settings import SenderSettings
from embedded.environment import document
from embedded.settings import BadSettings, Common, ServiceSettings, Settings, WorkerSettings, check, read
from web.settings import WebSettings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("TEMPORAL_ADDRESS", "engine", "TEMPORAL_ADDRESS: expected host:port; right would be, for instance: temporal.internal:7233"),
        ("DATABASE_URL", "mysql://a:b@c/d", "DATABASE_URL: expected postgresql://user:password@host:port/database"),
        ("SMTP_URL", "mail.internal", "SMTP_URL: expected smtp://host:port"),
        ("SIWRNAI_PROCEDURES", "/nowhere/wales.toml", "SIWRNAI_PROCEDURES: there is no such file"),
        ("SIWRNAI_HOME", __file__, "SIWRNAI_HOME: this is a file, not a folder"),
        ("SIWRNAI_LOG_LEVEL", "loud", "SIWRNAI_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"),
        ("TEMPORAL_NAMESPACE", "two words", "TEMPORAL_NAMESPACE: expected 1 to 64 letters"),
    ],
)
def test_a_bad_variable_is_refused_in_a_sentence(variable: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings) as refused:
        read(Settings)
    (sentence,) = str(refused.value).splitlines()
    assert sentence.startswith(expected)


def test_every_bad_variable_is_named_at_once_and_no_password_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:/user:hunan-gyfrinach@db")
    monkeypatch.setenv("SMTP_URL", "user:hunan-gyfrinach@mail")
    with pytest.raises(BadSettings) as refused:
        read(Settings)
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["DATABASE_URL", "SMTP_URL"]
    assert "hunan-gyfrinach" not in str(refused.value)


def test_a_process_that_is_run_by_itself_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEMPORAL_ADDRESS", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadSettings, match=r"TEMPORAL_ADDRESS: Field required[^\n]*\nDATABASE_URL: Field required"):
        read(ServiceSettings)


def test_what_a_process_would_refuse_is_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEMPORAL_ADDRESS", "DATABASE_URL", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    check((WorkerSettings, SenderSettings, WebSettings, ReplySettings))
    monkeypatch.setenv("SIWRNAI_WEB_ADDRESS", "foo")
    monkeypatch.setenv("SIWRNAI_MAIL_POLL", "fast")
    with pytest.raises(BadSettings) as refused:
        check((WorkerSettings, SenderSettings, WebSettings, ReplySettings))
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["SIWRNAI_MAIL_POLL", "SIWRNAI_WEB_ADDRESS"]


def test_keys_are_kept_in_the_data_folder_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIWRNAI_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    assert read(Settings).keys == tmp_path / "keys"
    assert read(Settings).database_url is None


def test_the_documentation_is_what_the_models_say_and_leaves_out_no_variable() -> None:
    assert (ROOT / "docs" / "environment.md").read_text() == document() + "\n", "run: python -m embedded.environment > docs/environment.md"
    sources = [path for path in ROOT.rglob("*.py") if ".venv" not in path.parts and "tests" not in path.parts]
    named = {name for path in sources for name in re.findall(r'"(SIWRNAI_[A-Z_]+)"', path.read_text())}
    assert named == set(re.findall(r"`(SIWRNAI_[A-Z_]+)`", document()))


@pytest.mark.parametrize("kind", [Settings, ServiceSettings, SenderSettings, WebSettings])
def test_no_variable_of_another_name_is_taken_for_one_of_ours(kind: type[Common], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`HOME` and the like are the system's: data would lie among a person's own files."""
    for name, value in {"TEMPORAL_ADDRESS": "a:1", "DATABASE_URL": "postgresql://a:b@c/d", "SMTP_URL": "smtp://mail:25"}.items():
        monkeypatch.setenv(name, value)
    for name in ("SIWRNAI_HOME", "SIWRNAI_CACHE"):
        monkeypatch.setenv(name, str(tmp_path))
    before = read(kind)
    ours = {str(field.validation_alias) for field in kind.model_fields.values()}
    for name in kind.model_fields:
        if name.upper() not in ours:
            monkeypatch.setenv(name.upper(), "elsewhere")
    assert read(kind) == before
