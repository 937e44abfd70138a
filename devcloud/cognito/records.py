"""MiniStack's records of pools, app clients and people, and how a person is found by a name.

MiniStack keeps each record as a dictionary of JSON values and saves all of them with its state, so whatever is added to
a record survives a restart. A key that starts with an underscore is never shown to a caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from ministack.services import cognito as ministack

from devcloud.cognito.errors import CognitoError, wrong_password
from devcloud.patching import replace

Request: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any]
Pool: TypeAlias = dict[str, Any]
Client: TypeAlias = dict[str, Any]
User: TypeAlias = dict[str, Any]


def pool(pool_id: str) -> Pool:
    """Return the pool of that id in the request's account and Region; raises ResourceNotFoundException."""
    found: Pool | None = ministack._user_pools.get(pool_id)
    if found is None:
        raise CognitoError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
    return found


def client(request: Request) -> tuple[Pool, Client]:
    """Return the app client that ``request`` names and its pool; raises ResourceNotFoundException.

    An administrator's request names the pool too, and a client of another pool is not found there.
    """
    client_id = request.get("ClientId")
    pools: Iterable[Pool] = [pool(request["UserPoolId"])] if "UserPoolId" in request else ministack._user_pools.values()
    for candidate in pools:
        if client_id in candidate["_clients"]:
            return candidate, candidate["_clients"][client_id]
    raise CognitoError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")


def case_sensitive(user_pool: Pool) -> bool:
    """Say whether the pool tells ``A@example.com`` from ``a@example.com``.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html: a pool made through the
    API is case-sensitive unless UsernameConfiguration says otherwise.
    """
    return bool((user_pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True))


def same_name(user_pool: Pool, one: str, other: str) -> bool:
    """Say whether two usernames or aliases are the same in this pool."""
    return one == other if case_sensitive(user_pool) else one.casefold() == other.casefold()


def attributes(user: User) -> dict[str, str]:
    """Return the person's attributes by name."""
    return {item["Name"]: item.get("Value", "") for item in user.get("Attributes", []) if "Name" in item}


def set_attributes(user: User, changes: dict[str, str]) -> None:
    """Give the person the attributes in ``changes`` and note when."""
    user["Attributes"] = [{"Name": name, "Value": value} for name, value in (attributes(user) | changes).items()]
    user["UserLastModifiedDate"] = ministack._now_epoch()


def find_user(user_pool: Pool, name: object) -> User | None:
    """Return the person called ``name``: by username, ``sub``, sign-in attribute or verified alias; None for nobody.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
    """
    if not isinstance(name, str) or not name:
        return None
    people: dict[str, User] = user_pool["_users"]
    if name in people:
        return people[name]
    folded = name.casefold()
    return next((user for user in people.values() if _has(user, folded) and _answers_to(user_pool, user, name)), None)


def _has(user: User, folded: str) -> bool:
    # What most people of a large pool have nowhere need not be looked at closely.
    if user["Username"].casefold() == folded:
        return True
    return any(item.get("Value", "").casefold() == folded for item in user.get("Attributes", []))


def _answers_to(user_pool: Pool, user: User, name: str) -> bool:
    values = attributes(user)
    if values.get("sub") == name or same_name(user_pool, user["Username"], name):
        return True
    if any(same_name(user_pool, values.get(key, ""), name) for key in user_pool.get("UsernameAttributes") or []):
        return True
    return any(
        same_name(user_pool, values.get(alias, ""), name)
        and (alias == "preferred_username" or values.get(f"{alias}_verified") == "true")
        for alias in user_pool.get("AliasAttributes") or []
    )


def hides_existence(app_client: Client) -> bool:
    """Say whether the client answers for an unknown person as for a known one.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
    """
    return bool(app_client.get("PreventUserExistenceErrors") == "ENABLED")


def unknown_user(app_client: Client) -> CognitoError:
    """Return what a sign-in answers for a person who does not exist."""
    if hides_existence(app_client):
        return wrong_password()
    return CognitoError("UserNotFoundException", "User does not exist.")


def user_of(user_pool: Pool, name: object) -> User:
    """Return the person an administrator names; raises UserNotFoundException."""
    user = find_user(user_pool, name)
    if user is None:
        raise CognitoError("UserNotFoundException", "User does not exist.")
    return user


def signed_in(request: Request) -> tuple[Pool, Client, User]:
    """Return whom the request's access token speaks for, and through which client of which pool.

    The gate has checked the token before. Raises NotAuthorizedException when its person or client is gone.
    """
    claims: dict[str, Any] = ministack._token_claims(request.get("AccessToken"))
    user_pool = pool(str(claims.get("iss", "")).rsplit("/", 1)[-1])
    user = user_pool["_users"].get(claims.get("username"))
    app_client = user_pool["_clients"].get(claims.get("client_id"))
    if user is None or app_client is None:
        raise CognitoError("NotAuthorizedException", "Invalid Access Token")
    return user_pool, app_client, user


def _resolve_user(user_pool: Pool, name: object) -> tuple[User | None, Any]:
    user = find_user(user_pool, name)
    if user is not None:
        return user, None
    return None, ministack.error_response_json("UserNotFoundException", "User does not exist.", 400)


def install() -> None:
    """Make MiniStack find people by these rules: its own compares letter by letter whatever the pool says."""
    replace(ministack, "_resolve_user", _resolve_user)
