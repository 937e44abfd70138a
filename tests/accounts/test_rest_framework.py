"""Access tokens in views made with Django REST framework: the same people, the same refusals."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import path
from django.utils import timezone
from pytest_django import Settings
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import conf
from accounts.cognito.key_set import KeySet
from accounts.cognito.verifier import TokenVerifier
from accounts.http import Bearer
from accounts.models import Activity, Session, User
from accounts.rest_framework import AllowedByToken, BearerAuthentication
from accounts.sessions import revocation
from accounts.urls import urlpatterns as site_patterns
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.signed_tokens import ISSUER, SUB, PublishedKeys, SigningPool

POOL = SigningPool()


class Told(APIView):
    """Says who asks."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [AllowedByToken]
    renderer_classes = [JSONRenderer]

    def post(self, request: Request) -> Response:
        user, bearer = request.user, request.auth
        assert isinstance(user, User)
        assert isinstance(bearer, Bearer)
        return Response({"sub": user.sub, "client": bearer.claims.client_id})


class Files(Told):
    """Wants more than a token."""

    required_scopes, required_groups = ["files/read"], ["editors"]


class Profile(Told):
    """Asks Cognito for the person."""

    def get(self, request: Request) -> Response:
        bearer = request.auth
        assert isinstance(bearer, Bearer)
        return Response({"email": conf.user_account().get_user(bearer.token).email})


class Anybody(APIView):
    """Lets in people without a token, too."""

    authentication_classes, permission_classes = [BearerAuthentication], [AllowAny]
    renderer_classes = [JSONRenderer]

    def post(self, request: Request) -> Response:
        return Response({"known": request.user.is_authenticated})


urlpatterns = [
    *site_patterns,
    path("told", Told.as_view()),
    path("files", Files.as_view()),
    path("profile", Profile.as_view()),
    path("anybody", Anybody.as_view()),
]
pytestmark = [pytest.mark.urls("tests.accounts.test_rest_framework"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "verifier", lambda: TokenVerifier(conf.config(), PublishedKeys(POOL)))


@pytest.fixture(autouse=True)
def _somebody() -> None:
    User.objects.create(issuer=ISSUER, sub=SUB, username=SUB, last_login=timezone.now())


def ask(page: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return CheckedClient(enforce_csrf_checks=True).post(page, headers=headers)


def test_the_person_and_the_token_are_the_requests() -> None:
    assert ask("/told", POOL.access_token()).json() == {"sub": SUB, "client": POOL.client_id}


def test_without_a_token_one_is_asked_for() -> None:
    response = ask("/told")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="Latchkey"')
    assert ask("/anybody").json() == {"known": False}


def test_a_token_that_is_not_good_is_refused_where_none_would_do() -> None:
    for page in ("/told", "/anybody"):
        response = ask(page, POOL.access_token(client_id="another-client"))
        assert (response.status_code, response.json()) == (401, {"detail": "invalid_token"})
        assert response["WWW-Authenticate"] == 'Bearer realm="Latchkey", error="invalid_token"'


def test_a_machine_is_nobody() -> None:
    assert ask("/anybody", POOL.access_token(username=None)).status_code == 403


@pytest.mark.parametrize(("scope", "groups"), [("files/readonly", ["editors"]), ("files/read", ["others"])])
def test_scopes_and_groups_are_asked_for(scope: str, groups: list[str]) -> None:
    response = ask("/files", POOL.access_token(**{"scope": scope, "cognito:groups": groups}))
    assert response.status_code == 403
    assert 'error="insufficient_scope"' in response["WWW-Authenticate"]
    good = POOL.access_token(**{"scope": "files/read", "cognito:groups": ["editors"]})
    assert ask("/files", good).status_code == 200


def test_a_token_of_a_sign_in_that_was_ended_is_refused() -> None:
    token = POOL.access_token()
    revocation.end_sessions(User.objects.get())
    assert ask("/told", token).status_code == 401


def test_an_outage_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = KeySet("http://127.0.0.1:9/jwks.json")
    monkeypatch.setattr(conf, "verifier", lambda: TokenVerifier(conf.config(), keys))
    response = ask("/told", POOL.access_token())
    assert (response.status_code, response.json()) == (503, {"detail": "service_unavailable"})


@pytest.mark.parametrize("code", ["NotAuthorizedException", "UserNotFoundException"])
def test_a_token_that_cognito_takes_no_longer_is_refused_and_ends_nobodys_session(
    settings: Settings, code: str
) -> None:
    browser = CheckedClient()
    browser.force_login(User.objects.create(issuer=ISSUER, sub="the-other"), "accounts.backends.CognitoBackend")
    with FaultProxy("http://127.0.0.1:9") as cognito:
        settings.COGNITO = {**settings.COGNITO, "ENDPOINT_URL": cognito.url, "ISSUER": ISSUER}
        cognito.fail("GetUser", fault_proxy.aws_error(code))
        response = browser.get("/profile", headers={"Authorization": f"Bearer {POOL.access_token()}"})
        assert cognito.calls["GetUser"] == 1
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert response["WWW-Authenticate"] == 'Bearer realm="Latchkey", error="invalid_token"'
    assert Session.objects.values_list("user__sub").get() == ("the-other",)
    assert not Activity.objects.exists()
    assert browser.get("/account/activity/").status_code == 200
