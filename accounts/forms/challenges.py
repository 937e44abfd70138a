"""One form for each question Cognito can ask, and how its answer is sent: a table, not a wizard.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""

from typing import Any, cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.cognito.challenges import ANSWER_KEYS, ChallengeName
from accounts.cognito.factors import Factor
from accounts.cognito.results import Attribute, Challenge, PasswordPolicy
from accounts.forms.attributes import attribute_field
from accounts.forms.fields import CodeField, Form, NewPasswordForm, PasswordField, TypedOnceInput

FACTORS = {
    Factor.SMS: _("A code by text message"),
    Factor.TOTP: _("A code from your authenticator app"),
    Factor.EMAIL: _("A code by e-mail"),
}
WAYS_IN: dict[str, Any] = {
    ChallengeName.PASSWORD: _("My password"),
    ChallengeName.EMAIL_OTP: _("A code by e-mail"),
    ChallengeName.SMS_OTP: _("A code by text message"),
    ChallengeName.WEB_AUTHN: _("A passkey"),
}


class ChallengeForm(Form):
    """The answer to one challenge. ``typed`` is the name as the person wrote it."""

    def __init__(self, *args: Any, challenge: Challenge, policy: PasswordPolicy, typed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.challenge = challenge

    def responses(self) -> dict[str, str]:
        """Return what ChallengeResponses has to hold, besides the name and its hash."""
        raise NotImplementedError


class CodeForm(ChallengeForm):
    """A code by text message, by e-mail or from an app."""

    code = CodeField()

    def responses(self) -> dict[str, str]:
        """Return the code under the key its challenge wants."""
        return {ANSWER_KEYS[ChallengeName(self.challenge.name)]: self.cleaned_data["code"]}


class AuthenticatorSetupForm(ChallengeForm):
    """The first code of a new authenticator app. It is checked by an operation of its own."""

    code = CodeField(label=_("Code the app shows now"))

    def responses(self) -> dict[str, str]:
        """Return nothing: the session that VerifySoftwareToken gave is the answer."""
        return {}


class ChoiceForm(ChallengeForm):
    """One of several ways, as radio buttons; none is chosen beforehand."""

    answer = forms.ChoiceField(
        label=_("How do you want to go on?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one.")},
    )
    labels: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["answer"])
        field.choices = [(way, self.label(way)) for way in self.ways(self.challenge)]

    @staticmethod
    def ways(challenge: Challenge) -> tuple[str, ...]:
        """Return the answers Cognito would take and we can go on with."""
        raise NotImplementedError

    def label(self, way: str) -> Any:
        """Return what a way is called on the page."""
        return self.labels[way]

    def responses(self) -> dict[str, str]:
        """Return the chosen way."""
        return {ANSWER_KEYS[ChallengeName(self.challenge.name)]: self.cleaned_data["answer"]}


class FactorChoiceForm(ChoiceForm):
    """Which second factor to use."""

    # By every name of Cognito's, since the name it used is the answer it takes.
    labels = {name: label for factor, label in FACTORS.items() for name in factor.names}

    @staticmethod
    def ways(challenge: Challenge) -> tuple[str, ...]:
        """Return the person's factors."""
        return tuple(way for way in challenge.listed("MFAS_CAN_CHOOSE") if Factor.named(way))


class WayInForm(ChoiceForm):
    """How to sign in."""

    labels = WAYS_IN

    @staticmethod
    def ways(challenge: Challenge) -> tuple[str, ...]:
        """Return what the pool offers this person."""
        return tuple(way for way in WAYS_IN if way in challenge.available)


class PasswordForm(ChallengeForm):
    """The password, asked for after the name."""

    password = PasswordField()

    def responses(self) -> dict[str, str]:
        """Return the password, together with the choice where it is the answer to one."""
        answer = {"PASSWORD": self.cleaned_data["password"]}
        return {"ANSWER": "PASSWORD", **answer} if self.challenge.name == ChallengeName.SELECT_CHALLENGE else answer


class NewPasswordRequiredForm(ChallengeForm, NewPasswordForm):
    """A password of one's own, and whatever required attributes the account lacks."""

    def __init__(self, *args: Any, challenge: Challenge, policy: PasswordPolicy, typed: str, **kwargs: Any) -> None:
        NewPasswordForm.__init__(self, *args, policy=policy, own_words=(typed,), **kwargs)
        self.challenge = challenge
        # Cognito names them "userAttributes.given_name"; the answer must use that very name.
        self.asked = {name.removeprefix("userAttributes."): name for name in challenge.listed("requiredAttributes")}
        for attribute in self.asked:
            self.fields[attribute] = attribute_field(Attribute(attribute, required=True))
        self.order_fields([*self.asked, "new_password1", "new_password2"])

    def responses(self) -> dict[str, str]:
        """Return the password and the attributes that were asked for, and no other: Cognito refuses those it has."""
        attributes = {f"userAttributes.{name}": str(self.cleaned_data[name]) for name in self.asked}
        return {"NEW_PASSWORD": self.cleaned_data["new_password1"], **attributes}


class PasskeyForm(ChallengeForm):
    """What the browser's authenticator answered; a script fills it in."""

    credential = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": _("Your browser did not use a passkey. Try again, or choose another way.")},
        validators=[MaxLengthValidator(16 * 1024)],
    )

    def responses(self) -> dict[str, str]:
        """Return the credential as JSON."""
        return {"CREDENTIAL": self.cleaned_data["credential"]}


class CustomChallengeForm(ChallengeForm):
    """The answer to a question of the pool's own."""

    answer = forms.CharField(
        label=_("Answer"),
        widget=TypedOnceInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Type the answer.")},
        validators=[MaxLengthValidator(2048)],
    )

    def responses(self) -> dict[str, str]:
        """Return the answer."""
        return {"ANSWER": self.cleaned_data["answer"]}


CHALLENGE_FORMS: dict[ChallengeName, type[ChallengeForm]] = {
    ChallengeName.NEW_PASSWORD_REQUIRED: NewPasswordRequiredForm,
    ChallengeName.SMS_MFA: CodeForm,
    ChallengeName.SOFTWARE_TOKEN_MFA: CodeForm,
    ChallengeName.EMAIL_OTP: CodeForm,
    ChallengeName.SMS_OTP: CodeForm,
    ChallengeName.SELECT_MFA_TYPE: FactorChoiceForm,
    ChallengeName.MFA_SETUP: AuthenticatorSetupForm,
    ChallengeName.SELECT_CHALLENGE: WayInForm,
    ChallengeName.PASSWORD: PasswordForm,
    ChallengeName.WEB_AUTHN: PasskeyForm,
    ChallengeName.CUSTOM_CHALLENGE: CustomChallengeForm,
}
