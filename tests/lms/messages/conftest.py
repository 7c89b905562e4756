"""Servers of this test, and settings that lead to them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lms.messages.servers import Gateway, MailServer, running_gateway, running_mail_server


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with running_gateway() as running:
        settings.SMS_GATEWAY, settings.SMS_GATEWAY_URL = "http", running.url
        settings.SMS_GATEWAY_TOKEN = "a-token"
        settings.SMS_SENDER, settings.SMS_SENDER_NEUTRAL = "JISR", "INFO"
        settings.SMS_TIMEOUT = 5.0
        yield running


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_TIMEOUT = 5
        settings.DEFAULT_FROM_EMAIL = "Jisr <jisr@jisr.example>"
        settings.EMAIL_FROM_NEUTRAL = "post@post.example"
        yield running
