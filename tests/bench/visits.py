"""What pages cost an old phone on a poor line: bytes, requests, taps and seconds, in a real browser."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from courses.publishing.models import PublishedLesson
from learners.demonstration import cast
from learners.enrolments.models import Enrolment
from lms.accounts.queries import people_on_number
from tests.bench.line import OPEN_LINE, SLOW_4G, VILLAGE, Line
from tests.browser.chromium import CHROMIUM, PHONE, QUIET
from tests.journeys.calls import Outbox

HER_NUMBER: Final = cast.phone(cast.HEROINE.number)
SLOWER: Final = 4  # an old phone beside this processor, as Lighthouse has it
STILL: Final = 1_500  # milliseconds without work before a page counts as interactive
PATIENCE: Final = 180_000
EVENTS: Final = 500
WORK = """
new PerformanceObserver((seen) => {
  for (const task of seen.getEntries()) window.busyUntil = task.startTime + task.duration;
}).observe({type: "longtask", buffered: true});
"""
INTERACTIVE = """
() => Math.max(performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd, window.busyUntil || 0)
"""
SEND = """
async (body) => {
  const began = performance.now();
  const answer = await fetch("/api/v1/progress/events", {method: "POST", body, headers: {
    "Content-Type": "application/json",
    "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value}});
  const heard = await answer.json();
  if (!heard.results.every((each) => each.status === "accepted")) throw new Error(JSON.stringify(heard));
  return (performance.now() - began) / 1000;
}
"""


@dataclass(frozen=True)
class Visit:
    """One page: bytes and requests the first time and the second, and seconds until it answers her finger."""

    page: str
    cold_bytes: int
    cold_requests: int
    warm_bytes: int
    warm_requests: int
    interactive_s: float


@dataclass(frozen=True)
class Figures:
    """`var/bench-pages.json`. `courses`: bytes kept on a phone, by course and by what she keeps."""

    pages: list[Visit]
    sms_to_lesson_taps: int
    sms_to_lesson_s: float
    sync_500_s: float
    courses: dict[str, dict[str, int]]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    def table(self) -> Iterator[str]:
        """Lines of text, a page each."""
        yield f"{'page':<16} {'cold kB':>8} {'requests':>8} {'warm kB':>8} {'requests':>8} {'interactive s':>13}"
        for seen in self.pages:
            cold, warm = seen.cold_bytes / 1000, seen.warm_bytes / 1000
            yield (
                f"{seen.page:<16} {cold:>8.1f} {seen.cold_requests:>8} {warm:>8.1f} {seen.warm_requests:>8} "
                f"{seen.interactive_s:>13.2f}"
            )
        yield f"from the SMS to a lesson at 50 kbit/s: {self.sms_to_lesson_taps} taps, {self.sms_to_lesson_s} s"
        yield f"{EVENTS} events at 50 kbit/s: {self.sync_500_s} s"
        for slug, kept in self.courses.items():
            text, audio, video = (kept[name] / 1e6 for name in ("text", "audio", "video"))
            yield f"{slug}: {text:.2f} MB of text, {audio:.1f} with sound, {video:.1f} with films"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def pages_of_hers() -> dict[str, str]:
    """The addresses she walks through in the demonstration, by what stands there."""
    [she] = people_on_number(HER_NUMBER)
    enrolment = Enrolment.objects.select_related("course").get(
        learner=she, course__slug__startswith="asasiyat"
    )
    course = f"/my/courses/{enrolment.course.slug}"
    lessons = PublishedLesson.objects.filter(publication=enrolment.publication_id).order_by("id")
    first = {
        kind: lessons.filter(kind=kind).values_list("uuid", flat=True)[0]
        for kind in ("text", "video", "quiz")
    }
    return {
        "home": "/",
        "catalogue": "/courses",
        "course": f"/courses/{enrolment.course.slug}",
        "my courses": "/my/courses",
        **{f"lesson: {kind}": f"{course}/lessons/{uuid}" for kind, uuid in first.items()},
        "certificates": "/my/certificates",
    }


def look_at(browser: Browser, line: Line, session: Any, name: str, path: str) -> Visit:
    """Open one page twice on a phone that was never here, and once more as a slow one sees it."""
    line.become(OPEN_LINE)
    with phone(browser, session) as page:
        cold = _cost(page, line, path)
        warm = _cost(page, line, path)
    line.become(SLOW_4G)
    with phone(browser, session) as page:
        page.add_init_script(WORK)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(f"{line.url}{path}", timeout=PATIENCE)
        page.wait_for_timeout(STILL)
        seconds = page.evaluate(INTERACTIVE) / 1000
    return Visit(name, *cold, *warm, round(seconds, 2))


@contextmanager
def phone(browser: Browser, session: Any = None) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport=PHONE, locale="ar-MA", storage_state=session)
    yield context.new_page()
    context.close()


def _cost(page: Page, line: Line, path: str) -> tuple[int, int]:
    """Bytes and requests until the line is still, what the service worker fetches included."""
    bytes_before, requests_before = line.passed()
    page.goto(f"{line.url}{path}")
    seen = (0, 0)
    while seen != (seen := line.passed()):
        page.wait_for_timeout(STILL)
    return seen[0] - bytes_before, seen[1] - requests_before


def sign_in(page: Page, line: Line, outbox: Outbox) -> None:
    """Her number, and the code that comes: the clock of what follows begins with the code in her hand."""
    heard = len(outbox.messages_to(HER_NUMBER))
    page.goto(f"{line.url}/sign-in", timeout=PATIENCE)
    page.locator("input[name=phone]").fill(HER_NUMBER)
    page.get_by_role("button", name="ابعثوا لي الرمز").click(timeout=PATIENCE)
    page.locator("input[name=code]").fill(outbox.next_code(HER_NUMBER, after=heard), timeout=PATIENCE)


def from_sms_to_lesson(browser: Browser, line: Line, outbox: Outbox) -> tuple[int, float]:
    """Taps and seconds from the code to the words of a lesson, on a village's line."""
    line.become(VILLAGE)
    with phone(browser) as page:
        page.set_default_timeout(PATIENCE)
        sign_in(page, line, outbox)
        began = time.monotonic()
        page.get_by_role("button", name="تابعي").click()
        page.wait_for_url(f"{line.url}/")
        page.locator("main").get_by_role("link", name="تابعي").first.click()
        page.wait_for_url("**/lessons/**", wait_until="domcontentloaded")
        return 2, time.monotonic() - began


def send_events(browser: Browser, line: Line, session: Any, events: str) -> float:
    """Seconds that five hundred events take on a village's line."""
    with phone(browser, session) as page:
        line.become(OPEN_LINE)
        page.goto(f"{line.url}/account")
        line.become(VILLAGE)
        seconds: float = page.evaluate(SEND, events)
    return seconds
