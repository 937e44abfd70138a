"""Domains of user pools: CreateUserPoolDomain.

MiniStack takes every name and every certificate.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ministack.services import cognito as ministack

from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.gate import Response, respond, stock
from devcloud.cognito.records import Answer, Request
from devcloud.patching import replace

_RESERVED = ("aws", "amazon", "cognito")
_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_OWN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){2,}[a-z0-9-]+")
_CERTIFICATE = re.compile(r"arn:[^:]+:acm:us-east-1:\d+:certificate/.+")
_stock_create: Callable[[Request], Response] = ministack._create_user_pool_domain


def create_user_pool_domain(request: Request) -> Answer:
    """Give a pool a domain: a prefix, or a name of one's own with a certificate in us-east-1.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html. Raises
    InvalidParameterException.
    """
    name, own = request.get("Domain", ""), request.get("CustomDomainConfig")
    if own is None:
        _refuse_prefix(name)
    else:
        _refuse_own(name, own.get("CertificateArn", ""))
    return stock(_stock_create, request)


def _refuse_prefix(prefix: str) -> None:
    if not _PREFIX.fullmatch(prefix):
        raise invalid_parameter("The domain name contains an invalid character.")
    for word in _RESERVED:
        if word in prefix:
            raise invalid_parameter(f"Domain cannot contain reserved word: {word}")


def _refuse_own(name: str, certificate: str) -> None:
    """Raise InvalidParameterException: "You can't use the apex", and the certificate has to be where CloudFront is.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html
    """
    if not _OWN.fullmatch(name):
        raise invalid_parameter("Custom domain is not a valid subdomain.")
    if not _CERTIFICATE.fullmatch(certificate):
        raise invalid_parameter("The certificate of a custom domain must be an ACM certificate in us-east-1.")


def _create_for_cloudformation(request: Request) -> Response:
    return respond(create_user_pool_domain, request)


def install() -> None:
    """Put this where MiniStack's CloudFormation calls its own."""
    replace(ministack, "_create_user_pool_domain", _create_for_cloudformation)
