"""Logs: a line of JSON for each thing that happened, on standard error, which the supervisor keeps in `logs/`.

Only the fields below are written, whatever a line is given. Lines of libraries tell who spoke and where, not what was said, since they
repeat what they were given; failures are told by `observing.failures`.
"""

import logging
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from opentelemetry import trace

from observing.failures import chain

FIELDS: Mapping[str, str] = {
    "at": "when, in UTC",
    "level": "`debug`, `info`, `warning`, `error`",
    "event": "what happened, one word with underscores",
    "process": "`worker`, `sender`, `pages`, `replies`, `supervisor`",
    "child": "the child's opaque id; it is also the id of its workflow",
    "command": "what was asked for, as in commands.md",
    "command_id": "the command's own id",
    "workflow": "the kind of workflow: `Journey`, `Meeting`, `Digest`",
    "workflow_id": "its id, where it is no child's",
    "activity": "the activity",
    "attempt": "its how manieth try",
    "seconds": "how long it took",
    "late_seconds": "how long after the instant at which it was due",
    "ahead_seconds": "how far this machine's clock is ahead of the record's; less than nothing: behind",
    "entries": "how many entries of the timeline were written",
    "letter": "the letter's id",
    "kind": "the letter's kind; of a mail that came back, what it is",
    "state": "what became of it",
    "detail": "the mail server's code, never its words",
    "attempts": "how often the letter was tried",
    "meeting": "the meeting's opaque id",
    "entry": "the number of a mail that came back",
    "came_to": "what it came to, as in calendars.md",
    "queue": "the engine's task queue",
    "build": "the version of the worker",
    "code": "why a command was refused",
    "error": "the type of a failure",
    "message": "of a failure: ids and codes, where it is known to hold nothing else",
    "exception": "the failure and its causes: type, message as above, and the places in the code; no values",
    "route": "which page was asked for, by its name in the code, never by its path",
    "status": "the answer's HTTP status",
    "program": "the process that the supervisor speaks of",
    "ending": "its exit code or signal",
    "logger": "the library that spoke",
    "where": "the place in its code",
    "trace": "the trace that the line belongs to, where traces are on",
    "unknown_fields": "names of fields that a line was given and that are not in this list",
}
"""Every field that a line may have, and what it says."""

OWN_WORDS = re.compile(r"([a-z_]+)(?:: (\w+))?")
"""What our workflows and activities say: an event, and perhaps the type of a failure."""

OURS = ("temporalio.workflow", "temporalio.activity")
"""The loggers that the SDK gives to our workflows and activities."""

ENGINE_CORE = "temporalio.core"
"""The engine's client itself: it knows only what is encrypted, so its words are safe."""

Event = MutableMapping[str, Any]


def configure(process: str, level: str) -> None:
    """Everything that this process logs goes out as lines of JSON from now on."""
    structlog.configure(
        processors=_processors(process),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=level.upper(), handlers=[Libraries()], force=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda died: _uncaught(died.exc_type, died.exc_value, died.exc_traceback)


def to_file(process: str, file: TextIO) -> structlog.typing.FilteringBoundLogger:
    """A log of its own, for what runs in a process of somebody else's."""
    return structlog.wrap_logger(
        structlog.WriteLogger(file), processors=_processors(process), wrapper_class=structlog.make_filtering_bound_logger(logging.INFO)
    )


def _processors(process: str) -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _of(process),
        _traced,
        _without_data,
        _known_alone,
        structlog.processors.JSONRenderer(),
    ]


class Libraries(logging.Handler):
    """Takes what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line that says who spoke, where, and of which failure."""
        said = OWN_WORDS.fullmatch(record.getMessage().split(" (", maxsplit=1)[0]) if record.name in OURS else None
        fields: dict[str, Any] = {
            **_whose(record),
            "logger": record.name,
            "where": f"{record.module}.py:{record.lineno} in {record.funcName}",
        }
        if record.name == ENGINE_CORE:
            fields |= {"message": record.getMessage(), "where": None}
        if said is not None and said[2]:
            fields["error"] = said[2]
        if record.exc_info and record.exc_info[1] is not None:
            fields["exc_info"] = record.exc_info[1]
        event = said[1] if said is not None else "library"
        structlog.get_logger().log(record.levelno, event, **{key: value for key, value in fields.items() if value is not None})


def _whose(record: logging.LogRecord) -> dict[str, Any]:
    info: Mapping[str, Any] = getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None) or {}
    return _named(info.get("workflow_type"), info.get("workflow_id")) | {
        name: info[key] for key, name in (("activity_type", "activity"), ("attempt", "attempt")) if key in info
    }


def _named(kind: str | None, id: str | None) -> dict[str, Any]:
    """The workflow's kind and id; a journey's id is the child's."""
    if kind is None:
        return {}
    return {"workflow": kind, "child" if kind == "Journey" else "workflow_id": id}


whose = _named


def _of(process: str) -> structlog.typing.Processor:
    def name(logger: Any, method: str, event: Event) -> Event:
        return {"process": process, **event}

    return name


def _traced(logger: Any, method: str, event: Event) -> Event:
    context = trace.get_current_span().get_span_context()
    return {**event, "trace": f"{context.trace_id:032x}"} if context.is_valid else event


def _without_data(logger: Any, method: str, event: Event) -> Event:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = [said._asdict() for said in chain(error)]
    return event


def _known_alone(logger: Any, method: str, event: Event) -> Event:
    unknown = sorted(set(event) - set(FIELDS))
    known = {key: value for key, value in event.items() if key in FIELDS}
    return {**known, "unknown_fields": unknown} if unknown else known


def _uncaught(kind: type[BaseException], error: BaseException | None, _: TracebackType | None) -> None:
    structlog.get_logger().error("process_failed", exc_info=error if error is not None else kind())
