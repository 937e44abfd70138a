"""What a sign-in by way of the pool's domain is bound with. Apart from the calls, which need an HTTP client."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Handshake:
    """What ties an answer to the question: three values nobody can guess, made anew each time.

    ``state`` says whose browser began it, ``nonce`` comes back in the ID token, and whoever has the ``verifier``, which
    never leaves the server, may redeem the code. RFC 6749, section 10.12; OpenID Connect Core, 3.1.2.1; RFC 7636.
    """

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def challenge(self) -> str:
        """The S256 code challenge. RFC 7636, section 4.2."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
