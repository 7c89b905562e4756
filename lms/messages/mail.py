"""The port to mailboxes: Django's e-mail, with its many failures told apart as lms/messages/outcomes.py does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from pathlib import Path
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends import filebased
from django.core.mail.backends.base import BaseEmailBackend

from lms.messages.letters import Letter, as_html, as_text
from lms.messages.outcomes import Away, Doubtful, NotSent, Receipt, Refused

FOR_GOOD: Final = 500  # RFC 5321, 4.2.1: a reply of 5yz will be the same next time


class PrivateFiles(filebased.EmailBackend):
    """Letters as files that only we can read: for development and demonstration."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(*arguments, **options)


def send_letter(*, to: str, letter: Letter, reference: str, neutral: bool) -> Receipt:
    """Hand a letter over to the mail server, or raise: `NotSent`, `Refused` (the address bounces) or `Doubtful`.

    `reference` becomes its Message-ID, so that one that comes twice is seen to be one; `neutral` sends it from the
    address that gives nothing away.
    """
    sender = settings.EMAIL_FROM_NEUTRAL if neutral else settings.DEFAULT_FROM_EMAIL
    name = f"<{reference}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message = EmailMultiAlternatives(
        subject=letter.title,
        body=as_text(letter),
        from_email=sender,
        to=[to],
        headers={"Message-ID": name, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(as_html(letter), "text/html")
    with _opened() as connection, _told_apart():
        connection.send_messages([message])
    return Receipt(name)


@contextmanager
def _opened() -> Iterator[BaseEmailBackend]:
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        raise Away("unreachable") from error
    try:
        yield connection
    finally:
        _close(connection)


def _close(connection: BaseEmailBackend) -> None:
    with suppress(OSError, SMTPException):  # what became of the letter is known already
        connection.close()


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except SMTPRecipientsRefused as error:
        [(code, _text), *_] = error.recipients.values()
        raise (Refused if code >= FOR_GOOD else NotSent)(f"smtp {code}") from error
    except SMTPDataError as error:
        raise (Refused if error.smtp_code >= FOR_GOOD else NotSent)(f"smtp {error.smtp_code}") from error
    except SMTPResponseException as error:
        # About us and not about her: our own address or name is not accepted, which is ours to repair.
        raise Away(f"smtp {error.smtp_code}") from error
    except (SMTPException, OSError) as error:
        raise Doubtful("no answer") from error
    except ValueError as error:
        raise Refused("address") from error
