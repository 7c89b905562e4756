"""Finding people by the beginnings of their names without storing a name that can be read."""

from functools import lru_cache

from lms import keys
from lms.accounts.names import Names
from lms.normalising import normalise

SHORTEST = 2


def name_tokens(names: Names) -> list[int]:
    """One token for each beginning (2 letters or more) of each word of her name, sorted."""
    key = keys.current("search")
    words = f"{names.first} {names.family}".split()
    return sorted({token for word in words for token in _word_tokens(word, key)})


def query_tokens(text: str) -> list[int]:
    """What a person's tokens must all contain to answer to `text`; empty when no word has two letters."""
    return [_token(word) for word in normalise(text).split() if len(word) >= SHORTEST]


# Half of all women share a few hundred names: a list of thousands works out each word once. The key keeps apart what
# another one made.
@lru_cache(maxsize=8_192)
def _word_tokens(word: str, key: keys.Key) -> tuple[int, ...]:  # noqa: ARG001  # part of the cache's key
    prefixes = {part[:end] for part in normalise(word).split() for end in range(SHORTEST, len(part) + 1)}
    return tuple(_token(prefix) for prefix in prefixes)


def _token(prefix: str) -> int:
    """The first 64 bits of the keyed hash, as PostgreSQL's signed bigint."""
    return int.from_bytes(keys.mac("search", prefix)[:8], "big", signed=True)
