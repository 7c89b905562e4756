"""Who is behind a session key: the session, the person and her places in one statement."""

import hashlib
from datetime import datetime
from typing import Final

import orjson
from django.utils import timezone

from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from lms.sign_in.models import Session
from lms.statements import columns_of, loaded, row, width_of

# Where she works, and the centres that a partner agreement lends her there; both only while they are in force.
PLACES: Final = """
SELECT membership.role, organisation.path, true AS own_node
  FROM membership
  JOIN organisation ON organisation.id = membership.organisation_id
 WHERE membership.person_id = session.person_id
   AND membership.from_date <= %(day)s AND coalesce(membership.until_date, 'infinity') >= %(day)s
 UNION ALL
SELECT membership.role, organisation.path, false
  FROM membership
  JOIN partner_agreement AS agreement ON agreement.partner_id = membership.organisation_id
  JOIN organisation ON organisation.id = agreement.centre_id
 WHERE membership.person_id = session.person_id
   AND membership.from_date <= %(day)s AND coalesce(membership.until_date, 'infinity') >= %(day)s
   AND agreement.from_date <= %(day)s AND coalesce(agreement.until_date, 'infinity') >= %(day)s
"""
OPEN: Final = f"""
SELECT {columns_of(Person)}, (SELECT jsonb_agg(place) FROM ({PLACES}) AS place), {columns_of(Session)}
  FROM session
  LEFT JOIN person ON person.id = session.person_id
 WHERE session.key_hash = %(key_hash)s AND session.expires_at > %(at)s
"""  # noqa: S608  # put together from constants
PERSON: Final = width_of(Person)


def key_hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def open_session(key: str, *, at: datetime) -> Session | None:
    """The live session of a key, its person carrying her scope; None when there is none. One statement."""
    found = row(OPEN, {"key_hash": key_hash(key), "at": at, "day": timezone.localdate(at)})
    if found is None:
        return None
    session = loaded(Session, found[PERSON + 1 :])
    if session.person_id is None:
        return session
    session.person = person = loaded(Person, found[:PERSON])
    if not person.is_active:
        return None
    grants = tuple(Grant(**place) for place in orjson.loads(found[PERSON] or "[]"))
    person.scope = Scope(person_id=person.pk, grants=grants)
    return session
