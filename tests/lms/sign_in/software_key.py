"""A device that makes passkeys and signs with them, as WebAuthn asks (level 2, 6.1 and 6.5), without a browser."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT_AND_VERIFIED = 0x05
WITH_KEY = 0x40


@dataclass
class SoftwareKey:
    origin: str
    rp_id: str
    verified: bool = True  # whether its owner opened its lock
    count: int = 0
    key_id: bytes = field(default_factory=lambda: os.urandom(16))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: bytes = b""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer of `navigator.credentials.create` in JSON."""
        self.handle = _bytes(options["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.private.public_key())))
        made = bytes(16) + len(self.key_id).to_bytes(2, "big") + self.key_id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(WITH_KEY) + made}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options),
            attestationObject=cbor.encode(attestation),
        )

    def get(self, options: dict[str, Any], **changed: bytes) -> dict[str, Any]:
        """The answer of `navigator.credentials.get` in JSON, with `changed` parts of it."""
        self.count += 1
        client, data = self._client("webauthn.get", options), self._data()
        signed = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signed}
        return self._answer(**{**parts, "userHandle": self.handle, **changed})

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _data(self, more: int = 0) -> bytes:
        flags = (PRESENT_AND_VERIFIED if self.verified else 0x01) | more
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, **parts: bytes) -> dict[str, Any]:
        key_id = websafe_encode(self.key_id)
        response = {name: websafe_encode(value) for name, value in parts.items()}
        return {"id": key_id, "rawId": key_id, "type": "public-key", "response": response}


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
