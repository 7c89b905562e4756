"""The whole way, over HTTP, against a running platform: from a registration to a certificate that a stranger checks.

    python -m tests.journeys.journey        (or `make journey`)

Reads `demo.json` (folder `JISR_VAR`, default `var`) for the staff's tokens and the address (`JISR_BASE_URL` overrides
it), and the file of sent codes (`SMS_OUTBOX`). Each step says how long it took and what it saw; the first untruth
ends it with status 1.
"""

import io
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from pypdf import PdfReader

from tests.journeys.calls import (
    Caller,
    Outbox,
    Untruth,
    connect,
    expect,
    session_by_phone,
    wait_until,
)
from tests.journeys.material import (
    BODIES,
    CAPTIONS,
    MEBIBYTE,
    MODULES,
    RIGHT,
    WRONG,
    Course,
    Woman,
    film,
    questions,
    worksheet,
)

FILM_BYTES = 6 * MEBIBYTE  # two parts: storage takes none but the last below 5 MiB
EVENTS_IN_BATCH = 60
FIGURES = ("enrolled", "active", "silent", "completed", "certified")

Figures = dict[str, int]


@dataclass
class Journey:
    """One walk. What a step leaves for later ones stands in the fields."""

    http: httpx.Client
    people: list[dict[str, Any]]
    outbox: Outbox
    woman: Woman = field(default_factory=Woman)
    course: Course = field(default_factory=Course)
    she: Caller = field(init=False)
    stranger: Caller = field(init=False)
    registration: str = ""
    lessons: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, str] = field(default_factory=dict)
    enrolment: str = ""
    batch: list[dict[str, Any]] = field(default_factory=list)
    certificate: dict[str, Any] = field(default_factory=dict)
    verification: str = ""
    before: dict[str, Figures] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stranger = Caller(self.http)

    # The cast

    def staff(self, role: str, place: str = "") -> Caller:
        return Caller(self.http, self._someone(role, place)["token"])

    def _someone(self, role: str, place: str = "") -> dict[str, Any]:
        found = [
            person
            for person in self.people
            if person["role"] == role and place in person["organisation"]["code"]
        ]
        expect(found, f"a {role} {place} in demo.json", [person["role"] for person in self.people])
        return found[0]

    @property
    def centre(self) -> str:
        """The centre in Larache where she registers: that of the facilitator."""
        return str(self._someone("facilitator")["organisation"]["code"])

    @property
    def larache(self) -> Caller:
        return self.staff("province_admin", self._provinces()[0])

    @property
    def tetouan(self) -> Caller:
        return self.staff("province_admin", self._provinces()[1])

    def _provinces(self) -> tuple[str, str]:
        """The codes of the two provinces: that of her centre, and the neighbouring one."""
        own = self.stranger_node(self.centre)["parent"]
        codes = [p["organisation"]["code"] for p in self.people if p["role"] == "province_admin"]
        return own, next(code for code in codes if code != own)

    def stranger_node(self, code: str) -> Any:
        return self.staff("ministry_admin").get(f"/organisations/{code}")

    # 1. She comes

    def the_platform_is_ready(self) -> str:
        alive = self.http.get("/healthz")
        expect(alive.status_code == 200, "200 from /healthz", alive.status_code)
        ready = self.http.get("/readyz")
        parts = ready.json()
        expect(set(parts.values()) == {"ok"}, "database, broker and storage ok", parts)
        return json.dumps(parts)

    def the_provinces_have_figures(self) -> str:
        own, other = self._provinces()
        self.before = {own: totals(self.larache), other: totals(self.tetouan)}
        self.tetouan.refused("GET", f"/reports/completion?organisation={own}", status=404, code="not_found")
        return f"{own} {self.before[own]['completed']} completed, {other} {self.before[other]['completed']}"

    def she_registers_by_phone(self) -> str:
        opened = session_by_phone(self.http, self.outbox, self.woman.number)
        expect(opened["person"] is None, "nobody behind an unknown number", opened["person"])
        nobody = Caller(self.http, opened["token"])
        application = {
            "first_name": self.woman.first,
            "family_name": self.woman.family,
            "birth_year": 1990,
            "phone": self.woman.number,
            "organisation": self.centre,
            "language": "ar",
        }
        nobody.refused("POST", "/registrations", json=application, status=422, code="consent_needed")
        registered = nobody.post("/registrations", {**application, "consent": True})
        expect(registered["state"] == "waiting", "a registration that waits", registered)
        self.registration = registered["id"]
        self.she = Caller(self.http, registered["token"])
        return f"{self.woman.name} waits for {self.centre}"

    def her_centre_confirms(self) -> str:
        facilitator = self.staff("facilitator")
        waiting = everything(facilitator, "/registrations?state=waiting")
        hers = [row for row in waiting if row["id"] == self.registration]
        expect(
            hers and hers[0]["first_name"] == self.woman.first, "her registration among the waiting", waiting
        )
        confirmed = facilitator.post(f"/registrations/{self.registration}/confirm", status=200)
        expect(confirmed["state"] == "confirmed", "a confirmed registration", confirmed)
        me = self.she.get("/me")
        expect(me["home_organisation"]["code"] == self.centre, f"{self.centre} as her home", me)
        told = wait_until(lambda: self._told("registration_confirmed"), "a message about it")
        return f"home {self.centre}; message «{told['title']}»"

    def _told(self, kind: str) -> Any:
        messages = self.she.get("/notifications")["results"]
        return next((message for message in messages if message["kind"] == kind), None)

    # 2. A course comes to be

    def a_trainer_writes_a_course(self) -> str:
        trainer = self.staff("trainer")
        trainer.post("/authoring/courses", self.course.draft())
        trainer.refused("POST", "/authoring/courses", json=self.course.draft(), status=409, code="slug_taken")
        for title, kinds in MODULES:
            module = trainer.post(f"/authoring/courses/{self.course.slug}/modules", {"title": title})
            for number, kind in enumerate(kinds, 1):
                words = {language: f"{title[language]} {number}" for language in ("ar", "fr")}
                lesson = {"kind": kind, "required": True, "minutes": 5, "title": words}
                self.lessons.append(trainer.post(f"/authoring/modules/{module['id']}/lessons", lesson))
        for lesson in self.lessons:
            if lesson["kind"] == "text":
                self._write(trainer, lesson, {code: {"body": body} for code, body in BODIES.items()})
            if lesson["kind"] == "quiz":
                self._write(trainer, lesson, {code: {"questions": questions(code)} for code in BODIES})
        return f"{self.course.slug}: {len(self.lessons)} lessons in Arabic and French"

    def _write(self, trainer: Caller, lesson: dict[str, Any], variants: Mapping[str, Any]) -> None:
        """Each language in turn, each time saying which version was seen."""
        version = lesson["version"]
        for language, content in variants.items():
            written = trainer.put(
                f"/authoring/lessons/{lesson['id']}/variants/{language}",
                content,
                headers={"If-Match": f'"{version}"'},
            )
            version = written["version"]

    def a_film_and_a_sheet_are_uploaded_in_parts(self) -> str:
        trainer = self.staff("trainer")
        sent = {
            "video": self._upload(trainer, "video", "السوق.mp4", film(size=FILM_BYTES), drops=True),
            "document": self._upload(trainer, "document", "ورقة.pdf", worksheet()),
        }
        for kind, (upload, _parts) in sent.items():
            self.uploads[kind] = upload
            lesson = next(lesson for lesson in self.lessons if lesson["kind"] == kind)
            captions = {
                code: {"captions": text} if kind == "video" else {} for code, text in CAPTIONS.items()
            }
            self._write(
                trainer, lesson, {code: {"upload": upload, **words} for code, words in captions.items()}
            )
        return ", ".join(f"{kind} in {parts} part(s)" for kind, (_upload, parts) in sent.items())

    def _upload(
        self, trainer: Caller, purpose: str, name: str, content: bytes, *, drops: bool = False
    ) -> tuple[str, int]:
        """Send a file in its parts; where the line drops, the missing ones are asked for again."""
        announced = trainer.post("/uploads", {"name": name, "size": len(content), "purpose": purpose})
        size, path = announced["part_size"], f"/uploads/{announced['id']}"
        etags: dict[int, str] = {}
        for part in announced["parts"][: -1 if drops else None]:
            etags[part["number"]] = self._put_part(part, content, size)
        if drops:
            received = {"parts": [{"number": n, "etag": etag} for n, etag in etags.items()]}
            trainer.refused("POST", f"{path}/complete", json=received, status=409, code="parts_missing")
            for part in trainer.get(path)["parts"]:
                etags[part["number"]] = self._put_part(part, content, size)
        listed = [{"number": number, "etag": etag} for number, etag in etags.items()]
        trainer.post(f"{path}/complete", {"parts": listed}, status=200)
        return announced["id"], len(etags)

    def _put_part(self, part: dict[str, Any], content: bytes, size: int) -> str:
        start = (part["number"] - 1) * size
        sent = self.http.put(part["url"], content=content[start : start + size])
        expect(
            sent.status_code == 200, f"part {part['number']} to be taken", f"{sent.status_code} {sent.text}"
        )
        return str(sent.headers["etag"])

    def the_files_are_checked(self) -> str:
        trainer = self.staff("trainer")
        seen = []
        for kind, upload in self.uploads.items():
            checked = wait_until(lambda: settled(trainer, upload), f"the {kind} to be checked")  # noqa: B023
            expect(checked["state"] == "ready", f"a {kind} that is ready", checked)
            seen.append(
                f"{kind} ready, {checked['file']['bytes']} bytes of {checked['file']['content_type']}"
            )
        return "; ".join(seen)

    def a_publisher_publishes(self) -> str:
        path = f"/authoring/courses/{self.course.slug}/publications"
        self.staff("trainer").refused("POST", path, json={"notes": ""}, status=403, code="publisher_needed")
        key = {"Idempotency-Key": uuid.uuid4().hex}
        publisher = self.staff("publisher")
        published = publisher.post(path, {"notes": "النشرة الأولى"}, headers=key)
        again = publisher.post(path, {"notes": "النشرة الأولى"}, headers=key)
        expect(again == published and published["number"] == 1, "one publication, told twice", again)
        found = self.stranger.get("/courses", params={"q": "الاسبوعي"})["results"]
        expect(self.course.slug in [row["slug"] for row in found], "the course in the catalogue", found)
        return f"publication 1, {published['lessons']} lessons, {published['content_hash'][:12]}…"

    # 3. She learns

    def she_enrols_and_reads_the_outline(self) -> str:
        enrolled = self.she.post("/enrolments", {"course": self.course.slug})
        again = self.she.post("/enrolments", {"course": self.course.slug}, status=200)
        expect(again["id"] == enrolled["id"], "the enrolment she has", again)
        self.enrolment = enrolled["id"]
        path = f"/courses/{self.course.slug}/outline"
        outline = self.she.answer("GET", path, status=200)
        self.she.answer("GET", path, status=304, headers={"If-None-Match": outline.headers["etag"]})
        french = self.she.get(f"{path}?language=fr")
        expect(french["course"]["title"] == self.course.title["fr"], "the French title", french["course"])
        lessons = [lesson["id"] for module in outline.json()["modules"] for lesson in module["lessons"]]
        expect(
            lessons == [lesson["id"] for lesson in self.lessons], "the trainer's lessons in order", lessons
        )
        return f"{len(lessons)} lessons, {len(outline.content)} bytes, unchanged the second time"

    def she_takes_two_lessons_one_by_one(self) -> str:
        seen = []
        for lesson in self.lessons[:2]:
            for verb in ("opened", "finished"):
                answer = self._send([self._event(lesson, verb, seconds=120)])
                expect(answer["results"][0]["status"] == "accepted", "an accepted event", answer)
            seen.append(answer["enrolments"][0]["percent"])
        expect(seen == [16, 33], "16 % and 33 % after one and two of six lessons", seen)
        return f"{seen[0]} %, {seen[1]} %"

    def she_comes_back_with_sixty_events(self) -> str:
        """Out of order, five of them twice, one of them nonsense; none spoils the others."""
        rest = [lesson for lesson in self.lessons[2:] if lesson["kind"] != "quiz"]
        events = [self._event(lesson, verb) for lesson in rest for verb in ("opened", "finished")]
        while len(events) < EVENTS_IN_BATCH - 6:
            at = datetime.now(UTC) - timedelta(minutes=random.randint(1, 2_000))
            events.append(self._event(random.choice(rest), "progressed", at=at, seconds=7))
        self.batch = [*events, *random.sample(events, 5)]
        random.shuffle(self.batch)
        nonsense = self._event(rest[0], "progressed", percent=250)
        self.batch.insert(random.randrange(len(self.batch)), nonsense)
        answer = self._send(self.batch)
        counts = statuses(answer)
        expect(
            counts == {"accepted": 54, "duplicate": 5, "refused": 1},
            "54 accepted, 5 duplicate, 1 refused",
            counts,
        )
        codes = [result.get("code") for result in answer["results"] if result["status"] == "refused"]
        expect(codes == ["percent_out_of_range"], "percent_out_of_range", codes)
        expect(
            [result["id"] for result in answer["results"]] == [event["id"] for event in self.batch],
            "one result per event, in order",
            answer["results"],
        )
        percent = answer["enrolments"][0]["percent"]
        expect(percent == 83, "83 % after five of six lessons", percent)
        return f"{counts}, {percent} %"

    def the_same_batch_again_changes_nothing(self) -> str:
        path = f"/enrolments/{self.enrolment}/progress"
        before = self.she.get(path)
        counts = statuses(self._send(self.batch))
        expect(counts == {"duplicate": 59, "refused": 1}, "59 duplicate, 1 refused", counts)
        expect(self.she.get(path) == before, "the progress as it was", before)
        return str(counts)

    def what_is_missing_has_an_answer(self) -> str:
        rules = self.she.get(f"/enrolments/{self.enrolment}/eligibility")
        missing = [rule for rule in rules["rules"] if not rule["met"]]
        expect(len(missing) == 1, "one rule not met", rules)
        expect(missing[0]["lesson"] == self._quiz["id"], "the quiz missing", missing)
        return f"only the quiz of {len(rules['rules'])} rules"

    @property
    def _quiz(self) -> dict[str, Any]:
        return next(lesson for lesson in self.lessons if lesson["kind"] == "quiz")

    def _event(
        self, lesson: dict[str, Any], verb: str, *, at: datetime | None = None, **more: Any
    ) -> dict[str, Any]:
        at = at or datetime.now(UTC)
        event = {
            "id": str(uuid.uuid4()),
            "enrolment": self.enrolment,
            "lesson": lesson["id"],
            "verb": verb,
            "occurred_at": at.isoformat(timespec="seconds"),
        }
        return event | more

    def _send(self, events: list[dict[str, Any]]) -> Any:
        return self.she.post("/progress/events", {"device": "rihla", "events": events}, status=200)

    def she_fails_the_quiz(self) -> str:
        self.she.refused("GET", f"/enrolments/{uuid.uuid4()}", status=404, code="not_found")
        refused = self._send([self._event(self._quiz, "finished")])["results"][0]
        expect(refused.get("code") == "quiz_needs_attempt", "quiz_needs_attempt", refused)
        handed_in = self._take_quiz(WRONG)
        expect(not handed_in["passed"] and handed_in["score"] == 0, "0 and not passed", handed_in)
        state = self.she.get(f"/enrolments/{self.enrolment}")["state"]
        expect(state == "active", "an enrolment still active", state)
        return f"score {handed_in['score']} of {handed_in['required']}"

    def she_passes_the_quiz(self) -> str:
        handed_in = self._take_quiz(RIGHT)
        expect(handed_in["passed"] and handed_in["score"] == 100, "100 and passed", handed_in)
        enrolment = self.she.get(f"/enrolments/{self.enrolment}")
        expect(
            enrolment["state"] == "completed" and enrolment["completed_at"], "a completed course", enrolment
        )
        return f"score 100; completed {enrolment['completed_at']}"

    def _take_quiz(self, answers: list[dict[str, Any]]) -> Any:
        attempt = self.she.post(f"/enrolments/{self.enrolment}/lessons/{self._quiz['id']}/attempts")
        told = json.dumps(attempt, ensure_ascii=False)
        expect("correct" not in told and "accepted" not in told, "no right answer in the questions", told)
        self.she.put(f"/attempts/{attempt['id']}/answers", {"answers": answers})
        first = self.she.post(f"/attempts/{attempt['id']}/submit", status=200)
        again = self.she.post(f"/attempts/{attempt['id']}/submit", status=200)
        expect(first == again, "the same answer when handed in again", again)
        return first

    # 4. The proof

    def her_certificate_becomes_ready(self) -> str:
        self.certificate = wait_until(self._ready_certificate, "a ready certificate")
        message = wait_until(lambda: self._told("certificate_ready"), "a message about it")
        expect(self._told("course_completed"), "a message that she finished", "none")
        self.verification = self.certificate["verification"]
        return f"{self.certificate['serial']}; message «{message['title']}»"

    def _ready_certificate(self) -> Any:
        rows = self.she.get("/certificates")["results"]
        expect(len(rows) <= 1, "at most one certificate", rows)
        return next((row for row in rows if row["state"] == "ready"), None)

    def the_document_says_what_is_true(self) -> str:
        redirect = self.she.answer("GET", f"/certificates/{self.certificate['id']}/document", status=302)
        fetched = self.http.get(redirect.headers["location"])
        expect(fetched.content.startswith(b"%PDF-"), "a PDF behind the signed link", fetched.content[:60])
        reader = PdfReader(io.BytesIO(fetched.content))
        title = reader.metadata.title if reader.metadata else None
        expect(title and self.woman.name in title, f"{self.woman.name} in the title", title)
        expect(title and self.course.title["ar"] in title, "the course in the title", title)
        text = reader.pages[0].extract_text()
        expect(
            self.certificate["serial"] in text, f"the serial {self.certificate['serial']} on the page", text
        )
        links = {annotation["/A"]["/URI"] for annotation in annotations(reader) if "/A" in annotation}
        expect(
            links == {str(self.http.base_url.join(self.verification))},
            "the QR code to lead to her link",
            links,
        )
        return f"{len(fetched.content)} bytes; title «{title}»; QR → {links.pop()}"

    def a_stranger_verifies(self) -> str:
        code, serial = code_and_serial(self.verification)
        verdict = self.stranger.get(f"/verify/{code}", params={"serial": serial})
        expect(
            verdict["status"] == "valid" and verdict["name"] == self.woman.name,
            "valid, and her name",
            verdict,
        )
        expect(self.centre not in json.dumps(verdict), "nothing of her centre", verdict)
        return f"{verdict['status']}: {verdict['name']}, {verdict['course']}"

    def a_stranger_opens_the_link(self) -> str:
        _code, serial = code_and_serial(self.verification)
        page = self.http.get(self.verification)
        expect(page.status_code == 200, "200 from the page", page.status_code)
        expect(self.woman.name in page.text, "her name on the page", page.text)
        expect(serial in page.text, "the serial on the page", page.text)
        return f"a page of {len(page.content)} bytes with her name and serial"

    def a_tampered_code_is_unknown(self) -> str:
        code, serial = code_and_serial(self.verification)
        other = "0" if code[-1] != "0" else "1"
        for tampered, asked in ((code[:-1] + other, serial), (code, serial[:-1] + "X"), ("A" * 20, "")):
            verdict = self.stranger.get(f"/verify/{tampered}", params={"serial": asked} if asked else {})
            expect(verdict == {"status": "unknown"}, "unknown and nothing else", verdict)
        return "three times unknown"

    # 5. Who sees what

    def larache_sees_the_completion(self) -> str:
        own, _other = self._provinces()
        before = self.before[own]
        after = wait_until(
            lambda: next(
                (now for now in [totals(self.larache)] if now["certified"] > before["certified"]), None
            ),
            "one more certified in the province",
        )
        change = {name: after[name] - before[name] for name in FIGURES}
        wanted = {"enrolled": 1, "active": 0, "silent": 0, "completed": 1, "certified": 1}
        expect(change == wanted, f"a change of {wanted}", change)
        rows = everything(
            self.larache, f"/reports/completion/learners?state=completed&course={self.course.slug}"
        )
        expect(len(rows) == 1 and "name" not in rows[0], "her row, under a pseudonym", rows)
        expect(
            self.woman.family not in json.dumps(rows, ensure_ascii=False), "no name above her centre", rows
        )
        return f"{before['completed']} → {after['completed']} completed; {rows[0]['pseudonym']}"

    def tetouan_sees_nothing_of_it(self) -> str:
        _own, other = self._provinces()
        for path in (
            f"/enrolments/{self.enrolment}",
            f"/enrolments/{self.enrolment}/progress",
            f"/certificates/{self.certificate['id']}",
            f"/certificates/{self.certificate['id']}/document",
            f"/reports/completion?organisation={self.centre}",
            f"/organisations/{self.centre}",
        ):
            self.tetouan.refused("GET", path, status=404, code="not_found")
        self.tetouan.refused(
            "POST",
            f"/certificates/{self.certificate['id']}/revoke",
            json={"reason": "محاولة"},
            status=404,
            code="not_found",
        )
        now = totals(self.tetouan)
        expect(now == self.before[other], f"the figures as before: {self.before[other]}", now)
        return f"seven times 404; {now['completed']} completed, as before"

    def a_revocation_shows(self) -> str:
        path = f"/certificates/{self.certificate['id']}/revoke"
        self.she.refused("POST", path, json={"reason": "محاولة"}, status=403)
        revoked = self.larache.post(path, {"reason": "رحلة تجريبية"}, status=200)
        expect(revoked["state"] == "revoked", "a revoked certificate", revoked)
        code, serial = code_and_serial(self.verification)
        verdict = self.stranger.get(f"/verify/{code}", params={"serial": serial})
        expect(verdict["status"] == "revoked", "revoked to a stranger too", verdict)
        told = wait_until(lambda: self._told("certificate_revoked"), "a message about it")
        state = self.she.get(f"/enrolments/{self.enrolment}")["state"]
        expect(state == "completed", "a completion that stays", state)
        return f"{verdict['status']}; message «{told['title']}»"


