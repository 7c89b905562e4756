"""Who looked at whom cannot be rewritten unseen: every seal stands on the one before it and on its entries."""

import hashlib

import orjson
import pytest
from django.utils import timezone

from lms.accounts.models import Person
from lms.audit.models import AccessEntry, AccessSeal
from lms.audit.services import record_look, seal_looks
from tests.cast import make_person

pytestmark = pytest.mark.django_db


def broken_links() -> list[int]:
    """The places in the chain whose digest is not that of what stands there, counted from 1."""
    broken, before = [], b""
    for place, seal in enumerate(AccessSeal.objects.order_by("id"), 1):
        digest = hashlib.sha256(before)
        for entry in seal.entries.order_by("id"):
            said = [
                entry.pk,
                entry.viewer_id,
                entry.people,
                entry.surface,
                entry.fields,
                entry.reason,
                entry.at,
            ]
            digest.update(orjson.dumps(said))
        before = bytes(seal.digest)
        if digest.digest() != before:
            broken.append(place)
    return broken


@pytest.fixture
def viewer() -> Person:
    """Someone who looked at two women, one sealed after the other."""
    viewer = make_person()
    for woman in (make_person(), make_person()):
        record_look(viewer=viewer, people=[woman.pk], surface="registrations", at=timezone.now())
        assert seal_looks(at=timezone.now()) == 1
    return viewer


def test_an_untouched_chain_holds(viewer: Person) -> None:
    assert AccessSeal.objects.count() == 2
    assert broken_links() == []


def test_a_changed_and_a_removed_look_break_the_chain(viewer: Person) -> None:
    first = AccessEntry.objects.earliest("pk")
    AccessEntry.objects.filter(pk=first.pk).update(people=[viewer.pk])
    assert broken_links() == [1]
    AccessEntry.objects.filter(pk=first.pk).update(people=first.people)
    AccessEntry.objects.latest("pk").delete()
    assert broken_links() == [2]


def test_another_digest_in_the_middle_breaks_what_follows(viewer: Person) -> None:
    AccessSeal.objects.filter(pk=AccessSeal.objects.earliest("pk").pk).update(digest=b"0" * 32)
    assert broken_links() == [1, 2]
