"""Who may do what: every address of the platform with every answer it gives, written down by hand.

A rule reads `200 alice CENTRE | 401 OUT | 404 *`: the status, then who gets it; `*` is everyone not named before.
`sign-in` is the redirect that leads a visitor of a page to the door. Capitals name the groups below. `{…}` in a path
or a body names a thing of the woman the row is about (tests/contracts/world.py); where a row has rules for both,
it is asked once for Alice's things and once for Samira's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

GROUPS: Final = {
    "OUT": "nobody proven",
    "LEARNERS": "alice bahija samira",
    "CENTRE": "facilitator centre_admin",
    "PARTNERS": "partner former_partner",
    "SHELTER": "shelter_facilitator shelter_admin",
    "SIBLINGS": "sibling_facilitator sibling_centre_admin sibling_province_admin sibling_region_admin",
    "ABOVE": "province_admin region_admin ministry_admin",
    "IMPORTERS_BESIDE": "sibling_centre_admin sibling_province_admin sibling_region_admin",
    "WRITERS": "trainer publisher",
    "FOREIGN": "foreign_trainer foreign_publisher",
}
# Her name is read by herself and where she belongs, unless a row says more.
ALICES_NAME: Final = "alice"
ALICES_ID: Final = "alice CENTRE"
SAMIRAS_NAME: Final = "samira SHELTER"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method of one address.

    call          method and path
    rules         the answers, by the woman whose things are asked for; `""` where it is about nobody's things
    body          JSON under /api/, a form elsewhere
    says          texts, each with those in whose answer it must stand; in no other answer
    alices_name   who may find Alice's name in the answer
    samiras_name  who may find Samira's name, and no other of her secrets
    alices_id     who may find the id under which Alice is counted above her centre
    samiras_id    the same of Samira
    own_secrets   whether a woman finds her own number and year of birth in the answer
    """

    call: str
    rules: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    alices_name: str = ALICES_NAME
    samiras_name: str = SAMIRAS_NAME
    alices_id: str = ALICES_ID
    samiras_id: str = SAMIRAS_NAME
    own_secrets: bool = False

    @property
    def method(self) -> str:
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.call.partition(" ")[2]


def row(call: str, rules: str = "", *, alice: str = "", samira: str = "", **more: Any) -> Row:
    named = {"": rules, "alice": alice, "samira": samira}
    return Row(call=call, rules={name: rule for name, rule in named.items() if rule}, **more)


def actors(words: str) -> set[str]:
    """`alice CENTRE` → {alice, facilitator, centre_admin}."""
    return {name for word in words.split() for name in GROUPS.get(word, word).split()}


def read_rule(rule: str, everyone: tuple[str, ...]) -> dict[str, str]:
    """The status that each actor must get; every one of them, and none twice."""
    answers: dict[str, str] = {}
    for part in rule.split("|"):
        status, *words = part.split()
        named = set(everyone) - answers.keys() if words == ["*"] else actors(" ".join(words))
        twice, unknown = named & answers.keys(), named - set(everyone)
        if twice or unknown:
            raise ValueError(f"{rule}: {twice or unknown}")
        answers |= dict.fromkeys(named, status)
    if missing := set(everyone) - answers.keys():
        raise ValueError(f"{rule}: nothing for {missing}")
    return answers


ANYONE = "200 *"
SIGNED_IN = "401 OUT | 200 *"
REASON = "سبب مكتوب للاختبار"
REGISTRATION = {
    "first_name": "جديدة",
    "family_name": "الوافدة",
    "birth_year": 1990,
    "phone": "0612121212",
    "organisation": "larache-centre",
    "consent": True,
}
COURSE = {"slug": "another-course", "languages": ["ar"], "title": {"ar": "دورة"}, "summary": {"ar": "ملخص"}}
LESSON = {"kind": "text", "required": True, "minutes": 5, "title": {"ar": "درس"}}

# What a woman did: she, those who answer for it where she learns, and above (without her name).
READS_ALICE = "200 alice CENTRE partner ABOVE | 401 OUT | 404 *"
READS_SAMIRA = "200 samira SHELTER ABOVE | 401 OUT | 404 *"
# Only she herself; to every other signed-in person it does not exist.
ALICES_OWN = "401 OUT | 200 alice | 404 *"
SAMIRAS_OWN = "401 OUT | 200 samira | 404 *"
# Registrations carry names: only the very place they were sent to.
DECIDES_ALICE = "200 CENTRE | 401 OUT | 404 PARTNERS SIBLINGS SHELTER ABOVE | 403 *"
DECIDES_SAMIRA = "200 SHELTER | 401 OUT | 404 CENTRE PARTNERS SIBLINGS ABOVE | 403 *"
# Drafts of the institute.
WRITES = "200 WRITERS | 404 FOREIGN | 401 OUT | 403 *"
ADDS = "201 WRITERS | 404 FOREIGN | 401 OUT | 403 *"
REMOVES = "204 WRITERS | 404 FOREIGN | 401 OUT | 403 *"
# Where women are answered by name; each sees her own place only.
STAFF_OF_WOMEN: Final = "CENTRE PARTNERS SIBLINGS SHELTER ABOVE"
NOT_ALICES: Final = "404 PARTNERS SIBLINGS SHELTER ABOVE"
NOT_SAMIRAS: Final = "404 CENTRE PARTNERS SIBLINGS ABOVE"
NOT_HELPING: Final = "PARTNERS sibling_facilitator sibling_centre_admin foreign_trainer"
COUNTS = "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE auditor | 401 OUT | 403 *"

