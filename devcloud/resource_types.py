"""Types of resources that MiniStack's CloudFormation does not know: identity providers, and styles of managed login.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolidentityprovider.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-managedloginbranding.html
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from ministack.services import cognito
from ministack.services.cloudformation import provisioners

from devcloud.cognito import branding, identity_providers
from devcloud.cognito.errors import CognitoError
from devcloud.cognito.gate import Operation, stock

Properties: TypeAlias = Mapping[str, Any]
Made: TypeAlias = tuple[str, dict[str, str]]

IDENTITY_PROVIDER = "AWS::Cognito::UserPoolIdentityProvider"
BRANDING = "AWS::Cognito::ManagedLoginBranding"
_PROVIDER = ("UserPoolId", "ProviderName", "ProviderType", "ProviderDetails", "AttributeMapping", "IdpIdentifiers")
_STYLE = ("UserPoolId", "ClientId", "UseCognitoProvidedValues", "Settings", "Assets")


def install() -> None:
    """Add the types. The table is changed in place, because several modules of MiniStack hold it."""
    provisioners._RESOURCE_HANDLERS.update(
        {
            IDENTITY_PROVIDER: {"create": _make_provider, "update": _change_provider, "delete": _delete_provider},
            BRANDING: {"create": _make_style, "update": _change_style, "delete": _delete_style},
        }
    )


def _asked(kind: str, operation: Operation, request: dict[str, Any]) -> dict[str, Any]:
    """Return what Cognito answers; raises ValueError, as MiniStack's own types do, when it refuses."""
    try:
        return operation(request)
    except CognitoError as error:
        raise ValueError(f"{kind} was refused: {error}") from error


def _given(names: tuple[str, ...], properties: Properties) -> dict[str, Any]:
    return {name: properties[name] for name in names if name in properties}


def _make_provider(_logical_id: str, props: Properties, _stack_name: str) -> Made:
    _asked(IDENTITY_PROVIDER, identity_providers.create_identity_provider, _given(_PROVIDER, props))
    return props["ProviderName"], {}


def _change_provider(physical_id: str, _old: Properties, new: Properties, _stack_name: str) -> Made:
    """Change a provider in place; a mapping or an identifier that the template drops goes."""
    request = {"AttributeMapping": {}, "IdpIdentifiers": [], **_given(_PROVIDER, new)}
    del request["ProviderType"]
    _asked(IDENTITY_PROVIDER, identity_providers.update_identity_provider, request)
    return physical_id, {}


def _delete_provider(physical_id: str, props: Properties) -> None:
    with suppress(CognitoError):  # gone already, by hand or with its pool
        stock(cognito._delete_identity_provider, {"UserPoolId": props["UserPoolId"], "ProviderName": physical_id})


def _make_style(_logical_id: str, props: Properties, _stack_name: str) -> Made:
    answer = _asked(BRANDING, branding.create_managed_login_branding, _given(_STYLE, props))
    return _named(props, answer["ManagedLoginBranding"])


def _change_style(physical_id: str, _old: Properties, new: Properties, _stack_name: str) -> Made:
    request = {**_given(_STYLE, new), "ManagedLoginBrandingId": physical_id.partition("|")[2]}
    answer = _asked(BRANDING, branding.update_managed_login_branding, request)
    return _named(new, answer["ManagedLoginBranding"])


def _named(props: Properties, style: Mapping[str, str]) -> Made:
    """Return what Ref and GetAtt return."""
    identifier = style["ManagedLoginBrandingId"]
    return f"{props['UserPoolId']}|{identifier}", {"ManagedLoginBrandingId": identifier}


def _delete_style(physical_id: str, props: Properties) -> None:
    request = {"UserPoolId": props["UserPoolId"], "ManagedLoginBrandingId": physical_id.partition("|")[2]}
    with suppress(CognitoError):
        branding.delete_managed_login_branding(request)
