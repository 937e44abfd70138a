"""The behaviour that Amazon Cognito has and MiniStack leaves out, one subject per module."""

from __future__ import annotations

from devcloud.cognito import (
    clients,
    context,
    domains,
    federation,
    gate,
    hosted_pages,
    identity_pools,
    messages,
    operations,
    records,
    refresh_tokens,
    token_endpoint,
    tokens,
)
from devcloud.settings import Settings


def install(settings: Settings) -> None:
    """Add all of it to MiniStack's Cognito in this process, before it serves; messages go to ``settings.outbox``."""
    context.use(settings)
    records.install()
    messages.install()
    tokens.install()
    refresh_tokens.install()
    clients.install()
    domains.install()
    identity_pools.install()
    token_endpoint.install()
    hosted_pages.install()
    federation.install()
    gate.install(operations.OPERATIONS)
