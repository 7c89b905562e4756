"""How an import reads in the API and on its page."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from learners.imports.lists import unseal_sample
from learners.imports.models import Import
from learners.imports.wording import STOPPED
from lms.accounts.presenting import present_organisation
from lms.texts import in_words


def present_import(job: Import) -> dict[str, Any]:
    """Counts and codes, and the titles of the columns; no cell of a row."""
    header = unseal_sample(job.sample, job.uuid)["header"]
    return {
        "id": job.uuid,
        "kind": "learners",
        "state": job.state,
        "code": job.stopped_for or None,
        "detail": str(STOPPED[job.stopped_for]) if job.stopped_for else None,
        "dry_run": job.dry_run,
        "organisation": present_organisation(job.organisation),
        "cohort": present_cohort(job),
        "name": job.name,
        "columns": titles_of(job.columns, header),
        "rows": job.rows,
        "processed": job.cursor,
        "accepted": job.created + job.known,
        "created": job.created,
        "known": job.known,
        "enrolled": job.enrolled,
        "refused": job.refused,
        "shared_numbers": job.sharing,
        "errors": reverse("import-errors", args=[job.uuid]) if job.refused else None,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


def present_cohort(job: Import) -> dict[str, Any] | None:
    cohort = job.cohort
    return (
        {"id": cohort.uuid, "title": in_words(cohort.title), "course": cohort.course.slug} if cohort else None
    )


def titles_of(columns: Mapping[str, int], header: list[str]) -> dict[str, str]:
    """Field → title; nothing once the list was forgotten."""
    return {field: header[place] for field, place in columns.items() if place < len(header)}


def present_with_preview(job: Import) -> dict[str, Any]:
    """The same with the titles and first rows of the list, for whoever sent it."""
    return present_import(job) | {"preview": unseal_sample(job.sample, job.uuid)}
