"""Second factors at sign-in: SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA, SELECT_MFA_TYPE and MFA_SETUP.

MiniStack knows the authenticator app only, takes its code without the password before it, and lets people without a
factor into a pool that requires one.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import challenge_sessions, codes, lockout, messages, software_tokens, tokens
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.errors import CognitoError, invalid_parameter, not_authorized
from devcloud.cognito.records import Answer, Pool, User, attributes, set_attributes

TOTP = "SOFTWARE_TOKEN_MFA"
SMS = "SMS_MFA"
MAIL = "EMAIL_OTP"
SELECT = "SELECT_MFA_TYPE"
SETUP = "MFA_SETUP"
SENT_TO = {SMS: messages.PHONE, MAIL: messages.EMAIL}
_ALSO_CALLED = {"EMAIL_MFA": MAIL}


def factors(user_pool: Pool, user: User) -> list[str]:
    """Return the second factors this person can be asked for; the only one asked for when there is a preferred one.

    Where the pool requires a factor, an address the pool can send codes to counts without the person's choosing it.
    """
    if user_pool.get("MfaConfiguration", "OFF") == "OFF":
        return []
    chosen = [name for name in user.get("_mfa_enabled", []) if _usable(user, name)]
    if not chosen and user_pool["MfaConfiguration"] == "ON":
        configured = {
            SMS: user_pool.get("SmsMfaConfiguration"),
            MAIL: user_pool.get("EmailMfaConfiguration"),
        }
        chosen = [name for name, configuration in configured.items() if configuration and _usable(user, name)]
    preferred: str = user.get("_preferred_mfa", "")
    return [preferred] if preferred in chosen else chosen


def challenge(attempt: Attempt, user: User) -> Answer | None:
    """Return the challenge that stands between a proved password and tokens, or None when nothing does."""
    names = factors(attempt.user_pool, user)
    if len(names) > 1:
        return _choose(attempt, user, names)
    if names:
        return _ask(attempt, user, names[0])
    return _set_up(attempt, user) if attempt.user_pool.get("MfaConfiguration") == "ON" else None


def answer_totp(attempt: Attempt) -> Answer:
    """Judge the code of an authenticator app; each code signs in once.

    Raises CodeMismatchException, ExpiredCodeException for a code used before, NotAuthorizedException.
    """
    session, user = challenge_sessions.bound(attempt, TOTP)
    lockout.refuse_when_locked(user)
    if not software_tokens.accepts(user, attempt.needed("SOFTWARE_TOKEN_MFA_CODE")):
        raise _wrong(session, user)
    return _passed(attempt, session, user)


def answer_sms(attempt: Attempt) -> Answer:
    """Judge a code sent by text message as a second factor."""
    return _answer_sent(attempt, SMS, "SMS_MFA_CODE")


def answer_mail(attempt: Attempt) -> Answer:
    """Judge a code sent by mail as a second factor."""
    return _answer_sent(attempt, MAIL, "EMAIL_OTP_CODE")


def answer_select(attempt: Attempt) -> Answer:
    """Ask for the factor that the person picked among theirs."""
    session, user = challenge_sessions.bound(attempt, SELECT)
    picked = attempt.needed("ANSWER")
    name = _ALSO_CALLED.get(picked, picked)
    if name not in session["offered"]:
        raise invalid_parameter(f"{picked} is not among the factors to choose from.")
    challenge_sessions.spend(session)
    return _ask(attempt, user, name, event=session["event"])


def answer_setup(attempt: Attempt) -> Answer:
    """Finish a sign-in in which the person set up the authenticator app that the pool requires.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html: the
    session is the one that VerifySoftwareToken returned.
    """
    session, user = challenge_sessions.bound(attempt, SETUP)
    if session["stage"] != "verified":
        raise not_authorized("Invalid session for the user.")
    user["_mfa_enabled"] = [*(name for name in user.get("_mfa_enabled", []) if name != TOTP), TOTP]
    user["_preferred_mfa"] = TOTP
    return _passed(attempt, session, user)


def send(user_pool: Pool, user: User, name: str) -> dict[str, Any]:
    """Send the person a code for the factor ``name`` and return what to judge the answer by, see ``codes.matches``."""
    codes.spend(user, f"{name} code", 20)
    code = codes.random_digits()
    messages.send_sign_in_code(user_pool, user, SENT_TO[name], code)
    return codes.sealed(code, codes.HOUR)


def wrong_code(session: dict[str, Any], user: User) -> CognitoError:
    """Count a wrong sent code against the session and the person, and return its refusal."""
    challenge_sessions.miss(session)
    lockout.miss(user)
    return CognitoError("CodeMismatchException", "Invalid code or auth state for the user.")


def _wrong(session: dict[str, Any], user: User) -> CognitoError:
    ministack._finish_auth_event(user, session["event"], "Mfa", False)
    return wrong_code(session, user)


def _usable(user: User, name: str) -> bool:
    if name == TOTP:
        return bool(user.get("_totp_secret"))
    return bool(attributes(user).get(SENT_TO.get(name, "")))


def _choose(attempt: Attempt, user: User, names: list[str]) -> Answer:
    token = challenge_sessions.begin(attempt.user_pool, attempt.app_client, user["Username"], SELECT, offered=names)
    ministack._challenge_sessions[token]["event"] = token
    parameters = {"MFAS_CAN_CHOOSE": json.dumps(names), "USER_ID_FOR_SRP": user["Username"]}
    return {"ChallengeName": SELECT, "Session": token, "ChallengeParameters": parameters}


def _ask(attempt: Attempt, user: User, name: str, event: str = "") -> Answer:
    parameters = {"USER_ID_FOR_SRP": user["Username"]}
    facts: dict[str, Any] = {}
    if name == TOTP:
        parameters["FRIENDLY_DEVICE_NAME"] = user.get("_totp_device") or "TOTP device"
    else:
        facts = {"code": send(attempt.user_pool, user, name), "second": True}
        details = messages.delivery_details(SENT_TO[name], attributes(user)[SENT_TO[name]])
        parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] = details["DeliveryMedium"]
        parameters["CODE_DELIVERY_DESTINATION"] = details["Destination"]
    token = challenge_sessions.begin(attempt.user_pool, attempt.app_client, user["Username"], name, **facts)
    ministack._challenge_sessions[token]["event"] = event or token
    return {"ChallengeName": name, "Session": token, "ChallengeParameters": parameters}


def _set_up(attempt: Attempt, user: User) -> Answer:
    if not (attempt.user_pool.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled"):
        raise not_authorized("User has no second factor that this user pool allows.")
    token = challenge_sessions.begin(attempt.user_pool, attempt.app_client, user["Username"], SETUP, stage="begun")
    ministack._challenge_sessions[token]["event"] = token
    parameters = {"MFAS_CAN_SETUP": json.dumps([TOTP]), "USER_ID_FOR_SRP": user["Username"]}
    return {"ChallengeName": SETUP, "Session": token, "ChallengeParameters": parameters}


def _answer_sent(attempt: Attempt, name: str, field: str) -> Answer:
    session, user = challenge_sessions.bound(attempt, name)
    lockout.refuse_when_locked(user)
    if not codes.matches(session["code"], attempt.needed(field)):
        raise _wrong(session, user)
    set_attributes(user, {f"{SENT_TO[name]}_verified": "true"})
    return _passed(attempt, session, user)


def _passed(attempt: Attempt, session: dict[str, Any], user: User) -> Answer:
    challenge_sessions.spend(session)
    lockout.reset(user)
    ministack._finish_auth_event(user, session["event"], "Mfa", True)
    return tokens.issue(attempt.user_pool, attempt.app_client, user)
