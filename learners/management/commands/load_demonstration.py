from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from learners.demonstration.loading import load


class Command(BaseCommand):
    help = "Load the demonstration: the national tree, two courses, 2,400 learners and every role. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--share", type=int, default=100, help="per cent of the learners (for tests)")

    def handle(self, *, share: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration is not loaded in production.")
        loaded = load(at=timezone.now(), share=share, say=lambda line: self.stdout.write(f"  {line}"))
        if not loaded.people:
            self.stdout.write("  everything is as it was")
