"""Every name in `docker-compose.yml` is one that the code, the engine or the specification knows."""

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.validators import validator_for

from cli import ROOMS, app
from correspondence.post import parse_smtp_url
from correspondence.reply_settings import ReplySettings
from correspondence.settings import SenderSettings
from embedded.engine_binary import SERVER_VERSION
from embedded.environment import sections
from embedded.services import SERVICES
from embedded.settings import ServiceSettings, Settings, read
from record.roles import Role
from tests.production.compose import ROOT, services, whole

GIVEN = {"SIWRNAI_AUTHORITY": "sir-enghraifft", "RECORD_PASSWORD": "one", "ENGINE_PASSWORD": "two"}

OURS = {"migrate", "worker", "begin", "pages", "replies", "sender", "siwrnai"}

PORTS = {"record": 5432, "engine-database": 5432, "engine": 7233, "localhost": 1025}
"""What each image listens on; localhost is the mail catcher's own."""

ADDRESS = re.compile(r"(?:^|//|@)([a-z][a-z-]*):(\d{4})\b")


URL = re.compile(r"\b(DATABASE_URL)=(.*?) exec ")


def of_us() -> Iterator[tuple[str, dict[str, Any]]]:
    """Our own services."""
    return ((name, each) for name, each in services(GIVEN).items() if each.get("image") == "siwrnai")


def strings(value: Any) -> Iterator[str]:
    """Every string in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():  # pyright: ignore[reportUnknownVariableType] - of YAML.
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:  # pyright: ignore[reportUnknownVariableType] - of YAML.
            yield from strings(each)


def test_it_is_valid_by_the_compose_specification() -> None:
    schema = json.loads((ROOT / "tests" / "production" / "compose-spec.json").read_text())
    validator = validator_for(schema, default=Draft7Validator)(schema)
    assert [error.message for error in validator.iter_errors(whole())] == []
    wrong = whole()
    wrong["services"]["worker"]["comand"] = "typo"
    assert not validator.is_valid(wrong), "the schema finds nothing"


def test_our_services_are_those_that_serve_starts_and_no_others() -> None:
    assert {name for name, _ in of_us()} == OURS
    assert {service.name for service in SERVICES} < OURS


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_is_documented_and_its_value_is_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = services(GIVEN)[name]["environment"]
    documented = {variable.name for section in sections() for variable in section.variables}
    assert set(told) <= documented
    command = " ".join(services(GIVEN)[name].get("command", []))
    in_command = dict(re.findall(URL, command))
    for variable, value in {**told, **in_command}.items():
        monkeypatch.setenv(variable, re.sub(r"\$\(cat [^)]*\)", "password", value))
    settings = read({"worker": ServiceSettings, "sender": SenderSettings, "replies": ReplySettings}.get(name, Settings))
    assert str(settings.keys) == "/keys"


def test_every_service_logs_in_as_its_own_role_with_the_password_that_migrate_keeps() -> None:
    for service in SERVICES:
        ((_, url),) = re.findall(URL, " ".join(services(GIVEN)[service.name]["command"]))
        assert url == f"postgresql://{service.role}:$(cat /keys/roles/{service.role})@record:5432/siwrnai"
        assert service.role in set(Role)


def test_every_command_is_there() -> None:
    verbs = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands} | set(ROOMS)
    for name, service in of_us():
        words = shlex.split(" ".join(service.get("command", [])).replace("$(", "").replace(")@", "@"))
        if "python" in words:
            assert importlib.util.find_spec(words[words.index("-m") + 1]) is not None, name
        elif words:
            assert words[0] == "siwrnai"
            assert words[1] in verbs
        else:
            assert service["entrypoint"] == ["siwrnai"]


def test_every_address_names_a_service_and_its_port() -> None:
    there = services(GIVEN)
    named = {(host, int(port)) for text in strings(list(there.values())) for host, port in ADDRESS.findall(text)}
    assert named == {(host, PORTS[host]) for host in ("record", "engine", "localhost")}
    assert {there["engine"]["environment"]["POSTGRES_SEEDS"], there["engine-schema"]["environment"]["SQL_HOST"]} == {"engine-database"}
    assert there["sender"]["network_mode"] == "service:mail-catcher"
    assert parse_smtp_url(there["sender"]["environment"]["SMTP_URL"]).host == "localhost"
    waited_for = {other for each in there.values() for other in each.get("depends_on", ())}
    assert waited_for <= set(there)


def test_the_engine_is_the_one_that_is_tested_here_and_no_password_is_in_the_file() -> None:
    there = services(GIVEN)
    assert {there[name]["image"].rpartition(":")[2] for name in ("engine", "engine-schema")} == {SERVER_VERSION}
    with pytest.raises(KeyError, match="RECORD_PASSWORD"):
        services({name: value for name, value in GIVEN.items() if name != "RECORD_PASSWORD"})


def test_no_worker_of_a_version_starts_before_its_gate_and_what_runs_once_is_not_tried_for_ever() -> None:
    ours, done = dict(of_us()), {"condition": "service_completed_successfully"}
    # It asks the gate before it changes anything: of the engine that the workers will speak to.
    assert ours["migrate"]["command"] == ["siwrnai", "migrate"]
    assert ours["migrate"]["environment"]["TEMPORAL_ADDRESS"] == ours["worker"]["environment"]["TEMPORAL_ADDRESS"]
    assert ours["worker"]["depends_on"]["migrate"] == done
    assert "worker" in ours["begin"]["depends_on"]
    assert ours["begin"]["command"] == ["siwrnai", "gate", "--begin"]
    for name in ("migrate", "begin"):
        assert re.fullmatch(r"on-failure:\d+", ours[name]["restart"]), name


def test_the_image_holds_every_package() -> None:
    taken = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    packages = re.search(r"^packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE)
    assert packages is not None
    assert set(re.findall(r'"(\w+)"', packages[1])) <= taken
