"""What ``manage.py check`` says of the configuration. No network: whether the pool agrees is another question.

https://docs.djangoproject.com/en/5.2/topics/checks/
"""

import importlib
import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning

SHORTEST_SECRET = 24  # characters; AWS's own bound

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
    hint='Set SESSION_ENGINE to "accounts.sessions". Signed cookies would hand the refresh token to the browser.',
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
E020 = Error(
    "ACTIVITY_DAYS is below 1, so that nobody could see what happened to their account.",
    hint="Set ACTIVITY_DAYS to the number of days that activity is kept, such as 365.",
    id="accounts.E020",
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
        (cognito["DEFAULT_GROUP"] in privileged, E006),
        (0 < len(cognito["CLIENT_SECRET"]) < SHORTEST_SECRET, E007),
        (settings.ACTIVITY_DAYS < 1, E020),
        ("django.contrib.auth.backends.ModelBackend" in settings.AUTHENTICATION_BACKENDS, W001),
    ]
    return [message for is_wrong, message in found if is_wrong]


def check_sessions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for a session engine without the columns the tokens are kept in."""
    engine = importlib.import_module(settings.SESSION_ENGINE)
    return [] if hasattr(engine, "keep_tokens") else [E004]


def check_deployment(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is fine for trying things out, and not in production."""
    found: list[tuple[bool, CheckMessage]] = [
        (not settings.SITE_URL.startswith("https://"), W002),
        (settings.CACHES["default"]["BACKEND"] == MEMORY, W003),
        (settings.CACHES["default"]["BACKEND"] not in (REDIS, MEMORY), W007),
        (settings.WEB_THREADS < 2, W008),
        (bool(settings.COGNITO["ENDPOINT_URL"]), W004),
        (settings.LOCAL_SUPERUSERS, W006),
        (logging.getLogger("botocore").getEffectiveLevel() < logging.INFO, W005),
    ]
    return [message for is_wrong, message in found if is_wrong]
