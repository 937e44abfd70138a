"""What ``manage.py check`` says of the configuration. No network: whether the pool agrees is another question.

https://docs.djangoproject.com/en/5.2/topics/checks/
"""

import importlib
import logging
import os
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning

from accounts.cognito.sign_in_names import NameKind, SignInWith

SHORTEST_SECRET = 24  # characters; AWS's own bound
OLDEST_PYJWT = (2, 14)
# The values of models.CameBy, which cannot be imported before the models are.
OWN_WAYS_IN = {"password", "choice", "registration"}
PROVIDER_NAME = re.compile(r"[^_\s/][^\s/]{0,31}")

E001 = Error(
    "No user pool is configured.",
    hint="Set COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID, or start the site with `make run`: it brings a local pool.",
    id="accounts.E001",
)
E002 = Error(
    "TOKEN_KEYS is empty, so tokens cannot be stored.",
    hint="Set TOKEN_KEYS to a random text of 32 characters or more; several, newest first, are separated by commas.",
    id="accounts.E002",
)
E003 = Error(
    "A key in TOKEN_KEYS is shorter than 32 characters.",
    hint="Put a longer random text first in TOKEN_KEYS, and drop the short one when all sessions are renewed.",
    id="accounts.E003",
)
E004 = Error(
    "The session engine does not keep tokens on the server.",
    hint='Set SESSION_ENGINE to "accounts.sessions.engine". Signed cookies would give the refresh token to browsers.',
    id="accounts.E004",
)
E005 = Error(
    "COGNITO_ISSUER names another pool than COGNITO_USER_POOL_ID.",
    hint="Leave COGNITO_ISSUER empty to have it derived, or make it end in the pool's id.",
    id="accounts.E005",
)
E006 = Error(
    "COGNITO_SUPERUSER_GROUP or COGNITO_STAFF_GROUP is the group newcomers are put into.",
    hint="Set COGNITO_DEFAULT_GROUP to a group that grants nothing.",
    id="accounts.E006",
)
E007 = Error(
    "COGNITO_CLIENT_SECRET is shorter than any that Cognito makes.",
    hint="Set it to the whole secret of the app client, or leave it empty for a client without one.",
    id="accounts.E007",
)
E008 = Error(
    "AWS_REGION is not the region of COGNITO_USER_POOL_ID.",
    hint="Leave AWS_REGION empty to have it derived, or set it to what stands before the _ in the pool's id.",
    id="accounts.E008",
)
E009 = Error(
    "COGNITO_ISSUER ends with a slash, and no token's issuer does: every sign-in would be refused.",
    hint="Remove the slash, or leave COGNITO_ISSUER empty to have it derived.",
    id="accounts.E009",
)
E010 = Error(
    "COGNITO_ISSUER is not an address of Cognito in the pool's region.",
    hint="Leave COGNITO_ISSUER empty to have it derived; another server's is fine only with AWS_ENDPOINT_URL.",
    id="accounts.E010",
)
E011 = Error(
    "A session would be over at once.",
    hint="Set SESSION_IDLE_SECONDS and SESSION_ABSOLUTE_SECONDS to more than 0, or leave them empty.",
    id="accounts.E011",
)
E012 = Error(
    "PyJWT is older than 2.14, the first that is strict with keys and claims.",
    hint="Install what requirements.txt names: pip install --require-hashes -r requirements.txt.",
    id="accounts.E012",
)
E013 = Error(
    "COGNITO_SUPERUSER_GROUP or COGNITO_STAFF_GROUP is a group that Cognito makes for people of an outside provider: "
    "that provider would decide who is staff, so the group grants nothing.",
    hint="Set it to a group of your own, and put into it whom you mean.",
    id="accounts.E013",
)
E014 = Error(
    "COGNITO_REGISTRATION is admin and the site sends no mail, so that no newcomer gets the code of the address.",
    hint="Set EMAIL_URL to a mail server, such as smtp+tls://user:password@smtp.example.com:587.",
    id="accounts.E014",
)
E021 = Error(
    "COGNITO_IDENTITY_POOL_ID and FILES_BUCKET go together, and FILES_MAX_MB is at least 1.",
    hint="Set both, as infra/cognito.yaml makes them with Files=on, or leave both empty for a site without files.",
    id="accounts.E021",
)
E020 = Error(
    "ACTIVITY_DAYS is below 1, so that nobody could see what happened to their account.",
    hint="Set ACTIVITY_DAYS to the number of days that activity is kept, such as 365.",
    id="accounts.E020",
)
E030 = Error(
    "COGNITO_DOMAIN is not the address of a domain: https, a host, and nothing behind it.",
    hint="Set it to such as https://accounts-example.auth.eu-west-1.amazoncognito.com, or to the domain of your own.",
    id="accounts.E030",
)
E031 = Error(
    "COGNITO_PROVIDERS is set and COGNITO_DOMAIN is not, so that nobody can be sent there.",
    hint="Set COGNITO_DOMAIN to the pool's domain, or leave COGNITO_PROVIDERS empty.",
    id="accounts.E031",
)
E032 = Error(
    "COGNITO_PROVIDERS has a name that no provider of a pool can have here, or one name twice.",
    hint="Set each to the name that the provider has in the pool, such as Google, of at most 32 characters, "
    "without / and other than password, choice and registration; a label comes behind a =.",
    id="accounts.E032",
)
W001 = CheckWarning(
    "ModelBackend is in AUTHENTICATION_BACKENDS: it hashes at each failed sign-in and lets local passwords in.",
    hint='Remove "django.contrib.auth.backends.ModelBackend" from AUTHENTICATION_BACKENDS.',
    id="accounts.W001",
)
W002 = CheckWarning(
    "SITE_URL is not an https address, so cookies and passwords travel in clear.",
    hint="Set SITE_URL to the site's https address.",
    id="accounts.W002",
)
W003 = CheckWarning(
    "The cache is this process's own: a form sent twice to two processes asks to sign in again.",
    hint="Set CACHE_URL to a Redis that all processes share, such as redis://127.0.0.1:6379/1. Tries are counted "
    "there, too, and without one in the database.",
    id="accounts.W003",
)
W004 = CheckWarning(
    "AWS_ENDPOINT_URL is set: the site does not talk to Amazon Cognito.",
    hint="Unset AWS_ENDPOINT_URL, or silence this if another Cognito-compatible server is meant.",
    id="accounts.W004",
)
W005 = CheckWarning(
    "The botocore logger is at DEBUG, where it writes passwords, codes and tokens.",
    hint='Set the level of "botocore" in LOGGING to INFO or above.',
    id="accounts.W005",
)
W006 = CheckWarning(
    "LOCAL_SUPERUSERS is on: superusers of this database can sign in without Cognito.",
    hint="Set LOCAL_SUPERUSERS to off when the emergency is over.",
    id="accounts.W006",
)
W007 = CheckWarning(
    "The cache cannot count, or keeps nothing: tries are counted in the database, and a form sent twice may ask to "
    "sign in again.",
    hint="Set CACHE_URL to a Redis that all processes share, such as redis://127.0.0.1:6379/1.",
    id="accounts.W007",
)
W008 = CheckWarning(
    "WEB_THREADS is 1: each refused sign-in holds up the whole process for half a second.",
    hint="Set WEB_THREADS to 24, and let gunicorn start with gunicorn.conf.py.",
    id="accounts.W008",
)
W010 = CheckWarning(
    "The pool's keys are fetched over http: whoever stands in between can put in their own, and sign in as anybody.",
    hint="Set COGNITO_JWKS_URL to an https address, or leave it empty to have it derived.",
    id="accounts.W010",
)
W011 = CheckWarning(
    "ALLOWED_HOSTS lets in every host name.",
    hint="Set ALLOWED_HOSTS to the names of the site, or leave it empty to have it derived from SITE_URL.",
    id="accounts.W011",
)
W012 = CheckWarning(
    "SITE_URL is an https address, but no proxy is trusted to say that a request came by https.",
    hint="Set TRUSTED_PROXIES to the number of proxies in front, 1 for a balancer that ends TLS; "
    "silence this where gunicorn itself ends TLS.",
    id="accounts.W012",
)
W013 = CheckWarning(
    "LOCAL_SUPERUSERS lets people into the administration without the second step that ADMIN_REQUIRES_MFA asks for.",
    hint="Set LOCAL_SUPERUSERS to off when the emergency is over.",
    id="accounts.W013",
)
W014 = CheckWarning(
    "The site has to act on people at Cognito, and no AWS key is in sight.",
    hint="Let the process run as a role that has the policy of the stack (SitePolicyArn), or set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY; silence this where the role of an instance is the key, which shows only when it is asked.",
    id="accounts.W014",
)
# Where boto3 finds a key without asking a network: https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
KEY_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
KEY_FILES = {"AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials", "AWS_CONFIG_FILE": "~/.aws/config"}
MAILS_NOTHING = "django.core.mail.backends.dummy.EmailBackend"
REDIS, MEMORY = "django.core.cache.backends.redis.RedisCache", "django.core.cache.backends.locmem.LocMemCache"