STEPS: tuple[Callable[[Journey], str], ...] = (
    Journey.the_platform_is_ready,
    Journey.the_provinces_have_figures,
    Journey.she_registers_by_phone,
    Journey.her_centre_confirms,
    Journey.a_trainer_writes_a_course,
    Journey.a_film_and_a_sheet_are_uploaded_in_parts,
    Journey.the_files_are_checked,
    Journey.a_publisher_publishes,
    Journey.she_enrols_and_reads_the_outline,
    Journey.she_takes_two_lessons_one_by_one,
    Journey.she_comes_back_with_sixty_events,
    Journey.the_same_batch_again_changes_nothing,
    Journey.what_is_missing_has_an_answer,
    Journey.she_fails_the_quiz,
    Journey.she_passes_the_quiz,
    Journey.her_certificate_becomes_ready,
    Journey.the_document_says_what_is_true,
    Journey.a_stranger_verifies,
    Journey.a_stranger_opens_the_link,
    Journey.a_tampered_code_is_unknown,
    Journey.larache_sees_the_completion,
    Journey.tetouan_sees_nothing_of_it,
    Journey.a_revocation_shows,
)


def totals(reader: Caller) -> Figures:
    """The sums of a completion report, whatever it folds."""
    lines = reader.get("/reports/completion")["results"]
    return {name: sum(line[name] for line in lines) for name in FIGURES}


