"""What the pool is like, asked of Cognito now and then: an outage changes no page (docs/adr/0012)."""

import logging
import threading
import time
from dataclasses import replace
from typing import Any

from django.core.signals import setting_changed

from accounts import conf
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import CognitoError
from accounts.cognito.factors import Factor
from accounts.cognito.results import Attribute, PoolDescription

logger = logging.getLogger(__name__)

DESCRIPTION_AGE = 15 * 60  # seconds a description of the pool is trusted
DESCRIPTION_RETRY = 60  # seconds before asking again after a failure

# What is assumed of a pool that cannot be asked: AWS's default policy, an attribute every pool has, and that it may
# well have every second factor; it says no to those it has not.
ASSUMED = PoolDescription(
    attributes=(Attribute("name"),),
    mfa_factors=frozenset(Factor),
)
# Where USER_AUTH is the configured flow, the pool allows a choice.
FIRST = (ChallengeName.PASSWORD, ChallengeName.EMAIL_OTP, ChallengeName.WEB_AUTHN)
ASSUMED_WITH_CHOICE = replace(ASSUMED, first_factors=frozenset(FIRST))


class DescribedPool:
    """The last answer to what the pool is like, and until when it is trusted."""

    asking = threading.Lock()
    description: PoolDescription | None = None
    expires = 0.0


def description() -> PoolDescription:
    """Return the pool's rules, asked of Cognito now and then where an AWS key allows it, else assumed."""
    # Only one request asks. The others use the last answer meanwhile; where there is none yet, they wait for the first.
    if expired() and DescribedPool.asking.acquire(blocking=DescribedPool.description is None):
        try:
            if expired():
                describe()
        finally:
            DescribedPool.asking.release()
    return DescribedPool.description or assumed()


def assumed() -> PoolDescription:
    """Return what is assumed of a pool with these settings: it requires what newcomers are sent a code to."""
    plain = ASSUMED_WITH_CHOICE if conf.config().auth_flow == "USER_AUTH" else ASSUMED
    contact = Attribute(conf.config().sign_in_with.contact.value, required=True)
    return replace(plain, attributes=(contact, *plain.attributes))


def has_key() -> bool:
    """Whether an AWS key lets the site act at Cognito, by whether it has let the pool be described."""
    description()
    return DescribedPool.description is not None


def expired() -> bool:
    """Whether the pool has to be asked again what it is like."""
    return time.monotonic() > DescribedPool.expires


def describe() -> None:
    """Ask the pool what it is like; a refusal or an outage leaves what was known."""
    age = DESCRIPTION_RETRY
    try:
        DescribedPool.description = conf.directory().describe()
        age = DESCRIPTION_AGE
    except CognitoError as error:
        logger.info("pool not described", extra={"error": str(error)})
    DescribedPool.expires = time.monotonic() + age


def reset(*, setting: str, **_: Any) -> None:
    """Forget what another pool was like, when a test has changed which one it is."""
    if setting == "COGNITO":
        DescribedPool.description, DescribedPool.expires = None, 0.0


setting_changed.connect(reset)
