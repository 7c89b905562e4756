"""Who is behind a session key: the session, the person and her places in one statement."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from lms.access.scoping import Grant, Scope
from lms.sign_in.models import Session

# Where she works, and the centres that a partner agreement lends her there; both only while they are in force.
# Written out, because building it anew from querysets took longer than all the rest of an ordinary request.
PLACES: Final = """
(SELECT coalesce(jsonb_agg(jsonb_build_object('role', place.role, 'path', place.path, 'own_node', place.own)), '[]')
 FROM (
    SELECT membership.role, organisation.path, true AS own
    FROM membership
    JOIN organisation ON organisation.id = membership.organisation_id
    WHERE membership.person_id = session.person_id
      AND membership.from_date <= %s AND coalesce(membership.until_date, 'infinity') >= %s
    UNION ALL
    SELECT membership.role, organisation.path, false
    FROM membership
    JOIN partner_agreement AS agreement ON agreement.partner_id = membership.organisation_id
    JOIN organisation ON organisation.id = agreement.centre_id
    WHERE membership.person_id = session.person_id
      AND membership.from_date <= %s AND coalesce(membership.until_date, 'infinity') >= %s
      AND agreement.from_date <= %s AND coalesce(agreement.until_date, 'infinity') >= %s
 ) AS place)
"""


def key_hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def open_session(key: str, *, at: datetime) -> Session | None:
    """The live session of a key, its person carrying her scope; None when there is none. One statement."""
    day = timezone.localdate(at)
    places = RawSQL(PLACES, (day,) * 6, output_field=JSONField())  # noqa: S611  # a constant; the day is bound
    session = (
        Session.objects.select_related("person")
        .filter(key_hash=key_hash(key), expires_at__gt=at)
        .annotate(places=places)
        .first()
    )
    if session is None or session.person is None:
        return session
    if not session.person.is_active:
        return None
    grants = tuple(Grant(**place) for place in session.places)
    session.person.scope = Scope(person_id=session.person_id, grants=grants)
    return session
