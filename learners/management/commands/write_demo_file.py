import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from learners.demonstration.sign_ins import (
    NotADemonstration,
    NotLoaded,
    pending_certificates,
    write_demonstration_file,
)

PATIENCE: Final = 120
LOOK_EVERY: Final = 0.5
SAY_EVERY: Final = 5.0


class Command(BaseCommand):
    help = (
        "Write demo.json: who is in the demonstration, with tokens. Waits until its certificates are drawn."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=int, default=PATIENCE, help="seconds without any new drawing")

    def handle(self, *, wait: int, **options: Any) -> None:
        self._until_drawn(wait)
        try:
            path = write_demonstration_file(at=timezone.now())
        except NotADemonstration as error:
            raise CommandError("demo.json is written with JISR_ENV=demo only") from error
        except NotLoaded as error:
            raise CommandError("the demonstration is not loaded: manage.py load_demonstration") from error
        self.stdout.write(f"  {path}")

    def _until_drawn(self, wait: int) -> None:
        moved = said = time.monotonic()
        before = 0
        while pending := pending_certificates():
            now = time.monotonic()
            if pending != before:
                moved, before = now, pending
            if now - moved > wait:
                raise CommandError(
                    f"{pending} certificates wait and none was drawn for {wait} s: are the relay and a worker running?"
                )
            if now - said >= SAY_EVERY:
                self.stdout.write(f"  {pending} certificates to draw")
                self.stdout.flush()
                said = now
            time.sleep(LOOK_EVERY)
