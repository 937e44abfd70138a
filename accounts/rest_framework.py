"""Access tokens in Django REST framework, for projects that have it installed; this site does not import it.

https://www.django-rest-framework.org/api-guide/authentication/#custom-authentication
"""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import bearer
from accounts.cognito.errors import Unavailable
from accounts.http import Bearer
from accounts.limits import LimitExceeded
from accounts.models import User


class Refused(APIException):
    """What RFC 6750 has for a request without a token that is good for it, with its header."""

    def __init__(self, refused: bearer.BearerRefused) -> None:
        super().__init__(detail=refused.error, code=refused.error)
        self.status_code, self.auth_header = refused.status, refused.challenge


class Away(APIException):
    """Cognito cannot be asked at the moment; nothing was lost."""

    status_code = 503
    default_detail, default_code = "service_unavailable", "service_unavailable"


class BearerAuthentication(BaseAuthentication):
    """The person whose access token the request brings is ``request.user``; the token is ``request.auth``."""

    def authenticate(self, request: Request) -> tuple[User, Bearer] | None:
        """Return the person and their token, None for a request without one. Raises Refused, Away, Throttled."""
        try:
            admitted = bearer.admit(request._request)
        except bearer.BearerRefused as refused:
            if refused.error == bearer.TOKEN_REQUIRED:
                return None
            raise Refused(refused) from refused
        except LimitExceeded as exceeded:
            raise Throttled(wait=exceeded.retry_after) from exceeded
        except Unavailable as error:
            raise Away from error
        return admitted.user, admitted.bearer

    def authenticate_header(self, request: Request) -> str:
        """Return what a request without a token is told."""
        return bearer.BearerRefused(401, bearer.TOKEN_REQUIRED).challenge


class AllowedByToken(BasePermission):
    """Asks for the view's ``required_scopes``, all of them, and for one of its ``required_groups``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the request brings a token that has them. Raises Refused, which says what is missing."""
        if not isinstance(request.auth, Bearer):
            return False
        scopes, groups = getattr(view, "required_scopes", ()), getattr(view, "required_groups", ())
        try:
            bearer.refuse_unless_allowed(request.auth.claims, scopes, groups)
        except bearer.BearerRefused as refused:
            raise Refused(refused) from refused
        return True
