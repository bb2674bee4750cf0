"""Traces by OpenTelemetry, from a command to its letter. Off unless OTEL_EXPORTER_OTLP_ENDPOINT names a collector.

The way of a trace: the door → the journey's update → its activities → the order of the letter in the outbox (a column keeps the trace's
id) → the sender. What nobody asked for, as an overdue timescale, begins a trace of its own at the journey's activity: one trace for a
journey of years would be of no use.
"""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from temporalio.client import Interceptor

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

PARENT = "traceparent"

_tracer = trace.get_tracer("siwrnai")
_propagator = TraceContextTextMapPropagator()


def wanted() -> bool:
    """Whether a collector is named."""
    return any(os.environ.get(name) for name in ENDPOINTS)


def start(process: str) -> None:
    """Send this process's spans to the collector that the environment names; without one nothing is traced."""
    if wanted():
        # Slow to import, and of no use where nothing is traced.
        from observing.tracing import provider

        trace.set_tracer_provider(provider(os.environ.get("OTEL_SERVICE_NAME") or f"siwrnai-{process}"))


def interceptors() -> "Sequence[Interceptor]":
    """What the engine's client needs to carry traces; nothing where nothing is traced."""
    if not wanted():
        return ()
    from observing.tracing import Tracing

    return (Tracing(),)


def current() -> str:
    """The present span as a `traceparent` (W3C); empty where there is none."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(PARENT, "")


@contextmanager
def span(name: str, parents: Sequence[str] = (), kind: SpanKind = SpanKind.INTERNAL, **ids: str) -> Generator[None]:
    """A span of what is done within: a child of the first parent, or of the present span; linked to the other parents."""
    first, *others = [_propagator.extract({PARENT: each}) for each in parents] or [None]
    links = [Link(trace.get_current_span(each).get_span_context()) for each in others]
    attributes: Mapping[str, str] = {f"siwrnai.{key}": value for key, value in ids.items()}
    with _tracer.start_as_current_span(name, context=first, kind=kind, links=links, attributes=attributes):
        yield
