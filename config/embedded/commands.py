"""The processes of the platform; docker-compose.yml runs the same (tests/contracts/test_compose.py compares)."""

import sys
from typing import Final

QUICK_QUEUES: Final = ("default", "messages", "certificates", "tallies", "imports")
# In turn, so that what somebody waits for is checked between two films that are made smaller.
MEDIA_QUEUES: Final = ("media", "renditions")
QUEUES: Final = (*QUICK_QUEUES, *MEDIA_QUEUES)


def web(bind: str) -> list[str]:
    """The web server on `bind` (host:port)."""
    return [
        *("gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--bind", bind, "--no-control-socket"),
    ]


def worker(queues: tuple[str, ...], *, concurrency: int) -> list[str]:
    """A worker that takes from `queues` with `concurrency` processes."""
    return [
        *("celery", "-A", "config.celery", "worker", "--queues", ",".join(queues)),
        *(
            "--concurrency",
            str(concurrency),
            "--hostname",
            f"{queues[0]}@%h",
            "--without-gossip",
            "--without-mingle",
        ),
    ]


def beat() -> list[str]:
    """The schedule as a process of its own; `make run` has it inside the relay instead."""
    return ["celery", "-A", "config.celery", "beat"]


def manage(*words: str) -> list[str]:
    """A command of manage.py."""
    return ["manage.py", *words]


def collect_static() -> list[str]:
    """Gather the static files; without those of pages of others that we do not serve."""
    return manage("collectstatic", "--noinput", "--ignore", "rest_framework", "--ignore", "swagger-ui-dist")


def in_our_python(words: list[str]) -> list[str]:
    """The same command run by the Python that runs us, so that no PATH decides."""
    return [sys.executable, *words] if words[0] == "manage.py" else [sys.executable, "-m", *words]
