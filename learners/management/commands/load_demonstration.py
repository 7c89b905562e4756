from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from learners.demonstration.loading import load
from learners.demonstration.presenting import NobodyDraws, present, wait_until_drawn


class Command(BaseCommand):
    help = "Load the demonstration: the national tree, two courses, 2,400 learners and every role. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--share", type=int, default=100, help="per cent of the learners (for tests)")
        parser.add_argument(
            "--present",
            type=Path,
            metavar="FOLDER",
            help="then wait until its certificates are drawn, and write demo.json and tour.txt there",
        )

    def handle(self, *, share: int, present: Path | None, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration is not loaded in production.")
        loaded = load(at=timezone.now(), share=share, say=self._say)
        if not loaded.people:
            self._say("everything is as it was")
        if present:
            self._present(present)

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()

    def _present(self, folder: Path) -> None:
        try:
            wait_until_drawn(say=self._say)
        except NobodyDraws as error:
            raise CommandError(f"{error}: are the relay and a worker running?") from error
        present(folder, at=timezone.now())
