"""The settings. Everything that differs between places comes from the environment; see .env.example.

https://docs.djangoproject.com/en/5.2/ref/settings/
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

env.read(BASE_DIR / ".env")
DEBUG = env.flag("DEBUG")
if DEBUG and not env.text("COGNITO_USER_POOL_ID"):
    # The local AWS writes what a production deploy would have in its environment.
    env.read(BASE_DIR / "var" / "devcloud.env")

# Core

SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it to a long random text; `make run` makes one for the local AWS, "
        "which is used when DEBUG=on."
    )
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")

SITE_NAME = env.text("SITE_NAME", "Latchkey")
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS") or [urlsplit(SITE_URL).hostname or "localhost"]
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# How many proxies in front of us append to X-Forwarded-For; the address before theirs is the browser's.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)

INSTALLED_APPS = [
    "config.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "accounts",
]

MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "config.middleware.BodySizeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.CognitoErrorMiddleware",
    "accounts.middleware.TokenRefreshMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
]

# Stands in MIDDLEWARE only where API_CORS_ORIGINS names an origin: no other site pays for it.
CORS_MIDDLEWARE = "corsheaders.middleware.CorsMiddleware"

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

# Templates and forms

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
                "accounts.context_processors.site",
            ],
            "builtins": ["accounts.templatetags.interface"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
MESSAGE_STORAGE = "config.message_storage.SessionStorage"

# The company: what the site is called, looks like and leads to

BRAND_LOGO = env.text("BRAND_LOGO", "img/latchkey.svg")
BRAND_LOGO_DARK = env.text("BRAND_LOGO_DARK")
BRAND_LOGO_HAS_NAME = env.flag("BRAND_LOGO_HAS_NAME")
# One colour; what light and dark pages make of it is worked out from it (accounts/brand.py).
BRAND_ACCENT = env.text("BRAND_ACCENT", "#14566e")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL")
SUPPORT_URL = env.text("SUPPORT_URL")
PRIVACY_URL = env.text("PRIVACY_URL")
TERMS_URL = env.text("TERMS_URL")
# Of people whose own zone is not known.
DISPLAY_TIME_ZONE = env.text("DISPLAY_TIME_ZONE", "UTC")
# Digits of the codes that are mailed or texted, and of those that take the place of a password; 0 for not known.
CODE_LENGTH = env.number("CODE_LENGTH", 6)
SIGN_IN_CODE_LENGTH = env.number("SIGN_IN_CODE_LENGTH", 8)

# Data

if not env.text("DATABASE_URL"):
    (BASE_DIR / "var").mkdir(mode=0o700, exist_ok=True)
DATABASES = {
    "default": {
        **env.env.db_url_config(env.text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}")),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 600,
    },
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Take the write lock at BEGIN: a transaction that reads first and then writes would fail at once where another
        # one writes, instead of waiting its turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": env.env.cache_url_config(env.text("CACHE_URL", "locmemcache://latchkey"))}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    # Seconds. A Redis that hangs must not hold every sign-in.
    given = CACHES["default"].get("OPTIONS", {})
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 1, "socket_timeout": 1, **given}

# Sign-in

AUTH_USER_MODEL = "accounts.User"
# Break-glass: superusers of this database only, for the day Cognito or its groups are out of reach.
LOCAL_SUPERUSERS = env.flag("LOCAL_SUPERUSERS")
AUTHENTICATION_BACKENDS = ["accounts.backends.CognitoBackend"]
if LOCAL_SUPERUSERS:
    AUTHENTICATION_BACKENDS.insert(0, "accounts.backends.LocalSuperuserBackend")
# Whether the administration opens only to sessions that began with a second step.
ADMIN_REQUIRES_MFA = env.flag("ADMIN_REQUIRES_MFA")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "login"

COGNITO: dict[str, Any] = {
    "REGION": env.text("AWS_REGION"),
    "ENDPOINT_URL": env.text("AWS_ENDPOINT_URL"),
    "USER_POOL_ID": env.text("COGNITO_USER_POOL_ID"),
    "CLIENT_ID": env.text("COGNITO_CLIENT_ID"),
    "CLIENT_SECRET": env.text("COGNITO_CLIENT_SECRET"),
    "ISSUER": env.text("COGNITO_ISSUER"),
    "JWKS_URL": env.text("COGNITO_JWKS_URL"),
    "SIGN_IN_WITH": env.choice(
        "COGNITO_SIGN_IN_WITH",
        ("email", "username", "phone", "username_email", "username_phone", "username_email_phone"),
    ),
    "AUTH_FLOW": env.choice(
        "COGNITO_AUTH_FLOW", ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH")
    ),
    "REGISTRATION": env.choice("COGNITO_REGISTRATION", ("self", "admin", "closed")),
    "DOMAIN": env.text("COGNITO_DOMAIN"),
    "PROVIDERS": env.listing("COGNITO_PROVIDERS"),
    "DEFAULT_GROUP": env.text("COGNITO_DEFAULT_GROUP"),
    "STAFF_GROUP": env.text("COGNITO_STAFF_GROUP"),
    "SUPERUSER_GROUP": env.text("COGNITO_SUPERUSER_GROUP"),
    "API_CLIENT_IDS": env.listing("COGNITO_API_CLIENT_IDS"),
    "IDENTITY_POOL_ID": env.text("COGNITO_IDENTITY_POOL_ID"),
    "FILES_BUCKET": env.text("FILES_BUCKET"),
}
# The largest file that somebody may upload, in megabytes of 1 000 000 bytes.
FILES_MAX_MB = env.number("FILES_MAX_MB", 25)
# Encryption keys of the tokens at rest, newest first. Rotating them and rotating SECRET_KEY are independent.
TOKEN_KEYS = env.listing("TOKEN_KEYS")
# A refused sign-in answers no sooner than this many seconds after it came, so that the time says nothing.
REFUSAL_FLOOR = 0.5
# Threads of a web process, which gunicorn.conf.py sets and tells. Two thirds of them may wait for strangers.
WEB_THREADS = env.number("WEB_THREADS", 24)
# Says which people this browser has signed in before, to nobody but the site.
KNOWN_BROWSER_COOKIE_NAME = "__Host-known" if HTTPS else "known"

# Sessions

SESSION_ENGINE = "accounts.sessions.engine"
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_SECURE = HTTPS
# Lax and not Strict: the way back from a federated sign-in is a cross-site navigation.
SESSION_COOKIE_SAMESITE = "Lax"
# Seconds without a request, and seconds since signing in, after which a session is over.
SESSION_IDLE_AGE = env.number("SESSION_IDLE_SECONDS", 24 * 60 * 60)
SESSION_COOKIE_AGE = env.number("SESSION_ABSOLUTE_SECONDS", 30 * 24 * 60 * 60)
# Days that a line of somebody's activity is kept; `manage.py prune` deletes older ones.
ACTIVITY_DAYS = env.number("ACTIVITY_DAYS", 365)
# Seconds since signing in within which somebody may change what protects the account without proving it is them.
FRESH_SIGN_IN_AGE = 10 * 60

# Security

CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.error_responses.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Other origins whose scripts may call the API; without any, no answer says a word of CORS. No cookie counts there.
API_CORS_ORIGINS = env.listing("API_CORS_ORIGINS")
if API_CORS_ORIGINS:
    MIDDLEWARE.insert(MIDDLEWARE.index("django.middleware.security.SecurityMiddleware"), CORS_MIDDLEWARE)
CORS_ALLOWED_ORIGINS = API_CORS_ORIGINS
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["GET", "POST", "PATCH", "DELETE"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "id-token"]
CORS_EXPOSE_HEADERS = ["retry-after", "www-authenticate", "x-request-id"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Shaped like the setting of Django 6.0, whose middleware will take over ours.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
DEFAULT_EXCEPTION_REPORTER = "config.error_reports.ExceptionReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.error_reports.ExceptionReporterFilter"
# Forms here are small and hold no files. A larger body is refused, and nothing of it is written to disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

SILENCED_SYSTEM_CHECKS = [
    # USERNAME_FIELD is not unique: a person is (issuer, sub), and a Cognito user name can be given to somebody else
    # after its owner was deleted. Only CognitoBackend looks people up, and never by name.
    "auth.W004",
]

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français")]
# What somebody has chosen at the foot of a page wins over what their browser prefers.
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# Timestamps of AWS are parsed a third faster in a zone without summer time.
TIME_ZONE = "UTC"

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are served also where collectstatic has not been run.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.StaticFilesStorage"},
}

# Mail of our own: notices of changes to an account. Cognito mails the codes.

EMAIL_URL = env.text("EMAIL_URL")
if EMAIL_URL:
    vars().update(env.env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "config.outbox_email.OutboxBackend" if DEBUG else "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Latchkey <no-reply@localhost>")

# The local AWS: where it writes the mails it sends. Set by var/devcloud.env only.
DEVCLOUD_OUTBOX = Path(env.text("DEVCLOUD_OUTBOX")) if DEBUG and env.text("DEVCLOUD_OUTBOX") else None

# Logging: one line an event. At DEBUG botocore prints passwords, codes and session strings.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.logging.RequestIdFilter"}},
    "formatters": {
        "line": {"()": "config.logging.LineFormatter"},
        "json": {"()": "config.logging.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "line" if DEBUG else "json",
        },
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "botocore": {"level": "WARNING"},
        "boto3": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
    },
}
