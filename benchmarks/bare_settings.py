"""The project without ``accounts``: Django's own users and sessions, nothing of Cognito."""

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR
from config.settings import INSTALLED_APPS as SITE_APPS
from config.settings import MIDDLEWARE as SITE_MIDDLEWARE

# The administration's door is the site's, and knows its people.
INSTALLED_APPS = ["django.contrib.admin", *(name for name in SITE_APPS if name not in ("accounts", SITE_APPS[0]))]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware" if name == "accounts.middleware.SessionMiddleware" else name
    for name in SITE_MIDDLEWARE
    if not name.startswith(("accounts.", "config.")) or name == "accounts.middleware.SessionMiddleware"
]
ROOT_URLCONF = "benchmarks.bare_urls"
AUTH_USER_MODEL = "auth.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
