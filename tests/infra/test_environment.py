"""What a site's environment says of the domain and of other providers."""

from __future__ import annotations

import pytest

from infra import environment
from infra.account import Account
from infra.stack import State

OUTPUTS = {
    "UserPoolId": "eu-west-1_Example12",
    "ClientId": "1example23456789",
    "Issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example12",
    "StaffGroup": "staff",
    "SuperuserGroup": "superusers",
}
PARAMETERS = {"SiteUrl": "https://a.example.com", "SignInWith": "email", "Registration": "self"}
PREFIX = "https://ours.auth.eu-west-1.amazoncognito.com"


def said(account: Account, **outputs: str) -> tuple[str, str]:
    """Return what a site is told of domain and providers by a stack with these outputs."""
    variables = environment.variables(account, State(outputs=OUTPUTS | outputs, parameters=PARAMETERS))
    return variables["COGNITO_DOMAIN"], variables["COGNITO_PROVIDERS"]


@pytest.fixture
def at_aws(account: Account) -> Account:
    account.endpoint = ""
    return account


def test_without_a_domain_both_are_emptied(at_aws: Account) -> None:
    assert said(at_aws) == ("", "")


def test_on_aws_the_pages_are_at_the_domain(at_aws: Account) -> None:
    assert said(at_aws, DomainUrl=PREFIX, Providers="Google,Acme=Acme staff") == (PREFIX, "Google,Acme=Acme staff")


def test_elsewhere_the_pages_are_at_the_server(account: Account) -> None:
    assert said(account, DomainUrl=PREFIX, Providers="COGNITO") == (account.endpoint, "COGNITO")
    assert said(account) == ("", "")
