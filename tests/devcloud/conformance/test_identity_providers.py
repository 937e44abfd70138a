"""Identity providers of a pool, and styles of the domain's page.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-provider.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import AppClient, refused


@pytest.fixture
def app(make_pool: MakePool) -> AppClient:
    """A pool of the test's own."""
    return make_pool()


GOOGLE = {"client_id": "id", "client_secret": "a-secret-value", "authorize_scopes": "openid email"}
OIDC = {**GOOGLE, "oidc_issuer": "https://id.example.com", "attributes_request_method": "GET"}
SAML = {"MetadataURL": "https://id.example.com/metadata"}
APPLE = {
    "client_id": "id",
    "team_id": "team",
    "key_id": "key",
    "private_key": "a-secret-value",
    "authorize_scopes": "email name",
}
FITTING: list[tuple[str, str, dict[str, str]]] = [
    ("Google", "Google", GOOGLE),
    ("Facebook", "Facebook", GOOGLE),
    ("LoginWithAmazon", "LoginWithAmazon", GOOGLE),
    ("SignInWithApple", "SignInWithApple", APPLE),
    ("Acme", "OIDC", OIDC),
    ("Corp", "SAML", SAML),
]


def made(app: AppClient, name: str, kind: str, details: dict[str, str], **more: Any) -> Any:
    return app.admin.create_identity_provider(
        UserPoolId=app.pool_id, ProviderName=name, ProviderType=kind, ProviderDetails=details, **more
    )["IdentityProvider"]


@pytest.mark.parametrize(("name", "kind", "details"), FITTING, ids=[row[1] for row in FITTING])
def test_a_provider_needs_what_its_type_needs(app: AppClient, name: str, kind: str, details: dict[str, str]) -> None:
    """API_CreateIdentityProvider, ProviderDetails. A public client of an OIDC provider has no secret."""
    for key in details.keys() - ({"client_secret"} if kind == "OIDC" else set()):
        with refused("InvalidParameterException", key):
            made(app, name, kind, {other: value for other, value in details.items() if other != key})
    assert made(app, name, kind, details)["ProviderDetails"] == details


@pytest.mark.parametrize(
    ("name", "kind"), [("Goggle", "Google"), ("Facebook", "Google"), ("Google", "OIDC"), ("COGNITO", "SAML")]
)
def test_names_that_are_cognitos_are_for_their_own_types(app: AppClient, name: str, kind: str) -> None:
    """API_CreateUserPoolClient, SupportedIdentityProviders, names them."""
    details = {"Google": GOOGLE, "OIDC": OIDC, "SAML": SAML}[kind]
    with refused("InvalidParameterException", "name"):
        made(app, name, kind, details)


@pytest.mark.parametrize("name", ["_acme", "ac me", "ab", "a" * 33])
def test_a_name_has_no_space_and_no_first_underscore(app: AppClient, name: str) -> None:
    """API_CreateIdentityProvider, ProviderName, has the pattern."""
    with refused("InvalidParameterException", "providerName"):
        made(app, name, "OIDC", OIDC)


def test_a_name_is_given_once(app: AppClient) -> None:
    """API_CreateIdentityProvider, DuplicateProviderException."""
    made(app, "Acme", "OIDC", OIDC)
    with refused("DuplicateProviderException"):
        made(app, "Acme", "OIDC", OIDC)


@pytest.mark.parametrize("key", ["oidc_issuer", "token_url", "jwks_uri"])
def test_a_provider_elsewhere_is_not_asked_in_clear(app: AppClient, key: str) -> None:
    """The guide on OIDC: addresses are HTTPS. A refusal tells nothing of the secret."""
    with refused("InvalidParameterException", f"{key} cannot use the HTTP protocol"):
        made(app, "Acme", "OIDC", {**OIDC, key: "http://id.example.com"})


def test_userinfo_is_asked_by_get_or_post(app: AppClient) -> None:
    """API_CreateIdentityProvider, attributes_request_method."""
    with refused("InvalidParameterException", "attributes_request_method"):
        made(app, "Acme", "OIDC", {**OIDC, "attributes_request_method": "PUT"})


def test_only_attributes_of_the_pool_are_written(app: AppClient) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html."""
    with refused("InvalidParameterException", "custom:role"):
        made(app, "Acme", "OIDC", OIDC, AttributeMapping={"custom:role": "role"})
    made(app, "Acme", "OIDC", OIDC, AttributeMapping={"email": "email", "username": "sub"})
    with refused("InvalidParameterException", "shoe"):
        app.admin.update_identity_provider(
            UserPoolId=app.pool_id, ProviderName="Acme", AttributeMapping={"shoe": "size"}
        )
    with refused("InvalidParameterException", "attributes_request_method"):
        app.admin.update_identity_provider(UserPoolId=app.pool_id, ProviderName="Acme", ProviderDetails=GOOGLE)
    found = app.admin.describe_identity_provider(UserPoolId=app.pool_id, ProviderName="Acme")["IdentityProvider"]
    assert found["AttributeMapping"] == {"email": "email", "username": "sub"}
    assert found["ProviderDetails"] == OIDC


def test_a_provider_that_is_not_there_is_not_changed(app: AppClient) -> None:
    """API_UpdateIdentityProvider, ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        app.admin.update_identity_provider(UserPoolId=app.pool_id, ProviderName="Acme", ProviderDetails=OIDC)


def style(app: AppClient, **values: Any) -> Any:
    return app.admin.create_managed_login_branding(UserPoolId=app.pool_id, ClientId=app.id, **values)[
        "ManagedLoginBranding"
    ]


def test_a_client_has_one_style_of_one_kind(app: AppClient) -> None:
    """API_CreateManagedLoginBranding: UseCognitoProvidedValues or Settings, and ManagedLoginBrandingExistsException."""
    with refused("InvalidParameterException"):
        style(app)
    with refused("InvalidParameterException"):
        style(app, UseCognitoProvidedValues=True, Settings={"categories": {}})
    made_style = style(app, UseCognitoProvidedValues=True)
    with refused("ManagedLoginBrandingExistsException"):
        style(app, UseCognitoProvidedValues=True)
    known = {"UserPoolId": app.pool_id, "ManagedLoginBrandingId": made_style["ManagedLoginBrandingId"]}
    app.admin.update_managed_login_branding(**known, Settings={"categories": {}})
    assert app.admin.describe_managed_login_branding(**known)["ManagedLoginBranding"]["Settings"] == {"categories": {}}
    app.admin.delete_managed_login_branding(**known)
    with refused("ResourceNotFoundException"):
        app.admin.describe_managed_login_branding(**known)
    with refused("ResourceNotFoundException"):
        app.admin.describe_managed_login_branding_by_client(UserPoolId=app.pool_id, ClientId=app.id)


def test_a_client_that_is_not_there_has_no_style(app: AppClient) -> None:
    """API_CreateManagedLoginBranding, ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        app.admin.create_managed_login_branding(
            UserPoolId=app.pool_id, ClientId="unknownclient", UseCognitoProvidedValues=True
        )
