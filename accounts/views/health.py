"""For balancers: is the process alive, and can it do its work?"""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.error_responses import for_scripts

logger = logging.getLogger(__name__)


@for_scripts
@login_not_required
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@for_scripts
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, else 503. The cache is told of, and its loss alone changes nothing."""
    checks = {"database": database_answers(), "cache": cache_answers()}
    return JsonResponse(
        {name: "ok" if answers else "unavailable" for name, answers in checks.items()},
        status=200 if checks["database"] else 503,
    )


def database_answers() -> bool:
    """Whether a statement can be run."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.error("database unavailable", extra={"error": type(error).__name__})
        return False
    return True


def cache_answers() -> bool:
    """Whether the cache can be read."""
    try:
        cache.get("readyz")
    except Exception as error:  # noqa: BLE001 -- whatever the cache's client raises
        logger.warning("cache unavailable", extra={"error": type(error).__name__})
        return False
    return True
