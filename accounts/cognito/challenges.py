"""The questions Cognito can ask during a sign-in, and how each is answered."""

from enum import StrEnum


class ChallengeName(StrEnum):
    """Every challenge a person can meet, by Cognito's name.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
    """

    NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
    SMS_MFA = "SMS_MFA"
    SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"
    EMAIL_OTP = "EMAIL_OTP"
    SMS_OTP = "SMS_OTP"
    SELECT_MFA_TYPE = "SELECT_MFA_TYPE"
    MFA_SETUP = "MFA_SETUP"
    SELECT_CHALLENGE = "SELECT_CHALLENGE"
    PASSWORD = "PASSWORD"
    WEB_AUTHN = "WEB_AUTHN"
    CUSTOM_CHALLENGE = "CUSTOM_CHALLENGE"


# Cognito's further names, and why no page of ours is made for them.
UNSUPPORTED = {
    "PASSWORD_VERIFIER": "answered by the SRP exchange itself, within the request that typed the password",
    "PASSWORD_SRP": "PASSWORD is offered beside it and needs no second round trip",
    "DEVICE_SRP_AUTH": "remembered devices break refresh with the password flows; keep device tracking off",
    "DEVICE_PASSWORD_VERIFIER": "as DEVICE_SRP_AUTH",
    "ADMIN_NO_SRP_AUTH": "a flow of older pools that the API lists among the challenges",
}

# The member of ChallengeResponses that holds the answer.
ANSWER_KEYS = {
    ChallengeName.NEW_PASSWORD_REQUIRED: "NEW_PASSWORD",
    ChallengeName.SMS_MFA: "SMS_MFA_CODE",
    ChallengeName.SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE",
    ChallengeName.EMAIL_OTP: "EMAIL_OTP_CODE",
    ChallengeName.SMS_OTP: "SMS_OTP_CODE",
    ChallengeName.SELECT_MFA_TYPE: "ANSWER",
    ChallengeName.SELECT_CHALLENGE: "ANSWER",
    ChallengeName.PASSWORD: "PASSWORD",
    ChallengeName.WEB_AUTHN: "CREDENTIAL",
    ChallengeName.CUSTOM_CHALLENGE: "ANSWER",
}
