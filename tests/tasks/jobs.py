"""The scheduled jobs as beat knows them, run on the spot."""

from importlib import import_module

from django.conf import settings

from config.celery import app

for module in settings.CELERY_IMPORTS:
    import_module(module)


def run_job(name: str) -> None:
    """`tasks.seal_looks` and its like."""
    app.tasks[name]()
