from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from learners.personal_data.services import HoldsARole, erase_person
from lms.accounts.models import Person


class Command(BaseCommand):
    help = "Forget a person for good (law 09-08, article 8). Her id is the one that /api/v1/me shows her."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="public id of the person")
        parser.add_argument("--reason", required=True, help="who asked, and where that is written down")

    def handle(self, *, person: str, reason: str, **options: Any) -> None:
        known = Person.objects.filter(uuid=person).first()
        if known is None:
            raise CommandError("There is no such person, or she is forgotten already")
        try:
            erase_person(person=known, by=None, reason=reason, at=timezone.now())
        except HoldsARole as refusal:
            raise CommandError("She holds a role: end it first") from refusal
        self.stdout.write("She is forgotten; her documents are removed by a worker")
