"""Sealed text and sound: AES-256-GCM, bound to the table, column and row it stands in (NIST SP 800-38D).

Moved to another row or column a sealed value does not open, so nobody can lend one woman's name to another
by editing the database.
"""

import os
from collections.abc import Mapping
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lms import keys

NONCE_BYTES = 12


@cache
def _cipher(key_id: str) -> AESGCM:
    return AESGCM(keys.ring("encryption")[key_id].secret)


def _place(table: str, column: str, row: UUID) -> bytes:
    return f"{table}.{column}.{row}".encode()


def seal(text: str, *, table: str, column: str, row: UUID) -> bytes:
    """Key id, nonce and ciphertext in one value; the empty text seals to nothing."""
    return seal_bytes(text.encode(), table=table, column=column, row=row)


def seal_bytes(data: bytes, *, table: str, column: str, row: UUID) -> bytes:
    """The same of bytes."""
    if not data:
        return b""
    key_id = keys.current("encryption").id
    nonce = os.urandom(NONCE_BYTES)
    head = key_id.encode()
    sealed = _cipher(key_id).encrypt(nonce, data, _place(table, column, row))
    return bytes([len(head)]) + head + nonce + sealed


def seal_row(texts: Mapping[str, str], *, table: str, row: UUID | str) -> list[bytes]:
    """Several columns of one row, as `seal` seals each, in the order given: what they share is worked out once."""
    key_id = keys.current("encryption").id
    encrypt, head = _cipher(key_id).encrypt, bytes([len(key_id)]) + key_id.encode()
    nonces = os.urandom(NONCE_BYTES * len(texts))
    sealed = []
    for place, (column, text) in enumerate(texts.items()):
        nonce = nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
        aad = f"{table}.{column}.{row}".encode()
        sealed.append(head + nonce + encrypt(nonce, text.encode(), aad) if text else b"")
    return sealed


def unseal(value: bytes | memoryview, *, table: str, column: str, row: UUID) -> str:
    """The text, or `cryptography.exceptions.InvalidTag` when it was sealed for another place."""
    return unseal_bytes(value, table=table, column=column, row=row).decode()


def unseal_bytes(value: bytes | memoryview, *, table: str, column: str, row: UUID) -> bytes:
    """The same of bytes."""
    data = bytes(value)
    if not data:
        return b""
    start = 1 + data[0]
    key_id = data[1:start].decode()
    nonce, sealed = data[start : start + NONCE_BYTES], data[start + NONCE_BYTES :]
    return _cipher(key_id).decrypt(nonce, sealed, _place(table, column, row))
