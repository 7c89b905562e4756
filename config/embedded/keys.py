"""The key files: made once, never remade (lms/keys.py reads them)."""

import base64
import os
import secrets
from pathlib import Path
from typing import Final

KEYS: Final = ("secret", "encryption", "blind_index", "search", "pin_pepper", "signing")
KEY_BYTES: Final = 32


def make_missing_keys(folder: Path) -> list[str]:
    """Write each missing key file (0600, `<key id>:<base64 of 32 random bytes>`); return the names made.

    A file that exists is left as it is: what was encrypted with it could not be read again. Safe to repeat.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [name for name in KEYS if _make(folder / name)]


def _make(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(f"k1:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
    return True
