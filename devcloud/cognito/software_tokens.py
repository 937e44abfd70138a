"""Authenticator apps: AssociateSoftwareToken, VerifySoftwareToken and AdminDeleteSoftwareToken.

MiniStack turns the factor on as soon as its first code is right, takes any Session for a sign-in under way, and accepts
a code as often as it is sent. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import challenge_sessions
from devcloud.cognito.errors import CognitoError, invalid_parameter, not_authorized
from devcloud.cognito.records import Answer, Client, Pool, Request, User, pool, signed_in, user_of

_FACTOR = "SOFTWARE_TOKEN_MFA"
_SETUP = "MFA_SETUP"
_STEP = 30


def associate_software_token(request: Request) -> Answer:
    """Return a new secret for the signed-in person, or for one whom a sign-in under way asks to set up a factor.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html. The
    secret counts for nothing until VerifySoftwareToken. Raises NotAuthorizedException,
    SoftwareTokenMFANotFoundException when the pool does not allow authenticator apps.
    """
    user_pool, app_client, user, _session = _whose(request, "begun")
    if not (user_pool.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled"):
        raise CognitoError("SoftwareTokenMFANotFoundException", "Software token MFA is not enabled for the userPool.")
    secret = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
    user["_totp_pending_secret"] = secret
    answer = {"SecretCode": secret}
    if not request.get("AccessToken"):
        answer["Session"] = _next(user_pool, app_client, user, _session, "associated")
    return answer


def verify_software_token(request: Request) -> Answer:
    """Take the first code of a new authenticator; the factor is on only after SetUserMFAPreference or MFA_SETUP.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifySoftwareToken.html. Raises
    EnableSoftwareTokenMFAException for a wrong code, SoftwareTokenMFANotFoundException without a secret to verify.
    """
    user_pool, app_client, user, session = _whose(request, "associated")
    secret = user.get("_totp_pending_secret")
    if not secret:
        raise CognitoError("SoftwareTokenMFANotFoundException", "No software token to verify.")
    if _step_of(secret, request.get("UserCode")) is None:
        if session:
            challenge_sessions.miss(session)
        raise CognitoError("EnableSoftwareTokenMFAException", "Code mismatch")
    user["_totp_secret"] = user.pop("_totp_pending_secret")
    user["_totp_device"] = request.get("FriendlyDeviceName", "")
    user.pop("_totp_last_step", None)
    answer = {"Status": "SUCCESS"}
    if session:
        answer["Session"] = _next(user_pool, app_client, user, session, "verified")
    return answer


def admin_delete_software_token(request: Request) -> Answer:
    """Forget a person's authenticator app; the factor is off, and they may set up another.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteSoftwareToken.html.
    Raises UserNotFoundException, UserNotConfirmedException.
    """
    user = user_of(pool(request["UserPoolId"]), request.get("Username"))
    if user["UserStatus"] == "UNCONFIRMED":
        raise CognitoError("UserNotConfirmedException", "User is not confirmed.")
    for name in ("_totp_secret", "_totp_pending_secret", "_totp_device", "_totp_last_step"):
        user.pop(name, None)
    user["_mfa_enabled"] = [name for name in user.get("_mfa_enabled", []) if name != _FACTOR]
    if user.get("_preferred_mfa") == _FACTOR:
        user["_preferred_mfa"] = ""
    return {}


def accepts(user: User, code: str) -> bool:
    """Say whether ``code`` is the authenticator's now, one step early or late; a step is accepted once.

    https://www.rfc-editor.org/rfc/rfc6238#section-5.2. Raises ExpiredCodeException for a code used before.
    """
    step = _step_of(user.get("_totp_secret", ""), code)
    if step is None:
        return False
    if step <= user.get("_totp_last_step", 0):
        raise CognitoError("ExpiredCodeException", "Your software token has already been used once.")
    user["_totp_last_step"] = step
    return True


def _step_of(secret: str, code: object) -> int | None:
    if not secret or not isinstance(code, str):
        return None
    now = int(time.time() // _STEP)
    for offset in (0, -1, 1):
        if hmac.compare_digest(ministack._totp_code(secret, offset).encode(), code.encode()):
            return now + offset
    return None


def _whose(request: Request, stage: str) -> tuple[Pool, Client, User, dict[str, Any] | None]:
    if request.get("AccessToken"):
        return *signed_in(request), None
    if not request.get("Session"):
        raise invalid_parameter("Either AccessToken or Session is required.")
    found: dict[str, Any] = ministack._challenge_sessions.get(request["Session"]) or {}
    if not found:
        raise not_authorized("Invalid session for the user.")
    user_pool = pool(found["pool_id"])
    app_client = user_pool["_clients"].get(found["client_id"], {"ClientId": ""})
    session = challenge_sessions.look_up(request["Session"], app_client, _SETUP)
    if session["stage"] not in {stage, "associated"} or session["username"] not in user_pool["_users"]:
        raise not_authorized("Invalid session for the user.")
    return user_pool, app_client, user_pool["_users"][session["username"]], session


def _next(user_pool: Pool, app_client: Client, user: User, session: dict[str, Any] | None, stage: str) -> str:
    if session is None:
        raise not_authorized("Invalid session for the user.")
    challenge_sessions.spend(session)
    facts = {"stage": stage, "event": session["event"]}
    return challenge_sessions.begin(user_pool, app_client, user["Username"], _SETUP, **facts)
