"""Metrics for Prometheus, beside the engine client's own and on the same address. Names and codes as labels, never ids.

The engine's client brings a meter and serves it: one mechanism for its metrics and ours, and no library more. Where no address was
given everything below counts into nothing.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import structlog
from temporalio.common import MetricMeter
from temporalio.runtime import LogForwardingConfig, LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig, TelemetryFilter

from observing.logs import ENGINE_CORE


class Kind(StrEnum):
    """What a metric does."""

    counter = "counter"
    histogram = "histogram"
    gauge = "gauge"


class Metric(NamedTuple):
    """One metric of ours, as it is served and documented."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()


SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LATENESS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)

COMMANDS_TAKEN = Metric("siwrnai_commands_taken", Kind.counter, ("command",), "commands that journeys took")
COMMANDS_REFUSED = Metric("siwrnai_commands_refused", Kind.counter, ("command", "code"), "commands that the procedures refused, and why")
ACTIVITY_FAILURES = Metric(
    "siwrnai_activity_failures", Kind.counter, ("activity", "failure"), "tries of activities that failed (refusals are not failures)"
)
WAKE_LATENESS = Metric(
    "siwrnai_wake_lateness_seconds", Kind.histogram, (), "how long after its instant what was due by time alone was worked out", LATENESS
)
RECORD_APPEND = Metric("siwrnai_record_append_seconds", Kind.histogram, (), "how long one append to a timeline took", SHORT)
LETTER_TRIES = Metric(
    "siwrnai_letter_tries",
    Kind.counter,
    ("kind", "state"),
    "tries to hand over a letter, by what came of it: sent, deferred, refused, stale",
)
LETTER_REPEATS = Metric("siwrnai_letter_repeats", Kind.counter, ("kind",), "tries after a letter's first")
REPLIES = Metric(
    "siwrnai_replies", Kind.counter, ("kind", "came_to"), "mails that came back, by what they are and what they came to; see calendars.md"
)
OUTBOX_LETTERS = Metric("siwrnai_outbox_letters", Kind.gauge, ("state",), "letters in the outbox: waiting, being tried again, refused")
OUTBOX_OLDEST = Metric("siwrnai_outbox_oldest_seconds", Kind.gauge, (), "age of the oldest letter that is not sent yet")
OVERDUE = Metric("siwrnai_overdue_timescales", Kind.gauge, ("timescale",), "running timescales past their due date")
JOURNEYS = Metric("siwrnai_journeys", Kind.gauge, ("state",), "journeys, open and closed")
JOURNEYS_LATE = Metric("siwrnai_journeys_late", Kind.gauge, (), "journeys with something due for more than a minute and not acted on")
JOURNEYS_LATEST = Metric("siwrnai_journeys_late_oldest_seconds", Kind.gauge, (), "how long the latest of them is late")
HELD = Metric(
    "siwrnai_workflows_held", Kind.gauge, ("failure",), "workflows held by a failing activity; a journey among them cannot record"
)
CLOCK_DIFFERENCE = Metric(
    "siwrnai_clock_difference_seconds", Kind.gauge, (), "how far the clock of this process's machine is from the record's, either way"
)

METRICS = (
    *(COMMANDS_TAKEN, COMMANDS_REFUSED, ACTIVITY_FAILURES, WAKE_LATENESS, RECORD_APPEND, LETTER_TRIES, LETTER_REPEATS, REPLIES),
    *(OUTBOX_LETTERS, OUTBOX_OLDEST, OVERDUE, JOURNEYS, JOURNEYS_LATE, JOURNEYS_LATEST, HELD, CLOCK_DIFFERENCE),
)


@dataclass
class _Instruments:
    meter: MetricMeter = MetricMeter.noop
    made: dict[str, Any] = field(default_factory=lambda: {})
    shown: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: {})
    """The label values that each gauge has had: what is gone is shown as nothing, not as it last was."""

    def of(self, metric: Metric) -> Any:
        if metric.name not in self.made:
            create = {
                Kind.counter: self.meter.create_counter,
                Kind.histogram: self.meter.create_histogram_float,
                Kind.gauge: self.meter.create_gauge_float,
            }[metric.kind]
            self.made[metric.name] = create(metric.name, metric.meaning)
        return self.made[metric.name]


_instruments = _Instruments()


def start(address: str | None) -> None:
    """Before the process makes a client: its runtime logs through us, and serves /metrics on that address where there is one.

    Where nothing can listen there the log says so, and the process goes on: timescales are not held up for the sake of numbers.
    """
    served = None if address is None else _serving(address)
    runtime = served or Runtime(telemetry=TelemetryConfig(logging=_core_logging()))
    Runtime.set_default(runtime)
    if served is not None:
        _instruments.meter = runtime.metric_meter


def _serving(address: str) -> Runtime | None:
    config = PrometheusConfig(
        bind_address=address,
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides={metric.name: metric.buckets for metric in METRICS if metric.buckets},
    )
    try:
        return Runtime(telemetry=TelemetryConfig(logging=_core_logging(), metrics=config))
    except ValueError as error:
        structlog.get_logger().error("metrics_not_served", error=type(error).__name__)
        return None


def count(metric: Metric, *labels: str) -> None:
    """One more of these."""
    _instruments.of(metric).add(1, _labelled(metric, labels))


def observe(metric: Metric, value: float, *labels: str) -> None:
    """One such value more in its distribution."""
    _instruments.of(metric).record(value, _labelled(metric, labels))


def show(metric: Metric, values: Mapping[tuple[str, ...], float]) -> None:
    """The gauge as it is now, by labels; labels that it had before and has no more are nothing."""
    before = _instruments.shown.setdefault(metric.name, set())
    for labels in before | set(values):
        _instruments.of(metric).set(float(values.get(labels, 0)), _labelled(metric, labels))
    before |= set(values)


def _labelled(metric: Metric, labels: Iterable[str]) -> dict[str, str]:
    return dict(zip(metric.labels, labels, strict=True))


def _core_logging() -> LoggingConfig:
    """The engine's client logs through us as well."""
    forwarding = LogForwardingConfig(
        logging.getLogger(ENGINE_CORE), prepend_target_on_message=False, append_log_fields_to_message=False, append_target_to_name=False
    )
    return LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarding)