def everything(reader: Caller, path: str) -> list[Any]:
    """Every row of a list, page by page."""
    rows: list[Any] = []
    separator = "&" if "?" in path else "?"
    page = reader.get(f"{path}{separator}page_size=100")
    while True:
        rows += page["results"]
        if not page["next"]:
            return rows
        page = reader.get("?".join(urlsplit(page["next"])[2:4]).removeprefix("/api/v1"))


def statuses(answer: Any) -> dict[str, int]:
    found = [result["status"] for result in answer["results"]]
    return {status: found.count(status) for status in sorted(set(found))}


def settled(trainer: Caller, upload: str) -> Any:
    """The upload once its check has ended, one way or the other."""
    now = trainer.get(f"/uploads/{upload}")
    return now if now["state"] in {"ready", "refused"} else None


def annotations(reader: PdfReader) -> list[Any]:
    return [reference.get_object() for page in reader.pages for reference in page.get("/Annots") or ()]


def code_and_serial(verification: str) -> tuple[str, str]:
    """`/v/CODE?s=SERIAL` → the two."""
    parts = urlsplit(verification)
    return parts.path.rpartition("/")[2], parse_qs(parts.query)["s"][0]


def walk(journey: Journey, *, say: Callable[[str], None] = print) -> None:
    """Every step in turn. Raises `Untruth` at the first that is not as promised."""
    started = time.monotonic()
    for step in STEPS:
        sentence = step.__name__.replace("_", " ")
        begun = time.monotonic()
        try:
            saw = step(journey)
        except (Untruth, httpx.HTTPError):
            say(f"✗ {time.monotonic() - begun:6.2f} s  {sentence}")
            raise
        say(f"✓ {time.monotonic() - begun:6.2f} s  {sentence}: {saw}")
    say(f"the whole way in {time.monotonic() - started:.1f} s")


@contextmanager
def journey_of(environment: Mapping[str, str]) -> Iterator[Journey]:
    """The journey against the platform that the environment names; its connections close with the block."""
    var = Path(environment.get("JISR_VAR") or "var")
    try:
        demonstration = json.loads((var / "demo.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Untruth(f"expected {var / 'demo.json'}: start the platform with `make run`") from error
    with connect((environment.get("JISR_BASE_URL") or demonstration["base_url"]).rstrip("/")) as http:
        outbox = Outbox(Path(environment.get("SMS_OUTBOX") or var / "outbox" / "sms.jsonl"))
        yield Journey(http, demonstration["people"], outbox)


def main() -> int:
    try:
        with journey_of(os.environ) as journey:
            walk(journey)
    except (Untruth, httpx.HTTPError) as untruth:
        print(f"\n{type(untruth).__name__}: {untruth}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
