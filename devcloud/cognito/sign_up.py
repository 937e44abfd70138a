"""SignUp, ConfirmSignUp and ResendConfirmationCode.

MiniStack creates the person but mails a constant, never notes that the address is verified, sends codes to people who
are confirmed already, and hands out no session to go on with.
"""

from __future__ import annotations

from ministack.services import cognito as ministack

from devcloud.cognito import attributes, challenge_sessions, clients, codes, messages, password_history
from devcloud.cognito.errors import CognitoError, code_mismatch, invalid_parameter, not_authorized
from devcloud.cognito.gate import stock
from devcloud.cognito.records import (
    Answer,
    Client,
    Pool,
    Request,
    User,
    case_sensitive,
    client,
    find_user,
    hides_existence,
    set_attributes,
)
from devcloud.cognito.records import attributes as attributes_of

PURPOSE = "sign-up"
NEW_ACCOUNT = "SIGN_UP"
CONFIRMED_ACCOUNT = "CONFIRM_SIGN_UP"
_stock_sign_up = ministack._sign_up


def sign_up(request: Request) -> Answer:
    """Create an unconfirmed person and send the code that confirms them; they need no password for USER_AUTH.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html. Raises
    UsernameExistsException, InvalidPasswordException, InvalidParameterException, NotAuthorizedException.
    """
    user_pool, app_client = client(request)
    if (user_pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
        raise not_authorized("SignUp is not permitted for this user pool")
    typed = {item["Name"]: item.get("Value", "") for item in request.get("UserAttributes", [])}
    attributes.refuse_unwritable(user_pool, app_client, typed)
    passwordless = not request.get("Password") and "ALLOW_USER_AUTH" in clients.flows(app_client)
    password = ministack._generate_temp_password() if passwordless else request.get("Password", "")
    request = request | {"Username": stored_username(user_pool, request["Username"]), "Password": password}
    attributes.refuse_alias_as_username(user_pool, request["Username"])
    attributes.refuse_missing(user_pool, typed, request["Username"])
    answer = stock(_stock_sign_up, request)
    user = _just_created(user_pool, answer["UserSub"])
    if passwordless:
        del user["_password"]
    else:
        password_history.remember(user_pool, user, password)
    user.pop("_confirmation_code", None)
    attributes.mark_unverified(user)
    answer.pop("CodeDeliveryDetails", None)
    if not answer["UserConfirmed"]:
        answer |= _send_code(user_pool, user)
    if "ALLOW_USER_AUTH" in clients.flows(app_client):
        answer["Session"] = challenge_sessions.begin(user_pool, app_client, user["Username"], NEW_ACCOUNT)
    return answer


def stored_username(user_pool: Pool, name: str) -> str:
    """Return the username as the pool keeps it: in lower case where case does not matter and it is no alias.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html
    """
    if case_sensitive(user_pool) or user_pool.get("UsernameAttributes"):
        return name
    return name.lower()


def confirm_sign_up(request: Request) -> Answer:
    """Confirm the person whose code is typed, and mark the address verified that it was sent to.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html. Answers with a
    Session for USER_AUTH when the one from SignUp came along in time. Raises CodeMismatchException,
    ExpiredCodeException, TooManyFailedAttemptsException, LimitExceededException, AliasExistsException,
    NotAuthorizedException.
    """
    user_pool, app_client = client(request)
    user = find_user(user_pool, request.get("Username"))
    if user is None:
        raise code_mismatch() if hides_existence(app_client) else _unknown()
    if user["UserStatus"] != "UNCONFIRMED":
        raise not_unconfirmed(user)
    codes.spend(user, "ConfirmSignUp", 15)
    codes.check(user, PURPOSE, request.get("ConfirmationCode"))
    # Before anything changes, so that a Session that is refused leaves the code good for another try.
    answer = _session_to_sign_in_with(request, user_pool, app_client, user)
    attribute = attributes.auto_verified(user_pool, user)
    if attribute:
        attributes.claim_alias(user_pool, user, attribute, force=bool(request.get("ForceAliasCreation")))
        set_attributes(user, {f"{attribute}_verified": "true"})
    codes.discard(user, PURPOSE)
    user["UserStatus"] = "CONFIRMED"
    return answer


def resend_confirmation_code(request: Request) -> Answer:
    """Send an unconfirmed person a new code, which ends the life of the older one.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ResendConfirmationCode.html. Raises
    InvalidParameterException for a confirmed person, LimitExceededException after five in an hour.
    """
    user_pool, app_client = client(request)
    user = find_user(user_pool, request.get("Username"))
    if user is None:
        if hides_existence(app_client):
            return {"CodeDeliveryDetails": messages.simulated_delivery(request["Username"])}
        raise _unknown()
    if user["UserStatus"] != "UNCONFIRMED":
        raise invalid_parameter("User is already confirmed.")
    if attributes.auto_verified(user_pool, user) is None:
        raise invalid_parameter("Cannot resend codes. Auto verification not turned on.")
    codes.spend(user, "ResendConfirmationCode", 5)
    return _send_code(user_pool, user)


def not_unconfirmed(user: User) -> CognitoError:
    """Return the refusal to confirm a person who is not waiting for it."""
    return not_authorized(f"User cannot be confirmed. Current status is {user['UserStatus']}")


def _send_code(user_pool: Pool, user: User) -> Answer:
    attribute = attributes.auto_verified(user_pool, user)
    if attribute is None:
        return {}
    code = codes.issue(user, PURPOSE, codes.DAY)
    messages.send_verification_code(user_pool, user, attribute, code, kind="sign-up code")
    return {"CodeDeliveryDetails": messages.delivery_details(attribute, attributes_of(user)[attribute])}


def _session_to_sign_in_with(request: Request, user_pool: Pool, app_client: Client, user: User) -> Answer:
    try:
        challenge_sessions.redeem(request.get("Session"), app_client, user["Username"], NEW_ACCOUNT)
    except CognitoError:
        # The code may be typed a day later: the account is confirmed, only the short cut is gone.
        return {}
    return {"Session": challenge_sessions.begin(user_pool, app_client, user["Username"], CONFIRMED_ACCOUNT)}


def _just_created(user_pool: Pool, sub: str) -> User:
    user = find_user(user_pool, sub)
    if user is None:
        raise CognitoError("InternalErrorException", "The person just created is not there.")
    return user


def _unknown() -> CognitoError:
    return CognitoError("UserNotFoundException", "Username/client id combination not found.")
