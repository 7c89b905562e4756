"""What a piece of work did to the world, counted so that twice is seen; and a death in the middle of it."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import orjson
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.postgresql.base import DatabaseWrapper

from lms.events.models import EventDelivery, StoredEvent
from lms.files import storage
from lms.operations.models import Finding

Account = dict[tuple[Any, ...], int]

# Deliveries count their attempts; facts are counted by topic; of what a job found only the newest is kept.
NOT_COUNTED = (EventDelivery, StoredEvent, Finding)
SENT = ("message sent",)
SAID_BY_NAME = ("kind", "topic", "stage", "verb", "handler")
SIZES = ("bytes", "size", "part_size")
# How often it was tried: once more after a death.
TRIES = ("attempts", "doubts")


def acted(work: Callable[..., object], *arguments: object) -> Account:
    """How many rows of each likeness, objects and messages there are more or fewer after `work`.

    Rows are alike when their numbers, choices, flags and empty columns are: names, keys and moments differ anyway.
    """
    before = _world()
    work(*arguments)
    after = _world()
    after.subtract(before)
    return {what: count for what, count in after.items() if count}


def _world() -> Counter[tuple[Any, ...]]:
    world = Counter[tuple[Any, ...]]()
    for model in apps.get_models():
        if model._meta.app_label in {"lms", "courses", "learners"} and model not in NOT_COUNTED:
            world.update(_likeness(row) for row in model._default_manager.all())
    world.update(("fact", topic) for topic in StoredEvent.objects.values_list("topic", flat=True))
    world.update(("dead", handler) for handler in _dead())
    world.update(("object", key.partition("/")[0]) for key in _objects())
    messages = _messages()
    world[SENT] = len(messages)
    world[("message",)] = len(set(messages))
    return world


def _likeness(row: models.Model) -> tuple[Any, ...]:
    traits = [(field.attname, _trait(field, row)) for field in row._meta.concrete_fields]
    return (row._meta.label, *((name, trait) for name, trait in traits if trait is not None))


def _trait(field: "models.Field[Any, Any]", row: models.Model) -> Any:
    value = getattr(row, field.attname)
    match field:
        case _ if isinstance(field, models.AutoField) or field.name in TRIES:
            return None
        case _ if field.is_relation or field.primary_key:
            return value is not None
        case models.IntegerField() if field.name not in SIZES:
            return value
        case models.BooleanField() | models.DateField() if not isinstance(field, models.DateTimeField):
            return str(value)
        case models.CharField() if field.choices or field.name in SAID_BY_NAME:
            return value
    return bool(value)


def _dead() -> list[str]:
    return list(EventDelivery.objects.exclude(dead_at=None).values_list("handler", flat=True))


def _objects() -> list[str]:
    pages = storage.storage().get_paginator("list_objects_v2").paginate(Bucket=settings.STORAGE_BUCKET)
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def empty_storage() -> None:
    """Remove what other tests left: each account lists the whole bucket, a dozen times a test."""
    keys = _objects()
    for start in range(0, len(keys), 1_000):
        named = {"Objects": [{"Key": key} for key in keys[start : start + 1_000]], "Quiet": True}
        storage.storage().delete_objects(Bucket=settings.STORAGE_BUCKET, Delete=named)


def _messages() -> list[tuple[str, str]]:
    if not settings.SMS_OUTBOX.exists():
        return []
    lines = [orjson.loads(line) for line in settings.SMS_OUTBOX.read_bytes().splitlines()]
    return [(line["to"], line["text"]) for line in lines]


class Killed(BaseException):
    """As kill -9 does: no handler of errors is asked, and the database undoes what was not committed."""


@dataclass
class Fate:
    """To die at that commit, counted from 1: just before it, or just after."""

    commit: int
    after: bool = False
    happened: bool = False


@contextmanager
def meeting(fate: Fate) -> Iterator[None]:
    """Within the block this thread dies at the commit of its fate, if it comes that far."""
    commits, thread, really = itertools.count(1), threading.get_ident(), DatabaseWrapper.commit

    def commit(wrapper: DatabaseWrapper) -> None:
        if threading.get_ident() == thread and next(commits) == fate.commit:
            fate.happened = True
            if fate.after:
                really(wrapper)
            wrapper.connection.close()
            wrapper.closed_in_transaction = True
            raise Killed
        really(wrapper)

    with patch.object(DatabaseWrapper, "commit", commit), suppress(Killed):
        yield
