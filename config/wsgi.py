import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # where the server's processes count together
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)

application = get_wsgi_application()

from learners.demonstration.guard import refuse_demonstration_sessions  # noqa: E402  # models need the apps above

refuse_demonstration_sessions()

if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
    from config.tracing import send_spans

    send_spans("jisr-web")
