"""Who is behind a session key: the session, the person and her places in one statement."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from lms.access.scoping import Grant, Scope
from lms.organisations.models import Membership, PartnerAgreement
from lms.sign_in.models import Session


def key_hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def open_session(key: str, *, at: datetime) -> Session | None:
    """The live session of a key, its person carrying her scope; None when there is none. One statement."""
    day = timezone.localdate(at)
    memberships = Membership.objects.in_force(day).filter(person=OuterRef("person"))
    lent = PartnerAgreement.objects.in_force(day).filter(
        partner__memberships__in=Membership.objects.in_force(day).filter(person=OuterRef(OuterRef("person")))
    )
    session = (
        Session.objects.select_related("person")
        .filter(key_hash=key_hash(key), expires_at__gt=at)
        .annotate(
            places=ArraySubquery(
                memberships.values(place=JSONObject(role="role", path="organisation__path"))
            ),
            lent=ArraySubquery(
                lent.annotate(role=F("partner__memberships__role")).values(
                    place=JSONObject(role="role", path="centre__path")
                )
            ),
        )
        .first()
    )
    if session is None or session.person is None:
        return session
    if not session.person.is_active:
        return None
    session.person.scope = _scope(session)
    return session


def _scope(session: Session) -> Scope:
    own = [Grant(**place) for place in session.places]  # type: ignore[attr-defined]  # annotated above
    lent = [Grant(**place, own_node=False) for place in session.lent]  # type: ignore[attr-defined]  # annotated above
    return Scope(person_id=session.person_id, grants=(*own, *lent))
