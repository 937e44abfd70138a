"""The questions Cognito can ask during a sign-in: for each its form, its page, and what the site has to know of it.

Cognito's names for them and for their answers are in ``accounts/cognito/challenges.py``.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import authenticator, conf, pool
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.factors import Factor
from accounts.cognito.results import Challenge
from accounts.cognito.sign_in_names import SignInWith
from accounts.forms.challenges import (
    AuthenticatorSetupForm,
    ChallengeForm,
    ChoiceForm,
    Choices,
    CodeForm,
    CustomChallengeForm,
    NewPasswordRequiredForm,
    PasskeyForm,
    PasswordForm,
)
from accounts.forms.fields import Sentence, authenticator_code, mailed_code, sign_in_code
from accounts.models import CameBy
from accounts.sessions.pending import PendingChallenge


def incorrect() -> str:
    """Return what is said of a name and a password that are refused, in the words of what people sign in with."""
    match conf.config().sign_in_with:
        case SignInWith.EMAIL:
            return gettext("That email and password don’t match.")
        case SignInWith.PHONE:
            return gettext("That phone number and password don’t match.")
    return gettext("That username and password don’t match.")


INCORRECT = lazy(incorrect, str)()
STARTED_AGAIN = _("That took too long. Start again.")
PASSKEY_REFUSED = _("That passkey wasn’t accepted. Try another one, or use another way.")

CODES_BY_FACTOR: Mapping[Factor, Sentence] = {
    Factor.SMS: _("A code by text message"),
    Factor.TOTP: _("A code from your authenticator app"),
    Factor.EMAIL: _("A code by email"),
}
# What a page needs of the options for a passkey. Which passkeys a name has is not for strangers: Cognito makes only
# such as the browser finds by the site alone (discoverable ones, Web Authentication, Level 3, section 14.6.3).
PUBLIC_PASSKEY_OPTIONS = ("challenge", "rpId", "userVerification")


def factors_to_choose(challenge: Challenge) -> Choices:
    """Return the person's second factors, each by the name Cognito used: it is the answer that Cognito takes."""
    named = ((name, Factor.named(name)) for name in challenge.listed("MFAS_CAN_CHOOSE"))
    return tuple((name, CODES_BY_FACTOR[factor]) for name, factor in named if factor)


def ways_in(names: tuple[str, ...]) -> Choices:
    """Return the ways to sign in that are among Cognito's ``names``, in the order of SUPPORTED."""
    return tuple(
        (name, challenge.way_in) for name, challenge in SUPPORTED.items() if challenge.way_in and name in names
    )


def ways_to_choose(challenge: Challenge) -> Choices:
    """Return the ways to sign in that ``challenge`` leaves to the person."""
    return ways_in(challenge.available)


@dataclass(frozen=True, slots=True)
class Way:
    """One way on a page of ways: the answer it sends, its drawing, its name and what it means."""

    value: str
    icon: str
    title: Sentence
    target: Sentence


WAYS = (
    Way("PASSWORD", "password", _("Password"), _("Enter your password")),
    Way("WEB_AUTHN", "passkey", _("Passkey"), _("Your fingerprint, face or device PIN")),
    Way("SOFTWARE_TOKEN_MFA", "authenticator", _("Authenticator app"), _("A code from the app on your phone")),
    Way("SMS_OTP", "message", _("Text message"), _("A code to your phone number")),
    Way("SMS_MFA", "message", _("Text message"), _("A code to your phone number")),
    Way("EMAIL_OTP", "mail", _("Email"), _("A code to your email")),
)


def ways_of(choices: Choices, pending: PendingChallenge) -> tuple[Way, ...]:
    """Return the ways that are among ``choices``, in the order people are shown them.

    Where a code went is known of the one that ``pending`` asks for alone. A way may go by another name of Cognito's.
    """
    names = {plain(value): value for value, _label in choices}
    return tuple(
        replace(way, value=names[way.value], target=target_of(way, pending)) for way in WAYS if way.value in names
    )


def plain(name: str) -> str:
    """Return the name of a challenge for what Cognito calls ``name``: some second steps have two names."""
    return Factor.named(name) or name


def target_of(way: Way, pending: PendingChallenge) -> Sentence:
    """Return what ``way`` means, with where its code went if that is what ``pending`` asks for."""
    target = masked(pending) if way.value == plain(pending.asked) else ""
    if not target:
        return way.target
    if way.value == ChallengeName.EMAIL_OTP:
        return gettext("A code to %(target)s") % {"target": target}
    return gettext("A code to the phone number ending in %(target)s") % {"target": target}


def masked(pending: PendingChallenge) -> str:
    """Return where the code of ``pending`` went, as Cognito shows it: the end of a number, or an address with gaps.

    "" where Cognito does not say it, and as long as nothing is proved: then it is nobody's business.
    """
    destination = "" if pending.unproven else pending.parameters.get("CODE_DELIVERY_DESTINATION", "")
    if "@" in destination:
        return re.sub(r"\*+", "•••", destination)
    digits = re.search(r"\d+$", destination)
    return digits.group() if digits else ""


def code_length(pending: PendingChallenge) -> Callable[[], int]:
    """Return what tells how many digits the code has that ``pending`` asks for."""
    if pending.asked == ChallengeName.SOFTWARE_TOKEN_MFA:
        return authenticator_code
    instead_of_password = pending.unproven or pending.came_by == CameBy.CHOICE
    return sign_in_code if instead_of_password else mailed_code


