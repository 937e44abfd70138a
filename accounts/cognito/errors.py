"""What can go wrong at Cognito, named for what the caller should do.

CognitoError
├── Refused                     tell the person; they can do something about it
│   ├── NotAuthorized           wrong credentials, spent session or dead token: only the caller knows which
│   │   ├── TemporaryPasswordExpired
│   │   └── AccessTokenRefused
│   ├── UserNotFound
│   │   └── AccountGone
│   ├── NotConfirmed
│   ├── PasswordResetRequired
│   ├── WrongCode
│   ├── ExpiredCode
│   ├── TooManyAttempts
│   ├── PasswordRejected
│   │   └── PasswordUsedBefore
│   ├── UsernameTaken
│   ├── AliasTaken
│   ├── InputRejected
│   ├── CodeNotDelivered
│   ├── FactorNotSetUp
│   ├── PasskeyRefused
│   │   └── TooManyPasskeys
│   ├── TokenReused
│   └── RefusedByTrigger
├── Unavailable                 try later; nothing was lost
│   ├── Throttled
│   └── Unreachable
├── Misconfigured               wake an operator
└── TokenError                  a token is not what it claims to be (never shown, always logged)
    ├── ClaimNotAllowed
    └── UnknownKey

``CODES`` maps the codes of Cognito's user pools onto these, ``COMMON_CODES`` those that any AWS service may answer.
Decisions are made by code, and the words of AWS never reach a page.
"""


class CognitoError(Exception):
    """Base of everything the gateways raise. Carries evidence for the log: operation, AWS code, AWS request id."""

    def __init__(self, operation: str = "", code: str = "", request_id: str = "") -> None:
        self.operation, self.code, self.request_id = operation, code, request_id
        super().__init__(operation, code, request_id)

    def __str__(self) -> str:
        evidence = {"operation": self.operation, "code": self.code, "aws_request_id": self.request_id}
        return " ".join([type(self).__name__, *(f"{name}={value}" for name, value in evidence.items() if value)])


class Refused(CognitoError):
    """Cognito understood the request and said no."""


class NotAuthorized(Refused):
    """Wrong credentials, a spent or expired challenge session, or a token that no longer works."""


class TemporaryPasswordExpired(NotAuthorized):
    """The password is right but was temporary, and its days are over; only an administrator can renew it."""


class UserNotFound(Refused):
    """No such person in the pool (on pools that say so)."""


class AccessTokenRefused(NotAuthorized):
    """The access token no longer works. Where a password is changed, the old password may be wrong instead."""


class AccountGone(UserNotFound):
    """The person whose access token went along has no account any more."""


class NotConfirmed(Refused):
    """The account exists and the password is right, but the e-mail address was never confirmed."""


class PasswordResetRequired(Refused):
    """An administrator has demanded a new password."""


class WrongCode(Refused):
    """The code is not the one that was sent."""


class ExpiredCode(Refused):
    """The code was right once."""


class TooManyAttempts(Refused):
    """This person's budget of attempts is used up for now."""


class PasswordRejected(Refused):
    """The new password does not meet the pool's policy."""


class PasswordUsedBefore(PasswordRejected):
    """The new password is one of the person's earlier ones."""


class UsernameTaken(Refused):
    """Somebody has an account under this name already."""


class AliasTaken(Refused):
    """Another account has confirmed this e-mail address or telephone number."""


class InputRejected(Refused):
    """A value has a shape Cognito does not take, or the account is in no state for the request."""


class CodeNotDelivered(Refused):
    """What was asked for is done, but the code could not be sent."""


class FactorNotSetUp(Refused):
    """The person does not have the factor that was asked for, or the code that sets it up was wrong."""


class PasskeyRefused(Refused):
    """The passkey, or the attempt to add one, was not accepted."""


class TooManyPasskeys(PasskeyRefused):
    """The person has as many passkeys as Cognito keeps."""


class TokenReused(Refused):
    """A refresh token was presented after its successor had been handed out and the grace period was over."""


class RefusedByTrigger(Refused):
    """A Lambda function of the pool said no."""


class Unavailable(CognitoError):
    """Cognito cannot answer at the moment."""


class Throttled(Unavailable):
    """The pool's request rate is exhausted."""


class Unreachable(Unavailable):
    """No answer, or one that makes no sense."""


class Misconfigured(CognitoError):
    """Pool, client, secret or permissions are not what the settings say."""


class TokenError(CognitoError):
    """A token must not be trusted. The message never holds the token."""


class ClaimNotAllowed(TokenError):
    """A claim differs from what the configuration expects."""

    def __init__(self, claim: str, actual: object, expected: object) -> None:
        super().__init__()
        self.claim, self.actual, self.expected = claim, repr(actual)[:200], repr(expected)[:200]

    def __str__(self) -> str:
        return f"{self.claim} not allowed: {self.actual}. Expected: {self.expected}"


