"""The settings of this app as one typed object, and the gateways they configure: one of each per process.

Other modules write ``conf.user_pool()`` and never keep the result, so that a test replaces it in one place. What needs
boto3, PyJWT or cryptography is imported inside the function that first wants it, in this module alone: a management
command that talks to nobody stays light.
"""

import threading
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.signals import setting_changed
from django.urls import reverse
from django.utils.translation import get_language

from accounts.cognito.config import CognitoConfig

if TYPE_CHECKING:
    from accounts.cognito.authentication import Authentication
    from accounts.cognito.bucket import Bucket
    from accounts.cognito.client import Gateway
    from accounts.cognito.directory import Directory
    from accounts.cognito.groups import Groups
    from accounts.cognito.hosted_ui import HostedUI
    from accounts.cognito.identity_pool import IdentityPool
    from accounts.cognito.inspection import Inspection
    from accounts.cognito.text_messages import TextMessages
    from accounts.cognito.user_account import UserAccount
    from accounts.cognito.user_pool import UserPool
    from accounts.cognito.verifier import TokenVerifier
    from accounts.encryption import TokenCipher

AnyGateway = TypeVar("AnyGateway", bound="Gateway")

_lock = threading.Lock()
_gateways: dict[type[Any], Any] = {}


@lru_cache
def config() -> CognitoConfig:
    """Return what the ``COGNITO`` setting says, with what was left out derived."""
    return CognitoConfig.from_settings(settings.COGNITO)


@lru_cache
def _client(signed: bool) -> Any:
    from accounts.cognito.client import make_client

    return make_client("cognito-idp", config().connection, signed=signed)


def _gateway(kind: "type[AnyGateway]", *, signed: bool = False) -> "AnyGateway":
    # Without the lock, each of the first requests at once would build a client of its own.
    with _lock:
        if kind not in _gateways:
            _gateways[kind] = kind(_client(signed), config(), get_language)
        gateway: AnyGateway = _gateways[kind]
    return gateway


def authentication() -> "Authentication":
    """Return the gateway for signing in."""
    from accounts.cognito.authentication import Authentication

    return _gateway(Authentication, signed=config().auth_flow == "ADMIN_USER_PASSWORD_AUTH")


def user_pool() -> "UserPool":
    """Return the gateway for what anybody may ask."""
    from accounts.cognito.user_pool import UserPool

    return _gateway(UserPool)


def user_account() -> "UserAccount":
    """Return the gateway for what a signed-in person may do to their own account."""
    from accounts.cognito.user_account import UserAccount

    return _gateway(UserAccount)


def directory() -> "Directory":
    """Return the gateway that needs an AWS key."""
    from accounts.cognito.directory import Directory

    return _gateway(Directory, signed=True)


def inspection() -> "Inspection":
    """Return what reads how the pool is set up, a new one each time: it keeps the answers it has had."""
    from accounts.cognito.client import make_client
    from accounts.cognito.inspection import Inspection

    return Inspection(partial(make_client, signed=True), config())


def identity_pool() -> "IdentityPool":
    """Return the gateway that exchanges tokens for AWS credentials. No key goes along: the token is the proof."""
    from accounts.cognito.client import make_client
    from accounts.cognito.identity_pool import IdentityPool

    with _lock:
        if IdentityPool not in _gateways:
            client = make_client("cognito-identity", config().identity_connection)
            _gateways[IdentityPool] = IdentityPool(client, config())
        gateway: IdentityPool = _gateways[IdentityPool]
    return gateway


def text_messages() -> "TextMessages":
    """Return the gateway for text messages of the site's own, which needs an AWS key."""
    from accounts.cognito.client import make_client
    from accounts.cognito.text_messages import TextMessages

    with _lock:
        if TextMessages not in _gateways:
            client = make_client("sns", config().connection, signed=True)
            _gateways[TextMessages] = TextMessages(client, config())
        gateway: TextMessages = _gateways[TextMessages]
    return gateway


def bucket() -> "Bucket":
    """Return what reads and writes objects with people's own credentials, all with one client."""
    from accounts.cognito.bucket import Bucket
    from accounts.cognito.client import CallersCredentials, make_s3_client

    with _lock:
        if Bucket not in _gateways:
            callers = CallersCredentials()
            _gateways[Bucket] = Bucket(make_s3_client(config().files_connection, callers), config(), callers)
        gateway: Bucket = _gateways[Bucket]
    return gateway


def groups() -> "Groups":
    """Return the gateway to the pool's groups, which needs an AWS key."""
    from accounts.cognito.groups import Groups

    return _gateway(Groups, signed=True)


@lru_cache
def _hosted_ui() -> "HostedUI":
    from accounts.cognito.hosted_ui import HostedUI

    return HostedUI(config(), f"{settings.SITE_URL}{reverse('federated_callback')}")


def hosted_ui() -> "HostedUI":
    """Return the pool's domain, from which people come back to SITE_URL, whatever a request says of its host."""
    with _lock:
        return _hosted_ui()


@lru_cache
def _verifier() -> "TokenVerifier":
    from accounts.cognito.key_set import KeySet
    from accounts.cognito.verifier import TokenVerifier

    return TokenVerifier(config(), KeySet(config().jwks_url, timeout=config().read_timeout))


def verifier() -> "TokenVerifier":
    """Return the verifier of this pool's tokens."""
    # Two would each fetch the key set.
    with _lock:
        return _verifier()


@lru_cache
def token_cipher() -> "TokenCipher":
    """Return the cipher for tokens at rest. Raises ImproperlyConfigured when TOKEN_KEYS is empty."""
    from accounts.encryption import TokenCipher

    return TokenCipher(settings.TOKEN_KEYS)


def warm() -> None:
    """Do ahead of the first sign-in what it would otherwise wait for: client, one connection, key set, cipher.

    Raises Unavailable, Misconfigured.
    """
    authentication().connect()
    verifier().warm()
    token_cipher()


def reset(*, setting: str, **_: Any) -> None:
    """Forget what was built from a setting that a test has changed."""
    if setting in {"COGNITO", "TOKEN_KEYS", "SITE_URL"}:
        for cached in (config, _client, _hosted_ui, _verifier, token_cipher):
            cached.cache_clear()
        _gateways.clear()


setting_changed.connect(reset)
