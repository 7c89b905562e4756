from tests.lms.messages.conftest import gateway

__all__ = ["gateway"]
