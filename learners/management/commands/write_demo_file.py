from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from learners.demonstration.presenting import PATIENCE, NobodyDraws, wait_until_drawn
from learners.demonstration.sign_ins import (
    NotADemonstration,
    NotLoaded,
    demonstration_file,
    write_demonstration_file,
)


class Command(BaseCommand):
    help = (
        "Write demo.json: who is in the demonstration, with tokens. Waits until its certificates are drawn."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, default=PATIENCE, help="seconds without any new drawing")

    def handle(self, *, wait: float, **options: Any) -> None:
        try:
            wait_until_drawn(say=self._say, patience=wait)
            write_demonstration_file(path := demonstration_file(), at=timezone.now())
        except NobodyDraws as error:
            raise CommandError(f"{error}: are the relay and a worker running?") from error
        except NotADemonstration as error:
            raise CommandError("demo.json is written with JISR_ENV=demo only") from error
        except NotLoaded as error:
            raise CommandError("the demonstration is not loaded: manage.py load_demonstration") from error
        self._say(str(path))

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()
