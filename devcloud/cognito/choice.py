"""USER_AUTH: sign-in by the factor the person chooses - password, mailed or texted code, passkey.

MiniStack has none of it. https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html
"""

from __future__ import annotations

import time
from typing import Any

from devcloud.cognito import (
    challenge_sessions,
    codes,
    lockout,
    messages,
    mfa,
    passkeys,
    passwords,
    second_step,
    sign_up,
    srp,
    tokens,
)
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.errors import code_mismatch, invalid_parameter, not_authorized, wrong_password
from devcloud.cognito.records import (
    Answer,
    Pool,
    User,
    attributes,
    find_user,
    hides_existence,
    set_attributes,
    unknown_user,
)

SELECT = "SELECT_CHALLENGE"
PASSWORD = "PASSWORD"  # noqa: S105 -- the name of a challenge
PASSWORD_SRP = "PASSWORD_SRP"  # noqa: S105 -- the name of a challenge
EMAIL_OTP = "EMAIL_OTP"
SMS_OTP = "SMS_OTP"
WEB_AUTHN = "WEB_AUTHN"
_SENT_TO = {EMAIL_OTP: messages.EMAIL, SMS_OTP: messages.PHONE}
_CODE_DIGITS = 8


def initiate(attempt: Attempt) -> Answer:
    """Begin a choice-based sign-in: with PREFERRED_CHALLENGE that challenge, else SELECT_CHALLENGE.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html, USER_AUTH. A
    Session from ConfirmSignUp signs the new person in at once. A hidden unknown person gets a challenge like any other.
    """
    name = attempt.needed("USERNAME")
    if attempt.request.get("Session"):
        return _sign_in_new_person(attempt, name)
    user = find_user(attempt.user_pool, name)
    if user is None and not hides_existence(attempt.app_client):
        raise unknown_user(attempt.app_client)
    if user is not None:
        passwords.refuse_disabled(user)
    preferred = attempt.answers.get("PREFERRED_CHALLENGE", "")
    offered = available(attempt.user_pool, user)
    if preferred == PASSWORD and attempt.answers.get("PASSWORD"):
        return _check_password(attempt)
    if preferred == PASSWORD_SRP and attempt.answers.get("SRP_A"):
        return srp.initiate(attempt)
    if preferred in offered and preferred not in {PASSWORD, PASSWORD_SRP}:
        return _ask(attempt, user, name, preferred)
    return _offer(attempt, user, name, [preferred] if preferred in offered else offered)


