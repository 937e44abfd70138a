"""Calling other services as the person, by the very code that the document shows; and the tokens it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.urls import path
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.bearer import bearer_required
from accounts.http import AuthenticatedRequest, NotForTemplates, PersonsTokens
from accounts.models import LOCAL_ISSUER, Session, User
from accounts.sessions import revocation
from accounts.sessions.engine import SessionStore
from accounts.urls import urlpatterns as site_patterns
from tests import fault_proxy
from tests.accounts.test_refresh import REFRESH, expire, tokens_of
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.documents import text_of
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.orders_service import Orders
from tests.second_factors import access_token


def documented_view() -> Callable[..., HttpResponse]:
    """Return the view of the document, made of the text that stands there."""
    code = re.findall(r"^```python\n(.*?)^```", text_of("docs/calling-other-services.md"), re.MULTILINE | re.DOTALL)[0]
    shown: dict[str, Any] = {"__name__": __name__}
    exec(compile(code, "docs/calling-other-services.md", "exec"), shown)  # noqa: S102 -- it is the project's own
    view: Callable[..., HttpResponse] = shown["orders"]
    return view


def told(request: AuthenticatedRequest) -> HttpResponse:
    """Tell the tokens, which no view but one of a test may."""
    return JsonResponse({kind: getattr(request.cognito, kind) for kind in request.GET.getlist("kind")})


def ended_meanwhile(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for a token when another tab has just ended the session."""
    revocation.end_sessions(request.user)
    return HttpResponse(request.cognito.access_token, content_type="text/plain")


