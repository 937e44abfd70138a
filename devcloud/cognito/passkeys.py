"""Passkeys: registered, listed, deleted, and judged when somebody signs in with one.

MiniStack has none of it. The cryptography is that of the ``webauthn`` package (https://www.w3.org/TR/webauthn-3/).
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html,
"Passkey sign-in", has the rules.
"""

from __future__ import annotations

import json
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from devcloud.cognito.errors import CognitoError, invalid_parameter, limit_exceeded, wrong_password
from devcloud.cognito.records import Answer, Pool, Request, User, attributes, signed_in

MOST = 20
_REGISTRATION_SECONDS = 5 * 60
_ALGORITHMS = [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256]
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError)


def of(user_pool: Pool, user: User) -> list[dict[str, Any]]:
    """Return the person's passkeys that belong to the pool's relying party; a changed one orphans the rest."""
    relying_party = _configuration(user_pool).get("RelyingPartyId")
    return [key for key in user.get("_passkeys", []) if key["relying_party"] == relying_party]


def satisfies_mfa(user_pool: Pool, user: User) -> bool:
    """Say whether the person's passkey stands for both factors: the pool counts it so, and they have turned that on.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnMfaSettingsType.html
    """
    return multi_factor(user_pool) and bool(user.get("_passkey_mfa"))


def multi_factor(user_pool: Pool) -> bool:
    """Say whether people of the pool may have their passkey stand for both factors.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html
    """
    return bool(_configuration(user_pool).get("FactorConfiguration") == "MULTI_FACTOR_WITH_USER_VERIFICATION")


def start_web_authn_registration(request: Request) -> Answer:
    """Return what the browser's ``navigator.credentials.create`` needs to make a passkey.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_StartWebAuthnRegistration.html.
    Raises WebAuthnNotEnabledException, WebAuthnConfigurationMissingException, LimitExceededException at 20 keys.
    """
    user_pool, app_client, user = signed_in(request)
    relying_party = _relying_party(user_pool)
    if len(user.get("_passkeys", [])) >= MOST:
        raise limit_exceeded()
    name = attributes(user).get("email") or user["Username"]
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_registration_options(
        rp_id=relying_party,
        rp_name=relying_party,
        user_name=name,
        user_id=attributes(user)["sub"].encode(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=_user_verification(user_pool),
        ),
        exclude_credentials=_descriptors(of(user_pool, user)),
        supported_pub_key_algs=_ALGORITHMS,
    )
    user["_passkey_registration"] = {
        "challenge": bytes_to_base64url(challenge),
        "client_id": app_client["ClientId"],
        "expires_at": time.time() + _REGISTRATION_SECONDS,
    }
    return {"CredentialCreationOptions": json.loads(webauthn.options_to_json(options))}


def complete_web_authn_registration(request: Request) -> Answer:
    """Keep the passkey that the browser made; its challenge is good once.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CompleteWebAuthnRegistration.html.
    Raises WebAuthnChallengeNotFoundException, WebAuthnClientMismatchException, WebAuthnOriginNotAllowedException,
    WebAuthnRelyingPartyMismatchException, WebAuthnCredentialNotSupportedException, InvalidParameterException.
    """
    user_pool, app_client, user = signed_in(request)
    relying_party = _relying_party(user_pool)
    pending = user.get("_passkey_registration")
    if pending is None or time.time() >= pending["expires_at"]:
        raise CognitoError("WebAuthnChallengeNotFoundException", "The challenge is not there any more.")
    if pending["client_id"] != app_client["ClientId"]:
        raise CognitoError("WebAuthnClientMismatchException", "The registration was started by another app client.")
    credential = request.get("Credential") or {}
    data = _client_data(credential)
    if data["challenge"] != pending["challenge"]:
        raise CognitoError("WebAuthnChallengeNotFoundException", "The challenge is not the one that was given out.")
    origin = _allowed_origin(data, relying_party)
    del user["_passkey_registration"]
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(pending["challenge"]),
            expected_rp_id=relying_party,
            expected_origin=origin,
            require_user_verification=_user_verification(user_pool) is UserVerificationRequirement.REQUIRED,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except _UNREADABLE as error:
        raise _registration_refusal(error) from error
    _keep(user, relying_party, verified, credential)
    return {}


def list_web_authn_credentials(request: Request) -> Answer:
    """Return the signed-in person's passkeys.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListWebAuthnCredentials.html
    """
    _user_pool, _app_client, user = signed_in(request)
    keys = user.get("_passkeys", [])
    start, count = int(request.get("NextToken") or 0), int(request.get("MaxResults") or MOST)
    answer: Answer = {"Credentials": [_described(key) for key in keys[start : start + count]]}
    if start + count < len(keys):
        answer["NextToken"] = str(start + count)
    return answer


