"""The site's settings as they are measured: production's, but for what has nothing to do with CPU.

Refusals answer at once instead of after REFUSAL_FLOOR, static files are served as they lie in ``static/``, and the log
is formatted as always and then thrown away.
"""

import os

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as SITE_APPS
from config.settings import LOGGING as SITE_LOGGING
from config.settings import STORAGES as SITE_STORAGES

INSTALLED_APPS = [*SITE_APPS, "benchmarks"]
ROOT_URLCONF = "benchmarks.urls"
REFUSAL_FLOOR = 0
# Nothing is collected.
STATIC_ROOT = None  # type: ignore[assignment]
WHITENOISE_USE_FINDERS = True
STORAGES = {**SITE_STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
LOGGING = {
    **SITE_LOGGING,
    "handlers": {
        "console": {
            "class": "logging.FileHandler",
            "filename": os.devnull,
            "filters": ["request_id"],
            "formatter": "json",
        }
    },
}
