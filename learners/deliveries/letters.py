"""A notification as it leaves the platform: the letter or the short message, in her language and at her discretion."""

from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from learners.notifications.models import Notification
from learners.notifications.places import place_of
from learners.notifications.texts import short_words_for, words_for, words_of
from lms.accounts.queries import names_of
from lms.languages import AMAZIGH, ARABIC
from lms.messages.letters import Letter, Link

# A title of a course as long as this leaves every short message of ours within three parts, in Arabic too.
TITLE_AT_MOST: Final = 40


def letter_for(notification: Notification, *, neutral: bool) -> Letter:
    """The e-mail. A neutral one has no name, no link and no word on where it comes from."""
    language = written_in(notification.person.language)
    with override(language):
        title, body = words_for(notification, discreet=neutral)
        if neutral:
            return Letter(language=language, title=title, paragraphs=(body,))
        name = names_of(notification.person).first
        return Letter(
            language=language,
            title=title,
            paragraphs=(_("Hello %(name)s,") % {"name": name}, body) if name else (body,),
            sign=_("Jisr"),
            action=Link(str(words_of(notification, discreet=False).action), absolute(place_of(notification))),
            footing=(
                _(
                    "You have this letter because you have an account with us. We never ask for your code or PIN."
                ),
            ),
            choices=Link(_("Choose what we write to you, and when"), absolute(reverse("message-choices"))),
        )


def short_message_for(notification: Notification, *, neutral: bool) -> str:
    """The SMS: one sentence or two, without links, which are what swindlers send."""
    with override(written_in(notification.person.language)):
        text = short_words_for(notification, discreet=neutral, title_at_most=TITLE_AT_MOST)
        return text if neutral else f"{_('Jisr')}: {text}"


def written_in(language: str) -> str:
    """The language of letters: of Amazigh we have single words, which make no letter (docs/translation.md)."""
    return ARABIC if language == AMAZIGH else language


def absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