class UnknownKey(TokenError):
    """The token names a key that the pool does not publish."""

    def __init__(self, key_id: object) -> None:
        super().__init__()
        self.key_id = repr(key_id)[:80]

    def __str__(self) -> str:
        return f"key id not published by the pool: {self.key_id}"


# Of Cognito's user pools.
CODES: dict[str, type[CognitoError]] = {
    "NotAuthorizedException": NotAuthorized,
    "UnauthorizedException": NotAuthorized,
    "UserNotFoundException": UserNotFound,
    "UserNotConfirmedException": NotConfirmed,
    "PasswordResetRequiredException": PasswordResetRequired,
    "CodeMismatchException": WrongCode,
    "ExpiredCodeException": ExpiredCode,
    "LimitExceededException": TooManyAttempts,
    "TooManyFailedAttemptsException": TooManyAttempts,
    "InvalidPasswordException": PasswordRejected,
    "PasswordHistoryPolicyViolationException": PasswordUsedBefore,
    "UsernameExistsException": UsernameTaken,
    "AliasExistsException": AliasTaken,
    "InvalidParameterException": InputRejected,
    "CodeDeliveryFailureException": CodeNotDelivered,
    "EnableSoftwareTokenMFAException": FactorNotSetUp,
    "SoftwareTokenMFANotFoundException": FactorNotSetUp,
    "MFAMethodNotFoundException": FactorNotSetUp,
    "WebAuthnChallengeNotFoundException": PasskeyRefused,
    "WebAuthnClientMismatchException": PasskeyRefused,
    "WebAuthnCredentialNotSupportedException": PasskeyRefused,
    "RefreshTokenReuseException": TokenReused,
    "UserLambdaValidationException": RefusedByTrigger,
    "ForbiddenException": Throttled,
    "ConcurrentModificationException": Throttled,
    "OperationNotEnabledException": Unreachable,
    "InternalErrorException": Unreachable,
    "UnexpectedLambdaException": Unreachable,
    "InvalidLambdaResponseException": Unreachable,
    "ResourceNotFoundException": Misconfigured,
    "InvalidUserPoolConfigurationException": Misconfigured,
    "InvalidSmsRoleAccessPolicyException": Misconfigured,
    "InvalidSmsRoleTrustRelationshipException": Misconfigured,
    "InvalidEmailRoleAccessPolicyException": Misconfigured,
    "UnsupportedOperationException": Misconfigured,
    "UnsupportedUserStateException": InputRejected,
    "UnsupportedTokenTypeException": Misconfigured,
    "FeatureUnavailableInTierException": Misconfigured,
    "UserPoolAddOnNotEnabledException": Misconfigured,
    "UserPoolTaggingException": Misconfigured,
    "WebAuthnNotEnabledException": Misconfigured,
    "WebAuthnConfigurationMissingException": Misconfigured,
    "WebAuthnOriginNotAllowedException": Misconfigured,
    "WebAuthnRelyingPartyMismatchException": Misconfigured,
    "DeviceKeyNotFoundException": Misconfigured,
}

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
COMMON_CODES: dict[str, type[CognitoError]] = {
    "TooManyRequestsException": Throttled,
    "ThrottlingException": Throttled,
    "AccessDeniedException": Misconfigured,
    "UnrecognizedClientException": Misconfigured,
    "InvalidClientTokenId": Misconfigured,
    "InvalidSignatureException": Misconfigured,
    "SignatureDoesNotMatch": Misconfigured,
    "MissingAuthenticationTokenException": Misconfigured,
}

# By boto3's name of the service.
SERVICE_CODES = {"cognito-idp": CODES}


def from_code(service: str, code: str, message: str, status: int) -> type[CognitoError]:
    """Return the class for the error ``code`` of an AWS ``service`` (boto3's name; ``status``: HTTP).

    A code that stands in no table is judged by its HTTP class: 429 and 5xx will pass, the rest has to be looked into.
    """
    told_apart = by_message(code, message) if service == "cognito-idp" else None
    default = Unreachable if status >= 500 or status == 429 else Misconfigured
    return told_apart or SERVICE_CODES.get(service, {}).get(code) or COMMON_CODES.get(code, default)


def by_message(code: str, message: str) -> type[CognitoError] | None:
    """Return the class for what Cognito's user pools tell apart by their words only, None for everything else.

    These are a wrong client secret and a flow the client does not allow, which no password can cure, a temporary
    password past its date, and one passkey too many. Should AWS change its wording, the plain class of the code is
    left: the page's advice gets weaker, and nothing else happens.
    """
    text = message.lower()
    if code == "NotAuthorizedException":
        if "secret hash" in text or "secret was not received" in text or "client secret" in text:
            return Misconfigured
        if "temporary password has expired" in text:
            return TemporaryPasswordExpired
    if code == "InvalidParameterException" and "not enabled for" in message and "client" in message:
        return Misconfigured
    if code == "LimitExceededException" and "webauthn" in text:
        return TooManyPasskeys
    return None
