"""Who asks, without a look into the database: a number and its HMAC."""

import hashlib
import hmac

KEY = b"bench"


def sign(learner: int) -> str:
    return f"{learner}.{_mark(str(learner))}"


def verify(token: str) -> int | None:
    """The learner that a token names, or None where it was not made by `sign`."""
    learner, _, mark = token.partition(".")
    return int(learner) if hmac.compare_digest(_mark(learner), mark) else None


def _mark(text: str) -> str:
    return hmac.digest(KEY, text.encode(), hashlib.sha256).hex()[:32]
