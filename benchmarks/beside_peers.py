"""What ours takes of what ``python -m benchmarks.peers`` measures of others."""

from collections.abc import Iterator

from django.test import RequestFactory
from django.utils import timezone
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import conf, users
from accounts.models import User
from accounts.rest_framework import BearerAuthentication
from benchmarks import report
from benchmarks.peers_figures import of_check, of_sign_in
from benchmarks.tokens import signed_in


class Told(APIView):
    """Says who brings the token."""

    authentication_classes, permission_classes = (BearerAuthentication,), (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)

    def get(self, request: Request) -> Response:
        """Say who it is."""
        return Response({"id": request.user.pk})


def sign_in() -> None:
    """Sign somebody in, with the tokens verified."""
    conf.verifier().verify_id_token(signed_in().id_token)


def lines() -> Iterator[report.Line]:
    """Tell the same figures."""
    tokens = signed_in()
    users.user_for(conf.verifier().verify_id_token(tokens.id_token))
    User.objects.update(last_login=timezone.now())
    token, view = tokens.access_token, Told.as_view()
    request = RequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}")
    if view(request).status_code != 200:
        raise RuntimeError("the token is refused")
    yield of_check("ours: check", lambda: conf.verifier().verify_access_token(token), token)
    yield of_check("ours: DRF request", lambda: view(request).render(), token)
    yield from of_sign_in("our sign-in", sign_in)
