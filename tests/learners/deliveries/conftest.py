from tests.lms.messages.conftest import gateway, mail_server

__all__ = ["gateway", "mail_server"]
