"""A stand-in for Cognito that answers at once, so that what is measured is the site.

It runs as a process of its own, because its CPU time must not count as the site's, and gives out really signed tokens,
all made before the first request. It listens on two ports of the loopback interface: one is Cognito, the other is told
how to behave and asked what it has seen. Both are printed as one line of JSON.
"""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from benchmarks import stub_files
from benchmarks.environment import CLIENT_ID, ISSUER, PASSWORD, PEOPLE, email

HOUR = 3600
SCOPE = "aws.cognito.signin.user.admin"
REFUSAL = {"__type": "NotAuthorizedException", "message": "Incorrect username or password."}


def answer(body: Mapping[str, Any], status: str = "200 OK", kind: str = "application/x-amz-json-1.1") -> bytes:
    """Return a whole HTTP answer, kept alive, with ``body`` as JSON."""
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
    if "__type" in body:
        head += f"x-amzn-ErrorType: {body['__type']}:\r\n"
    return f"{head}x-amzn-RequestId: {uuid.uuid4()}\r\n\r\n".encode() + content


# A pool that has no groups; it does not say how many people it has.
EMPTY = {"ListGroups": answer({"Groups": []}), "DescribeUserPool": answer({"UserPool": {}})}


def listed(number: int) -> dict[str, Any]:
    """Return one of the people of the directory, as ListUsers describes them."""
    sub = str(uuid.UUID(int=0xA5A5 << 112 | number))
    values = {"email": f"person-{number}@example.com", "email_verified": "true", "name": f"Person {number}", "sub": sub}
    return {
        "Username": sub,
        "Attributes": [{"Name": name, "Value": value} for name, value in values.items()],
        "UserCreateDate": 1_767_225_600.123 + number,
        "UserLastModifiedDate": 1_780_000_000.456 + number,
        "Enabled": True,
        "UserStatus": "CONFIRMED",
    }


def page(size: int, request: Mapping[str, Any]) -> bytes:
    """Return the page of ListUsers that ``request`` asks for, of a pool with ``size`` people."""
    start = int(request.get("PaginationToken", 0))
    end = min(size, start + request.get("Limit", 60))
    # As long as Cognito's own.
    following = {"PaginationToken": f"{end:0400}"} if end < size else {}
    return answer({"Users": [listed(number) for number in range(start, end)], **following})


class Pool:
    """The answers of a pool with PEOPLE people, each with tokens good for an hour."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        jwk = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.keys = answer({"keys": [{**jwk, "kid": "stub", "use": "sig", "alg": "RS256"}]}, kind="application/json")
        self.refused = answer(REFUSAL, "400 Bad Request")
        self.tokens = {email(number): answer(self._tokens(number)) for number in range(PEOPLE)}

    def _tokens(self, number: int) -> dict[str, Any]:
        sub, now = str(uuid.uuid5(uuid.NAMESPACE_URL, email(number))), int(time.time())
        every = {"sub": sub, "iss": ISSUER, "jti": str(uuid.uuid4()), "auth_time": now, "iat": now, "exp": now + HOUR}
        identity = {"aud": CLIENT_ID, "token_use": "id", "cognito:username": sub, "email_verified": True}
        access = {
            "client_id": CLIENT_ID,
            "token_use": "access",
            "username": sub,
            "scope": "aws.cognito.signin.user.admin",
        }
        result = {
            "IdToken": self._signed({**every, **identity, "email": email(number)}),
            "AccessToken": self._signed({**every, **access}),
            # As long as Cognito's own, which are encrypted and say who they are for to nobody but Cognito.
            "RefreshToken": f"{email(number)}.{'r' * 1600}",
            "ExpiresIn": HOUR,
            "TokenType": "Bearer",
        }
        return {"AuthenticationResult": result, "ChallengeParameters": {}}

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "stub"})

    def answer_to(self, operation: str, request: Mapping[str, Any]) -> bytes:
        """Return the answer to a call; whatever is not a good sign-in or a refresh is refused."""
        parameters = request.get("AuthParameters", {})
        if operation in {"InitiateAuth", "AdminInitiateAuth"} and parameters.get("PASSWORD") == PASSWORD:
            return self.tokens.get(parameters["USERNAME"], self.refused)
        if operation == "GetTokensFromRefreshToken":
            return self.tokens.get(request["RefreshToken"].rpartition(".")[0], self.refused)
        return self.refused


class Endpoint:
    """What the pool does at the moment, and what it has been asked."""

    def __init__(self) -> None:
        self.pool = Pool()
        self.behaviour: dict[str, float] = {
            "latency": 0.0,
            "keys_latency": 0.0,
            "keys_down": 0,
            "people": 0,
            "objects": 0,
        }
        self.counts: Counter[str] = Counter()

    def cognito(self, head: bytes, body: bytes) -> tuple[float, bytes]:
        """Return the seconds to wait and the answer to give; an empty one hangs up."""
        target = head.split(b" ", 2)[1].decode()
        if "list-type=2" in target:
            self.counts["ListObjectsV2"] += 1
            return self.behaviour["latency"], stub_files.listing(target, int(self.behaviour["objects"]))
        if head.startswith(b"GET "):
            self.counts["JWKS"] += 1
            return self.behaviour["keys_latency"], b"" if self.behaviour["keys_down"] else self.pool.keys
        service, _, operation = header(head, b"x-amz-target").rpartition(".")
        request = json.loads(body)
        self.counts[operation] += 1
        if service == stub_files.IDENTITY_POOL:
            return self.behaviour["latency"], answer(stub_files.identity(operation, time.time()))
        if operation == "ListUsers":
            return self.behaviour["latency"], page(int(self.behaviour["people"]), request)
        if operation in EMPTY:
            return self.behaviour["latency"], EMPTY[operation]
        return self.behaviour["latency"], self.pool.answer_to(operation, request)

    def control(self, head: bytes, body: bytes) -> tuple[float, bytes]:
        """Take over the behaviour in ``body``, answer with what was counted since the last time, and start afresh."""
        self.behaviour |= json.loads(body)
        counted, self.counts = self.counts, Counter()
        return 0.0, answer(counted)


def header(head: bytes, name: bytes) -> str:
    """Return the value of a header, "" when there is none."""
    for line in head.split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip().decode()
    return ""


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection, whose requests ``respond`` answers."""

    def __init__(self, respond: Callable[[bytes, bytes], tuple[float, bytes]], counts: Callable[[], None]) -> None:
        self._respond, self._opened, self._buffer = respond, counts, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 -- narrows for the type checker
        self._transport = transport
        self._opened()

    def data_received(self, data: bytes) -> None:
        """Answer once a request is whole."""
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        length = int(header(head, b"content-length") or 0)
        if not end or len(rest) < length:
            return
        self._buffer = rest[length:]
        delay, content = self._respond(head, rest[:length])
        asyncio.get_running_loop().call_later(delay, self._send, content)

    def _send(self, content: bytes) -> None:
        if content:
            self._transport.write(content)
        else:
            self._transport.abort()


async def serve() -> None:
    """Listen until killed."""
    endpoint, loop = Endpoint(), asyncio.get_running_loop()

    def opened() -> None:
        endpoint.counts["connections"] += 1

    cognito = await loop.create_server(lambda: Connection(endpoint.cognito, opened), "127.0.0.1", 0, backlog=256)
    control = await loop.create_server(lambda: Connection(endpoint.control, lambda: None), "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (cognito, control)]
    print(json.dumps({"cognito": ports[0], "control": ports[1]}), flush=True)
    await asyncio.gather(cognito.serve_forever(), control.serve_forever())


if __name__ == "__main__":
    asyncio.run(serve())
