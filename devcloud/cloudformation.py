"""Properties of the template that MiniStack's CloudFormation drops on their way to Cognito.

They are documented on
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolclient.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from ministack.services.cloudformation import engine, provisioners

from devcloud.cognito import pool_mfa
from devcloud.cognito.errors import CognitoError
from devcloud.patching import replace

Properties = Mapping[str, Any]
_stock_assign: Callable[[dict[str, Any]], Any] = provisioners._cognito_identity_pool_role_attachment_apply


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """MiniStack's loader of templates on libyaml, where it is: a tenth of the time, several times a deployment."""

    yaml_constructors = engine.CfnLoader.yaml_constructors


def install() -> None:
    """Have stacks apply RefreshTokenRotation, EnabledMfas, WebAuthn, EmailAuthentication and IdentityProvider."""
    provisioners._COGNITO_USER_POOL_CLIENT_UPDATABLE["RefreshTokenRotation"] = None
    replace(engine, "CfnLoader", _Loader)
    replace(provisioners, "_cognito_user_pool_software_token_mfa", _set_mfa_config)
    replace(provisioners, "_cognito_identity_pool_role_attachment_apply", _assign_roles)


def _set_mfa_config(pool_id: str, _old: Properties, new: Properties) -> None:
    """Carry a pool's sign-in factors from the template to SetUserPoolMfaConfig; raises ValueError when refused."""
    request = {"UserPoolId": pool_id, "MfaConfiguration": new.get("MfaConfiguration", "OFF"), **_mfa_config(new)}
    try:
        pool_mfa.set_user_pool_mfa_config(request)
    except CognitoError as error:
        raise ValueError(f"AWS::Cognito::UserPool sign-in factors were refused: {error}") from error


def _mfa_config(properties: Properties) -> dict[str, Any]:
    enabled = properties.get("EnabledMfas") or []
    config: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": "SOFTWARE_TOKEN_MFA" in enabled}}
    config["SmsMfaConfiguration"] = (
        {
            "SmsConfiguration": properties.get("SmsConfiguration", {}),
            "SmsAuthenticationMessage": properties.get("SmsAuthenticationMessage", "Your code is {####}."),
        }
        if "SMS_MFA" in enabled
        else {}
    )
    config["EmailMfaConfiguration"] = (
        {
            "Message": properties.get("EmailAuthenticationMessage", "Your code is {####}."),
            "Subject": properties.get("EmailAuthenticationSubject", "Your code"),
        }
        if "EMAIL_OTP" in enabled
        else {}
    )
    web_authn = {
        "RelyingPartyId": properties.get("WebAuthnRelyingPartyID"),
        "UserVerification": properties.get("WebAuthnUserVerification"),
        "FactorConfiguration": properties.get("WebAuthnFactorConfiguration"),
    }
    config["WebAuthnConfiguration"] = {name: value for name, value in web_authn.items() if value}
    return config


def _assign_roles(props: dict[str, Any]) -> Any:
    """Give an identity pool its roles; a mapping with ``IdentityProvider`` is that provider's, whatever it is called.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-identitypoolroleattachment-rolemapping.html
    """
    mappings = {
        mapping.get("IdentityProvider", name): {
            key: value for key, value in mapping.items() if key != "IdentityProvider"
        }
        for name, mapping in (props.get("RoleMappings") or {}).items()
    }
    return _stock_assign({**props, "RoleMappings": mappings})
