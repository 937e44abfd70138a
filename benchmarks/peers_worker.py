"""The peers, in the environment that has them, under benchmarks.peers_settings; benchmarks.peers runs it."""

import os
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth.models import User, UserManager
from django.core.management import call_command
from django.test import RequestFactory
from django_cognito_jwt import JSONWebTokenAuthentication  # type: ignore[import-not-found]
from pycognito import Cognito
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.environment import CLIENT_ID, PASSWORD, POOL_ID, REGION, email
from benchmarks.peers_figures import of_check, of_sign_in


def from_the_stand_in(get: Any) -> Any:
    """Return `requests.get`, which both peers fetch keys with, sent to the stand-in in place of AWS."""
    aws = f"https://cognito-idp.{REGION}.amazonaws.com"
    return lambda url, **given: get(url.replace(aws, os.environ["AWS_ENDPOINT_URL"]), **given)


def known(_manager: UserManager[User], claims: dict[str, Any]) -> User:
    """Return the user of ``claims``, as a project that uses django-cognito-jwt has to say itself."""
    return User.objects.get_or_create(username=claims["sub"])[0]


def signed_in() -> Cognito:
    """Sign somebody in, with the tokens verified, as pycognito does."""
    person = Cognito(POOL_ID, CLIENT_ID, username=email(0), access_key="a", secret_key="b")  # noqa: S106
    person.admin_authenticate(PASSWORD)
    return person


def view() -> Any:
    """Return a view that takes the tokens, for whoever brings one."""

    class Told(APIView):
        authentication_classes, permission_classes = [JSONWebTokenAuthentication], [IsAuthenticated]

        def get(self, request: Any) -> Response:
            """Say who it is."""
            return Response({"id": request.user.pk})

    return Told.as_view()


def main() -> None:
    """Print the lines."""
    call_command("migrate", verbosity=0)
    UserManager.get_or_create_for_cognito = known  # type: ignore[attr-defined]
    requests.get = from_the_stand_in(requests.get)
    token = signed_in().id_token
    request = RequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}")
    told = view()
    if told(request).status_code != 200:
        raise RuntimeError("the token is refused")

    def check() -> None:
        JSONWebTokenAuthentication().get_token_validator(request).validate(token)

    def respond() -> None:
        told(request).render()

    for cached in (False, True):
        settings.COGNITO_PUBLIC_KEYS_CACHING_ENABLED = cached
        name = "django-cognito-jwt" + (", keys cached" if cached else "")
        print(of_check(f"{name}: check", check, token), flush=True)
        print(of_check(f"{name}: DRF request", respond, token), flush=True)
    for line in of_sign_in("pycognito sign-in", signed_in):
        print(line, flush=True)