def no_choices(challenge: Challenge) -> None:
    """Return None: nothing is chosen."""


def no_context(pending: PendingChallenge) -> dict[str, Any]:
    """Return nothing: the page says what every challenge page says."""
    return {}


def authenticator_context(pending: PendingChallenge) -> dict[str, Any]:
    """Return the key of the app being set up, in its three forms."""
    return {**authenticator.totp_context(pending.totp_secret, pending.typed)}


def passkey_context(pending: PendingChallenge) -> dict[str, Any]:
    """Return the options for ``navigator.credentials.get``, for the script; all of them once something is proved."""
    options = parsed_options(pending.parameters.get("CREDENTIAL_REQUEST_OPTIONS", ""))
    if pending.unproven:
        options = {name: options[name] for name in PUBLIC_PASSKEY_OPTIONS if name in options}
    return {"passkey_options": options}


def parsed_options(text: str) -> Any:
    """Return the passkey options that Cognito gave as JSON, {} for what is none."""
    try:
        options = json.loads(text)
    except ValueError:
        return {}
    return options.get("publicKey", options) if isinstance(options, dict) else {}


def custom_context(pending: PendingChallenge) -> dict[str, Any]:
    """Return the words of a question of the pool's own, under either name its triggers may give it."""
    return {"question": pending.parameters.get("question") or pending.parameters.get("QUESTION", "")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportedChallenge:
    """What the site does with one of Cognito's challenges."""

    form: type[ChallengeForm | ChoiceForm]
    template: str  # in templates/accounts/challenges/, without .html
    code_sent: bool = False  # whether Cognito has sent a code by the time it asks: an app makes its own
    way_in: Sentence = ""  # what it is called among the ways to sign in, "" for what is none
    spent: Sentence = STARTED_AGAIN  # what to say when Cognito takes no further answer to it
    # What a person may choose among: () where nothing that Cognito offers is known here, None where nothing is chosen.
    choices: Callable[[Challenge], Choices | None] = no_choices
    context: Callable[[PendingChallenge], dict[str, Any]] = no_context  # what its page says besides

    @property
    def template_name(self) -> str:
        """Return the path of its page among the templates."""
        return f"accounts/challenges/{self.template}.html"


# People are shown the ways to sign in in this order.
SUPPORTED: Mapping[ChallengeName, SupportedChallenge] = {
    ChallengeName.PASSWORD: SupportedChallenge(
        form=PasswordForm, template="password", way_in=_("My password"), spent=INCORRECT
    ),
    ChallengeName.EMAIL_OTP: SupportedChallenge(
        form=CodeForm, template="email_otp", code_sent=True, way_in=_("A code by email")
    ),
    ChallengeName.SMS_OTP: SupportedChallenge(
        form=CodeForm, template="sms_mfa", code_sent=True, way_in=_("A code by text message")
    ),
    ChallengeName.WEB_AUTHN: SupportedChallenge(
        form=PasskeyForm,
        template="web_authn",
        way_in=_("A passkey"),
        spent=PASSKEY_REFUSED,
        context=passkey_context,
    ),
    ChallengeName.SMS_MFA: SupportedChallenge(form=CodeForm, template="sms_mfa", code_sent=True),
    ChallengeName.SOFTWARE_TOKEN_MFA: SupportedChallenge(form=CodeForm, template="software_token_mfa"),
    ChallengeName.SELECT_CHALLENGE: SupportedChallenge(form=ChoiceForm, template="another_way", choices=ways_to_choose),
    ChallengeName.SELECT_MFA_TYPE: SupportedChallenge(
        form=ChoiceForm, template="another_way", choices=factors_to_choose
    ),
    ChallengeName.MFA_SETUP: SupportedChallenge(
        form=AuthenticatorSetupForm, template="mfa_setup", context=authenticator_context
    ),
    ChallengeName.NEW_PASSWORD_REQUIRED: SupportedChallenge(
        form=NewPasswordRequiredForm, template="new_password_required"
    ),
    ChallengeName.CUSTOM_CHALLENGE: SupportedChallenge(
        form=CustomChallengeForm, template="custom_challenge", context=custom_context
    ),
}


def supported(name: str) -> SupportedChallenge | None:
    """Return what the site does with the challenge that Cognito calls ``name``, None where it has no page for it."""
    return SUPPORTED[ChallengeName(name)] if name in SUPPORTED else None


def proves_second_step(pending: PendingChallenge) -> bool:
    """Whether a right answer to ``pending`` is a second step beside a first one, as far as that is known for sure.

    A code by e-mail may stand for the password in choice-based sign-in, where Cognito gives it the same name. A passkey
    is both steps where the pool says so and where Cognito asked for this one with user verification, which it checks.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html
    """
    match pending.name:
        case ChallengeName.SOFTWARE_TOKEN_MFA | ChallengeName.SMS_MFA | ChallengeName.MFA_SETUP:
            return True
        case ChallengeName.EMAIL_OTP:
            return pending.came_by == CameBy.PASSWORD and conf.config().auth_flow != "USER_AUTH"
        case ChallengeName.WEB_AUTHN:
            options = parsed_options(pending.parameters.get("CREDENTIAL_REQUEST_OPTIONS", ""))
            return pool.description().passkeys_satisfy_mfa and options.get("userVerification") == "required"
    return False
