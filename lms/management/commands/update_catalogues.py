from typing import Any

from django.core.management.base import BaseCommand

from lms.catalogues import update_catalogues


class Command(BaseCommand):
    help = "Bring new sentences of the code into the message catalogues and say how many await a translation."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        for language, count in update_catalogues().items():
            self.stdout.write(f"{language}: {count} without translation")
