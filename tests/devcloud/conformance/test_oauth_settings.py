"""What an app client may be told of OAuth.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import FLOWS, MakePool
from tests.devcloud.conformance.hosted import CALLBACK, OAUTH
from tests.devcloud.conformance.user_pool import AppClient, refused


@pytest.fixture
def app(make_pool: MakePool) -> AppClient:
    """A pool of the test's own."""
    return make_pool()


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("InvalidParameterException", "cannot use the HTTP protocol", {"CallbackURLs": ["http://a.example.com/back"]}),
    ("InvalidParameterException", "cannot use the HTTP protocol", {"LogoutURLs": ["http://a.example.com/"]}),
    ("InvalidParameterException", "http://localhost.example.com", {"CallbackURLs": ["http://localhost.example.com"]}),
    ("InvalidParameterException", "not a valid redirect uri", {"CallbackURLs": [f"{CALLBACK}#there"]}),
    ("InvalidParameterException", "not a valid redirect uri", {"CallbackURLs": ["/login/callback/"]}),
    ("InvalidParameterException", "not a valid redirect uri", {"CallbackURLs": ["https:///login/"]}),
    ("InvalidParameterException", "Default redirect uri", {"DefaultRedirectURI": "https://b.example.com/"}),
    ("InvalidParameterException", "are required", {"AllowedOAuthFlows": []}),
    ("InvalidParameterException", "are required", {"AllowedOAuthScopes": []}),
    ("InvalidParameterException", "The provider Google does not exist", {"SupportedIdentityProviders": ["Google"]}),
    ("InvalidOAuthFlowException", "CallbackUrls can not be empty", {"CallbackURLs": []}),
    ("InvalidOAuthFlowException", "along with", {"AllowedOAuthFlows": ["code", "client_credentials"]}),
    ("ScopeDoesNotExistException", "things/read", {"AllowedOAuthScopes": ["openid", "things/read"]}),
]


@pytest.mark.parametrize(
    ("code", "words", "changes"), WRONG, ids=[f"{words} {n}" for n, (_, words, _) in enumerate(WRONG)]
)
def test_what_aws_refuses_is_refused_when_a_client_is_made_and_when_it_is_changed(
    app: AppClient, make_pool: MakePool, code: str, words: str, changes: dict[str, Any]
) -> None:
    """API_CreateUserPoolClient and API_UpdateUserPoolClient: CallbackURLs, AllowedOAuthFlows and the members beside."""
    with refused(code, words):
        make_pool(client={**OAUTH, **changes})
    with refused(code, words):
        app.admin.update_user_pool_client(
            UserPoolId=app.pool_id, ClientId=app.id, ExplicitAuthFlows=FLOWS, **{**OAUTH, **changes}
        )
    described = app.admin.describe_user_pool_client(UserPoolId=app.pool_id, ClientId=app.id)["UserPoolClient"]
    assert not described.get("AllowedOAuthFlowsUserPoolClient")


def test_a_client_without_a_secret_gets_no_tokens_of_its_own(app: AppClient) -> None:
    """AllowedOAuthFlows: client credentials are authorized "by a combination of the client ID and client secret"."""
    with refused("InvalidOAuthFlowException", "client secret"):
        app.admin.create_user_pool_client(
            UserPoolId=app.pool_id,
            ClientName="machine",
            GenerateSecret=False,
            **{**OAUTH, "AllowedOAuthFlows": ["client_credentials"]},
        )


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example.com/",
        "http://localhost:8000/",
        "http://127.0.0.1/",
        "http://[::1]:9/x",
        "myapp://back",
        CALLBACK,
    ],
)
def test_https_this_machine_and_the_schemes_of_apps_are_taken(app: AppClient, address: str) -> None:
    """CallbackURLs: "HTTPS over HTTP except for callback URLs to http://localhost, http://127.0.0.1 and http://[::1]"."""
    addresses = {"CallbackURLs": [address], "LogoutURLs": [address], "DefaultRedirectURI": address}
    app.admin.update_user_pool_client(
        UserPoolId=app.pool_id, ClientId=app.id, ExplicitAuthFlows=FLOWS, **{**OAUTH, **addresses}
    )
    described = app.admin.describe_user_pool_client(UserPoolId=app.pool_id, ClientId=app.id)["UserPoolClient"]
    assert described["CallbackURLs"] == described["LogoutURLs"] == [address]


def test_scopes_of_the_pools_own_servers_exist(app: AppClient) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html."""
    app.admin.create_resource_server(
        UserPoolId=app.pool_id,
        Identifier="things",
        Name="Things",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read them"}],
    )
    scopes = [*OAUTH["AllowedOAuthScopes"], "things/read"]
    app.admin.update_user_pool_client(
        UserPoolId=app.pool_id, ClientId=app.id, ExplicitAuthFlows=FLOWS, **{**OAUTH, "AllowedOAuthScopes": scopes}
    )
