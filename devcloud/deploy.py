"""Deploys the site's template into the local AWS, and writes down the environment the site needs.

Everything here can be done again: what exists is found, not made a second time.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from devcloud import env_file
from devcloud.errors import DeploymentFailed
from devcloud.provider import OutsideProvider, outside_provider
from devcloud.settings import Settings
from infra import environment
from infra.account import Account
from infra.deploy import Deployment as Deployed
from infra.deploy import Outcome
from infra.deploy import deploy as deploy_stack
from infra.errors import DeploymentError
from infra.stack import Stack
from infra.template import COGNITO, Template

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

STACK = "latchkey"
# What a parameter turns off again, and nobody misses here.
OPTIONAL = frozenset(
    {"PublicAppClient", "DefaultUserPoolGroup", "Domain", "OidcProvider", "RelyingPartyId", "EmailMfa", "TextMessages"}
)
DOMAIN = "latchkey"  # in form only: its pages are at the address of the local AWS
SECRET = "latchkey/provider"  # noqa: S105 -- where it is kept
SITE_USER = "latchkey-site"
SENDER = "localhost"  # the identity of the mails
STAFF_EMAIL = "staff@example.com"
STAFF_NUMBER = "+441632960001"  # Ofcom keeps these numbers for plays and films
REACHED_BY_PHONE = frozenset({"phone", "username_phone"})
ACCOUNT = "000000000000"  # MiniStack's own
_POLL = 0.02  # seconds between two looks at a deployment
_PATIENCE = 60.0  # seconds that one may take


def root_session(settings: Settings) -> boto3.Session:
    """Return a session with the administrator's key of the local AWS."""
    root = env_file.read(settings.root_env)
    return boto3.Session(
        aws_access_key_id=root["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=root["AWS_SECRET_ACCESS_KEY"],
        region_name=settings.region,
    )


def deploy(settings: Settings, parameters: Mapping[str, str] | None = None, template: Path = COGNITO) -> dict[str, str]:
    """Deploy the template, the site's IAM user and a staff person; return what ``settings.site_env`` now holds.

    ``parameters`` are values for the template's parameters besides those that a development site always has; the others
    stay as they were deployed before. Raises DeploymentFailed, and botocore's ClientError for any other refusal.
    """
    aws = Deployment(settings)
    outside = aws.outside_parameters(outside_provider(settings))
    before = {"SignInWith": env_file.read(settings.site_env).get("COGNITO_SIGN_IN_WITH", "email")}
    deployed = aws.stack(development_parameters(settings, before | outside | dict(parameters or {})), template)
    state = deployed.state
    if deployed.outcome is Outcome.DEPLOYED:  # it is there otherwise, and asking takes as long as all the rest
        aws.sender()
    aws.staff_person(state.outputs, state.parameters["SignInWith"])
    known = env_file.read(settings.site_env)
    found = environment.variables(aws.account, state)
    variables = {
        **found,
        "COGNITO_PROVIDERS": labelled(found["COGNITO_PROVIDERS"]),
        "SECRET_KEY": known.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "TOKEN_KEYS": known.get("TOKEN_KEYS") or secrets.token_urlsafe(32),
        **aws.site_key(state.outputs["SitePolicyArn"], known),
        **environment.secret(aws.account, state),
        "COGNITO_AUTH_FLOW": "USER_PASSWORD_AUTH",
        "DEVCLOUD_OUTBOX": str(settings.outbox.resolve()),
    }
    env_file.write(settings.site_env, variables)
    return variables


def labelled(providers: str) -> str:
    """Return COGNITO_PROVIDERS with a label for the domain's own page: here its host says nothing to anybody."""
    return ",".join("COGNITO=the local pool" if each == "COGNITO" else each for each in providers.split(","))


def development_parameters(settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """Return the template's parameters for a site on this machine, with those that are ``given``.

    Everything that can be tried out is on, but the default group: it would let the site's key make superusers. The
    sender is an SES identity in form only; all mail goes to the outbox. Where people are reached by phone, no text
    message is their second factor: it would leave them no way to a new password.
    """
    return {
        "Environment": "development",
        "SiteUrl": settings.origin,
        "RelyingPartyId": "localhost",
        "Administration": "on",
        "AdminPasswordAuth": "on",
        "EmailSignIn": "on",
        "EmailSourceArn": f"arn:aws:ses:{settings.region}:{ACCOUNT}:identity/{SENDER}",
        "EmailFrom": "Latchkey <no-reply@localhost>",
        "EmailMfa": "on",
        "TextMessages": "off" if given["SignInWith"] in REACHED_BY_PHONE else "on",
        "PublicClient": "on",
        "Files": "on",
        **given,
    }


def staff_name(sign_in_with: str) -> str:
    """Return the name of the staff person: no user name may look like an alias."""
    return {"email": STAFF_EMAIL, "username": STAFF_EMAIL, "phone": STAFF_NUMBER}.get(sign_in_with, "staff")


class Deployment:
    """Calls to one local AWS with its administrator's key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.account = Account.of(root_session(settings), settings.endpoint)

    def stack(self, parameters: Mapping[str, str], template: Path = COGNITO) -> Deployed:
        """Create or update the stack, by a change set as on AWS; return what came of it. Raises DeploymentFailed."""
        try:
            stack = Stack(self.account, STACK, Template.read(template), poll=_POLL, patience=_PATIENCE)
            return deploy_stack(stack, parameters, let_go=OPTIONAL)
        except DeploymentError as error:
            raise DeploymentFailed(f"{template.name} could not be deployed. {error}") from error

    def outside_parameters(self, provider: OutsideProvider | None) -> dict[str, str]:
        """Return the template's parameters for what people can use besides a password of the pool's.

        That takes a domain, with the page of its own. Without a provider there is none of it.
        """
        if provider is None:
            return {}
        return {
            "DomainPrefix": DOMAIN,
            "ManagedLogin": "on",
            "OidcName": provider.name,
            "OidcLabel": provider.label,
            "OidcIssuer": provider.issuer,
            "OidcSecret": self.kept_secret(
                SECRET, {"client_id": provider.client_id, "client_secret": provider.client_secret}
            ),
        }

    def kept_secret(self, name: str, value: Mapping[str, str]) -> str:
        """Return the ARN of the secret ``name`` in Secrets Manager that holds ``value``.

        CloudFormation reads a secret anew when the reference to it changes, so another value gets another ARN.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
        """
        manager = self.account.client("secretsmanager")
        text = json.dumps(value, sort_keys=True)
        with suppress(manager.exceptions.ResourceNotFoundException):
            known = manager.get_secret_value(SecretId=name)
            if known["SecretString"] == text:
                return str(known["ARN"])
            manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        return str(manager.create_secret(Name=name, SecretString=text)["ARN"])

    def sender(self) -> None:
        """Make the SES identity that the pool sends with; all mail goes to the outbox."""
        ses = self.account.client("sesv2")
        with suppress(ses.exceptions.AlreadyExistsException):
            ses.create_email_identity(EmailIdentity=SENDER)

    def site_key(self, policy_arn: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of the site's IAM user; the key in ``known`` is kept while it exists."""
        iam = self.account.client("iam")
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=SITE_USER)
        iam.attach_user_policy(UserName=SITE_USER, PolicyArn=policy_arn)
        keys = {key["AccessKeyId"] for key in iam.list_access_keys(UserName=SITE_USER)["AccessKeyMetadata"]}
        key_id, secret = known.get("AWS_ACCESS_KEY_ID", ""), known.get("AWS_SECRET_ACCESS_KEY", "")
        if key_id not in keys:
            for orphan in keys:
                iam.delete_access_key(UserName=SITE_USER, AccessKeyId=orphan)
            created = iam.create_access_key(UserName=SITE_USER)["AccessKey"]
            key_id, secret = created["AccessKeyId"], created["SecretAccessKey"]
        return {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}

    def staff_person(self, outputs: Mapping[str, str], sign_in_with: str) -> None:
        """Create the staff person once, with a password that is kept in ``settings.staff_env``."""
        cognito: CognitoIdentityProviderClient = self.account.client("cognito-idp")
        pool_id = outputs["UserPoolId"]
        staff = env_file.read(self._settings.staff_env)
        name = staff_name(sign_in_with)
        password_is_new = staff.get("STAFF_NAME") != name
        if password_is_new:
            staff = {"STAFF_NAME": name, "STAFF_PASSWORD": new_password()}
            env_file.write(self._settings.staff_env, staff)
        by_phone = sign_in_with in REACHED_BY_PHONE
        contact, value = ("phone_number", STAFF_NUMBER) if by_phone else ("email", STAFF_EMAIL)
        try:
            cognito.admin_create_user(
                UserPoolId=pool_id,
                Username=name,
                UserAttributes=[{"Name": contact, "Value": value}, {"Name": f"{contact}_verified", "Value": "true"}],
                MessageAction="SUPPRESS",
            )
        except cognito.exceptions.UsernameExistsException:
            if not password_is_new:
                return
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=name, Password=staff["STAFF_PASSWORD"], Permanent=True
        )
        for group in (outputs["StaffGroup"], outputs["SuperuserGroup"]):
            cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=group)


def new_password() -> str:
    """Return a random password that satisfies the template's policy and is easy to retype."""
    letters = [secrets.choice(string.ascii_lowercase) for _ in range(12)]
    digits = [secrets.choice(string.digits) for _ in range(4)]
    words = ["".join(letters[start : start + 4]) for start in range(0, 12, 4)]
    return "-".join([words[0].capitalize(), *words[1:], "".join(digits)])
