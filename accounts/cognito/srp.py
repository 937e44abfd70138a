"""The Secure Remote Password protocol as Cognito speaks it: the password is proved and never sent.

RFC 5054's 3072-bit group with SHA-256, and Cognito's own key derivation and claim.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
    "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D"
    "B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
g = 2


def padded(number: int) -> bytes:
    """Return ``number`` big-endian, with a leading zero byte where it would otherwise read as negative."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest of ``data``."""
    return hashlib.sha256(data).digest()


k = int.from_bytes(sha256(padded(N) + bytes([g])), "big")


class SrpExchange:
    """The client's side of one sign-in to the pool called ``user_pool_id``. ``a`` is the secret exponent."""

    def __init__(self, user_pool_id: str, a: int | None = None) -> None:
        self._pool_name = user_pool_id.partition("_")[2]
        self._a = a if a is not None else secrets.randbits(1024) % N
        self._A = pow(g, self._a, N)

    @property
    def srp_a(self) -> str:
        """The value of SRP_A, in hexadecimal."""
        return f"{self._A:x}"

    def responses(self, parameters: Mapping[str, str], password: str, now: datetime | None = None) -> dict[str, str]:
        """Return the answers to PASSWORD_VERIFIER. ``parameters`` are the challenge's; ``now`` is aware.

        Raises ValueError for a server value that would make the proof worthless (RFC 5054, section 2.5.4).
        """
        user_id, secret_block = parameters["USER_ID_FOR_SRP"], parameters["SECRET_BLOCK"]
        timestamp = (now or datetime.now(UTC)).strftime("%a %b %-d %H:%M:%S UTC %Y")
        key = self._key(user_id, password, int(parameters["SRP_B"], 16), int(parameters["SALT"], 16))
        message = (self._pool_name + user_id).encode() + base64.b64decode(secret_block) + timestamp.encode()
        return {
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": secret_block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
        }

    def _key(self, user_id: str, password: str, B: int, salt: int) -> bytes:
        u = int.from_bytes(sha256(padded(self._A) + padded(B)), "big")
        if B % N == 0 or u == 0:
            raise ValueError("worthless SRP_B")
        inner = sha256(f"{self._pool_name}{user_id}:{password}".encode())
        x = int.from_bytes(sha256(padded(salt) + inner), "big")
        S = pow(B - k * pow(g, x, N), self._a + u * x, N)
        pseudorandom = hmac.digest(padded(u), padded(S), "sha256")
        return hmac.digest(pseudorandom, b"Caldera Derived Key\x01", "sha256")[:16]
