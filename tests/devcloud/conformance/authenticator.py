"""A passkey authenticator in software: https://www.w3.org/TR/webauthn-3/, with ES256 and no attestation."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT = 0x01
USER_VERIFIED = 0x04
ATTESTED = 0x40


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """Holds one passkey of `relying_party` and answers for a page at `origin`."""

    def __init__(self, origin: str = "http://localhost:8000", relying_party: str = "localhost") -> None:
        self.origin = origin
        self.relying_party = relying_party
        self.flags = USER_PRESENT | USER_VERIFIED
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(32)
        self._count = 0

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the RegistrationResponseJSON for the options of `navigator.credentials.create`."""
        numbers = self._key.public_key().public_numbers()
        public_key = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
        attested = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + public_key
        data = self._authenticator_data(ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            clientDataJSON=encoded(self._client_data("webauthn.create", options["challenge"])),
            attestationObject=encoded(attestation),
            transports=["internal"],
        )

    def sign_in(self, options: str) -> str:
        """Return the AuthenticationResponseJSON, as text, for the options of `navigator.credentials.get`."""
        client_data = self._client_data("webauthn.get", json.loads(options)["challenge"])
        data = self._authenticator_data(0)
        signed = data + hashlib.sha256(client_data).digest()
        credential = self._credential(
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        )
        return json.dumps(credential)

    def impostor(self) -> Authenticator:
        """Return an authenticator that claims this passkey's id and has another key."""
        other = Authenticator(self.origin, self.relying_party)
        other._id = self._id
        return other

    def _authenticator_data(self, flags: int) -> bytes:
        self._count += 1
        relying_party = hashlib.sha256(self.relying_party.encode()).digest()
        return relying_party + bytes([self.flags | flags]) + self._count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _credential(self, **response: Any) -> dict[str, Any]:
        identifier = encoded(self._id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
