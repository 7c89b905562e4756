"""Sending spans to an OpenTelemetry collector; imported only where OTEL_EXPORTER_OTLP_ENDPOINT names one."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def send_spans(service: str) -> None:
    """Begin to send; the exporter reads the standard's own variables (OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS …)."""
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
