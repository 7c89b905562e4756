"""Writing a course through the API, as a trainer's client does."""

from typing import Any

from rest_framework.test import APIClient

COURSE = {
    "slug": "biz",
    "languages": ["ar", "fr"],
    "open": True,
    "title": {"ar": "أساسيات", "fr": "Bases"},
    "summary": {"ar": "ملخص"},
    "topic": "enterprise",
    "hours": 10,
}
RIGHT = [
    {
        "kind": "single",
        "text": "ما هو الربح؟",
        "choices": [{"text": "ما يبقى", "correct": True}, {"text": "كل شيء"}],
        "feedback": "أحسنت",
    },
    {"kind": "short", "text": "عملة المغرب؟", "accepted": ["الدرهم", "درهم"]},
]


class Author:
    """A trainer's or publisher's client; every call must succeed unless it is named `try_…`.

    `second` publishes what the first has written, where there is one.
    """

    def __init__(self, client: APIClient, *, second: APIClient | None = None) -> None:
        self.client, self.second = client, second or client

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.client.post(f"/api/v1/authoring/{path}", body, format="json")
        assert answer.status_code == 201, answer.content
        return answer.json()

    def course(self, **changes: Any) -> dict[str, Any]:
        return self.post("courses", COURSE | changes)

    def module(self, slug: str = "biz") -> dict[str, Any]:
        return self.post(f"courses/{slug}/modules", {"title": {"ar": "الوحدة"}})

    def lesson(self, module: dict[str, Any], kind: str = "text", **changes: Any) -> dict[str, Any]:
        body = {"kind": kind, "required": True, "minutes": 5, "title": {"ar": "درس"}}
        return self.post(f"modules/{module['id']}/lessons", body | changes)

    def try_write(self, lesson: dict[str, Any], language: str, *, match: str = "*", **content: Any) -> Any:
        return self.client.put(
            f"/api/v1/authoring/lessons/{lesson['id']}/variants/{language}",
            content,
            format="json",
            headers={"If-Match": match} if match else {},
        )

    def write(self, lesson: dict[str, Any], language: str, **content: Any) -> dict[str, Any]:
        answer = self.try_write(lesson, language, **content)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def draft(self, slug: str = "biz") -> dict[str, Any]:
        return self.client.get(f"/api/v1/authoring/courses/{slug}").json()

    def small_course(self, **changes: Any) -> dict[str, Any]:
        """A course with one text lesson in Arabic; returns the lesson."""
        self.course(**changes)
        lesson = self.lesson(self.module(changes.get("slug", "biz")))
        self.write(lesson, "ar", body="نص")
        return lesson

    def try_publish(self, slug: str = "biz", notes: str = "") -> Any:
        return self.second.post(
            f"/api/v1/authoring/courses/{slug}/publications", {"notes": notes}, format="json"
        )

    def publish(self, slug: str = "biz") -> dict[str, Any]:
        answer = self.try_publish(slug)
        assert answer.status_code == 201, answer.content
        return answer.json()