def expired_meanwhile(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for a token when the view has taken longer than it lived."""
    expire(-1)
    # As if the session had been read when its tokens were about to run out, but not quite.
    times = request.session.times()
    assert times
    request.session._times = replace(times, tokens_expire_at=timezone.now())
    return HttpResponse(request.cognito.access_token, content_type="text/plain")


def silent(request: HttpRequest) -> HttpResponse:
    """Ask for nothing."""
    return HttpResponse(repr(request.cognito), content_type="text/plain")  # type: ignore[attr-defined]


urlpatterns = [
    *site_patterns,
    path("orders/", documented_view()),
    path("told/", told),
    path("open/", login_not_required(told)),
    path("ended/", ended_meanwhile),
    path("expired/", expired_meanwhile),
    path("silent/", silent),
    path("program/", bearer_required()(told)),
]
handler403 = "accounts.error_responses.permission_denied"
pytestmark = pytest.mark.urls(__name__)
BOTH = "kind=access_token&kind=id_token"
SCRIPT = {"Sec-Fetch-Mode": "cors"}


@pytest.fixture
def service(pool: LocalPool, settings: Settings) -> Iterator[Orders]:
    """The service that the document's view calls."""
    orders = Orders.of(pool)
    server = orders.serve()
    settings.ORDERS_URL = f"http://127.0.0.1:{server.server_port}"
    yield orders
    server.shutdown()
    server.server_close()


def test_the_documented_view_gets_what_the_service_keeps_of_the_person(
    signed_in: CheckedClient, person: Person, service: Orders
) -> None:
    assert signed_in.get("/orders/").json() == {"orders": [f"one of {person.sub}"]}
    assert [claims["sub"] for claims in service.taken] == [person.sub]


def test_the_service_refuses_everything_but_an_access_token_of_the_pool(
    signed_in: CheckedClient, service: Orders
) -> None:
    held = tokens_of(signed_in)
    for header in ("", "Bearer x", f"Bearer {held.id_token}", f"Bearer {held.access_token}x"):
        assert service.answer(header)[0] == 401
    assert (len(service.refused), service.taken) == (4, [])


def test_a_token_that_has_run_out_is_renewed_before_the_service_sees_it(
    signed_in: CheckedClient, service: Orders, cognito: FaultProxy
) -> None:
    before = tokens_of(signed_in).access_token
    expire(-1)
    assert signed_in.get("/orders/").status_code == 200
    assert cognito.calls[REFRESH] == 1
    assert tokens_of(signed_in).access_token != before


@pytest.mark.parametrize(("status", "answer"), [(403, 403), (401, 503), (500, 503), (302, 503)])
def test_what_the_service_says_becomes_the_sites_own_answer(
    signed_in: CheckedClient, service: Orders, status: int, answer: int
) -> None:
    service.status = status
    assert signed_in.get("/orders/").status_code == answer
    assert signed_in.get("/account/").status_code == 200, "nobody is signed out for that"


def test_a_service_that_is_away_is_an_outage(signed_in: CheckedClient, settings: Settings) -> None:
    settings.ORDERS_URL = "http://127.0.0.1:9"
    assert signed_in.get("/orders/")["Retry-After"]


def test_both_tokens_are_those_of_the_session_and_one_refresh_renews_both(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    held = tokens_of(signed_in)
    assert signed_in.get(f"/told/?{BOTH}").json() == {"access_token": held.access_token, "id_token": held.id_token}
    expire(-1)
    renewed = [signed_in.get(f"/told/?{BOTH}").json() for _ in range(3)]
    now = tokens_of(signed_in)
    assert renewed == [{"access_token": now.access_token, "id_token": now.id_token}] * 3
    assert now.id_token != held.id_token
    assert cognito.calls[REFRESH] == 1


def test_a_token_that_runs_out_while_the_view_runs_is_renewed_when_it_is_asked_for(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    answer = signed_in.get("/expired/").content.decode()
    assert answer == tokens_of(signed_in).access_token
    assert cognito.calls[REFRESH] == 1


def test_a_view_that_asks_for_no_token_costs_nothing(
    signed_in: CheckedClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        answer = signed_in.get("/silent/").content.decode()
    held = tokens_of(signed_in)
    assert answer.startswith("<accounts.http.PersonsTokens")
    assert not any(token in answer for token in (held.access_token, held.id_token))
    with django_assert_num_queries(3):
        signed_in.get("/told/?kind=id_token")


def test_strangers_are_sent_to_sign_in_and_back(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get("/open/?kind=id_token").url == "/login/?next=%2Fopen%2F%3Fkind%3Did_token"
    assert client.post("/open/?kind=id_token").url == "/login/?ended=1&next=%2Fopen%2F"
    answer = client.get("/open/?kind=access_token", headers=SCRIPT)
    assert (answer.status_code, answer.json()["error"]) == (401, "session_ended")


def test_a_superuser_of_this_database_has_no_tokens(client: CheckedClient, pool: LocalPool) -> None:
    user = User.objects.create(issuer=LOCAL_ISSUER, sub="root", username="root", is_superuser=True)
    client.force_login(user, backend="accounts.backends.CognitoBackend")
    assert client.get("/told/?kind=access_token").status_code == 403
    assert client.get("/silent/").status_code == 200


def test_somebody_signed_out_at_cognito_is_sent_to_sign_in(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    pool.admin("user_global_sign_out", person)
    assert signed_in.get("/expired/").url == "/login/?ended=1&next=%2Fexpired%2F"
    assert not Session.objects.exclude(user=None).exists()


def test_a_session_that_another_tab_has_ended_gives_no_token(signed_in: CheckedClient) -> None:
    assert signed_in.get("/ended/").url == "/login/?ended=1&next=%2Fended%2F"
    assert not Session.objects.exclude(user=None).exists()


def test_tokens_whose_key_is_gone_end_the_session(signed_in: CheckedClient, settings: Settings) -> None:
    settings.TOKEN_KEYS = ["another-key-of-at-least-thirty-two-characters"]
    assert signed_in.get("/told/?kind=id_token").url.startswith("/login/?ended=1")
    assert signed_in.get("/account/").url.startswith("/login/")


@pytest.mark.parametrize("seconds", [-1, -3600])
def test_while_cognito_is_away_dead_tokens_are_an_outage_and_nobody_is_signed_out(
    signed_in: CheckedClient, cognito: FaultProxy, seconds: int
) -> None:
    expire(seconds)
    cognito.fail(REFRESH, fault_proxy.closed_before())
    answer = signed_in.get("/told/?kind=access_token")
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    cognito.heal()
    assert signed_in.get("/told/?kind=access_token").status_code == 200


def test_a_token_with_time_left_is_good_while_cognito_is_away(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(60)
    cognito.fail(REFRESH, fault_proxy.closed_before())
    assert signed_in.get("/told/?kind=access_token").status_code == 200


def test_programs_have_the_access_token_they_brought_and_no_id_token(
    pool: LocalPool, person: Person, client: CheckedClient, signed_in: CheckedClient
) -> None:
    token = access_token(pool, person)
    for browser in (client, signed_in):
        asked = {"headers": {"Authorization": f"Bearer {token}"}}
        assert browser.get("/program/?kind=access_token", **asked).json() == {"access_token": token}
        refused = browser.get("/program/?kind=id_token", **asked)
        assert (refused.status_code, refused.json()["error"]) == (403, "permission_denied")


@pytest.mark.parametrize("source", ["{{ request.cognito.access_token }}", "{{ request.cognito.id_token|upper }}"])
def test_no_template_shows_a_token(signed_in: CheckedClient, source: str) -> None:
    request = HttpRequest()
    request.session = SessionStore(signed_in.session_cookie)
    request.user = User.objects.get()
    request.cognito = PersonsTokens(request)  # type: ignore[attr-defined]
    with pytest.raises(NotForTemplates):
        Engine().from_string(source).render(Context({"request": request}))


def test_each_person_calls_with_a_token_of_their_own(browser_of: SignIn, pool: LocalPool, service: Orders) -> None:
    people = [pool.person() for _ in range(3)]
    for browser, person in [(browser_of(person), person) for person in people]:
        browser.get("/orders/")
        assert service.taken[-1]["sub"] == person.sub
