"""What can go wrong at Cognito, named for what the caller should do.

CognitoError
├── Refused                     tell the person; they can do something about it
│   ├── NotAuthorized           wrong credentials, spent session or dead token: only the caller knows which
│   │   ├── TemporaryPasswordExpired
│   │   ├── AccountDisabled
│   │   ├── RegistrationClosed
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
│   ├── GroupNotFound
│   ├── GroupExists
│   ├── InputRejected
│   ├── CodeNotDelivered
│   ├── FactorNotSetUp
│   ├── PasskeyRefused
│   │   └── TooManyPasskeys
│   ├── TokenReused
│   ├── RefusedByTrigger
│   ├── CredentialsRefused
│   ├── AccessDenied
│   ├── ObjectNotFound
│   └── ObjectExists
├── Unavailable                 try later; nothing was lost
│   ├── Throttled
│   └── Unreachable
├── Misconfigured               wake an operator
└── TokenError                  a token is not what it claims to be (never shown, always logged)
    ├── ClaimNotAllowed
    │   └── MachineToken
    └── UnknownKey

``CODES`` maps the codes of Cognito's user pools onto these, ``IDENTITY_CODES`` those of its identity pools,
``S3_CODES`` those of S3, ``COMMON_CODES`` those that any AWS service may answer.
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


class AccountDisabled(NotAuthorized):
    """The account is switched off in the pool, whatever was right or wrong besides."""


class RegistrationClosed(NotAuthorized):
    """The pool lets nobody register by themselves (AllowAdminCreateUserOnly)."""


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


class GroupNotFound(Refused):
    """No such group in the pool."""


class GroupExists(Refused):
    """The pool has a group of this name already."""


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


class CredentialsRefused(Refused):
    """The person's temporary AWS credentials work no longer."""


class AccessDenied(Refused):
    """IAM does not let this person do that there, or there is nothing that they could be told of."""


class ObjectNotFound(Refused):
    """S3 has no object of this key."""


class ObjectExists(Refused):
    """S3 has an object of this key, and was asked not to put another in its place."""


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


class MachineToken(ClaimNotAllowed):
    """The token is genuine, and a client got it for itself: it speaks of no person."""


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
    "GroupExistsException": GroupExists,
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
    "PreconditionNotMetException": Misconfigured,
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

# Of Cognito's identity pools. InvalidParameter is ours to have avoided: people choose nothing of what is sent.
# https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html#API_GetCredentialsForIdentity_Errors
IDENTITY_CODES: dict[str, type[CognitoError]] = {
    "NotAuthorizedException": NotAuthorized,
    # The login belongs to another identity already: no way in for this person until somebody unlinks it.
    "ResourceConflictException": Misconfigured,
    "LimitExceededException": Throttled,
    "ConcurrentModificationException": Throttled,
    "InternalErrorException": Unreachable,
    "ExternalServiceException": Unreachable,
    "InvalidIdentityPoolConfigurationException": Misconfigured,
    "InvalidParameterException": Misconfigured,
    "ResourceNotFoundException": Misconfigured,
}

# Of S3. The codes that are numbers are those of answers without a body, which HEAD has.
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
S3_CODES: dict[str, type[CognitoError]] = {
    "AccessDenied": AccessDenied,
    "AllAccessDisabled": AccessDenied,
    "AccountProblem": AccessDenied,
    "InvalidObjectState": AccessDenied,
    "NoSuchBucket": AccessDenied,
    "PermanentRedirect": AccessDenied,
    "AuthorizationHeaderMalformed": AccessDenied,  # a bucket of another region
    "IllegalLocationConstraintException": AccessDenied,
    "301": AccessDenied,
    "400": AccessDenied,
    "403": AccessDenied,
    "ExpiredToken": CredentialsRefused,
    "InvalidToken": CredentialsRefused,
    "InvalidAccessKeyId": CredentialsRefused,
    "TokenRefreshRequired": CredentialsRefused,
    "NoSuchKey": ObjectNotFound,
    "404": ObjectNotFound,
    "PreconditionFailed": ObjectExists,
    "ConditionalRequestConflict": Throttled,
    "OperationAborted": Throttled,
    "SlowDown": Throttled,
    "RequestTimeout": Unreachable,
    "IncompleteBody": Unreachable,
    "BadDigest": Unreachable,
    "InvalidArgument": InputRejected,
    "InvalidBucketName": InputRejected,
    "InvalidURI": InputRejected,
    "KeyTooLongError": InputRejected,
    "EntityTooLarge": InputRejected,
}

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
SNS_CODES: dict[str, type[CognitoError]] = {"Throttled": Throttled, "Throttling": Throttled}

# By boto3's name of the service.
SERVICE_CODES = {"cognito-idp": CODES, "cognito-identity": IDENTITY_CODES, "s3": S3_CODES, "sns": SNS_CODES}


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
    password past its date, an account that is switched off, a pool that is closed to newcomers, one passkey too many,
    and a group that is missing where the pool itself might be. Should AWS change its wording, the plain class of the
    code is left: the page's advice gets weaker, and nothing else happens.
    """
    text = message.lower()
    if code == "NotAuthorizedException":
        if "secret hash" in text or "secret was not received" in text or "client secret" in text:
            return Misconfigured
        if "temporary password has expired" in text:
            return TemporaryPasswordExpired
        if "user is disabled" in text:
            return AccountDisabled
        if "signup is not permitted" in text:
            return RegistrationClosed
    if code == "InvalidParameterException" and "not enabled for" in message and "client" in message:
        return Misconfigured
    if code == "LimitExceededException" and "webauthn" in text:
        return TooManyPasskeys
    if code == "ResourceNotFoundException" and text.startswith("group"):
        return GroupNotFound
    return None


# Codes of Unreachable with which nothing was done: botocore's for a connection that was never made, and Cognito's for a
# region that is not the active one of a pool in two.
NOT_DONE = frozenset(
    {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "OperationNotEnabledException"}
)


def may_be_done(error: CognitoError) -> bool:
    """Whether what ended with ``error`` may have been done: its answer got lost, or a trigger failed after the act."""
    lost = isinstance(error, Unreachable) and error.code not in NOT_DONE
    return lost or isinstance(error, RefusedByTrigger)


def lacks_operation(error: CognitoError) -> bool:
    """Whether ``error`` is how a server other than AWS says that it does not know the operation."""
    unknown = {"InvalidAction", "UnknownOperationException", "NotImplemented", "Unsupported", "500", "501", "404"}
    return isinstance(error, Unreachable | Misconfigured) and error.code in unknown
