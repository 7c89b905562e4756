"""What `manage.py tour` prints: the address, who can sign in and how, and five minutes through the platform."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from learners.demonstration import cast
from learners.demonstration.sign_ins import everyone
from lms.access import policy

HEROINE: Final = cast.HEROINE
LINE: Final = "─" * 78

# Arabic and French, side by side.
ROLE_NAMES: Final = {
    policy.TRAINER: ("مكوِّنة", "formatrice"),
    policy.PUBLISHER: ("ناشرة", "éditrice"),
    policy.FACILITATOR: ("ميسِّرة", "animatrice"),
    policy.CENTRE_ADMIN: ("مسؤولة مركز", "responsable de centre"),
    policy.PROVINCE_ADMIN: ("مسؤولة إقليم", "responsable provinciale"),
    policy.REGION_ADMIN: ("مسؤولة جهة", "responsable régionale"),
    policy.MINISTRY_ADMIN: ("مسؤولة وطنية", "responsable nationale"),
    policy.AUDITOR: ("مفتشة", "auditrice"),
    policy.OPERATOR: ("مشغِّلة", "exploitante"),
    policy.LEARNER: ("متدربة", "apprenante"),
}
PARTS: Final = {
    "heroine": "درس واختبار قبل النهاية · one lesson and one quiz before the end",
    "certified": "معها شهادة · has a certificate",
    "discreet": "وضع كتوم، مركز سري · discreet, confidential centre",
    "mother": "أم وابنتها على رقم واحد · shares a number with her daughter",
    "daughter": "أم وابنتها على رقم واحد · shares a number with her mother",
    "neighbour": "إقليم تطوان · the neighbouring province",
    "new": "بدون تكوين بعد · not enrolled yet",
}

TOUR: Final = """
العربية
  1. ادخلي برقم {name} ({phone}). الرمز في الملف {outbox}
  2. في «دروسي» افتحي الدرس الأخير وأتمّيه، ثم أجيبي عن الاختبار.
  3. بعد ثوانٍ تصل رسالة: شهادتك جاهزة. افتحيها.
  4. افتحي رابط التحقق في نافذة أخرى، كأنك لا تعرفينها: الشهادة صحيحة.
  5. ادخلي بـ {larache}: زاد عدد المُتِمّات في إقليم العرائش بواحدة.
  6. ادخلي بـ {tetouan}: لم يتغير شيء، ولا ترى منها شيئًا.

Français
  1. Entrez avec le numéro de {name} ({phone}). Le code est dans {outbox}
  2. Dans « Mes cours », ouvrez et terminez la dernière leçon, puis le quiz.
  3. Quelques secondes plus tard, un message : son attestation est prête. Ouvrez-la.
  4. Ouvrez le lien de vérification ailleurs, en inconnue : l'attestation est valable.
  5. Entrez avec {larache} : la province de Larache compte une fin de plus.
  6. Entrez avec {tetouan} : rien n'a changé, et rien d'elle ne se voit.

English
  1. Sign in with {name}'s number ({phone}). The code is in {outbox}
  2. Under “My courses” open and finish the last lesson, then take the quiz.
  3. Seconds later a message says that her certificate is ready. Open it.
  4. Open its verification link elsewhere, as a stranger: the certificate is valid.
  5. Sign in as {larache}: the province of Larache counts one completion more.
  6. Sign in as {tetouan}: nothing has changed, and nothing of her is seen.
"""


def lines() -> Iterator[str]:
    """The whole text, line by line, at most 78 columns where names allow. Raises `NotLoaded` before the load."""
    yield LINE
    yield f"جسر · Jisr      {settings.PUBLIC_URL}"
    yield LINE
    yield f"كلمة السر للجميع · mot de passe · password: {cast.PASSWORD}"
    yield ""
    parts = iter(cast.LEARNERS)
    for shown in everyone():
        arabic, french = ROLE_NAMES[shown.role]
        note = f" · {PARTS[next(parts).part]}" if shown.role == policy.LEARNER else ""
        yield f"  {_sign_in(shown.sign_in):<34} {arabic} · {french} · {shown.place}{note}"
    yield ""
    yield from _tour().strip("\n").splitlines()
    yield LINE


def _sign_in(sign_in: dict[str, str]) -> str:
    if "email" in sign_in:
        return sign_in["email"]
    pin = f"  PIN {sign_in['pin']}" if "pin" in sign_in else ""
    return f"{sign_in['phone']}{pin}"


def _tour() -> str:
    larache, tetouan = (staff.email for staff in cast.STAFF if staff.role == policy.PROVINCE_ADMIN)
    return TOUR.format(
        name=f"{HEROINE.first} {HEROINE.family}",
        phone=cast.phone(HEROINE.number).replace("+212", "0"),
        outbox=settings.SMS_OUTBOX,
        larache=larache,
        tetouan=tetouan,
    )
