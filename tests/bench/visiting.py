"""The demonstration at work behind a line, and everything that is measured on it."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from playwright.sync_api import Browser

from courses.publishing.models import PublishedLesson
from learners.enrolments.models import Enrolment
from lms.accounts.queries import people_on_number
from tests.bench.line import OPEN_LINE, Line, line_to
from tests.bench.visits import (
    EVENTS,
    HER_NUMBER,
    Figures,
    chromium,
    from_sms_to_lesson,
    look_at,
    pages_of_hers,
    phone,
    send_events,
    sign_in,
)
from tests.faults.living import is_settled
from tests.journeys.calls import Caller, Outbox, connect, wait_until
from tests.journeys.running import manage
from tests.servers import Platform, running_platform

DEMONSTRATION: Final = {"JISR_ENV": "demo"}  # styles and scripts hashed and compressed, as in use
SHARE: Final = 10  # per cent of the demonstration's learners: her pages are the same
RENDERED_AFTER: Final = 900.0  # seconds at most until every film has its smaller form


def visit_all(listening: socket.socket, *, say: Callable[[str], None]) -> Figures:
    say("the demonstration, and its films in smaller forms")
    manage("collectstatic", "--noinput", environment=DEMONSTRATION)
    with running_platform(**DEMONSTRATION) as platform, chromium() as browser:
        manage("load_demonstration", "--share", str(SHARE), environment=platform.environment)
        wait_until(is_settled, "every file rendered", seconds=RENDERED_AFTER)
        with line_to(int(platform.base_url.rpartition(":")[2]), listening) as line:
            return _measure(browser, line, platform, say)


def _measure(browser: Browser, line: Line, platform: Platform, say: Callable[[str], None]) -> Figures:
    outbox = Outbox(platform.outbox)
    session = _session(browser, line, outbox)
    pages = []
    for name, path in pages_of_hers().items():
        say(name)
        pages.append(look_at(browser, line, session, name, path))
    say("a village's line")
    taps, seconds = from_sms_to_lesson(browser, line, outbox)
    sent = send_events(browser, line, session, json.dumps(_a_long_absence()))
    return Figures(pages, taps, round(seconds, 1), round(sent, 1), _kept_bytes(platform))


def _session(browser: Browser, line: Line, outbox: Outbox) -> Any:
    line.become(OPEN_LINE)
    with phone(browser) as page:
        sign_in(page, line, outbox)
        page.get_by_role("button", name="تابعي").click()
        page.wait_for_url(f"{line.url}/")
        return page.context.storage_state()


def _a_long_absence() -> dict[str, Any]:
    """What one lesson of hers makes in a week without network."""
    [she] = people_on_number(HER_NUMBER)
    enrolment = Enrolment.objects.filter(learner=she).order_by("id")[0]
    lesson = PublishedLesson.objects.filter(publication=enrolment.publication_id, kind="text")[0]
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = {
        "enrolment": str(enrolment.uuid),
        "lesson": str(lesson.uuid),
        "verb": "progressed",
        "seconds": 30,
    }
    events = [{"id": str(uuid4()), "occurred_at": moment, "percent": 40, **event} for _ in range(EVENTS)]
    return {"device": "bench", "waiting": 0, "events": events}


def _kept_bytes(platform: Platform) -> dict[str, dict[str, int]]:
    """The totals of each published course's manifest, in Arabic."""
    with connect(platform.base_url) as http:
        caller = Caller(http)
        courses = [course["slug"] for course in caller.get("/courses")["results"]]
        return {slug: _totals(caller, slug) for slug in courses}


def _totals(caller: Caller, slug: str) -> dict[str, int]:
    number = caller.get(f"/courses/{slug}/outline")["publication"]["number"]
    totals: dict[str, int] = caller.get(f"/courses/{slug}/publications/{number}/manifest")["totals"]
    return totals
