"""Django's settings of the outside provider; where it is and what it knows of the pool comes by the environment."""

from __future__ import annotations

import os
from pathlib import Path

DIRECTORY = Path(os.environ["PROVIDER_DIRECTORY"])
ORIGIN = os.environ["PROVIDER_ORIGIN"]
SECRET_KEY = os.environ["PROVIDER_SECRET_KEY"]
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "devcloud.outside_provider.urls"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "oauth2_provider",
    "devcloud.outside_provider",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DIRECTORY / "provider.sqlite3"}}
# The tables are made anew at each start, from the models: nothing in them outlives a sign-in.
MIGRATION_MODULES = dict.fromkeys(("contenttypes", "auth", "sessions", "oauth2_provider", "outside_provider"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "outside_provider.Person"
LOGIN_URL = "sign_in"
# Cookies do not tell ports apart: the site has some on this host, too.
SESSION_COOKIE_NAME = "provider_session"
CSRF_COOKIE_NAME = "provider_csrf"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
    "loggers": {"django": {"level": "ERROR"}, "oauth2_provider": {"level": "ERROR"}},
}
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": ORIGIN,
    "OIDC_RSA_PRIVATE_KEY": (DIRECTORY / "provider.pem").read_text(),
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": True,
    "OAUTH2_VALIDATOR_CLASS": "devcloud.outside_provider.claims.Claims",
    "SCOPES": {"openid": "know that it is you", "email": "see your e-mail address", "profile": "see your name"},
    # A user pool brings none, and proves that it is the one that asked by its secret.
    "PKCE_REQUIRED": False,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
