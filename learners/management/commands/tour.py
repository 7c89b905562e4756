from typing import Any

from django.core.management.base import BaseCommand, CommandError

from learners.demonstration.sign_ins import NotLoaded
from learners.demonstration.tour import lines


class Command(BaseCommand):
    help = "Say where the demonstration is, how to sign in as each person, and what to see in five minutes."

    def handle(self, **options: Any) -> None:
        try:
            for line in lines():
                self.stdout.write(line)
        except NotLoaded as error:
            raise CommandError("the demonstration is not loaded: manage.py load_demonstration") from error