def delete_web_authn_credential(request: Request) -> Answer:
    """Forget one passkey of the signed-in person; raises ResourceNotFoundException for one they do not have.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteWebAuthnCredential.html
    """
    _user_pool, _app_client, user = signed_in(request)
    keys = user.get("_passkeys", [])
    left = [key for key in keys if key["id"] != request.get("CredentialId")]
    if len(left) == len(keys):
        raise CognitoError("ResourceNotFoundException", "The passkey does not exist.")
    user["_passkeys"] = left
    return {}


def request_options(user_pool: Pool, user: User) -> tuple[str, str]:
    """Return what ``navigator.credentials.get`` needs to sign in, as JSON, and the challenge to check the answer by."""
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_authentication_options(
        rp_id=_relying_party(user_pool),
        challenge=challenge,
        allow_credentials=_descriptors(of(user_pool, user)),
        user_verification=_user_verification(user_pool),
    )
    return webauthn.options_to_json(options), bytes_to_base64url(challenge)


def verify(user_pool: Pool, user: User, answer: str, challenge: str) -> None:
    """Accept the CREDENTIAL that answers ``challenge``; raises NotAuthorizedException for any that does not.

    WEB_AUTHN of https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
    """
    relying_party = _relying_party(user_pool)
    try:
        credential = json.loads(answer)
        key = next(key for key in of(user_pool, user) if key["id"] == credential["id"])
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=relying_party,
            expected_origin=_allowed_origin(_client_data(credential), relying_party),
            credential_public_key=base64url_to_bytes(key["public_key"]),
            credential_current_sign_count=key["sign_count"],
            require_user_verification=_user_verification(user_pool) is UserVerificationRequirement.REQUIRED,
        )
    except (*_UNREADABLE, StopIteration, CognitoError) as error:
        raise wrong_password() from error
    key["sign_count"] = verified.new_sign_count


def _configuration(user_pool: Pool) -> dict[str, str]:
    return user_pool.get("WebAuthnConfiguration") or {}


def _relying_party(user_pool: Pool) -> str:
    factors = ((user_pool.get("Policies") or {}).get("SignInPolicy") or {}).get("AllowedFirstAuthFactors") or []
    if "WEB_AUTHN" not in factors:
        raise CognitoError("WebAuthnNotEnabledException", "Passkeys are not enabled for this user pool.")
    relying_party = _configuration(user_pool).get("RelyingPartyId")
    if not relying_party:
        raise CognitoError("WebAuthnConfigurationMissingException", "The user pool has no relying party id.")
    return relying_party


def _user_verification(user_pool: Pool) -> UserVerificationRequirement:
    required = _configuration(user_pool).get("UserVerification") == "required" or multi_factor(user_pool)
    return UserVerificationRequirement.REQUIRED if required else UserVerificationRequirement.PREFERRED


def _client_data(credential: dict[str, Any]) -> dict[str, str]:
    try:
        data: dict[str, str] = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return {"challenge": data["challenge"], "origin": data["origin"]}
    except _UNREADABLE as error:
        raise invalid_parameter("The credential cannot be read.") from error


def _allowed_origin(data: dict[str, str], relying_party: str) -> str:
    """Return the page's origin; raises unless it is the relying party's, over TLS or from this machine."""
    origin = urlsplit(data["origin"])
    host = origin.hostname or ""
    secure = origin.scheme == "https" or host == "localhost"
    if not secure or not (host == relying_party or host.endswith(f".{relying_party}")):
        raise CognitoError("WebAuthnOriginNotAllowedException", "The page's origin is not allowed.")
    return data["origin"]


def _registration_refusal(error: Exception) -> CognitoError:
    if "RP ID" in str(error):
        return CognitoError("WebAuthnRelyingPartyMismatchException", "The passkey belongs to another relying party.")
    if "algorithm" in str(error).lower() or "user verification" in str(error).lower():
        return CognitoError("WebAuthnCredentialNotSupportedException", "The passkey is of a kind not supported.")
    return invalid_parameter("The credential cannot be verified.")


def _descriptors(keys: list[dict[str, Any]]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key["id"])) for key in keys]


def _keep(user: User, relying_party: str, verified: Any, credential: dict[str, Any]) -> None:
    keys = user.setdefault("_passkeys", [])
    keys.append(
        {
            "id": bytes_to_base64url(verified.credential_id),
            "public_key": bytes_to_base64url(verified.credential_public_key),
            "sign_count": verified.sign_count,
            "relying_party": relying_party,
            "name": f"Passkey {len(keys) + 1}",
            "attachment": credential.get("authenticatorAttachment"),
            "transports": credential["response"].get("transports") or [],
            "created_at": time.time(),
        }
    )


def _described(key: dict[str, Any]) -> Answer:
    shown = {
        "CredentialId": key["id"],
        "FriendlyCredentialName": key["name"],
        "RelyingPartyId": key["relying_party"],
        "AuthenticatorAttachment": key["attachment"],
        "AuthenticatorTransports": key["transports"],
        "CreatedAt": key["created_at"],
    }
    return {name: value for name, value in shown.items() if value is not None}
