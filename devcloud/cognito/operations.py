"""Which of the user pool operations this package answers instead of MiniStack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from devcloud.cognito import (
    challenges,
    clients,
    devices,
    directory,
    mfa_preference,
    passkeys,
    passwords,
    pool_mfa,
    pools,
    recovery,
    refresh_tokens,
    self_service,
    sign_in,
    sign_up,
    software_tokens,
)
from devcloud.cognito.gate import Operation

OPERATIONS: Final[Mapping[str, Operation]] = {
    "AdminConfirmSignUp": directory.admin_confirm_sign_up,
    "AdminCreateUser": directory.admin_create_user,
    "AdminInitiateAuth": sign_in.admin_initiate_auth,
    "AdminListDevices": devices.admin_list_devices,
    "AdminResetUserPassword": recovery.admin_reset_user_password,
    "AdminRespondToAuthChallenge": challenges.respond_to_auth_challenge,
    "AdminSetUserMFAPreference": mfa_preference.admin_set_user_mfa_preference,
    "AdminSetUserPassword": passwords.admin_set_user_password,
    "AdminUpdateUserAttributes": directory.admin_update_user_attributes,
    "AssociateSoftwareToken": software_tokens.associate_software_token,
    "ChangePassword": passwords.change_password,
    "CompleteWebAuthnRegistration": passkeys.complete_web_authn_registration,
    "ConfirmForgotPassword": recovery.confirm_forgot_password,
    "ConfirmSignUp": sign_up.confirm_sign_up,
    "CreateUserPoolClient": clients.create_user_pool_client,
    "DeleteUserAttributes": self_service.delete_user_attributes,
    "DeleteWebAuthnCredential": passkeys.delete_web_authn_credential,
    "ForgotPassword": recovery.forgot_password,
    "GetTokensFromRefreshToken": refresh_tokens.get_tokens_from_refresh_token,
    "GetUser": self_service.get_user,
    "GetUserAttributeVerificationCode": self_service.get_user_attribute_verification_code,
    "GetUserAuthFactors": self_service.get_user_auth_factors,
    "InitiateAuth": sign_in.initiate_auth,
    "ListDevices": devices.list_devices,
    "ListUsers": directory.list_users,
    "ListWebAuthnCredentials": passkeys.list_web_authn_credentials,
    "ResendConfirmationCode": sign_up.resend_confirmation_code,
    "RespondToAuthChallenge": challenges.respond_to_auth_challenge,
    "RevokeToken": refresh_tokens.revoke_token,
    "SetUserMFAPreference": mfa_preference.set_user_mfa_preference,
    "SetUserPoolMfaConfig": pool_mfa.set_user_pool_mfa_config,
    "SignUp": sign_up.sign_up,
    "StartWebAuthnRegistration": passkeys.start_web_authn_registration,
    "UpdateUserAttributes": self_service.update_user_attributes,
    "UpdateUserPool": pools.update_user_pool,
    "UpdateUserPoolClient": clients.update_user_pool_client,
    "VerifySoftwareToken": software_tokens.verify_software_token,
    "VerifyUserAttribute": self_service.verify_user_attribute,
}
