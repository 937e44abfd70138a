"""Deploys the site's template into the local AWS, and writes down the environment the site needs.

Everything here can be done again: what exists is found, not made a second time.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from devcloud import env_file
from devcloud.errors import DeploymentFailed
from devcloud.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

TEMPLATE = Path(__file__).parent.parent / "infra" / "cognito.yaml"
STACK = "latchkey"
SITE_USER = "latchkey-site"
STAFF_EMAIL = "staff@example.com"
ACCOUNT = "000000000000"  # MiniStack's own
_POLL = {"Delay": 0.05, "MaxAttempts": 600}


def root_session(settings: Settings) -> boto3.Session:
    """Return a session with the administrator's key of the local AWS."""
    root = env_file.read(settings.root_env)
    return boto3.Session(
        aws_access_key_id=root["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=root["AWS_SECRET_ACCESS_KEY"],
        region_name=settings.region,
    )


def deploy(settings: Settings, parameters: Mapping[str, str] | None = None) -> dict[str, str]:
    """Deploy the template, the site's IAM user and a staff person; return what ``settings.site_env`` now holds.

    ``parameters`` are values for the template's parameters besides those that a development site always has. Raises
    DeploymentFailed, and botocore's ClientError for any other refusal.
    """
    aws = Deployment(settings)
    outputs = aws.stack({**development_parameters(settings), **(parameters or {})})
    aws.staff_person(outputs)
    known = env_file.read(settings.site_env)
    variables = {
        "SITE_URL": settings.origin,
        "SECRET_KEY": known.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "TOKEN_KEYS": known.get("TOKEN_KEYS") or secrets.token_urlsafe(32),
        **aws.site_key(outputs["SitePolicyArn"], known),
        **aws.pool_variables(outputs),
        "DEVCLOUD_OUTBOX": str(settings.outbox.resolve()),
    }
    env_file.write(settings.site_env, variables)
    return variables


def development_parameters(settings: Settings) -> dict[str, str]:
    """Return the template's parameters for a site on this machine.

    Everything that can be tried out is on, but the default group: it would let the site's key make superusers. The
    sender is an SES identity in form only; all mail goes to the outbox.
    """
    return {
        "Environment": "development",
        "SiteUrl": settings.origin,
        "RelyingPartyId": "localhost",
        "AdminPasswordAuth": "on",
        "EmailSignIn": "on",
        "EmailSourceArn": f"arn:aws:ses:{settings.region}:{ACCOUNT}:identity/localhost",
        "EmailFrom": "Latchkey <no-reply@localhost>",
        "EmailMfa": "on",
        "TextMessages": "on",
        "PublicClient": "on",
    }


class Deployment:
    """Calls to one local AWS with its administrator's key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = root_session(settings)

    def _client(self, service: str) -> Any:
        config = Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 1})
        return self._session.client(service, endpoint_url=self._settings.endpoint, config=config)  # type: ignore[call-overload]

    def stack(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Create or update the stack and return its outputs; raises DeploymentFailed."""
        cloudformation = self._client("cloudformation")
        request = {
            "StackName": STACK,
            "TemplateBody": TEMPLATE.read_text(),
            "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        try:
            try:
                cloudformation.create_stack(**request)
                cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig=_POLL)
            except cloudformation.exceptions.AlreadyExistsException:
                cloudformation.update_stack(**request)
                cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig=_POLL)
        except ClientError as error:
            message = error.response["Error"]["Message"]
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            if "No updates are to be performed" not in message:
                raise DeploymentFailed(f"{TEMPLATE.name} could not be deployed. {message}") from error
        except WaiterError as error:
            raise DeploymentFailed(self._reasons(cloudformation)) from error
        described = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    @staticmethod
    def _reasons(cloudformation: Any) -> str:
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
        ]
        return f"{TEMPLATE.name} could not be deployed. " + "; ".join(reasons)

    def site_key(self, policy_arn: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the AWS variables of the site's IAM user; the key in ``known`` is kept while it exists."""
        iam = self._client("iam")
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
        return {
            "AWS_REGION": self._settings.region,
            "AWS_ENDPOINT_URL": self._settings.endpoint,
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
        }

    def pool_variables(self, outputs: Mapping[str, str]) -> dict[str, str]:
        """Return the Cognito variables of the site."""
        pool_id, client_id = outputs["UserPoolId"], outputs["ClientId"]
        client = self._client("cognito-idp").describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
        return {
            "COGNITO_USER_POOL_ID": pool_id,
            "COGNITO_CLIENT_ID": client_id,
            "COGNITO_CLIENT_SECRET": client["UserPoolClient"]["ClientSecret"],
            "COGNITO_ISSUER": outputs["Issuer"],
            "COGNITO_JWKS_URL": f"{self._settings.endpoint}/{pool_id}/.well-known/jwks.json",
            "COGNITO_SIGN_IN_WITH": "email",
            "COGNITO_AUTH_FLOW": "USER_PASSWORD_AUTH",
            "COGNITO_DEFAULT_GROUP": outputs.get("DefaultGroup", ""),
            "COGNITO_STAFF_GROUP": outputs["StaffGroup"],
            "COGNITO_SUPERUSER_GROUP": outputs["SuperuserGroup"],
        }

    def staff_person(self, outputs: Mapping[str, str]) -> None:
        """Create the staff person once, with a password that is kept in ``settings.staff_env``."""
        cognito: CognitoIdentityProviderClient = self._client("cognito-idp")
        pool_id = outputs["UserPoolId"]
        staff = env_file.read(self._settings.staff_env)
        password_is_new = not staff
        if password_is_new:
            staff = {"STAFF_EMAIL": STAFF_EMAIL, "STAFF_PASSWORD": new_password()}
            env_file.write(self._settings.staff_env, staff)
        email = staff["STAFF_EMAIL"]
        try:
            cognito.admin_create_user(
                UserPoolId=pool_id,
                Username=email,
                UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
                MessageAction="SUPPRESS",
            )
        except cognito.exceptions.UsernameExistsException:
            if not password_is_new:
                return
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=email, Password=staff["STAFF_PASSWORD"], Permanent=True
        )
        for group in (outputs["StaffGroup"], outputs["SuperuserGroup"]):
            cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=email, GroupName=group)


def new_password() -> str:
    """Return a random password that satisfies the template's policy and is easy to retype."""
    letters = [secrets.choice(string.ascii_lowercase) for _ in range(12)]
    digits = [secrets.choice(string.digits) for _ in range(4)]
    words = ["".join(letters[start : start + 4]) for start in range(0, 12, 4)]
    return "-".join([words[0].capitalize(), *words[1:], "".join(digits)])
