"""A Redis to count tries in, where one is at hand."""

import os
import secrets
from functools import cache
from typing import Any

import redis

URL = os.environ.get("BENCHMARKS_REDIS_URL", "redis://127.0.0.1:6379/8")


@cache
def redis_caches() -> dict[str, Any]:
    """Return a CACHES setting that counts in the Redis at URL under keys of its own, {} where none answers."""
    try:
        redis.Redis.from_url(URL, socket_connect_timeout=2).ping()
    except redis.ConnectionError:
        return {}
    backend = "django.core.cache.backends.redis.RedisCache"
    return {"default": {"BACKEND": backend, "LOCATION": URL, "KEY_PREFIX": f"bench-{secrets.token_hex(4)}"}}
