from typing import Any

from django.core.management.base import BaseCommand

from lms.catalogues import compile_catalogues


class Command(BaseCommand):
    help = "Compile the message catalogues (needs no gettext program)."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        for path in compile_catalogues():
            self.stdout.write(f"{path.parent.parent.name}: compiled")
