"""How spans go through the engine, and how they leave the process: without words."""

from collections.abc import Mapping, Sequence
from typing import Any

import temporalio.worker
from opentelemetry import context as contexts
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status
from temporalio.contrib.opentelemetry import TracingInterceptor, TracingWorkflowInboundInterceptor


def provider(name: str) -> TracerProvider:
    """Of spans of the service of that name, to the collector that the environment names; what waits is sent when the process ends."""
    made = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    made.add_span_processor(BatchSpanProcessor(WithoutData(OTLPSpanExporter())))
    return made


class Tracing(TracingInterceptor):
    """The SDK's, for journeys that run for years: an update belongs to the trace of who sent it, not to that of the first command."""

    def workflow_interceptor_class(self, input: temporalio.worker.WorkflowInterceptorClassInput) -> type[TracingWorkflowInboundInterceptor]:
        """What runs within a workflow."""
        super().workflow_interceptor_class(input)
        return TracedByUpdate


class TracedByUpdate(TracingWorkflowInboundInterceptor):
    """Only what an update asks for is traced within a workflow."""

    async def execute_workflow(self, input: temporalio.worker.ExecuteWorkflowInput) -> Any:
        """Time alone has no trace in the workflow; its activities begin theirs."""
        return await self.next.execute_workflow(input)

    def handle_update_validator(self, input: temporalio.worker.HandleUpdateInput) -> None:
        """The handler is traced."""
        self.next.handle_update_validator(input)

    async def handle_query(self, input: temporalio.worker.HandleQueryInput) -> Any:
        """A look changes nothing."""
        return await self.next.handle_query(input)

    async def handle_update_handler(self, input: temporalio.worker.HandleUpdateInput) -> Any:
        """Under the sender's span."""
        header = input.headers.get(self.header_key)
        if header is not None:
            # Never detached: the handler's task, and its context, end with it.
            contexts.attach(self.text_map_propagator.extract(self.payload_converter.from_payloads([header])[0], Context()))
        self._completed_span(f"HandleUpdate:{input.update}", kind=SpanKind.SERVER)
        return await self.next.handle_update_handler(input)


class WithoutData(SpanExporter):
    """Passes spans on without the words of failures: of an exception its type is left."""

    def __init__(self, to: SpanExporter) -> None:
        self._to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them."""
        return self._to.export([_without_words(each) for each in spans])

    def shutdown(self) -> None:
        """No more will come."""
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self._to.force_flush(timeout_millis)


def _without_words(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[Event(each.name, _type_alone(each.attributes or {}), each.timestamp) for each in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _type_alone(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key == "exception.type"}
