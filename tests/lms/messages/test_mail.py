"""Letters through a real mail server: what it takes, what it refuses, and what nobody knows."""

import socket
from pathlib import Path
from typing import Any

import pytest

from lms.messages.letters import Letter, Link
from lms.messages.mail import send_letter
from lms.messages.outcomes import Away, Doubtful, NotSent, Receipt, Refused, Undelivered
from tests.lms.messages.servers import MailServer

LETTER = Letter(
    language="ar",
    title="شهادتكِ جاهزة",
    paragraphs=("مرحبا فاطمة،", "افتحي شهادتكِ."),
    sign="جسر",
    action=Link("افتحي", "https://jisr.example/my/certificates"),
)


def send(to: str = "fatima@example.ma", *, letter: Letter = LETTER, neutral: bool = False) -> Receipt:
    return send_letter(to=to, letter=letter, reference="r-1", neutral=neutral)


def test_a_letter_arrives_as_text_and_as_html_in_the_direction_of_its_language(
    mail_server: MailServer,
) -> None:
    receipt = send()
    [letter] = mail_server.letters
    assert receipt.reference == letter["Message-ID"] == "<r-1@jisr.example>"
    assert (letter["Subject"], letter["To"], letter["From"]) == (
        "شهادتكِ جاهزة",
        "fatima@example.ma",
        "Jisr <jisr@jisr.example>",
    )
    plain, html = (part.get_content() for part in letter.iter_parts())
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert plain.replace("\r", "") == (
        "جسر\n\nشهادتكِ جاهزة\n\nمرحبا فاطمة،\n\nافتحي شهادتكِ.\n\nافتحي\nhttps://jisr.example/my/certificates\n"
    )
    assert '<html lang="ar" dir="rtl">' in html
    assert "text-align:right" in html
    assert letter["Auto-Submitted"] == "auto-generated"


def test_a_neutral_letter_names_us_nowhere_in_its_source_either(mail_server: MailServer) -> None:
    send(letter=Letter(language="fr", title="Bonjour", paragraphs=("Tout est prêt.",)), neutral=True)
    [letter] = mail_server.letters
    assert letter["From"] == "post@post.example"
    assert letter["Message-ID"] == "<r-1@post.example>"
    source = letter.as_string().lower()
    assert "jisr" not in source
    assert "href" not in source


@pytest.mark.parametrize(
    ("reply", "outcome", "reason"),
    [
        ("550 5.1.1 no such user", Refused, "smtp 550"),
        ("553 5.1.3 bad address", Refused, "smtp 553"),
        ("451 4.7.1 try later", NotSent, "smtp 451"),
        ("452 4.2.2 mailbox full", NotSent, "smtp 452"),
    ],
)
def test_an_address_that_bounces_is_refused_and_one_that_is_busy_is_not(
    mail_server: MailServer, reply: str, outcome: type[Undelivered], reason: str
) -> None:
    mail_server.refuses["fatima@example.ma"] = reply
    with pytest.raises(outcome) as failed:
        send()
    assert (failed.type, failed.value.reason) == (outcome, reason)  # not `Away`: others may be written to
    assert mail_server.letters == []


@pytest.mark.parametrize(
    ("reply", "outcome", "reason"),
    [
        ("554 5.7.1 no", Refused, "smtp 554"),
        ("451 4.3.0 disk full", NotSent, "smtp 451"),
        ("", Doubtful, "no answer"),
    ],
)
def test_what_it_says_after_the_letter_decides(
    mail_server: MailServer, reply: str, outcome: type[Undelivered], reason: str
) -> None:
    mail_server.after = [reply]
    with pytest.raises(outcome) as failed:
        send()
    assert (failed.type, failed.value.reason) == (outcome, reason)


def test_a_mail_server_that_is_away_or_closed_got_nothing(mail_server: MailServer, settings: Any) -> None:
    mail_server.greeting = "421 closed for today"
    with pytest.raises(Away, match="unreachable"):
        send()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
        with pytest.raises(Away, match="unreachable"):
            send()


@pytest.mark.parametrize("address", ["two@lines.example\nBcc: x@y.example", "not an address"])
def test_an_address_that_is_none_is_refused_or_at_least_goes_nowhere_else(
    mail_server: MailServer, address: str
) -> None:
    mail_server.refuses["not an address"] = "501 5.1.3 syntax"
    with pytest.raises(Refused):
        send(address)
    assert mail_server.letters == []


def test_letters_as_files_are_for_our_eyes_only(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "lms.messages.mail.PrivateFiles"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox" / "mail")
    send()
    [file] = (tmp_path / "outbox" / "mail").iterdir()
    assert "Message-ID: <r-1@" in file.read_text()
    assert (tmp_path / "outbox" / "mail").stat().st_mode & 0o077 == 0
