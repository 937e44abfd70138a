"""Styles of managed login, which MiniStack does not know: its pages look as they do.

https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-brandingeditor.html
"""

from __future__ import annotations

import copy
import uuid
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.records import Answer, Pool, Request, client, pool

_STYLES = "_managed_login_branding"
_OURS = ("UseCognitoProvidedValues", "Settings", "Assets")


def create_managed_login_branding(request: Request) -> Answer:
    """Give an app client a style: Cognito's own, or settings.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateManagedLoginBranding.html.
    Raises ManagedLoginBrandingExistsException, ResourceNotFoundException, InvalidParameterException.
    """
    user_pool, app_client = client(request)
    _refuse_both_or_neither(request)
    if any(style["ClientId"] == app_client["ClientId"] for style in _styles(user_pool).values()):
        raise CognitoError("ManagedLoginBrandingExistsException", "The app client already has a branding style.")
    style = {
        "ManagedLoginBrandingId": str(uuid.uuid4()),
        "UserPoolId": user_pool["Id"],
        "ClientId": app_client["ClientId"],
        "CreationDate": ministack._now_epoch(),
    }
    _styles(user_pool)[style["ManagedLoginBrandingId"]] = style
    return _changed(style, request)


def update_managed_login_branding(request: Request) -> Answer:
    """Change a style.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateManagedLoginBranding.html
    """
    style = _style(request)
    _refuse_both_or_neither(request)
    return _changed(style, request)


def describe_managed_login_branding(request: Request) -> Answer:
    """Return a style by its id.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeManagedLoginBranding.html
    """
    return _shown(_style(request))


def describe_managed_login_branding_by_client(request: Request) -> Answer:
    """Return the style of an app client.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeManagedLoginBrandingByClient.html
    """
    user_pool, app_client = client(request)
    for style in _styles(user_pool).values():
        if style["ClientId"] == app_client["ClientId"]:
            return _shown(style)
    raise _not_found()


def delete_managed_login_branding(request: Request) -> Answer:
    """Take a style away; pages of version 2 are not shown without one.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteManagedLoginBranding.html
    """
    style = _style(request)
    del _styles(pool(request["UserPoolId"]))[style["ManagedLoginBrandingId"]]
    return {}


def _styles(user_pool: Pool) -> dict[str, dict[str, Any]]:
    styles: dict[str, dict[str, Any]] = user_pool.setdefault(_STYLES, {})
    return styles


def _style(request: Request) -> dict[str, Any]:
    style = _styles(pool(request["UserPoolId"])).get(request["ManagedLoginBrandingId"])
    if style is None:
        raise _not_found()
    return style


def _not_found() -> CognitoError:
    return CognitoError("ResourceNotFoundException", "The branding style does not exist.")


def _refuse_both_or_neither(request: Request) -> None:
    """Raise InvalidParameterException: "When true, [...] you can't set values for Settings or Assets"."""
    if bool(request.get("UseCognitoProvidedValues")) == bool(request.get("Settings") or request.get("Assets")):
        raise invalid_parameter("Set either UseCognitoProvidedValues or Settings.")


def _changed(style: dict[str, Any], request: Request) -> Answer:
    style.update({name: copy.deepcopy(request[name]) for name in _OURS if name in request})
    style["LastModifiedDate"] = ministack._now_epoch()
    return _shown(style)


def _shown(style: dict[str, Any]) -> Answer:
    shown = {name: value for name, value in style.items() if name != "ClientId"}
    return {"ManagedLoginBranding": shown}
