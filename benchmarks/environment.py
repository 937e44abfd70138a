"""The environment the site is measured in: that of a production deploy, with made-up values and a pool of its own."""

import os
from collections.abc import Mapping

REGION = "eu-west-1"
POOL_ID = f"{REGION}_Measured1"
CLIENT_ID = "1measured23456789"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"
PASSWORD = "Correct-horse-1"  # noqa: S105 -- made up
PEOPLE = 64
CONTROL = "BENCHMARKS_CONTROL_PORT"
SITE = {
    # As where the site is installed: its modules are compiled once and not at each start.
    "PYTHONDONTWRITEBYTECODE": "",
    "DEBUG": "off",
    "SECRET_KEY": "made-up-for-the-benchmarks-9fQ2xV7mKpR4tW8zL1nB6cD3hJ5gY0sA",
    "SECRET_KEY_FALLBACKS": "",
    "TOKEN_KEYS": "made-up-for-the-benchmarks-T5rE8wQ1uI4oP7aS",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost",
    "TRUSTED_PROXIES": "0",
    "CACHE_URL": "locmemcache://benchmarks",
    "AWS_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "",
    "AWS_SECRET_ACCESS_KEY": "",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "COGNITO_USER_POOL_ID": POOL_ID,
    "COGNITO_CLIENT_ID": CLIENT_ID,
    "COGNITO_CLIENT_SECRET": "made-up-client-secret-0123456789abcdefghijklmnop",
    "COGNITO_ISSUER": ISSUER,
    "COGNITO_JWKS_URL": "",
    "COGNITO_SIGN_IN_WITH": "email",
    "COGNITO_AUTH_FLOW": "USER_PASSWORD_AUTH",
    "COGNITO_REGISTRATION": "self",
    "COGNITO_DEFAULT_GROUP": "",
    "COGNITO_STAFF_GROUP": "staff",
    "COGNITO_SUPERUSER_GROUP": "superusers",
    "COGNITO_IDENTITY_POOL_ID": "",
    "COGNITO_DOMAIN": "",
    "COGNITO_PROVIDERS": "",
    "FILES_BUCKET": "",
    "DEVCLOUD_OUTBOX": "",
    "LOCAL_SUPERUSERS": "",
    "SESSION_IDLE_SECONDS": "",
    "SESSION_ABSOLUTE_SECONDS": "",
}

# What the subjects have besides for which people have files.
FILES = {
    "COGNITO_IDENTITY_POOL_ID": f"{REGION}:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "FILES_BUCKET": "measured",
}


def email(number: int) -> str:
    """Return the address of one of the PEOPLE."""
    return f"person-{number}@example.com"


def environment(*, cognito_port: int, control_port: int, database_url: str) -> Mapping[str, str]:
    """Return the variables of a process that measures: ours replaced, the rest as it is."""
    return {
        **os.environ,
        **SITE,
        "DATABASE_URL": database_url,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{cognito_port}",
        CONTROL: str(control_port),
    }
