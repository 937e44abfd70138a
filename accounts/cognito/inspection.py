"""Reading how the pool, and what is around it, is set up. Nothing here changes anything.

Every answer is kept, so that many rules about the app client cost one call; make a new Inspection to look again.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

import requests
import urllib3

from accounts.cognito import inspected_answers as read
from accounts.cognito.client import Gateway, Service
from accounts.cognito.config import CognitoConfig, Connection
from accounts.cognito.errors import CognitoError, Misconfigured, Unavailable
from accounts.cognito.inspected import (
    AppClientSettings,
    Domain,
    FactorSettings,
    Group,
    IdentityPool,
    Keys,
    MailAccount,
    Principal,
    Provider,
    SmsRole,
    Trigger,
    UserPoolSettings,
)

# What AWS services answer where IAM says no.
DENIALS = {"AccessDeniedException", "AccessDenied", "AuthorizationError", "AuthorizationErrorException"}
# IAM's name of a service where it is not boto3's: https://docs.aws.amazon.com/service-authorization/latest/reference/
IAM_NAMES = {"sesv2": "ses", "service-quotas": "servicequotas"}
ATTEMPTS = 2  # a read may be repeated; two of them tell a hiccup from an outage
# How many others are looked at, each by a call that counts against a quota.
MOST_CLIENTS = 100
MOST_IDENTITY_POOLS = 300
MOST_QUOTAS = 10  # pages
LARGEST_KEY_SET = 256 * 1024  # bytes
# https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html, "API request rate quotas"
SIGN_IN_QUOTA = "Rate of UserAuthentication requests"

MakeClient = Callable[[Service, Connection], Any]


class NotPermitted(Misconfigured):
    """The AWS key may not read this. ``action`` is what IAM would have to allow."""

    def __init__(self, operation: str, code: str, request_id: str, action: str) -> None:
        super().__init__(operation, code, request_id)
        self.action = action


class NotAllRead(CognitoError):
    """There are more entries than the first ``most`` that were looked at; ``part`` is what these came to."""

    def __init__(self, operation: str, most: int, part: tuple[object, ...]) -> None:
        super().__init__(operation)
        self.most, self.part = most, part


class NotOffered(Unavailable):
    """The server at AWS_ENDPOINT_URL has no such service or operation, as AWS has."""


class Reader:
    """One AWS service, for operations that only read, whichever they are."""

    def __init__(self, client: Any, config: CognitoConfig) -> None:
        self._client, self._config = client, config
        self._gateway = Gateway(client, config)
        self._service: str = client.meta.service_model.service_name

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer. Raises NotPermitted, NotOffered, and what every gateway raises."""
        try:
            return self._gateway._call(operation, **parameters)
        except CognitoError as error:
            if error.code in DENIALS:
                action = f"{IAM_NAMES.get(self._service, self._service)}:{operation}"
                raise NotPermitted(operation, error.code, error.request_id, action) from error
            elsewhere = bool(self._config.endpoint_url) and self._service != "cognito-idp"
            if error.code == "InvalidAction" or (elsewhere and (isinstance(error, Unavailable) or error.code == "400")):
                raise NotOffered(operation, self._service) from error
            raise

    def members(self, operation: str) -> Iterable[str]:
        """Return the names of what a request of ``operation`` may hold."""
        names: Iterable[str] = self._client.meta.service_model.operation_model(operation).input_shape.members
        return names


