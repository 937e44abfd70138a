"""GetUserAuthFactors and AdminGetUserAuthFactors: how a person can sign in, and which second factors are on.

MiniStack has neither.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html
"""

from __future__ import annotations

from devcloud.cognito import choice
from devcloud.cognito.records import Answer, Pool, Request, User, pool, signed_in, user_of


def get_user_auth_factors(request: Request) -> Answer:
    """Return the ways in which the signed-in person can sign in.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserAuthFactors.html
    """
    user_pool, _app_client, user = signed_in(request)
    return _factors(user_pool, user)


def admin_get_user_auth_factors(request: Request) -> Answer:
    """Return the ways in which somebody else can sign in.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUserAuthFactors.html. Raises
    UserNotFoundException.
    """
    user_pool = pool(request["UserPoolId"])
    return _factors(user_pool, user_of(user_pool, request.get("Username")))


def _factors(user_pool: Pool, user: User) -> Answer:
    answer = {
        "Username": user["Username"],
        "PreferredMfaSetting": user.get("_preferred_mfa", ""),
        "UserMFASettingList": user.get("_mfa_enabled", []),
        "ConfiguredUserAuthFactors": choice.configured(user_pool, user),
    }
    return {key: value for key, value in answer.items() if value not in ("", [])}
