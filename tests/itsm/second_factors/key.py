"""A security key in software: it makes credentials and answers challenges as a browser with a key does (WebAuthn)."""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

ORIGIN = "https://desk.example"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """`verifies`: it asks for a finger. `count`: what it counted last."""

    origin: str = ORIGIN
    rp_id: str = "desk.example"
    verifies: bool = True
    count: int = 0
    credential_id: bytes = b"a credential of a key"
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def made(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        public = cbor.encode(ES256.from_cryptography_key(self.private.public_key()))
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public
        data = self._data(ATTESTED) + attested
        said = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options)
        return self._answer({"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(said)})

    def answered(self, options: dict[str, Any], **over: Any) -> str:
        """The answer to `navigator.credentials.get`."""
        self.count += 1
        data, client = self._data(0), self._client("webauthn.get", options, **over)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({name: websafe_encode(part) for name, part in parts.items()})

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, options: dict[str, Any], **over: Any) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, **over}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        own = websafe_encode(self.credential_id)
        said = {"id": own, "rawId": own, "type": "public-key", "response": response, "clientExtensionResults": {}}
        return json.dumps(said)
