"""Linking people of outside providers to profiles of the pool, and taking the links away.

MiniStack links people of providers that the pool does not know, calls a link that is there a success, keeps links to
profiles that are gone, and refuses with other codes than Cognito.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation-consolidate-users.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.gate import stock
from devcloud.cognito.records import Answer, Pool, Request, pool

_OF_THE_POOL = "Cognito"
_SUBJECT = "Cognito_Subject"
_stock_link = ministack._admin_link_provider_for_user
_stock_disable = ministack._admin_disable_provider_for_user


def admin_link_provider_for_user(request: Request) -> Answer:
    """Have somebody at a provider, who has no profile yet, sign in as a person of the pool.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminLinkProviderForUser.html. The
    words are those that Cognito uses. Raises InvalidParameterException, UserNotFoundException, LimitExceededException.
    """
    user_pool = pool(request["UserPoolId"])
    source, destination = request["SourceUser"], request["DestinationUser"]
    if source.get("ProviderName") == _OF_THE_POOL:
        raise invalid_parameter(
            "Invalid SourceUser: Cognito users with a username/password may not be passed in as a SourceUser, "
            "only as a DestinationUser"
        )
    _refuse_unknown_provider(user_pool, source)
    if destination.get("ProviderName") != _OF_THE_POOL:
        _refuse_unknown_provider(user_pool, destination)
    _refuse_unmapped_name(user_pool, source)
    if _profile_of(destination) not in user_pool["_users"]:
        raise CognitoError("UserNotFoundException", "User does not exist.")
    _forget_links_to_nobody(user_pool)
    if _is_linked(user_pool, source):
        raise invalid_parameter("SourceUser is already linked to DestinationUser")
    if _profile_of(source) in user_pool["_users"]:
        raise invalid_parameter(
            "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"
        )
    return stock(_stock_link, request)


def admin_disable_provider_for_user(request: Request) -> Answer:
    """Take the link from somebody at a provider; a person of the pool loses their password instead.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableProviderForUser.html.
    Raises InvalidParameterException for somebody who is linked to nobody, UserNotFoundException.
    """
    user_pool, user = pool(request["UserPoolId"]), request["User"]
    if user.get("ProviderName") != _OF_THE_POOL:
        _refuse_unknown_provider(user_pool, user)
        _forget_links_to_nobody(user_pool)
        if _key(user) not in ministack._provider_links(user_pool):
            raise invalid_parameter("Account isn't linked to anyone else, verify that the account has been linked")
    return stock(_stock_disable, request)


def _key(identifier: Mapping[str, str]) -> str:
    names = ("ProviderName", "ProviderAttributeName", "ProviderAttributeValue")
    key: str = ministack._provider_link_key(*(identifier.get(name, "") for name in names))
    return key


def _is_linked(user_pool: Pool, identifier: Mapping[str, str]) -> bool:
    return _key(identifier) in ministack._provider_links(user_pool)


def _profile_of(identifier: Mapping[str, str]) -> str:
    """Return the username of a person of the pool, or of the profile that somebody of a provider would have."""
    value = identifier.get("ProviderAttributeValue", "")
    if identifier.get("ProviderName") == _OF_THE_POOL:
        return value
    name: str = ministack._federated_profile_username(identifier.get("ProviderName"), value)
    return name


def _provider(user_pool: Pool, identifier: Mapping[str, str]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (user_pool.get("_identity_providers") or {}).get(identifier.get("ProviderName"))
    return found


def _refuse_unknown_provider(user_pool: Pool, identifier: Mapping[str, str]) -> None:
    if _provider(user_pool, identifier) is None:
        name = identifier.get("ProviderName", "")
        raise invalid_parameter(f"The provider {name} does not exist for User Pool {user_pool['Id']}.")


def _refuse_unmapped_name(user_pool: Pool, source: Mapping[str, str]) -> None:
    """Refuse to name somebody by an attribute that their provider does not give, or at a social one by any at all."""
    provider = _provider(user_pool, source) or {}
    name = source.get("ProviderAttributeName", "")
    mapped = provider.get("AttributeMapping") or {} if provider.get("ProviderType") in {"OIDC", "SAML"} else {}
    if name != _SUBJECT and name not in mapped:
        raise invalid_parameter(f"Invalid ProviderAttributeName: {name}")


def _forget_links_to_nobody(user_pool: Pool) -> None:
    """Drop the links to profiles that have been deleted, which go with them."""
    links = ministack._provider_links(user_pool)
    for key in [key for key, username in links.items() if username not in user_pool["_users"]]:
        del links[key]
