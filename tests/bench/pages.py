"""`make bench` of pages: the demonstration behind a poor line, seen by a slow phone; writes var/bench-pages.json."""

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Final

import django
from django.core.management import call_command

from config.embedded.places import PROJECT
from tests.servers import own_servers

PART: Final = "pages"


def main(workloads: list[str]) -> int:
    if workloads and PART not in workloads:
        return 0
    if not shutil.which("chromium"):
        say("pages are not measured: apt-get install chromium")
        return 0
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # Playwright's own loop runs in the thread that asks the database
    )
    with own_servers(PART), socket.create_server(("127.0.0.1", 0)) as listening:
        django.setup()
        call_command("migrate", verbosity=0)
        # Its models can be read only now: settings say where the servers are.
        from tests.bench.visiting import visit_all

        figures = visit_all(listening, say=say)
    written = PROJECT / "var" / "bench-pages.json"
    part = Path(f"{written}.part")
    part.write_text(figures.to_json())
    part.replace(written)
    for line in figures.table():
        say(line)
    return 0


def say(what: str) -> None:
    sys.stdout.write(f"  {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