class Inspection:
    """Reads with the AWS key that boto3 finds. ``make_client`` returns a signed client of a service.

    All methods raise NotPermitted where the key may not, NotOffered, Unavailable, Misconfigured.
    """

    def __init__(self, make_client: MakeClient, config: CognitoConfig) -> None:
        self._make_client, self._config = make_client, config
        self._answers: dict[str, dict[str, Any]] = {}
        self._readers: dict[tuple[Service, str], Reader] = {}

    def _reader(self, service: Service, region: str = "") -> Reader:
        if (service, region) not in self._readers:
            connection = replace(self._config.connection, region=region or self._config.region, attempts=ATTEMPTS)
            self._readers[service, region] = Reader(self._make_client(service, connection), self._config)
        return self._readers[service, region]

    def _ask(self, service: Service, operation: str, region: str = "", **parameters: Any) -> dict[str, Any]:
        key = json.dumps([service, operation, region, parameters], sort_keys=True)
        if key not in self._answers:
            self._answers[key] = self._reader(service, region).call(operation, **parameters)
        return self._answers[key]

    def _of_pool(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self._ask("cognito-idp", operation, UserPoolId=self._config.user_pool_id, **parameters)

    def _listed(self, operation: str, key: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return all entries of a list operation of the pool."""
        pool_id = self._config.user_pool_id
        return list(self._entries("cognito-idp", operation, key, UserPoolId=pool_id, **parameters))

    def _entries(self, service: Service, operation: str, key: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list operation; a page is asked for when those before it are used up."""
        token: dict[str, str] = {}
        while True:
            page = self._ask(service, operation, **parameters, **token)
            yield from page.get(key) or ()
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def pool(self) -> UserPoolSettings:
        """Return the pool (DescribeUserPool)."""
        members = self._reader("cognito-idp").members("UpdateUserPool")
        return read.user_pool(self._of_pool("DescribeUserPool")["UserPool"], members)

    def client(self) -> AppClientSettings:
        """Return the app client of the settings (DescribeUserPoolClient)."""
        return self._described_client(self._config.client_id)

    def _described_client(self, client_id: str) -> AppClientSettings:
        members = self._reader("cognito-idp").members("UpdateUserPoolClient")
        answer = self._of_pool("DescribeUserPoolClient", ClientId=client_id)["UserPoolClient"]
        return read.app_client(answer, members, secret=self._config.client_secret)

    def other_clients(self) -> tuple[AppClientSettings, ...]:
        """Return the pool's other app clients (ListUserPoolClients). Raises NotAllRead for very many."""
        clients = self._listed("ListUserPoolClients", "UserPoolClients", MaxResults=60)
        ids = [entry["ClientId"] for entry in clients if entry["ClientId"] != self._config.client_id]
        found = tuple(self._described_client(client_id) for client_id in ids[:MOST_CLIENTS])
        if len(ids) > MOST_CLIENTS:
            raise NotAllRead("ListUserPoolClients", MOST_CLIENTS, found)
        return found

    def factors(self) -> FactorSettings:
        """Return the second factors and passkeys (GetUserPoolMfaConfig)."""
        members = self._reader("cognito-idp").members("SetUserPoolMfaConfig")
        return read.factors(self._of_pool("GetUserPoolMfaConfig"), members, pool_id=self._config.user_pool_id)

    def groups(self) -> tuple[Group, ...]:
        """Return the pool's groups (ListGroups)."""
        found = self._listed("ListGroups", "Groups", Limit=60)
        return tuple(Group(name=entry["GroupName"], role_arn=entry.get("RoleArn") or "") for entry in found)

    def providers(self) -> tuple[Provider, ...]:
        """Return the pool's identity providers (ListIdentityProviders, DescribeIdentityProvider)."""
        names = [entry["ProviderName"] for entry in self._listed("ListIdentityProviders", "Providers", MaxResults=60)]
        answers = [self._of_pool("DescribeIdentityProvider", ProviderName=name)["IdentityProvider"] for name in names]
        return tuple(
            Provider(
                name=entry["ProviderName"],
                type=entry.get("ProviderType", ""),
                mapping=entry.get("AttributeMapping") or {},
            )
            for entry in answers
        )

    def domains(self) -> tuple[Domain, ...]:
        """Return the pool's domains, the own one and the one of Cognito (DescribeUserPoolDomain)."""
        pool = self.pool()
        return tuple(self._domain(name) for name in (pool.custom_domain, pool.domain) if name)

    def _domain(self, name: str) -> Domain:
        answer = self._ask("cognito-idp", "DescribeUserPoolDomain", Domain=name).get("DomainDescription") or {}
        return Domain(
            name=name,
            pool_id=answer.get("UserPoolId") or "",
            status=answer.get("Status") or "",
            security_policy=(answer.get("CustomDomainConfig") or {}).get("SecurityPolicy") or "",
        )

    def blocks_known_passwords(self) -> bool:
        """Whether threat protection blocks passwords that are known to others (DescribeRiskConfiguration).

        Asked only where threat protection is on: AWS refuses the question elsewhere.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CompromisedCredentialsRiskConfigurationType.html
        """
        if self.pool().threat_protection == "OFF":
            return False
        risk = self._of_pool("DescribeRiskConfiguration").get("RiskConfiguration") or {}
        actions = (risk.get("CompromisedCredentialsRiskConfiguration") or {}).get("Actions") or {}
        return bool(actions.get("EventAction") == "BLOCK")

    def log_sources(self) -> frozenset[str]:
        """Return what the pool logs, such as userNotification (GetLogDeliveryConfiguration)."""
        answer = self._of_pool("GetLogDeliveryConfiguration").get("LogDeliveryConfiguration") or {}
        return frozenset(entry["EventSource"] for entry in answer.get("LogConfigurations") or ())

    def triggers(self) -> tuple[Trigger, ...]:
        """Return the pool's Lambda triggers, and whether it may call them (GetPolicy of Lambda)."""
        pool = self.pool()
        return tuple(self._trigger(name, arn, pool.arn) for name, arn in pool.triggers.items())

    def _trigger(self, name: str, arn: str, pool_arn: str) -> Trigger:
        try:
            policy = json.loads(self._ask("lambda", "GetPolicy", region=arn.split(":")[3], FunctionName=arn)["Policy"])
        except CognitoError as error:
            # A function nobody but its account may call has no policy.
            if error.code != "ResourceNotFoundException":
                raise
            policy = {}
        mine = [one for one in read.listed(policy.get("Statement")) if read.lets_cognito(one)]
        lets_in = any(read.holds_for(statement, "aws:SourceArn", pool_arn) for statement in mine)
        return Trigger(name=name, function_arn=arn, callable=lets_in)

    def identity_pools(self) -> tuple[IdentityPool, ...]:
        """Return the identity pools that take this client's tokens (ListIdentityPools, DescribeIdentityPool).

        Raises NotAllRead where the account has very many.
        """
        listed = self._entries("cognito-identity", "ListIdentityPools", "IdentityPools", MaxResults=60)
        ids = [entry["IdentityPoolId"] for entry in islice(listed, MOST_IDENTITY_POOLS + 1)]
        issuer = f"cognito-idp.{self._config.region}.amazonaws.com/{self._config.user_pool_id}"
        answers = [
            self._ask("cognito-identity", "DescribeIdentityPool", IdentityPoolId=pool_id)
            for pool_id in ids[:MOST_IDENTITY_POOLS]
        ]
        ours = [read.identity_pool(answer, issuer, self._config.client_id) for answer in answers]
        found = tuple(one for one in ours if one)
        if len(ids) > MOST_IDENTITY_POOLS:
            raise NotAllRead("ListIdentityPools", MOST_IDENTITY_POOLS, found)
        return found

    def mail_account(self) -> MailAccount | None:
        """Return SES as the pool uses it (GetAccount, GetEmailIdentity); None where Cognito's own sender mails."""
        arn = self.pool().mail_source_arn
        if not arn:
            return None
        region, identity = arn.split(":")[3], arn.partition("/")[2]
        account = self._ask("sesv2", "GetAccount", region=region)
        try:
            verified = self._ask("sesv2", "GetEmailIdentity", region=region, EmailIdentity=identity)
        except CognitoError as error:
            if error.code != "NotFoundException":
                raise
            verified = {}
        quota = account.get("SendQuota") or {}
        return MailAccount(
            identity=identity,
            region=region,
            verified=bool(verified.get("VerifiedForSendingStatus")),
            sending=bool(account.get("SendingEnabled")),
            in_production=bool(account.get("ProductionAccessEnabled")),
            most=quota.get("Max24HourSend", 0),
            sent=quota.get("SentLast24Hours", 0),
        )

    def _texting(self) -> FactorSettings | UserPoolSettings:
        """Return what names the role for text messages: the factors, or the pool where texting is none of them."""
        factors = self.factors()
        return factors if factors.sms_role else self.pool()

    def sms_sandbox(self) -> bool:
        """Whether text messages reach only numbers named in SNS (GetSMSSandboxAccountStatus); not where none go out."""
        texting = self._texting()
        if not texting.sms_role:
            return False
        return bool(self._ask("sns", "GetSMSSandboxAccountStatus", region=texting.sms_region)["IsInSandbox"])

    def sms_role(self) -> SmsRole | None:
        """Return the role that text messages are sent with (GetRole); None for none."""
        texting = self._texting()
        arn = texting.sms_role
        if not arn:
            return None
        try:
            role = self._ask("iam", "GetRole", RoleName=arn.rpartition("/")[2])["Role"]
        except CognitoError as error:
            if error.code not in {"NoSuchEntity", "NoSuchEntityException"}:
                raise
            return SmsRole(arn=arn)
        return read.sms_role(arn, role.get("AssumeRolePolicyDocument"), texting.sms_external_id)

    def web_acl(self) -> str:
        """Return the name of the WAF web ACL in front of the pool, "" for none (GetWebACLForResource)."""
        answer = self._ask("wafv2", "GetWebACLForResource", ResourceArn=self.pool().arn)
        return str((answer.get("WebACL") or {}).get("Name", ""))

    def sign_in_quota(self) -> float | None:
        """Return the requests a second for signing in and refreshing, None where no quota is told (ListServiceQuotas).

        https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
        """
        token: dict[str, str] = {}
        for _ in range(MOST_QUOTAS):
            page = self._ask("service-quotas", "ListServiceQuotas", ServiceCode="cognito-idp", **token)
            for quota in page.get("Quotas") or ():
                if quota.get("QuotaName") == SIGN_IN_QUOTA:
                    return float(quota["Value"])
            if not page.get("NextToken"):
                break
            token = {"NextToken": page["NextToken"]}
        return None

    def caller(self) -> str:
        """Return the ARN of whose AWS key this is, a role's own ARN for a session of it (GetCallerIdentity).

        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html needs no permission.
        """
        arn = str(self._ask("sts", "GetCallerIdentity")["Arn"])
        if ":assumed-role/" not in arn:
            return arn
        partition, account, name = arn.split(":")[1], arn.split(":")[4], arn.split("/")[1]
        return f"arn:{partition}:iam::{account}:role/{name}"

    def principal(self, arn: str, actions: Iterable[str]) -> Principal:
        """Return which of ``actions`` the user or role ``arn`` may do to the pool (SimulatePrincipalPolicy).

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html. The root of an account may
        do everything, and IAM simulates nothing for it.
        """
        asked = sorted(actions)
        if arn.endswith(":root"):
            return Principal(arn=arn, allowed=frozenset(asked))
        of_pool = [action for action in asked if action.startswith("cognito-idp:")]
        others = [action for action in asked if not action.startswith("cognito-idp:")]
        allowed = self._simulated(arn, of_pool, self.pool().arn) | self._simulated(arn, others, "*")
        return Principal(arn=arn, allowed=frozenset(allowed))

    def _simulated(self, arn: str, actions: list[str], resource: str) -> set[str]:
        answer = self._ask(
            "iam",
            "SimulatePrincipalPolicy",
            PolicySourceArn=arn,
            ActionNames=actions,
            ResourceArns=[resource],
            MaxItems=1000,
        )
        return {each["EvalActionName"] for each in answer["EvaluationResults"] if each["EvalDecision"] == "allowed"}

    def key_set(self) -> Keys:
        """Return the key set that the site checks tokens with. Raises nothing: what went wrong stands in it."""
        return published(self._config.jwks_url, self._config.connection)

    def pools_key_set(self) -> Keys:
        """Return the key set where Cognito publishes it, whatever the settings say."""
        config, pool = self._config, quote(self._config.user_pool_id)
        suffix = "amazonaws.com.cn" if config.region.startswith("cn-") else "amazonaws.com"
        base = config.endpoint_url or f"https://cognito-idp.{config.region}.{suffix}"
        return published(f"{base}/{pool}/.well-known/jwks.json", config.connection)


def published(url: str, connection: Connection) -> Keys:
    """Return the key set at ``url``; one that cannot be had has no keys, and says why."""
    try:
        with requests.get(
            url, timeout=(connection.connect_timeout, connection.read_timeout), allow_redirects=False, stream=True
        ) as answer:
            body, received = answer.raw.read(LARGEST_KEY_SET, decode_content=True), datetime.now(UTC)
        date = date_of(answer.headers.get("Date", ""))
        if answer.status_code != 200:
            return Keys(url=url, error=f"answers {answer.status_code}", date=date, received=received)
        keys = frozenset(map(read.public_key, json.loads(body)["keys"]))
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        return Keys(url=url, error=f"cannot be reached ({type(error).__name__})")
    except (ValueError, KeyError, TypeError):
        return Keys(url=url, error="answers something that is no key set")
    return Keys(url=url, keys=keys, date=date, received=received, error="" if keys else "has no keys")


def date_of(header: str) -> datetime | None:
    """Return the time in a Date header (RFC 9110, section 6.6.1), None where it cannot be read."""
    try:
        return parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