def available(user_pool: Pool, user: User | None) -> list[str]:
    """Return the first factors this person can choose between; an unknown one seems to have a password and e-mail.

    A person with a second factor, or a pool that requires one, leaves only the password, because a code is one factor,
    and so is a passkey unless ``passkeys.satisfies_mfa``.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    allowed = ((user_pool.get("Policies") or {}).get("SignInPolicy") or {}).get("AllowedFirstAuthFactors")
    names = allowed or [PASSWORD]
    if user is None:
        return [name for name in (EMAIL_OTP, PASSWORD, PASSWORD_SRP) if name in {*names, PASSWORD_SRP}]
    offered = [name for name in configured(user_pool, user) if name in names]
    if PASSWORD in offered:
        offered.append(PASSWORD_SRP)
    if user["UserStatus"] == "FORCE_CHANGE_PASSWORD":
        offered = [name for name in offered if name in {PASSWORD, PASSWORD_SRP}]
    if user_pool.get("MfaConfiguration") == "ON" or mfa.factors(user_pool, user):
        single = {EMAIL_OTP, SMS_OTP} | (set() if passkeys.satisfies_mfa(user_pool, user) else {WEB_AUTHN})
        offered = [name for name in offered if name not in single]
    return offered


def configured(user_pool: Pool, user: User) -> list[str]:
    """Return the first factors this person has, as GetUserAuthFactors lists them."""
    values = attributes(user)
    has = {
        WEB_AUTHN: bool(passkeys.of(user_pool, user)),
        EMAIL_OTP: bool(values.get(messages.EMAIL)),
        SMS_OTP: bool(values.get(messages.PHONE)),
        PASSWORD: bool(user.get("_password")),
    }
    return [name for name, there in has.items() if there]


def answer_select(attempt: Attempt) -> Answer:
    """Take the person's choice, and with it the password or SRP_A where they come along.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
    """
    name = attempt.needed("USERNAME")
    session = _session(attempt, SELECT)
    picked = attempt.needed("ANSWER")
    if picked not in session["offered"]:
        raise invalid_parameter(f"{picked} is not among the challenges to choose from.")
    if picked == PASSWORD:
        attempt.needed("PASSWORD")
    challenge_sessions.spend(session)
    if picked == PASSWORD:
        return _check_password(attempt)
    if picked == PASSWORD_SRP:
        return srp.initiate(attempt)
    return _ask(attempt, find_user(attempt.user_pool, name), name, picked)


def answer_password(attempt: Attempt) -> Answer:
    """Judge a password typed after the challenge PASSWORD was offered."""
    session = _session(attempt, SELECT)
    if PASSWORD not in session["offered"]:
        raise not_authorized("Invalid session for the user.")
    attempt.needed("PASSWORD")
    challenge_sessions.spend(session)
    return _check_password(attempt)


def answer_password_srp(attempt: Attempt) -> Answer:
    """Go on with SRP after the challenge PASSWORD_SRP was offered."""
    session = _session(attempt, SELECT)
    if PASSWORD_SRP not in session["offered"]:
        raise not_authorized("Invalid session for the user.")
    answer = srp.initiate(attempt)
    challenge_sessions.spend(session)
    return answer


def answer_email_otp(attempt: Attempt) -> Answer:
    """Judge a mailed code, of a passwordless sign-in or of a second factor."""
    session = _session(attempt, EMAIL_OTP)
    return mfa.answer_mail(attempt) if session.get("second") else _answer_code(attempt, EMAIL_OTP, "EMAIL_OTP_CODE")


def answer_sms_otp(attempt: Attempt) -> Answer:
    """Judge a texted code of a passwordless sign-in."""
    return _answer_code(attempt, SMS_OTP, "SMS_OTP_CODE")


def answer_passkey(attempt: Attempt) -> Answer:
    """Judge the signature of a passkey; a wrong one ends the session, for its challenge is used."""
    session = _session(attempt, WEB_AUTHN)
    user = find_user(attempt.user_pool, session["username"])
    credential = attempt.needed("CREDENTIAL")
    challenge_sessions.spend(session)
    if user is None:
        raise wrong_password()
    passwords.refuse_disabled(user)
    passkeys.verify(attempt.user_pool, user, credential, session["expected"])
    return _in(attempt, user, enough=passkeys.satisfies_mfa(attempt.user_pool, user))


def _session(attempt: Attempt, challenge: str) -> dict[str, Any]:
    session = challenge_sessions.look_up(attempt.request.get("Session"), attempt.app_client, challenge)
    user = find_user(attempt.user_pool, attempt.needed("USERNAME"))
    name = user["Username"] if user else attempt.answers["USERNAME"]
    if session["username"] != name:
        raise not_authorized("Invalid session for the user.")
    return session


def _check_password(attempt: Attempt) -> Answer:
    user = passwords.check(
        attempt.user_pool, attempt.app_client, attempt.answers["USERNAME"], attempt.answers["PASSWORD"], attempt.request
    )
    return second_step.after_password(attempt, user)


def _offer(attempt: Attempt, user: User | None, name: str, offered: list[str]) -> Answer:
    username = user["Username"] if user else name
    token = challenge_sessions.begin(attempt.user_pool, attempt.app_client, username, SELECT, offered=offered)
    single = len(offered) == 1
    return {
        "ChallengeName": offered[0] if single else SELECT,
        "Session": token,
        "ChallengeParameters": {"USERNAME": name},
        "AvailableChallenges": offered,
    }


def _ask(attempt: Attempt, user: User | None, name: str, challenge: str) -> Answer:
    username = user["Username"] if user else name
    parameters: dict[str, str] = {"USERNAME": name}
    facts: dict[str, Any] = {}
    if challenge == WEB_AUTHN and user is not None:
        parameters["CREDENTIAL_REQUEST_OPTIONS"], facts["expected"] = passkeys.request_options(attempt.user_pool, user)
    else:
        attribute = _SENT_TO[challenge]
        address = attributes(user)[attribute] if user else name
        code = codes.random_digits(_CODE_DIGITS)
        if user is not None:
            codes.spend(user, f"{challenge} code", 20)
            messages.send_sign_in_code(attempt.user_pool, user, attribute, code)
        facts["code"] = codes.sealed(code, codes.HOUR)
        details = messages.delivery_details(attribute, address)
        parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] = details["DeliveryMedium"]
        parameters["CODE_DELIVERY_DESTINATION"] = details["Destination"]
    token = challenge_sessions.begin(attempt.user_pool, attempt.app_client, username, challenge, **facts)
    return {
        "ChallengeName": challenge,
        "Session": token,
        "ChallengeParameters": parameters,
        "AvailableChallenges": available(attempt.user_pool, user),
    }


def _answer_code(attempt: Attempt, challenge: str, field: str) -> Answer:
    session = _session(attempt, challenge)
    user = find_user(attempt.user_pool, session["username"])
    code = attempt.needed(field)
    if user is None:
        challenge_sessions.miss(session)
        raise code_mismatch()
    passwords.refuse_disabled(user)
    lockout.refuse_when_locked(user)
    if time.time() >= session["code"]["expires_at"] or not codes.matches(session["code"], code):
        raise mfa.wrong_code(session, user)
    challenge_sessions.spend(session)
    set_attributes(user, {f"{_SENT_TO[challenge]}_verified": "true"})
    return _in(attempt, user)


def _in(attempt: Attempt, user: User, *, enough: bool = False) -> Answer:
    """Return what a proved factor leads to; a second one unless this is ``enough``: one may be on since then."""
    passwords.refuse_disabled(user)
    passwords.refuse_unready(attempt.user_pool, user)
    lockout.reset(user)
    second = None if enough else mfa.challenge(attempt, user)
    return second or tokens.issue(attempt.user_pool, attempt.app_client, user)


def _sign_in_new_person(attempt: Attempt, name: str) -> Answer:
    user = find_user(attempt.user_pool, name)
    token = attempt.request["Session"]
    challenge_sessions.redeem(token, attempt.app_client, user["Username"] if user else name, sign_up.CONFIRMED_ACCOUNT)
    if user is None:
        raise wrong_password()
    # https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html: not at the first sign-in.
    return _in(attempt, user, enough=True)
