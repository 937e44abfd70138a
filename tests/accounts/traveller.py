"""Somebody who makes a journey through the site and mistypes at each step; all that comes back is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from django.conf import settings
from pytest_django import Settings

from accounts.models import Session
from accounts.sessions.engine import SessionStore
from tests.accounts.canaries import CUSTOM_ANSWER, Canaries
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another

PASSWORD = "Canary-horse-1"
WRONG = "Canary-mistyped-2"
NEW = "Canary-another-3"
CHALLENGE = "/login/challenge/"
ANOTHER_WAY = "/login/another-way/"


@dataclass
class Shown:
    """One answer of the site: the name of its page, and all that went to the browser."""

    page: str
    method: str
    text: str
    cookies: str


class WatchedClient(CheckedClient):
    """A browser that keeps every answer, its headers and cookies, and which page and question it was."""

    def __init__(self, shown: list[Shown], questions: set[str]) -> None:
        super().__init__()
        self.shown, self.questions = shown, questions

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        match = getattr(response.wsgi_request, "resolver_match", None)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = f"{body.decode(errors='replace')} {response.headers!r}"
        page = (match.url_name if match else "") or ""
        self.shown.append(Shown(page, request["REQUEST_METHOD"], text, str(response.cookies)))
        if page in {"another_way", "challenge"} and response.context and "view" in response.context:
            self.questions.add(str(response.context["view"].asked))
        return response


@dataclass
class Journey:
    """Who travels, through which pool, and what was seen on the way. `configure` puts the site before another pool."""

    pool: LocalPool
    cognito: FaultProxy
    settings: Settings
    configure: Callable[..., LocalPool]
    canaries: Canaries = field(default_factory=Canaries)
    shown: list[Shown] = field(default_factory=list)
    questions: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.canaries.add("password", PASSWORD, WRONG, NEW, CUSTOM_ANSWER)
        self.client = self.browser()

    def seen(self, method: str) -> set[str]:
        """Return the pages that were asked for with this method."""
        return {answer.page for answer in self.shown if answer.method == method}

    def browser(self) -> WatchedClient:
        """Return another browser."""
        return WatchedClient(self.shown, self.questions)

    def person(self, pool: LocalPool | None = None, **attributes: Any) -> Person:
        """Return somebody with the password that is looked for."""
        pool = pool or self.pool
        made = pool.person(**attributes)
        pool.admin("set_user_password", made, Password=PASSWORD, Permanent=True)
        return Person(made.email, PASSWORD, made.sub)

    def sign_in(self, person: Person, **data: str) -> Any:
        """Type a wrong password and then the right one."""
        self.client.post("/login/", {"username": person.email, "password": WRONG})
        answer = self.client.post("/login/", {"username": person.email, "password": PASSWORD, **data})
        self.client.get(answer.url)
        return answer

    def send(self, path: str, **data: Any) -> Any:
        """Send what a program sends."""
        return self.client.post(path, data, content_type="application/json")

    def code(self, to: str, *, after: int = 0) -> str:
        """Return the code last sent to an address or number, and look for it and for a wrong one."""
        code = self.pool.code(to, after=after)
        self.canaries.add("code", code, another(code))
        return code

    def answer(self, **data: str) -> Any:
        """Answer Cognito's question, and look at what comes next."""
        answer = self.client.post(CHALLENGE, data)
        self.client.get(CHALLENGE)
        return answer

    def choose(self, way: str) -> Any:
        """Choose another way, and look at what comes next."""
        self.client.get(ANOTHER_WAY)
        answer = self.client.post(ANOTHER_WAY, {"answer": way})
        self.client.get(CHALLENGE)
        return answer

    def collect(self) -> None:
        """Look for all that went to Cognito and came from it, for cookies of sessions, and the settings'."""
        for _operation, parameters in self.cognito.sent:
            self.canaries.harvest(parameters)
        for answer in self.cognito.answered:
            if answer.startswith(b"{"):
                self.canaries.harvest(json.loads(answer))
        for row in Session.objects.exclude(tokens=""):
            self.canaries.add("cookie", row.session_key)
            held = SessionStore(row.session_key).read_tokens()
            if held and held.tokens:
                tokens = held.tokens
                self.canaries.add("token", tokens.id_token, tokens.access_token, tokens.refresh_token)
            if kept := SessionStore(row.session_key).aws_credentials():
                self.canaries.add("token", kept.secret_key)
                self.canaries.add(
                    "signed address", kept.access_key_id, kept.session_token, quote_plus(kept.session_token)
                )
        configured = (settings.SECRET_KEY, *settings.TOKEN_KEYS, settings.COGNITO["CLIENT_SECRET"])
        self.canaries.add("setting", *configured, self.pool.env["AWS_SECRET_ACCESS_KEY"])


@dataclass(frozen=True)
class Route:
    """One journey: how it is made, the pages it is there for, and the questions of Cognito's that it answers."""

    make: Callable[[Journey], None]
    pages: tuple[str, ...]
    questions: tuple[str, ...]


JOURNEYS: dict[str, Route] = {}


def a_journey(*pages: str, questions: tuple[str, ...] = ()) -> Callable[[Callable[[Journey], None]], Route]:
    """Have the tests make this journey, and see that it comes by these pages."""

    def kept(make: Callable[[Journey], None]) -> Route:
        JOURNEYS[make.__name__] = Route(make, pages, questions)
        return JOURNEYS[make.__name__]

    return kept
