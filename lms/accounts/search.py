"""Finding people by the beginnings of their names without storing a name that can be read."""

from lms import keys
from lms.accounts.names import Names
from lms.normalising import normalise

SHORTEST = 2


def name_tokens(names: Names) -> list[int]:
    """One token for each beginning (2 letters or more) of each word of her name, sorted."""
    words = set(normalise(f"{names.first} {names.family}").split())
    prefixes = {word[:end] for word in words for end in range(SHORTEST, len(word) + 1)}
    return sorted(_token(prefix) for prefix in prefixes)


def query_tokens(text: str) -> list[int]:
    """What a person's tokens must all contain to answer to `text`; empty when no word has two letters."""
    return [_token(word) for word in normalise(text).split() if len(word) >= SHORTEST]


def _token(prefix: str) -> int:
    """The first 64 bits of the keyed hash, as PostgreSQL's signed bigint."""
    return int.from_bytes(keys.mac("search", prefix)[:8], "big", signed=True)
