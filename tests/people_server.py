"""A pool of any size on loopback that is read and never written: the listings of Cognito, and nothing else of it.

For what depends on how many people there are. What the answers mean is tested against the local AWS.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

FIRST_CREATED = 1_767_225_600.123


def sub_of(number: int) -> str:
    """Return the sub of one of the people."""
    return str(uuid.UUID(int=0x5 << 124 | number))


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """Return somebody as ListUsers describes them; `changes` are attributes, or `Enabled` and `UserStatus`."""
    own: dict[str, Any] = {name: changes.pop(name) for name in ("Enabled", "UserStatus") if name in changes}
    values = {
        "email": f"person-{number}@example.com",
        "email_verified": "true",
        "name": f"Person {number}",
        "sub": sub_of(number),
    } | changes
    return {
        "Username": sub_of(number),
        "Attributes": [{"Name": name, "Value": value} for name, value in values.items()],
        "UserCreateDate": FIRST_CREATED + number,
        "UserLastModifiedDate": FIRST_CREATED + number,
        "Enabled": True,
        "UserStatus": "CONFIRMED",
        **own,
    }


class PeopleServer:
    """The pool: `people` by sub in the order they are listed, `groups` by name as lists of subs."""

    def __init__(self, size: int) -> None:
        self.people = {sub_of(number): entry(number) for number in range(size)}
        self.groups: dict[str, list[str]] = {}
        self.calls: Counter[str] = Counter()
        # What an operation is answered with next, in place of its answer: (status, code).
        self.refusals: dict[str, list[tuple[int, str]]] = {}
        # Called before each answer, in the thread of the server.
        self.before: Callable[[str], object] = lambda _operation: None
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.pool = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address to be used as the AWS endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def change(self, number: int, **changes: Any) -> None:
        """Describe somebody otherwise from now on."""
        self.people[sub_of(number)] = entry(number, **changes)

    def refuse(self, operation: str, code: str, *, times: int, status: int = 400) -> None:
        """Answer the next `times` calls of `operation` with an error."""
        self.refusals.setdefault(operation, []).extend([(status, code)] * times)

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer to a call."""
        self.calls[operation] += 1
        self.before(operation)
        if self.refusals.get(operation):
            status, code = self.refusals[operation].pop(0)
            return status, error(code)
        answered: tuple[int, dict[str, Any]] = getattr(self, operation)(request)
        return answered

    def ListUsers(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802 -- AWS's name
        """Answer a page, or whoever has the sub that is asked for."""
        if request.get("Filter"):
            wanted = re.fullmatch(r'sub = "(.*)"', request["Filter"])
            found = self.people.get(wanted[1]) if wanted else None
            return 200, {"Users": [found] if found else []}
        token = request.get("PaginationToken", "page-0")
        if not token.startswith("page-"):
            return 400, error("InvalidParameterException")
        people, following = page(list(self.people.values()), token, request["Limit"])
        return 200, {"Users": people, **({"PaginationToken": following} if following else {})}

    def AdminGetUser(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        """Answer somebody, whose attributes this operation calls otherwise."""
        found = next((person for person in self.people.values() if person["Username"] == request["Username"]), None)
        if found is None:
            return 400, error("UserNotFoundException")
        return 200, {**found, "UserAttributes": found["Attributes"]}

    def DescribeUserPool(self, _request: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        """Answer about how many people there are."""
        return 200, {"UserPool": {"EstimatedNumberOfUsers": len(self.people)}}

    def ListGroups(self, _request: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        """Answer all groups."""
        return 200, {"Groups": [{"GroupName": name} for name in self.groups]}

    def ListUsersInGroup(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        """Answer a page of the members."""
        members = [self.people[sub] for sub in self.groups[request["GroupName"]]]
        people, following = page(members, request.get("NextToken", "page-0"), request["Limit"])
        return 200, {"Users": people, **({"NextToken": following} if following else {})}

    def AdminListGroupsForUser(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        """Answer the groups of somebody."""
        mine = [name for name, subs in self.groups.items() if request["Username"] in subs]
        return 200, {"Groups": [{"GroupName": name} for name in mine]}

    def RevokeToken(self, _request: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        """Take any token."""
        return 200, {}


def page(people: list[dict[str, Any]], token: str, limit: int) -> tuple[list[dict[str, Any]], str]:
    """Return the people of a page, and the token of the next one, "" for none."""
    start = int(token.removeprefix("page-"))
    end = start + limit
    return people[start:end], f"page-{end}" if end < len(people) else ""


def error(code: str) -> dict[str, str]:
    """Return the body of an error."""
    return {"__type": code, "message": "told to fail"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    pool: PeopleServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: two small packets would wait for each other.
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = self.server.pool.answer(self.headers["X-Amz-Target"].rpartition(".")[2], request)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep the test output clean."""
