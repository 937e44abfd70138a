"""What a pool would be like after a request that mends it, without asking anybody."""

from __future__ import annotations

from dataclasses import replace

from accounts.cognito import inspected_answers as read
from accounts.cognito.inspected import AppClientSettings, FactorSettings, UserPoolSettings
from accounts.doctor.fixes import Fix
from accounts.doctor.snapshot import Snapshot

# What a request cannot change.
OF_POOL = ("schema", "username_attributes", "alias_attributes", "case_sensitive", "domain", "custom_domain", "people")
OF_CLIENT = ("has_secret", "secret_matches")


def mended(snapshot: Snapshot, fix: Fix) -> Snapshot:
    """Return `snapshot` as it would be read after AWS has taken the request of `fix`."""
    request = dict(fix.request)
    if fix.operation == "update-user-pool":
        pool = snapshot.pool
        assert isinstance(pool, UserPoolSettings)
        after = read.user_pool({**request, "Id": pool.id, "Arn": pool.arn}, ())
        return replace(snapshot, pool=replace(after, **{name: getattr(pool, name) for name in OF_POOL}))
    if fix.operation == "set-user-pool-mfa-config":
        assert isinstance(snapshot.factors, FactorSettings)
        return replace(snapshot, factors=read.factors(request, (), pool_id=""))
    client, others = snapshot.client, snapshot.other_clients
    assert isinstance(client, AppClientSettings)
    assert isinstance(others, tuple)
    changed = read.app_client(request, (), secret="")
    if request["ClientId"] == client.id:
        return replace(snapshot, client=replace(changed, **{name: getattr(client, name) for name in OF_CLIENT}))
    return replace(snapshot, other_clients=tuple(changed if one.id == changed.id else one for one in others))