DOOR: Final = (
    row("POST /api/v1/auth/codes", "202 *", body={"phone": "0612131415"}),
    row(
        "POST /api/v1/auth/sessions",
        "401 *",
        body={"request": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01", "code": "123456"},
    ),
    row(
        "GET /api/v1/auth/sessions",
        SIGNED_IN,
        says={"{alice.session}": "alice", "{samira.session}": "samira"},
    ),
    row("DELETE /api/v1/auth/sessions/current", "401 OUT | 204 *"),
    row("DELETE /api/v1/auth/sessions/all", "401 OUT | 204 *"),
    row(
        "DELETE /api/v1/auth/sessions/{session}",
        alice="204 alice | 401 OUT | 404 *",
        samira="204 samira | 401 OUT | 404 *",
    ),
    row(
        "GET /api/v1/registrations",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | 401 OUT | 403 *",
        says={"{alice.registration}": "CENTRE", "{samira.registration}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(  # Samira came to the shelter by way of the province and of Larache's centre, which see her no more
        "GET /api/v1/registrations?state=confirmed",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | 401 OUT | 403 *",
        samiras_name="SHELTER",
    ),
    row(  # alone with a proven number; staff at the very centre where they work
        "POST /api/v1/registrations",
        "201 proven CENTRE | 401 nobody | 404 PARTNERS SHELTER sibling_facilitator sibling_centre_admin | 422 *",
        body=REGISTRATION,
    ),
    row(
        "POST /api/v1/registrations/{registration}/confirm",
        alice=DECIDES_ALICE,
        samira=DECIDES_SAMIRA,
        body={},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "POST /api/v1/registrations/{registration}/decline",
        alice=DECIDES_ALICE,
        samira=DECIDES_SAMIRA,
        body={"reason": REASON},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
)

# Ways in: the staff of her very centre; the second of two who sign may also work above it, but for a shelter's women.
AT_CENTRES: Final = "CENTRE PARTNERS sibling_facilitator sibling_centre_admin SHELTER"
NO_CARD: Final = "401 OUT | 404 PARTNERS sibling_facilitator sibling_centre_admin"
SIGNS: Final = "401 OUT | 404 PARTNERS SIBLINGS"

WAYS_IN: Final = (
    row("POST /api/v1/auth/proof-codes", "401 OUT | 202 alice samira | 422 *", body={}),
    row(
        "POST /api/v1/auth/proofs", "401 OUT | 422 *", body={"code": "123456"}
    ),  # of which request is not said
    row("POST /api/v1/me/number", "401 OUT | 202 *", body={"phone": "0612131416"}),
    row(
        "PUT /api/v1/me/number",
        "401 OUT | 422 *",
        body={"request": "no id", "code": "123456"},
    ),
    row(
        "GET /api/v1/auth/passkeys",
        SIGNED_IN,
        says={"{alice.passkey}": "alice", "{samira.passkey}": "samira"},
    ),
    row("POST /api/v1/auth/passkeys/options", SIGNED_IN, body={}),
    row("POST /api/v1/auth/passkeys/challenges", ANYONE, body={}),
    row(
        "POST /api/v1/auth/passkeys",
        "401 OUT | 422 *",
        body={"challenge": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01", "credential": {}},
    ),
    row(
        "DELETE /api/v1/auth/passkeys/{passkey}",
        alice="204 alice | 401 OUT | 404 *",
        samira="204 samira | 401 OUT | 404 *",
    ),
    row(
        "GET /api/v1/ways-in",
        f"200 {AT_CENTRES} | 401 OUT | 403 *",
        says={"{alice.person}": "CENTRE", "{samira.person}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "POST /api/v1/people/{person}/card",
        alice=f"201 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"201 SHELTER | {NO_CARD} CENTRE | 403 *",
        body={},
    ),
    row(
        "DELETE /api/v1/people/{person}/card",
        alice=f"204 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"204 SHELTER | {NO_CARD} CENTRE | 403 *",
    ),
    row(
        "POST /api/v1/people/{person}/card/release",
        alice=f"204 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"204 SHELTER | {NO_CARD} CENTRE | 403 *",
        body={},
    ),
    row(  # 409: she has a number, and a PIN is hers to choose there
        "PUT /api/v1/people/{person}/pin",
        alice=f"409 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"409 SHELTER | {NO_CARD} CENTRE | 403 *",
        body={"pin": "2468"},
    ),
    row(  # 409: one is open already
        "POST /api/v1/people/{person}/recoveries",
        alice=f"409 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"409 SHELTER | {NO_CARD} CENTRE | 403 *",
        body={"reason": REASON},
    ),
    row(
        "GET /api/v1/recoveries",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | 401 OUT | 403 *",
        says={"{alice.recovery}": "CENTRE ABOVE", "{samira.recovery}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE ABOVE",
    ),
    row(  # 409: whoever asked for it does not sign it
        "POST /api/v1/recoveries/{recovery}/sign",
        alice=f"204 centre_admin ABOVE | 409 facilitator | {SIGNS} SHELTER | 403 *",
        samira=f"204 shelter_admin | 409 shelter_facilitator | {SIGNS} CENTRE ABOVE | 403 *",
        body={},
    ),
    row(  # 409: nobody has signed yet
        "POST /api/v1/recoveries/{recovery}/number",
        alice=f"409 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"409 SHELTER | {NO_CARD} CENTRE | 403 *",
        body={"phone": "0612131415"},
    ),
    row(
        "PUT /api/v1/recoveries/{recovery}/number",
        alice=f"409 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"409 SHELTER | {NO_CARD} CENTRE | 403 *",
        body={"request": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01", "code": "123456"},
    ),
    row(
        "PUT /api/v1/recoveries/{recovery}/pin",
        alice=f"409 CENTRE | {NO_CARD} SHELTER | 403 *",
        samira=f"409 SHELTER | {NO_CARD} CENTRE | 403 *",
        body={"pin": "2468"},
    ),
    row(
        "GET /ways-in",
        f"200 {AT_CENTRES} | sign-in OUT | 403 *",
        says={"{alice.person}": "CENTRE", "{samira.person}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(  # a sheet of cards; back to the list for women who are not theirs
        "POST /ways-in/cards",
        alice=f"200 CENTRE | 303 {AT_CENTRES} | sign-in OUT | 403 *".replace("303 CENTRE", "303"),
        samira=f"200 SHELTER | 303 {AT_CENTRES} | sign-in OUT | 403 *".replace(" SHELTER | sign", " | sign"),
        body={"person": "{person}"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(  # the address, which names her, stands in the page that says no
        "GET /ways-in/{person}",
        alice=f"200 CENTRE | {NO_CARD} SHELTER | 403 *".replace("401", "sign-in"),
        samira=f"200 SHELTER | {NO_CARD} CENTRE | 403 *".replace("401", "sign-in"),
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="*",
        samiras_id="*",
    ),
    row(
        "POST /ways-in/{person}",
        alice=f"303 CENTRE | {NO_CARD} SHELTER | 403 *".replace("401", "sign-in"),
        samira=f"303 SHELTER | {NO_CARD} CENTRE | 403 *".replace("401", "sign-in"),
        body={"action": "revoke"},
        alices_id="*",
        samiras_id="*",
    ),
    row(
        "GET /recoveries",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | sign-in OUT | 403 *",
        says={"{alice.recovery}": "CENTRE ABOVE", "{samira.recovery}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE ABOVE",
    ),
    row(
        "GET /recoveries/{recovery}",
        alice=f"200 CENTRE ABOVE | {SIGNS} SHELTER | 403 *".replace("401", "sign-in"),
        samira=f"200 SHELTER | {SIGNS} CENTRE ABOVE | 403 *".replace("401", "sign-in"),
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE ABOVE",
    ),
    row(
        "POST /recoveries/{recovery}",
        alice=f"303 centre_admin ABOVE | 409 facilitator | {SIGNS} SHELTER | 403 *".replace("401", "sign-in"),
        samira=f"303 shelter_admin | 409 shelter_facilitator | {SIGNS} CENTRE ABOVE | 403 *".replace(
            "401", "sign-in"
        ),
        body={"action": "sign"},
    ),
)

# Sessions: the staff of the very centre; what was recorded also the province, of women without a name, of no shelter.
GATHERING: Final = {
    "course": "open-course",
    "organisation": "{home}",
    "starts_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    "ends_at": (datetime.now(UTC) + timedelta(days=1, hours=2)).isoformat(),
}
ALICES_ROOM: Final = f"200 CENTRE | {NO_CARD} SHELTER | 403 *"
SAMIRAS_ROOM: Final = f"200 SHELTER | {NO_CARD} CENTRE | 403 *"
AUDITED: Final = f"{AT_CENTRES} province_admin sibling_province_admin"

FACILITATED: Final = (
    row(
        "GET /api/v1/me/sessions",
        SIGNED_IN,
        says={"{alice.gathering}": "alice", "{samira.gathering}": "samira"},
    ),
    row(
        "GET /api/v1/sessions",
        f"200 {AT_CENTRES} | 401 OUT | 403 *",
        says={"{alice.gathering}": "CENTRE", "{samira.gathering}": "SHELTER"},
    ),
    row(
        "POST /api/v1/sessions",
        alice=ALICES_ROOM.replace("200", "201"),
        samira=SAMIRAS_ROOM.replace("200", "201"),
        body=GATHERING,
    ),
    row("GET /api/v1/sessions/{gathering}", alice=ALICES_ROOM, samira=SAMIRAS_ROOM),
    row(
        "PATCH /api/v1/sessions/{gathering}",
        alice=ALICES_ROOM,
        samira=SAMIRAS_ROOM,
        body={"title": "حصة"},
    ),
    row("POST /api/v1/sessions/{gathering}/cancel", alice=ALICES_ROOM, samira=SAMIRAS_ROOM, body={}),
    row(
        "GET /api/v1/sessions/{gathering}/attendance",
        alice=ALICES_ROOM,
        samira=SAMIRAS_ROOM,
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "PUT /api/v1/sessions/{gathering}/attendance",
        alice=ALICES_ROOM,
        samira=SAMIRAS_ROOM,
        body={"marks": [{"enrolment": "{enrolment}", "presence": "present"}]},
    ),
    row(
        "GET /api/v1/attestations",
        f"200 {AUDITED} | 401 OUT | 403 *",
        says={"{alice.attestation}": "CENTRE partner province_admin", "{samira.attestation}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(  # each event has its own answer; the ids stand for a woman whom she may record for
        "POST /api/v1/attestations",
        alice=ALICES_ROOM,
        samira=SAMIRAS_ROOM,
        body={
            "events": [
                {
                    "id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c03",
                    "enrolment": "{enrolment}",
                    "lesson": "{lesson}",
                    "done_on": "2026-11-22",
                }
            ]
        },
    ),
    row(
        "POST /api/v1/attestations/{attestation}/verdict",
        alice="200 centre_admin province_admin | 401 OUT | "
        "404 sibling_centre_admin shelter_admin sibling_province_admin | 403 *",
        samira="200 shelter_admin | 401 OUT | "
        "404 centre_admin sibling_centre_admin province_admin sibling_province_admin | 403 *",
        body={"verdict": "confirmed"},
        alices_name="centre_admin",
        samiras_name="shelter_admin",
    ),
)

FACILITATED_PAGES: Final = (
    row(
        "GET /sessions",
        f"200 {AT_CENTRES} | sign-in OUT | 403 *",
        says={"{alice.gathering}": "CENTRE", "{samira.gathering}": "SHELTER"},
    ),
    row("GET /sessions/new", f"200 {AT_CENTRES} | sign-in OUT | 403 *"),
    row("POST /sessions/new", f"422 {AT_CENTRES} | sign-in OUT | 403 *", body={"whom": "nobody"}),
    row(
        "GET /sessions/{gathering}",
        alice=ALICES_ROOM.replace("401", "sign-in"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in"),
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "POST /sessions/{gathering}",
        alice=ALICES_ROOM.replace("401", "sign-in").replace("200", "303"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in").replace("200", "303"),
        body={"presence-{enrolment}": "present", "everyone": "present"},
    ),
    row(
        "GET /sessions/{gathering}/change",
        alice=ALICES_ROOM.replace("401", "sign-in"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in"),
    ),
    row(
        "POST /sessions/{gathering}/change",
        alice=ALICES_ROOM.replace("401", "sign-in").replace("200", "303"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in").replace("200", "303"),
        body={"cancel": "1"},
    ),
    row(
        "GET /sessions/{gathering}/record?lesson={lesson}",
        alice=ALICES_ROOM.replace("401", "sign-in"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in"),
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "POST /sessions/{gathering}/record",
        alice=ALICES_ROOM.replace("401", "sign-in").replace("200", "303"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in").replace("200", "303"),
        body={"lesson": "{lesson}"},
    ),
    row(
        "GET /sessions/{gathering}/sheet",
        alice=ALICES_ROOM.replace("401", "sign-in"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in"),
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "GET /sessions/{gathering}/paper/{quiz}",
        alice=ALICES_ROOM.replace("401", "sign-in"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in"),
    ),
    row(
        "GET /attestations",
        f"200 {AUDITED} | sign-in OUT | 403 *",
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "POST /attestations",
        alice="303 centre_admin province_admin | sign-in OUT | "
        "404 sibling_centre_admin shelter_admin sibling_province_admin | 403 *",
        samira="303 shelter_admin | sign-in OUT | "
        "404 centre_admin sibling_centre_admin province_admin sibling_province_admin | 403 *",
        body={"attestation": "{attestation}", "answer": "confirmed"},
    ),
)

PEOPLE: Final = (
    row("GET /api/v1/me", SIGNED_IN),
    row("GET /api/v1/me/offline", SIGNED_IN),
    row("GET /api/v1/me/data", SIGNED_IN, own_secrets=True),
    row("PATCH /api/v1/me", SIGNED_IN, body={"discreet": True}),
    row(
        "POST /api/v1/people/reveal",
        alice="200 centre_admin ABOVE | 401 OUT | "
        "404 sibling_centre_admin sibling_province_admin sibling_region_admin shelter_admin | 403 *",
        samira="200 shelter_admin | 401 OUT | "
        "404 centre_admin sibling_centre_admin sibling_province_admin sibling_region_admin ABOVE | 403 *",
        body={"ids": ["{person}"], "reason": REASON},
        alices_name="centre_admin ABOVE",
        alices_id="alice centre_admin ABOVE",
        samiras_name="shelter_admin",
    ),
    row("GET /api/v1/organisations", ANYONE),
    row("GET /api/v1/organisations?parent=larache", ANYONE),
    row(
        "GET /api/v1/organisations/{home}",
        alice="200 CENTRE partner ABOVE auditor | 401 OUT | 404 former_partner SIBLINGS SHELTER | 403 *",
        samira="200 SHELTER ABOVE auditor | 401 OUT | 404 CENTRE PARTNERS SIBLINGS | 403 *",
    ),
)

TEACHING: Final = (
    row(
        "POST /api/v1/uploads",
        "201 WRITERS FOREIGN | 401 OUT | 403 *",
        body={"name": "ورقة.pdf", "size": 100, "purpose": "document"},
    ),
    row(
        "GET /api/v1/uploads/{upload}",
        alice="200 trainer | 404 publisher FOREIGN | 401 OUT | 403 *",
    ),
    row("GET /api/v1/uploads", "200 WRITERS FOREIGN | 401 OUT | 403 *"),
    row("GET /api/v1/uploads/room", "200 WRITERS FOREIGN | 401 OUT | 403 *"),
    row(
        "POST /api/v1/uploads/{upload}/parts",
        alice="200 trainer | 404 publisher FOREIGN | 401 OUT | 403 *",
        body={"parts": [{"number": 1, "sha256": "0" * 64}]},
    ),
    row(  # 202: nothing to check while it is being received
        "POST /api/v1/uploads/{upload}/check",
        alice="202 trainer | 404 publisher FOREIGN | 401 OUT | 403 *",
    ),
    row(
        "DELETE /api/v1/uploads/{spare_upload}",
        alice="204 trainer | 404 publisher FOREIGN | 401 OUT | 403 *",
    ),
    row(  # 409: hers, and its parts have not arrived
        "POST /api/v1/uploads/{upload}/complete",
        alice="409 trainer | 404 publisher FOREIGN | 401 OUT | 403 *",
        body={"parts": []},
    ),
    row(
        "GET /api/v1/authoring/courses",
        "200 WRITERS FOREIGN | 401 OUT | 403 *",
        says={"draft-course": "WRITERS"},
    ),
    row("POST /api/v1/authoring/courses", "201 WRITERS FOREIGN | 401 OUT | 403 *", body=COURSE),
    row("GET /api/v1/authoring/courses/{draft}", alice=WRITES),
    row("PATCH /api/v1/authoring/courses/{draft}", alice=WRITES, body={"topic": "enterprise"}),
    row(
        "POST /api/v1/authoring/courses/{draft}/order",
        alice=WRITES,
        body={"modules": [{"id": "{draft_module}", "lessons": ["{draft_lesson}"]}]},
    ),
    row(  # a trainer hears that a publisher writes what comes after a course
        "PUT /api/v1/authoring/courses/{draft}/next-steps",
        alice="200 publisher | 403 trainer | 404 FOREIGN | 401 OUT | 403 *",
        body={"steps": [{"kind": "centre", "title": {"ar": "زوري مركزكِ"}}]},
    ),
    row("POST /api/v1/authoring/courses/{draft}/modules", alice=ADDS, body={"title": {"ar": "وحدة"}}),
    row("GET /api/v1/authoring/courses/{draft}/readiness", alice=WRITES),
    row("GET /api/v1/authoring/courses/{course}/changes", alice=WRITES),
    row("POST /api/v1/authoring/courses/{draft}/copies", alice=ADDS, body={"slug": "a-copy"}),
    row("POST /api/v1/authoring/modules/{draft_module}/copies", alice=ADDS),
    row("POST /api/v1/authoring/lessons/{draft_lesson}/copies", alice=ADDS, body={}),
    row("GET /api/v1/authoring/lessons/{draft_lesson}/revisions", alice=WRITES),
    row(
        "POST /api/v1/authoring/lessons/{draft_lesson}/revisions/1/restore",
        alice=WRITES.replace("200", "428"),
    ),
    row("POST /api/v1/authoring/lessons/{draft_lesson}/renewal", alice=WRITES.replace("200", "428")),
    row("GET /api/v1/authoring/courses/{draft}/reviews", alice=WRITES),
    row(
        "POST /api/v1/authoring/courses/{draft}/reviews", alice=WRITES, body={"notes": ""}
    ),  # as it waits already
    row("POST /api/v1/authoring/reviews/{review}/comments", alice=ADDS, body={"text": "ملاحظة"}),
    row(
        "POST /api/v1/authoring/reviews/{review}/return",
        alice="200 publisher | 404 FOREIGN | 401 OUT | 403 *",
        says={"publisher_needed": "trainer"},
    ),
    row(
        "POST /api/v1/authoring/reviews/{review}/approve",
        alice="200 publisher | 404 FOREIGN | 401 OUT | 403 *",
        body={},
        says={"publisher_needed": "trainer"},
    ),
    row("GET /api/v1/authoring/courses/{draft}/publications", alice=WRITES),
    row("GET /api/v1/authoring/courses/{course}/faces", alice=WRITES),
    row(  # hers is of a conversation, no word about a module
        "GET /api/v1/authoring/courses/{course}/voices/{voice}",
        alice="401 OUT | 404 publisher trainer FOREIGN | 403 *",
    ),
    row(
        "POST /api/v1/authoring/courses/{draft}/publications",
        alice="201 publisher | 404 FOREIGN | 401 OUT | 403 *",
        body={"notes": ""},
        says={"publisher_needed": "trainer"},
    ),
    row("GET /api/v1/authoring/courses/{draft}/publications/impact", alice=WRITES),
    row(  # 409: a draft is offered to nobody yet
        "PUT /api/v1/authoring/courses/{draft}/withdrawal",
        alice="409 publisher | 404 FOREIGN | 401 OUT | 403 *",
    ),
    row(
        "DELETE /api/v1/authoring/courses/{draft}/withdrawal",
        alice="204 publisher | 404 FOREIGN | 401 OUT | 403 *",
    ),
    row("GET /api/v1/authoring/courses/{course}/moves", alice=WRITES),
    row("GET /api/v1/authoring/courses/{course}/moves/preview", alice=WRITES),
    row(  # 409: everyone is on the newest edition
        "POST /api/v1/authoring/courses/{course}/moves",
        alice="409 publisher | 404 FOREIGN | 401 OUT | 403 *",
        body={},
    ),
    row("PATCH /api/v1/authoring/modules/{draft_module}", alice=WRITES, body={"title": {"ar": "اسم آخر"}}),
    row("DELETE /api/v1/authoring/modules/{draft_module}", alice=REMOVES),
    row("POST /api/v1/authoring/modules/{draft_module}/lessons", alice=ADDS, body=LESSON),
    row("GET /api/v1/authoring/lessons/{draft_lesson}", alice=WRITES),
    row("PATCH /api/v1/authoring/lessons/{draft_lesson}", alice=WRITES, body={"minutes": 9}),
    row("DELETE /api/v1/authoring/lessons/{draft_lesson}", alice=REMOVES),
    row("PUT /api/v1/authoring/lessons/{draft_lesson}/variants/ar", alice=WRITES, body={"body": "نص"}),
    row("DELETE /api/v1/authoring/lessons/{draft_lesson}/variants/ar", alice=WRITES),
    row(
        "GET /api/v1/courses",
        ANYONE,
        says={"draft-course": "", "{alice.enrolment}": "alice", "{samira.enrolment}": "samira"},
    ),
    row(
        "GET /api/v1/courses/open-course",
        ANYONE,
        says={"{alice.enrolment}": "alice", "{samira.enrolment}": "samira"},
    ),
    row("GET /api/v1/courses/{draft}", alice="404 *"),
    row("GET /api/v1/courses/{course}/outline", alice=ANYONE),
    row("GET /api/v1/courses/{closed}/outline", alice="200 alice | 404 *"),
    row("GET /api/v1/courses/{closed}/publications/1/outline/ar", alice="200 alice | 404 *"),
    row("GET /api/v1/courses/{closed}/publications/1/lessons/{closed_lesson}", alice="200 alice | 404 *"),
    row(
        "GET /api/v1/courses/{closed}/publications/1/lessons/{closed_lesson}/file?language=ary",
        alice="302 alice | 404 *",
    ),
    row(
        "GET /api/v1/courses/{closed}/publications/1/lessons/{closed_lesson}/captions?language=ary",
        alice="200 alice | 404 *",
    ),
    row("GET /api/v1/courses/{closed}/publications/1/manifest?language=ar", alice="200 alice | 404 *"),
    row("GET /api/v1/courses/{course}/publications/1/manifest?since=1", alice=ANYONE),
    row("GET /api/v1/courses/{course}/publications/1/lessons/{quiz}/quiz?language=ar", alice=ANYONE),
)

LEARNING: Final = (
    row(
        "GET /api/v1/enrolments",
        SIGNED_IN,
        says={
            "{alice.enrolment}": "alice CENTRE partner ABOVE",
            "{samira.enrolment}": "samira SHELTER ABOVE",
        },
    ),
    row("POST /api/v1/enrolments", "401 OUT | 201 *", body={"course": "new-course"}),
    row("POST /api/v1/enrolments", "401 OUT | 200 alice | 404 *", body={"course": "closed-course"}),
    row(  # a closed course takes women through a cohort of their own centre
        "POST /api/v1/enrolments",
        alice="401 OUT | 200 alice | 201 bahija | 404 *",
        body={"course": "closed-course", "cohort": "{cohort}"},
    ),
    row(  # a confidential centre's groups are its own staff's alone
        "GET /api/v1/cohorts",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | 401 OUT | 403 *",
        says={"{alice.cohort}": "CENTRE partner ABOVE", "{samira.own_cohort}": "SHELTER"},
    ),
    row(
        "POST /api/v1/cohorts",
        alice="201 centre_admin ABOVE | 401 OUT | 404 shelter_admin IMPORTERS_BESIDE | 403 *",
        samira="201 shelter_admin | 401 OUT | 404 centre_admin IMPORTERS_BESIDE ABOVE | 403 *",
        body={"course": "open-course", "organisation": "{home}", "title": {"ar": "فوج جديد"}},
    ),
    row(
        "GET /api/v1/cohorts/{own_cohort}",
        alice="200 CENTRE partner ABOVE | 401 OUT | 404 former_partner SIBLINGS SHELTER | 403 *",
        samira="200 SHELTER | 401 OUT | 404 CENTRE PARTNERS SIBLINGS ABOVE | 403 *",
    ),
    row(
        "PATCH /api/v1/cohorts/{own_cohort}",
        alice="200 centre_admin ABOVE | 401 OUT | 404 shelter_admin IMPORTERS_BESIDE | 403 *",
        samira="200 shelter_admin | 401 OUT | 404 centre_admin IMPORTERS_BESIDE ABOVE | 403 *",
        body={"seats": 20},
    ),
    row("GET /api/v1/enrolments/{enrolment}", alice=READS_ALICE, samira=READS_SAMIRA),
    row("GET /api/v1/enrolments/{enrolment}/progress", alice=READS_ALICE, samira=READS_SAMIRA),
    row(
        "GET /api/v1/enrolments/{enrolment}/outline",
        alice="200 alice | 401 OUT | 404 *",
        samira="200 samira | 401 OUT | 404 *",
    ),
    row("GET /api/v1/enrolments/{enrolment}/eligibility", alice=READS_ALICE, samira=READS_SAMIRA),
    row(
        "GET /api/v1/home",
        SIGNED_IN,
        says={"{alice.enrolment}": "alice", "{samira.enrolment}": "samira"},
    ),
    row(
        "GET /api/v1/enrolments/{enrolment}/next-steps",
        alice=ALICES_OWN,
        samira=SAMIRAS_OWN,
        says={"{alice.support}": "alice", "{samira.support}": "samira"},
    ),
    row(  # the same as she asked already
        "POST /api/v1/enrolments/{enrolment}/support",
        alice=ALICES_OWN,
        samira=SAMIRAS_OWN,
        body={"words": "مشروعي"},
    ),
    row("GET /api/v1/enrolments/{enrolment}/name-confirmation", alice=ALICES_OWN, samira=SAMIRAS_OWN),
    row(
        "PUT /api/v1/enrolments/{enrolment}/name-confirmation",
        alice=ALICES_OWN,
        samira=SAMIRAS_OWN,
        body={"right": True},
    ),
    row(
        "GET /api/v1/enrolments/{enrolment}/help",
        alice=ALICES_OWN,
        samira=SAMIRAS_OWN,
    ),
    row(
        "POST /api/v1/help/messages",
        alice="201 alice | 401 OUT | 404 *",
        samira="201 samira | 401 OUT | 404 *",
        body={
            "id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c79",
            "enrolment": "{enrolment}",
            "kind": "stuck",
            "text": "لم أفهم",
            "occurred_at": "2026-11-20T10:00:00Z",
        },
    ),
    row(
        "GET /api/v1/help/messages/{message}/voice",
        alice="200 alice CENTRE trainer | 401 OUT | 404 *",
        samira="200 samira SHELTER | 401 OUT | 404 *",
    ),
    row("GET /api/v1/voice-notes/{voice}", alice=ALICES_OWN, samira=SAMIRAS_OWN),
    row("PUT /api/v1/voice-notes/{voice}", "401 OUT | 415 *", body={}),  # JSON is no sound
    row("GET /api/v1/me/help", SIGNED_IN),
    row("PUT /api/v1/me/help", SIGNED_IN, body={"wanted": True}),
    row(
        "GET /api/v1/help/threads",
        f"200 {AT_CENTRES} trainer foreign_trainer | 401 OUT | 403 *",
        says={"{alice.help}": "CENTRE trainer", "{samira.help}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE trainer",
    ),
    row(
        "GET /api/v1/help/threads/{help}",
        alice=f"200 CENTRE trainer | 404 {NOT_HELPING} SHELTER | 401 OUT | 403 *",
        samira=f"200 SHELTER | 404 {NOT_HELPING} CENTRE trainer | 401 OUT | 403 *",
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE trainer",
    ),
    row(
        "POST /api/v1/help/threads/{help}/answers",
        alice=f"201 CENTRE trainer | 404 {NOT_HELPING} SHELTER | 401 OUT | 403 *",
        samira=f"201 SHELTER | 404 {NOT_HELPING} CENTRE trainer | 401 OUT | 403 *",
        body={"id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c80", "text": "جواب"},
    ),
    row(
        "POST /api/v1/help/threads/{help}/close",
        alice=f"204 CENTRE trainer | 404 {NOT_HELPING} SHELTER | 401 OUT | 403 *",
        samira=f"204 SHELTER | 404 {NOT_HELPING} CENTRE trainer | 401 OUT | 403 *",
        body={},
    ),
    row(  # neither asked to be called
        "POST /api/v1/help/threads/{help}/number",
        alice=f"404 CENTRE trainer {NOT_HELPING} SHELTER | 401 OUT | 403 *",
        samira=f"404 SHELTER {NOT_HELPING} CENTRE trainer | 401 OUT | 403 *",
        body={},
    ),
    row(
        "PUT /api/v1/enrolments/{enrolment}/modules/1/face",
        alice="204 alice | 401 OUT | 404 *",
        samira="204 samira | 401 OUT | 404 *",
        body={"face": "good"},
    ),
    row(
        "GET /api/v1/support-requests",
        f"200 {STAFF_OF_WOMEN} | 401 OUT | 403 *",
        says={"{alice.support}": "CENTRE", "{samira.support}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE",
    ),
    row(
        "POST /api/v1/support-requests/{support}/take",
        alice=f"200 CENTRE | {NOT_ALICES} | 401 OUT | 403 *",
        samira=f"200 SHELTER | {NOT_SAMIRAS} | 401 OUT | 403 *",
        body={},
    ),
    row(
        "POST /api/v1/support-requests/{support}/close",
        alice=f"200 CENTRE | {NOT_ALICES} | 401 OUT | 403 *",
        samira=f"200 SHELTER | {NOT_SAMIRAS} | 401 OUT | 403 *",
        body={},
    ),
    row(
        "POST /api/v1/enrolments/{enrolment}/lessons/{quiz}/attempts",
        alice="201 alice | 401 OUT | 404 *",
        samira="201 samira | 401 OUT | 404 *",
        body={},
    ),
    row(
        "PUT /api/v1/attempts/{attempt}/answers",
        alice=ALICES_OWN,
        samira=SAMIRAS_OWN,
        body={"answers": [{"question": "q1", "choices": []}]},
    ),
    row("POST /api/v1/attempts/{attempt}/submit", alice=ALICES_OWN, samira=SAMIRAS_OWN, body={}),
    row("POST /api/v1/attempts/{attempt_given}/submit", alice=ALICES_OWN, samira=SAMIRAS_OWN, body={}),
    row(  # a batch is answered event by event: one about another's enrolment is refused inside it
        "POST /api/v1/progress/events",
        alice=SIGNED_IN,
        body={
            "device": "هاتف",
            "events": [
                {
                    "id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c02",
                    "enrolment": "{enrolment}",
                    "lesson": "{lesson}",
                    "verb": "opened",
                    "occurred_at": "2026-11-22T10:00:00Z",
                }
            ],
        },
        says={'"accepted"': "alice", '"percent"': "alice"},
    ),
    row(  # her own, and those of her centre's women for its own staff
        "GET /api/v1/devices",
        SIGNED_IN,
        says={
            "{alice.device}": "alice",
            "{samira.device}": "samira",
            '"waiting":7007': "alice CENTRE",
            '"waiting":8008': SAMIRAS_NAME,
        },
        alices_name="alice CENTRE",
    ),
    row(
        "GET /api/v1/certificates",
        SIGNED_IN,
        says={
            "{alice.certificate}": "alice CENTRE partner ABOVE",
            "{samira.certificate}": "samira SHELTER ABOVE",
            "{alice.code}": "alice",
            "{samira.code}": "samira",
        },
    ),
    row(
        "GET /api/v1/certificates/{certificate}",
        alice=READS_ALICE,
        samira=READS_SAMIRA,
        says={"{alice.code}": "alice", "{samira.code}": "samira"},
    ),
    row(  # the document carries her name
        "GET /api/v1/certificates/{certificate}/document",
        alice="302 alice CENTRE | 403 partner ABOVE | 401 OUT | 404 *",
        samira="302 samira SHELTER | 403 ABOVE | 401 OUT | 404 *",
    ),
    row(
        "GET /api/v1/certificates/{certificate}/document?design=ink",
        alice="200 alice CENTRE | 403 partner ABOVE | 401 OUT | 404 *",
        samira="200 samira SHELTER | 403 ABOVE | 401 OUT | 404 *",
        alices_name="alice CENTRE",
    ),
    row(
        "POST /api/v1/certificates/{certificate}/revoke",
        alice="200 ABOVE | 401 OUT | 404 sibling_province_admin sibling_region_admin | 403 *",
        samira="200 ABOVE | 401 OUT | 404 sibling_province_admin sibling_region_admin | 403 *",
        body={"reason": REASON},
    ),
    row(
        "POST /api/v1/certificates/{certificate}/correct",
        alice="409 centre_admin ABOVE | 401 OUT | "
        "404 sibling_centre_admin sibling_province_admin sibling_region_admin shelter_admin | 403 *",
        samira="409 shelter_admin ABOVE | 401 OUT | "
        "404 centre_admin sibling_centre_admin sibling_province_admin sibling_region_admin | 403 *",
        body={"reason": REASON},
    ),
    row(  # whoever holds Alice's code reads what she shows; Samira's is closed until she opens it, to herself too
        "GET /api/v1/verify/{code}",
        alice=ANYONE,
        samira=ANYONE,
        says={"{alice.serial}": "*", "{samira.serial}": ""},
        alices_name="*",
        samiras_name="",
    ),
    row(
        "GET /api/v1/notifications",
        SIGNED_IN,
        says={"{alice.notification}": "alice", "{samira.notification}": "samira"},
    ),
    row("POST /api/v1/notifications/{notification}/read", alice=ALICES_OWN, samira=SAMIRAS_OWN, body={}),
    row("GET /api/v1/notification-preferences", SIGNED_IN),
    row("PUT /api/v1/notification-preferences", SIGNED_IN, body={"nudge": {"in_app": False}}),
)

# A list is its sender's alone; to the others who import it does not exist.
ALICES_LIST = "200 centre_admin | 401 OUT | 404 shelter_admin IMPORTERS_BESIDE ABOVE | 403 *"
SAMIRAS_LIST = "200 shelter_admin | 401 OUT | 404 centre_admin IMPORTERS_BESIDE ABOVE | 403 *"
LIST_OF_ONE = "first_name,family_name,phone\nجديدة,الوافدة,0613131313\n"

BRINGING_IN: Final = (
    row(
        "GET /api/v1/imports",
        "200 centre_admin shelter_admin IMPORTERS_BESIDE ABOVE | 401 OUT | 403 *",
        says={"{alice.import}": "centre_admin", "{samira.import}": "shelter_admin"},
    ),
    row(  # a confidential centre is filled by its own staff alone
        "POST /api/v1/imports",
        alice="202 centre_admin ABOVE | 401 OUT | 404 shelter_admin IMPORTERS_BESIDE | 403 *",
        samira="202 shelter_admin | 401 OUT | 404 centre_admin IMPORTERS_BESIDE ABOVE | 403 *",
        body={"organisation": "{home}", "file": LIST_OF_ONE},
    ),
    row(
        "GET /api/v1/imports/{import}",
        alice=ALICES_LIST,
        samira=SAMIRAS_LIST,
        alices_name="centre_admin",
        samiras_name="shelter_admin",
    ),
    row(
        "POST /api/v1/imports/{import}/start",
        alice=ALICES_LIST.replace("200", "202"),
        samira=SAMIRAS_LIST.replace("200", "202"),
        body={"dry_run": True},
        alices_name="centre_admin",
        samiras_name="shelter_admin",
    ),
    row("GET /api/v1/imports/{import}/errors", alice=ALICES_LIST, samira=SAMIRAS_LIST),
)

COUNTING: Final = (
    row("GET /api/v1/reports/completion", COUNTS),
    row(  # Larache's centre keeps the shelter company: above it neither stands alone
        "GET /api/v1/reports/completion?organisation={home}",
        alice="200 CENTRE partner | 404 former_partner SIBLINGS SHELTER ABOVE auditor | 401 OUT | 403 *",
        samira="200 SHELTER | 404 CENTRE PARTNERS SIBLINGS ABOVE auditor | 401 OUT | 403 *",
    ),
    row(
        "GET /api/v1/reports/completion?organisation=ksar-centre",
        "200 sibling_facilitator sibling_centre_admin ABOVE auditor | "
        "404 CENTRE PARTNERS SHELTER sibling_province_admin sibling_region_admin | 401 OUT | 403 *",
    ),
    row(
        "GET /api/v1/reports/completion/learners?page_size=100",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | 401 OUT | 403 *",
        says={"{alice.person}": "CENTRE partner ABOVE", "{samira.person}": "SHELTER ABOVE"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE partner ABOVE",
        samiras_id="SHELTER ABOVE",
    ),
    row(
        "GET /api/v1/reports/completion/learners?organisation={home}",
        alice="200 CENTRE partner | 404 former_partner SIBLINGS SHELTER ABOVE | 401 OUT | 403 *",
        samira="200 SHELTER | 404 CENTRE PARTNERS SIBLINGS ABOVE | 401 OUT | 403 *",
        says={"{alice.person}": "CENTRE partner", "{samira.person}": "SHELTER"},
        alices_id="CENTRE partner",
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
)

RUNNING: Final = (
    row(
        "GET /api/v1/operations/events",
        "200 operator | 401 OUT | 403 *",
        says={"{alice.delivery}": "operator"},
    ),
    row("POST /api/v1/operations/events/{delivery}/replay", alice="200 operator | 401 OUT | 403 *", body={}),
    row(
        "GET /api/v1/operations/messages",
        "200 operator | 401 OUT | 403 *",
        says={"{alice.letter}": "operator", "{samira.letter}": "operator"},
    ),
    row("POST /api/v1/operations/messages/{letter}/replay", alice="200 operator | 401 OUT | 403 *"),
    row("GET /healthz", ANYONE),
    row("GET /readyz", ANYONE),
    row(
        "GET /metrics", ANYONE
    ),  # from the operations' own network, where the tests stand; else tests/lms/observing
    row("GET /api/v1/schema", ANYONE),
    row("GET /api/docs", ANYONE),
)

VISITOR = "sign-in OUT | 200 *"  # a page for whoever has signed in
PAGES: Final = (
    row("POST /language", "303 *", body={"language": "fr", "next": "/"}),
    row("GET /calendar", ANYONE),
    row("GET /sw.js", ANYONE),
    row("GET /offline/ar", ANYONE),
    row("GET /offline/plain/ar", ANYONE),
    row("GET /app/ar.webmanifest", ANYONE),
    row("GET /app/plain/ar.webmanifest", ANYONE),
    row("GET /help", ANYONE),
    row("GET /help/no-such-guide", "404 *"),
    row("GET /help/images/no-such-picture.png", "404 *"),
    row("GET /style", ANYONE),
    row("GET /sign-in", ANYONE),
    row("POST /sign-in", "303 *", body={"phone": "0612131415"}),
    row("GET /sign-in/code/0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01", ANYONE),
    row("POST /sign-in/code/0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01", "401 *", body={"code": "123456"}),
    row("GET /sign-in/card", ANYONE),
    row("POST /sign-in/card", "401 *", body={"card": "407 155 289 013", "pin": "2468"}),
    row("GET /sign-in/e-mail", ANYONE),
    row(
        "POST /sign-in/e-mail", "422 *", body={"email": "nobody@example.ma", "password": "لا شيء على الإطلاق"}
    ),
    row("POST /exit", "303 *", body={}),
    row("POST /sign-out", "sign-in OUT | 303 *", body={}),
    row("POST /sign-in/passkey", "404 *", body={}),
    row("GET /account/prove", VISITOR),
    row("POST /account/prove", "sign-in OUT | 422 *", body={"pin": ""}),
    row("GET /account/number", VISITOR),
    row("POST /account/number", "sign-in OUT | 422 *", body={"phone": ""}),
    row("GET /account/passkeys", VISITOR),
    row(
        "POST /account/passkeys",
        "sign-in OUT | 404 *",
        body={"remove": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c01"},
    ),
    row("GET /account/device", VISITOR),
    row("POST /account/device", "sign-in OUT | 303 *", body={}),
    row("GET /register", "200 proven | sign-in *"),
    row("POST /register?province=larache", "303 *", body=REGISTRATION),
    row("GET /account", VISITOR),
    row("POST /account", "sign-in OUT | 303 *", body={"printed_name": "", "language": "ar"}),
    row("GET /", ANYONE),
    row("GET /courses", ANYONE, says={"draft-course": ""}),
    row("GET /courses/{course}", alice=ANYONE),
    row("GET /courses/{closed}", alice=ANYONE),
    row("GET /courses/{draft}", alice="404 *"),
    row("POST /courses/new-course", "sign-in OUT | 303 *", body={}),
    row("POST /courses/{closed}", alice="303 alice | sign-in OUT | 404 *", body={}),
    row("GET /my/courses", VISITOR),
    row("GET /my/courses/{course}/keep", alice="200 alice samira | sign-in OUT | 404 *"),
    row("GET /my/courses/{course}/lessons/{lesson}", alice="200 alice samira | sign-in OUT | 404 *"),
    row(
        "POST /my/courses/{course}/lessons/{lesson}", alice="303 alice samira | sign-in OUT | 404 *", body={}
    ),
    row("GET /my/courses/{closed}/lessons/{closed_lesson}", alice="200 alice | sign-in OUT | 404 *"),
    row("GET /my/courses/{course}/lessons/{quiz}/attempts", alice="sign-in OUT | 303 *"),
    row(
        "POST /my/courses/{course}/lessons/{quiz}/attempts",
        alice="303 alice samira | sign-in OUT | 404 *",
        body={},
    ),
    row("GET /my/courses/{course}/modules/1", alice="200 alice samira | sign-in OUT | 404 *"),
    row(
        "POST /my/courses/{course}/modules/1",
        alice="303 alice samira | sign-in OUT | 404 *",
        body={"face": "good"},
    ),
    row("GET /my/courses/{course}/next", alice="200 alice samira | sign-in OUT | 404 *"),
    row(
        "POST /my/courses/{course}/next",
        alice="303 alice samira | sign-in OUT | 404 *",
        body={"words": "مشروعي"},
    ),
    row(
        "GET /my/attempts/{attempt}",
        alice="200 alice | sign-in OUT | 404 *",
        samira="200 samira | sign-in OUT | 404 *",
    ),
    row(
        "GET /my/attempts/{attempt_given}",
        alice="200 alice | sign-in OUT | 404 *",
        samira="200 samira | sign-in OUT | 404 *",
    ),
    row(
        "POST /my/attempts/{attempt}",
        alice="303 alice | sign-in OUT | 404 *",
        samira="303 samira | sign-in OUT | 404 *",
        body={"later": "1"},
    ),
    row("GET /messages", VISITOR),
    row("GET /messages/choices", VISITOR),
    row(
        "POST /messages/choices",
        "sign-in OUT | 303 *",
        body={"nudge": "sms", "starts": "20:00", "ends": "09:00"},
    ),
    row(
        "GET /my/certificates",
        VISITOR,
        says={"{alice.serial}": "alice", "{samira.serial}": "samira", "{samira.code}": ""},
    ),
    row(
        "GET /my/certificates/{certificate}/document",
        alice="302 alice | sign-in OUT | 404 *",
        samira="302 samira | sign-in OUT | 404 *",
    ),
    row(
        "GET /my/certificates/{certificate}/document?design=ink",
        alice="200 alice | sign-in OUT | 404 *",
        samira="200 samira | sign-in OUT | 404 *",
    ),
    row("GET /my/certificates/{certificate}/check", alice="sign-in OUT | 302 *"),
    row(
        "POST /my/certificates/{certificate}/check",
        alice="303 alice | sign-in OUT | 404 *",
        samira="303 samira | sign-in OUT | 404 *",
        body={"public": "on", "shows_name": "on"},
    ),
    row("GET /v/{code}", alice=ANYONE, samira=ANYONE, alices_name="*", samiras_name=""),
    row(
        "GET /completion",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE auditor | sign-in OUT | 403 *",
    ),
    row(
        "GET /completion?organisation={home}",
        alice="200 CENTRE partner | 404 former_partner SIBLINGS SHELTER ABOVE auditor | sign-in OUT | 403 *",
        samira="200 SHELTER | 404 CENTRE PARTNERS SIBLINGS ABOVE auditor | sign-in OUT | 403 *",
    ),
    row(
        "GET /completion/people",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | sign-in OUT | 403 *",
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "GET /completion/people?organisation={home}",
        alice="200 CENTRE partner | 404 former_partner SIBLINGS SHELTER ABOVE | sign-in OUT | 403 *",
        samira="200 SHELTER | 404 CENTRE PARTNERS SIBLINGS ABOVE | sign-in OUT | 403 *",
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "GET /registrations",
        "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | sign-in OUT | 403 *",
        says={"{alice.registration}": "CENTRE", "{samira.registration}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "POST /registrations/{registration}",
        alice="303 CENTRE | sign-in OUT | 404 PARTNERS SIBLINGS SHELTER ABOVE | 403 *",
        samira="303 SHELTER | sign-in OUT | 404 CENTRE PARTNERS SIBLINGS ABOVE | 403 *",
        body={"answer": "confirm"},
    ),
    row(
        "POST /registrations/{registration}",
        alice="303 CENTRE | sign-in OUT | 404 PARTNERS SIBLINGS SHELTER ABOVE | 403 *",
        samira="303 SHELTER | sign-in OUT | 404 CENTRE PARTNERS SIBLINGS ABOVE | 403 *",
        body={"answer": "decline", "reason": REASON},
    ),
    row(
        "POST /my/courses/{course}/name",
        alice="303 alice samira | sign-in OUT | 404 *",
        body={"name": "right"},
    ),
    row(
        "GET /my/courses/{course}/help",
        alice="200 alice samira | sign-in OUT | 404 *",
    ),
    row(
        "POST /my/courses/{course}/help",
        alice="303 alice samira | sign-in OUT | 404 *",
        body={"id": "0b7e8f5e-9a66-4f52-8a54-0a5f1d0b1c81", "action": "stuck", "text": "لم أفهم"},
    ),
    row(
        "GET /help-requests",
        f"200 {AT_CENTRES} trainer foreign_trainer | sign-in OUT | 403 *",
        says={"{alice.help}": "CENTRE trainer", "{samira.help}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE trainer",
    ),
    row(
        "GET /help-requests/{help}",
        alice=f"200 CENTRE trainer | 404 {NOT_HELPING} SHELTER | sign-in OUT | 403 *",
        samira=f"200 SHELTER | 404 {NOT_HELPING} CENTRE trainer | sign-in OUT | 403 *",
        alices_name="CENTRE",
        samiras_name="SHELTER",
        alices_id="CENTRE trainer",
    ),
    row(
        "POST /help-requests/{help}",
        alice=f"303 CENTRE trainer | 404 {NOT_HELPING} SHELTER | sign-in OUT | 403 *",
        samira=f"303 SHELTER | 404 {NOT_HELPING} CENTRE trainer | sign-in OUT | 403 *",
        body={"action": "close"},
    ),
    row(
        "GET /support-requests",
        f"200 {STAFF_OF_WOMEN} | sign-in OUT | 403 *",
        says={"{alice.support}": "CENTRE", "{samira.support}": "SHELTER"},
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "POST /support-requests/{support}",
        alice=f"303 CENTRE | {NOT_ALICES} | sign-in OUT | 403 *",
        samira=f"303 SHELTER | {NOT_SAMIRAS} | sign-in OUT | 403 *",
        body={"action": "take"},
    ),
    row("GET /studio", "200 WRITERS FOREIGN | sign-in OUT | 403 *"),
    row(
        "GET /studio/courses/{draft}",
        alice=WRITES.replace("401", "sign-in"),
    ),
    row(
        "POST /studio/courses/{draft}",
        alice="303 WRITERS | 404 FOREIGN | sign-in OUT | 403 *",
        body={"action": "comment", "words": "ملاحظة"},
    ),
    row("GET /studio/courses/{course}/changes", alice=WRITES.replace("401", "sign-in")),
    row("GET /studio/courses/{course}/learners", alice=WRITES.replace("401", "sign-in")),
    row(
        "POST /studio/courses/{course}/learners",
        alice="409 publisher | 404 FOREIGN | sign-in OUT | 403 *",
        body={},
    ),
    row("GET /studio/new", "200 WRITERS FOREIGN | sign-in OUT | 403 *"),
    row(
        "POST /studio/new",
        "303 WRITERS FOREIGN | sign-in OUT | 403 *",
        body={"slug": "studio-course", "language_ar": "1", "title_ar": "دورة"},
    ),
    row("GET /studio/lessons/{draft_lesson}/history", alice=WRITES.replace("401", "sign-in")),
    row(
        "POST /studio/lessons/{draft_lesson}/history",
        alice=WRITES.replace("401", "sign-in").replace("200", "303"),
        body={"version": "1"},
    ),
    row("GET /studio/lessons/{draft_lesson}", alice=WRITES.replace("401", "sign-in")),
    row(
        "POST /studio/lessons/{draft_lesson}",
        alice="303 WRITERS | 404 FOREIGN | sign-in OUT | 403 *",
        body={"title_ar": "درس", "body_ar": "نص آخر", "minutes": "5"},
    ),
    row("GET /gradebooks", f"200 {AT_CENTRES} | sign-in OUT | 403 *"),
    row(
        "GET /gradebooks/{own_cohort}",
        alice=ALICES_ROOM.replace("401", "sign-in"),
        samira=SAMIRAS_ROOM.replace("401", "sign-in"),
        alices_name="CENTRE",
        samiras_name="SHELTER",
    ),
    row(
        "GET /api/v1/cohorts/{own_cohort}/gradebook",
        alice=ALICES_ROOM,
        samira=SAMIRAS_ROOM,
        alices_name="CENTRE",
        alices_id="CENTRE",
        samiras_name="SHELTER",
        samiras_id="SHELTER",
    ),
    row(  # no name leaves a confidential centre in a file
        "GET /api/v1/cohorts/{own_cohort}/gradebook/file",
        alice=ALICES_ROOM,
        samira=SAMIRAS_ROOM,
        alices_name="CENTRE",
        alices_id="CENTRE",
        samiras_name="nobody",
        samiras_id="SHELTER",
    ),
    row(
        "GET /imports",
        "200 centre_admin shelter_admin IMPORTERS_BESIDE ABOVE | sign-in OUT | 403 *",
        says={"{alice.import}": "centre_admin", "{samira.import}": "shelter_admin"},
    ),
    row("GET /imports/new", "200 centre_admin shelter_admin IMPORTERS_BESIDE ABOVE | sign-in OUT | 403 *"),
    row(
        "POST /imports/new?organisation={home}",
        alice="303 centre_admin ABOVE | sign-in OUT | 404 shelter_admin IMPORTERS_BESIDE | 403 *",
        samira="303 shelter_admin | sign-in OUT | 404 centre_admin IMPORTERS_BESIDE ABOVE | 403 *",
        body={"file": LIST_OF_ONE, "cohort": "", "consent": "on"},
    ),
    row(
        "GET /imports/{import}",
        alice=ALICES_LIST.replace("401", "sign-in"),
        samira=SAMIRAS_LIST.replace("401", "sign-in"),
        alices_name="centre_admin",
        samiras_name="shelter_admin",
    ),
    row(
        "POST /imports/{import}",
        alice=ALICES_LIST.replace("401", "sign-in").replace("200", "303"),
        samira=SAMIRAS_LIST.replace("401", "sign-in").replace("200", "303"),
        body={"answer": "try", "first_name": "0", "family_name": "1"},
    ),
    row(
        "GET /imports/{import}/refused",
        alice=ALICES_LIST.replace("401", "sign-in"),
        samira=SAMIRAS_LIST.replace("401", "sign-in"),
    ),
)

# What operators look after: counts, codes and handlers, never anybody.
CARE = "200 operator | sign-in OUT | 403 *"
REPLAYED = "303 operator | sign-in OUT | 403 *"
AT_WORK: Final = (
    row(
        "GET /operations",
        CARE,
        says={"{alice.delivery}": "operator", "{alice.letter}": "operator", "{samira.letter}": "operator"},
    ),
    row("GET /operations/deliveries", CARE, says={"{alice.delivery}": "operator"}),
    row("POST /operations/deliveries/{delivery}/replay", alice=REPLAYED, body={}),
    row(
        "GET /operations/messages",
        CARE,
        says={"{alice.letter}": "operator", "{samira.letter}": "operator"},
    ),
    row("POST /operations/messages/{letter}/replay", alice=REPLAYED, samira=REPLAYED, body={}),
)

# /admin/: who works here may enter; each list asks for an ability of its own. What is only read refuses every form.
ENTERS = "200 WRITERS FOREIGN CENTRE PARTNERS SIBLINGS SHELTER ABOVE auditor operator | sign-in OUT | 403 *"
LISTS = "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | sign-in OUT | 403 *"
HAS_LISTS_THERE = (
    "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE | sign-in OUT | 404 WRITERS FOREIGN auditor operator | 403 *"
)
TREE = "200 CENTRE PARTNERS SIBLINGS SHELTER ABOVE auditor | sign-in OUT | 403 *"
AUTHORS = "200 WRITERS FOREIGN | sign-in OUT | 403 *"
SEES_ALICE = "200 CENTRE partner ABOVE | sign-in OUT | 404 former_partner SIBLINGS SHELTER | 403 *"
SEES_SAMIRA = "200 SHELTER | sign-in OUT | 404 CENTRE PARTNERS SIBLINGS ABOVE | 403 *"
READ_ONLY = "sign-in OUT | 403 *"
GROUP = {"course_slug": "open-course", "place": "larache-centre", "title_ar": "فوج آخر", "seen": ""}


def only_read(page: str, entered: str, *, alice: str, samira: str = "") -> tuple[Row, ...]:
    """A list of /admin/ and its rows, whose forms nobody may send."""
    form = page.partition("{")[0]
    refused = {"alice": READ_ONLY} | ({"samira": READ_ONLY} if samira else {})
    return (
        row(f"GET {form}", entered),
        row(f"POST {form}", entered, body={}),
        row(f"GET {page}", alice=alice, samira=samira),
        row(f"POST {page}", **refused, body={}),
    )


BEHIND_THE_SCENES: Final = (
    row("GET /admin/", ENTERS),
    row("POST /admin/", ENTERS),
    row("GET /admin/learners/", HAS_LISTS_THERE),
    row("POST /admin/learners/", HAS_LISTS_THERE),
    row("GET /admin/jsi18n/", ENTERS),
    row("POST /admin/jsi18n/", ENTERS.replace("200", "405")),
    *only_read(
        "/admin/lms/organisation/{home_id}/change/",
        TREE,
        alice="200 CENTRE partner ABOVE auditor | sign-in OUT | 404 former_partner SIBLINGS SHELTER | 403 *",
        samira="200 SHELTER ABOVE auditor | sign-in OUT | 404 CENTRE PARTNERS SIBLINGS | 403 *",
    ),
    *only_read("/admin/lms/eventdelivery/{delivery}/change/", CARE, alice=CARE),
    *only_read(
        "/admin/courses/course/{course_id}/change/",
        AUTHORS,
        alice="200 WRITERS | 404 FOREIGN | sign-in OUT | 403 *",
    ),
    *only_read("/admin/learners/enrolment/{enrolment}/change/", LISTS, alice=SEES_ALICE, samira=SEES_SAMIRA),
    row("GET /admin/learners/cohort/", LISTS),
    row("POST /admin/learners/cohort/", LISTS, body={}),
    row(
        "GET /admin/learners/cohort/add/",
        "200 centre_admin shelter_admin IMPORTERS_BESIDE ABOVE | sign-in OUT | 403 *",
    ),
    row(  # whose centre it is not reads on her form that it is none of hers
        "POST /admin/learners/cohort/add/",
        "302 centre_admin ABOVE | 200 shelter_admin IMPORTERS_BESIDE | sign-in OUT | 403 *",
        body=GROUP,
    ),
    row("GET /admin/learners/cohort/{own_cohort}/change/", alice=SEES_ALICE, samira=SEES_SAMIRA),
    row(
        "POST /admin/learners/cohort/{own_cohort}/change/",
        alice="302 centre_admin ABOVE | sign-in OUT | 404 shelter_admin IMPORTERS_BESIDE | 403 *",
        samira="302 shelter_admin | sign-in OUT | 404 centre_admin IMPORTERS_BESIDE ABOVE | 403 *",
        body=GROUP,
    ),
    row("GET /admin/learners/certificate/", LISTS),
    row("POST /admin/learners/certificate/", LISTS, body={}),
    row("GET /admin/learners/certificate/{certificate}/change/", alice=SEES_ALICE, samira=SEES_SAMIRA),
    row(
        "POST /admin/learners/certificate/{certificate}/change/",
        alice="302 ABOVE | sign-in OUT | 404 sibling_province_admin sibling_region_admin | 403 *",
        samira="sign-in OUT | 404 ABOVE sibling_province_admin sibling_region_admin | 403 *",
        body={"reason": REASON},
    ),
)

ROWS: Final = (
    *BEHIND_THE_SCENES,
    *DOOR,
    *WAYS_IN,
    *FACILITATED,
    *FACILITATED_PAGES,
    *PEOPLE,
    *TEACHING,
    *LEARNING,
    *BRINGING_IN,
    *COUNTING,
    *RUNNING,
    *PAGES,
    *AT_WORK,
)
