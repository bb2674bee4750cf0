"""Of a failure only what holds no data is told."""

import json
import logging
import re
from pathlib import Path
from typing import Literal

import asyncpg
import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from temporalio.exceptions import ApplicationError

from observing.failures import chain, message_of, root
from observing.logs import FIELDS, Libraries, to_file
from observing.metrics import METRICS
from record.timeline import RecordAhead

DOCS = Path(__file__).parents[2] / "docs"
NAME = "Gwenllian Rhydderch"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Household(BaseModel, extra="forbid"):
    born: int
    pet: Cat | Dog = Field(discriminator="kind")


def test_pydantic_names_the_field_and_the_kind_of_mistake_and_never_what_was_given() -> None:
    with pytest.raises(ValidationError) as raised:
        Household.model_validate({"born": NAME, "pet": {"kind": NAME}, NAME: 1})
    assert NAME in str(raised.value), "the library itself repeats it"
    assert message_of(raised.value) == "born: int_parsing; pet: union_tag_invalid; …: extra_forbidden"


def test_postgres_names_code_table_and_constraint_and_never_the_row() -> None:
    error = asyncpg.PostgresError.new(
        {"C": "23505", "M": f"duplicate {NAME}", "D": f"Key (name)=({NAME}) already exists.", "t": "people", "n": "people_key"}
    )
    assert NAME in str(error)
    assert message_of(error) == "23505 people people_key"


def test_a_message_of_ours_is_told_only_where_it_is_known_to_hold_ids() -> None:
    assert message_of(RecordAhead("c-1", 4, 6)) == "child c-1: the journey stands at entry 4, the record at entry 6"
    assert message_of(ValueError(f"what is {NAME}?")) == ""


def test_the_last_cause_is_what_holds_it_and_frames_name_places_without_values() -> None:
    with pytest.raises(ApplicationError) as raised:
        try:
            TypeAdapter(int).validate_python(NAME)
        except ValidationError as error:
            raise ApplicationError(NAME, type="CannotRead") from error
    assert root(raised.value) == ("ValidationError", ": int_parsing", ())
    outer, inner = chain(raised.value)
    assert outer.type == "CannotRead"
    assert re.fullmatch(r"tests/observing/test_failures\.py:\d+ in test_the_last_cause\w+", outer.where[-1])
    assert NAME not in json.dumps([outer, inner])


def test_a_line_has_known_fields_alone(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+", encoding="utf-8") as file:
        try:
            raise ValueError(NAME)
        except ValueError:
            to_file("worker", file).exception("letter", letter="L1", words=NAME)
        file.seek(0)
        line = json.loads(file.read())
    assert line["unknown_fields"] == ["words"]
    assert (line["event"], line["letter"], line["process"], line["level"]) == ("letter", "L1", "worker", "error")
    assert line["exception"][0]["type"] == "ValueError"
    assert NAME not in json.dumps(line)


def test_a_library_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("asyncio", logging.ERROR, "/x/base_events.py", 7, f"Task exception: {NAME}", (), None, "call")
    Libraries().emit(record)
    said = "".join(capsys.readouterr())
    assert "base_events.py:7 in call" in said
    assert NAME not in said


def test_what_a_journey_says_of_itself_is_an_event_with_the_childs_id(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord(
        "temporalio.workflow", logging.ERROR, "/x/journey.py", 7, "journey_cannot_record: %s", ("RecordAhead",), None
    )
    record.temporal_workflow = {"workflow_id": "c-1", "workflow_type": "Journey", "attempt": 1}
    Libraries().emit(record)
    said = "".join(capsys.readouterr())
    assert "journey_cannot_record" in said
    assert "c-1" in said
    assert "RecordAhead" in said


def test_every_metric_every_field_and_every_part_of_status_is_documented() -> None:
    page = (DOCS / "observing.md").read_text(encoding="utf-8")
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        assert f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |" in page, metric.name
    for field, meaning in FIELDS.items():
        assert f"| `{field}` | {meaning} |" in page, field
