"""What messages say, in every language and in discreet mode."""

import re

import pytest
from django.utils.translation import override

from learners.notifications.models import Notification, NotificationKind
from learners.notifications.texts import DISCREET, WORDS, words_for
from lms.languages import CODES

# What a message in discreet mode must not touch on: violence, the centre, courses, certificates, our name.
FORBIDDEN = re.compile(
    r"""
    jisr | جسر | ⵊⵉⵙⵔ
    | violen | abus | abuse | shelter | protect | secur | danger | police | husband | legal
    | refuge | foyer | mari\b | sécurité | écoute | juridique | plainte
    | عنف | تعنيف | معنف | إيواء | حماية | الاستماع | قانون | شرطة | زوج | ضحي
    | cent(?:er|re) | مركز | مراكز | فضاء | association | جمعية
    | course | lesson | learn | train | quiz | module | class | student
    | cours\b | leçon | formation | appren | étud | élève | inscri | test\b
    | دورة | درس | دروس | تكوين | تعلم | تعلّم | متدرب | تسجيل | اختبار | وحدة
    | certif | attest | diplom | شهادة | شهاد | دبلوم
    | enrol | regist | platform | plateforme | منصة
    | %\(
    """,
    re.VERBOSE | re.IGNORECASE,
)


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("kind", NotificationKind)
def test_discreet_words_give_nothing_away(kind: NotificationKind, language: str) -> None:
    with override(language):
        title, body = words_for(Notification(kind=kind), discreet=True)
    assert title
    assert body
    assert not FORBIDDEN.search(f"{title} {body}")


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("kind", NotificationKind)
def test_plain_words_are_complete_sentences_without_gaps(kind: NotificationKind, language: str) -> None:
    with override(language):
        title, body = words_for(Notification(kind=kind), discreet=False)
    assert title
    assert body
    assert "%" not in f"{title}{body}"


def test_the_list_of_forbidden_words_catches_our_own_plain_messages() -> None:
    for words in WORDS.values():
        assert FORBIDDEN.search(f"{words.title} {words.body}")


def test_every_kind_has_its_words() -> None:
    assert set(WORDS) == set(DISCREET) == set(NotificationKind)