def check_configuration(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with pool, client and keys."""
    cognito = settings.COGNITO
    pool, issuer = cognito["USER_POOL_ID"], cognito["ISSUER"]
    privileged = {cognito["STAFF_GROUP"], cognito["SUPERUSER_GROUP"]} - {""}
    found: list[tuple[bool, CheckMessage]] = [
        (not pool or not cognito["CLIENT_ID"], E001),
        (not settings.TOKEN_KEYS, E002),
        (any(len(key) < 32 for key in settings.TOKEN_KEYS), E003),
        (bool(issuer) and not issuer.rstrip("/").endswith(pool), E005),
        (bool(pool and cognito["REGION"]) and cognito["REGION"] != pool.partition("_")[0], E008),
        (issuer.endswith("/"), E009),
        (bool(issuer) and not cognito["ENDPOINT_URL"] and not is_address_of_cognito(issuer, pool), E010),
        (cognito["DEFAULT_GROUP"] in privileged, E006),
        (any(group.startswith(f"{pool}_") for group in privileged), E013),
        (0 < len(cognito["CLIENT_SECRET"]) < SHORTEST_SECRET, E007),
        (mails_codes(cognito) and settings.EMAIL_BACKEND == MAILS_NOTHING, E014),
        (settings.ACTIVITY_DAYS < 1, E020),
        (bool(cognito["IDENTITY_POOL_ID"]) != bool(cognito["FILES_BUCKET"]) or settings.FILES_MAX_MB < 1, E021),
        (bool(cognito["DOMAIN"]) and not is_domain(cognito["DOMAIN"], bool(cognito["ENDPOINT_URL"])), E030),
        (bool(cognito["PROVIDERS"]) and not cognito["DOMAIN"], E031),
        (not are_providers(cognito["PROVIDERS"]), E032),
        ("django.contrib.auth.backends.ModelBackend" in settings.AUTHENTICATION_BACKENDS, W001),
    ]
    return [message for is_wrong, message in found if is_wrong]


def mails_codes(cognito: Mapping[str, Any]) -> bool:
    """Whether the site itself mails newcomers a code: not those it reaches by phone."""
    by_phone = {way for way in SignInWith if way.contact is NameKind.PHONE}
    return cognito["REGISTRATION"] == "admin" and cognito["SIGN_IN_WITH"] not in by_phone


def is_address_of_cognito(issuer: str, pool: str) -> bool:
    """Whether ``issuer`` is an https address at AWS that names the region of ``pool``.

    By the parts and not by one pattern: China and dual-stack endpoints have domains of their own.
    https://docs.aws.amazon.com/general/latest/gr/cognito_identity.html
    """
    try:
        address = urlsplit(issuer)
    except ValueError:
        # Such as brackets that hold no IPv6 address.
        return False
    host = address.hostname or ""
    labels = host.split(".")
    at_aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
    return address.scheme == "https" and at_aws and "cognito-idp" in labels[0] and pool.partition("_")[0] in labels


def is_domain(address: str, local: bool) -> bool:
    """Whether ``address`` is scheme and host alone; http only for a ``local`` server that stands in for AWS."""
    try:
        parts = urlsplit(address.rstrip("/"))
    except ValueError:
        return False
    schemes = {"https", "http"} if local else {"https"}
    return (
        parts.scheme in schemes and bool(parts.hostname) and address.rstrip("/") == f"{parts.scheme}://{parts.netloc}"
    )


def are_providers(entries: Sequence[str]) -> bool:
    """Whether each of COGNITO_PROVIDERS can be a provider's name, and stands there once.

    A session keeps the name beside our own ways in. The rest is AWS's rule.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html
    """
    names = [entry.partition("=")[0].strip() for entry in entries]
    fit = all(PROVIDER_NAME.fullmatch(name) and name not in OWN_WAYS_IN for name in names)
    return fit and len(set(names)) == len(names)


def check_sessions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for a session engine without the columns the tokens are kept in, and for sessions of no time."""
    store = getattr(importlib.import_module(settings.SESSION_ENGINE), "SessionStore", None)
    found: list[tuple[bool, CheckMessage]] = [
        (not hasattr(store, "keep_tokens"), E004),
        (settings.SESSION_IDLE_AGE <= 0 or settings.SESSION_COOKIE_AGE <= 0, E011),
    ]
    return [message for is_wrong, message in found if is_wrong]


def is_old(distribution: str, oldest: tuple[int, int]) -> bool:
    """Whether the installed ``distribution`` is older than ``oldest``. Reads what pip wrote, and imports nothing."""
    numbers = re.match(r"(\d+)\.(\d+)", version(distribution))
    return numbers is None or tuple(map(int, numbers.groups())) < oldest


def check_deployment(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is fine for trying things out, and not in production."""
    https = settings.SITE_URL.startswith("https://")
    found: list[tuple[bool, CheckMessage]] = [
        (not https, W002),
        (settings.CACHES["default"]["BACKEND"] == MEMORY, W003),
        (settings.CACHES["default"]["BACKEND"] not in (REDIS, MEMORY), W007),
        (settings.WEB_THREADS < 2, W008),
        (bool(settings.COGNITO["ENDPOINT_URL"]), W004),
        (settings.LOCAL_SUPERUSERS, W006),
        (settings.LOCAL_SUPERUSERS and settings.ADMIN_REQUIRES_MFA, W013),
        (logging.getLogger("botocore").getEffectiveLevel() < logging.INFO, W005),
        (key_set_in_clear(), W010),
        ("*" in settings.ALLOWED_HOSTS, W011),
        (https and not settings.TRUSTED_PROXIES, W012),
        (is_old("PyJWT", OLDEST_PYJWT), E012),
        (needs_key() and not has_key(), W014),
    ]
    return [message for is_wrong, message in found if is_wrong]


def needs_key() -> bool:
    """Whether the settings ask for acts that Cognito does for the holder of an AWS key only."""
    cognito = settings.COGNITO
    acts = cognito["REGISTRATION"] == "admin" or cognito["AUTH_FLOW"] == "ADMIN_USER_PASSWORD_AUTH"
    return acts or bool(cognito["DEFAULT_GROUP"])


def has_key() -> bool:
    """Whether boto3 would find an AWS key without asking a network for one; it is not asked, since that takes it."""
    files = (Path(os.environ.get(name) or usual).expanduser() for name, usual in KEY_FILES.items())
    return any(os.environ.get(name) for name in KEY_VARIABLES) or any(file.exists() for file in files)


def key_set_in_clear() -> bool:
    """Whether the keys come over http, not counting another endpoint, which has a warning of its own."""
    cognito = settings.COGNITO
    address: str = cognito["JWKS_URL"] or ("" if cognito["ENDPOINT_URL"] else cognito["ISSUER"])
    return address.startswith("http://")
