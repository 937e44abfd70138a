"""The site's settings under an environment of made-up values, so that tests run the same wherever they run."""

from __future__ import annotations

import os
import tempfile

# TEST_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres TEST_CACHE_URL=redis://127.0.0.1:6379 run the same
# tests on what production has. Each test process empties a Redis database of its own, as pytest-django does for
# PostgreSQL.
REDIS = os.environ.get("TEST_CACHE_URL")
FIRST_REDIS_DATABASE = 10
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

# Empty values too: a developer's own .env must not reach the tests, and what is set here wins over it.
os.environ |= {
    "DEBUG": "off",
    "SECRET_KEY": "made-up-for-the-tests-9fQ2xV7mKpR4tW8zL1nB6cD3hJ5gY0sA",
    "SECRET_KEY_FALLBACKS": "",
    "TOKEN_KEYS": "made-up-for-the-tests-T5rE8wQ1uI4oP7aS",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost",
    "TRUSTED_PROXIES": "0",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or "sqlite:///:memory:",
    "CACHE_URL": f"{REDIS}/{FIRST_REDIS_DATABASE + WORKER}" if REDIS else "locmemcache://tests",
    # Port 9 (discard) answers nobody: a test that forgets its pool fails at once.
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "",
    "AWS_SECRET_ACCESS_KEY": "",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "COGNITO_USER_POOL_ID": "eu-west-1_Tested123",
    "COGNITO_CLIENT_ID": "1example23456789",
    "COGNITO_CLIENT_SECRET": "",
    "COGNITO_ISSUER": "",
    "COGNITO_JWKS_URL": "",
    "COGNITO_SIGN_IN_WITH": "email",
    "COGNITO_AUTH_FLOW": "USER_PASSWORD_AUTH",
    "COGNITO_REGISTRATION": "self",
    "COGNITO_DOMAIN": "",
    "COGNITO_PROVIDERS": "",
    "COGNITO_DEFAULT_GROUP": "",
    "COGNITO_STAFF_GROUP": "staff",
    "COGNITO_SUPERUSER_GROUP": "superusers",
    "COGNITO_API_CLIENT_IDS": "",
    "API_CORS_ORIGINS": "",
    "COGNITO_IDENTITY_POOL_ID": "",
    "FILES_BUCKET": "",
    "FILES_MAX_MB": "",
    "DEVCLOUD_OUTBOX": "",
    "LOCAL_SUPERUSERS": "",
    "WEB_THREADS": "24",
    "SESSION_IDLE_SECONDS": "",
    "SESSION_ABSOLUTE_SECONDS": "",
    "ACTIVITY_DAYS": "",
    "SITE_NAME": "",
    "BRAND_LOGO": "",
    "BRAND_LOGO_DARK": "",
    "BRAND_LOGO_HAS_NAME": "",
    "BRAND_ACCENT": "",
    "SUPPORT_EMAIL": "",
    "SUPPORT_URL": "",
    "PRIVACY_URL": "",
    "TERMS_URL": "",
    "DISPLAY_TIME_ZONE": "",
    "CODE_LENGTH": "",
    "SIGN_IN_CODE_LENGTH": "",
}

from config.settings import *  # noqa: E402, F403

# Files as they lie in static/: nobody has collected them, and WhiteNoise need not look for those.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in use: threads that share a database in memory are refused where those that share a file wait.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/latchkey-tests-{os.getpid()}.sqlite3"}  # noqa: F405
PASSWORD_HASHERS = ["tests.quick_hasher.QuickPBKDF2PasswordHasher"]
# Refusals are slowed down on purpose; the one test of that switches it on again.
REFUSAL_FLOOR = 0
