import signal
import threading
from typing import Any

from celery import current_app
from celery.beat import EmbeddedService
from django.core.management.base import BaseCommand, CommandParser

from tasks import relay


class Command(BaseCommand):
    help = "Turn events into deliveries and tell the workers, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-beat", action="store_true", help="run the schedule in this process too")

    def handle(self, *, with_beat: bool, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        beat: Any = EmbeddedService(current_app, thread=True) if with_beat else None
        if beat:
            beat.start()
        relay.run(stop)
        if beat:
            beat.stop()
