"""The forms of the questions Cognito can ask, and how each answer is sent.

``accounts/challenges.py`` says which question has which form.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.cognito.challenges import ANSWER_KEYS, ChallengeName
from accounts.cognito.results import Attribute, Challenge, PasswordPolicy
from accounts.forms.attributes import attribute_field
from accounts.forms.fields import (
    CodeField,
    Form,
    NewPasswordForm,
    PasswordField,
    Sentence,
    TypedOnceInput,
    authenticator_code,
)

CHOOSE = _("Choose one of the ways.")

Choices = tuple[tuple[str, Sentence], ...]  # what is sent to Cognito, and what it is called on the page


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

    def __init__(self, *args: Any, length: Callable[[], int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField(length=length)

    def responses(self) -> dict[str, str]:
        """Return the code under the key its challenge wants."""
        return {ANSWER_KEYS[ChallengeName(self.challenge.name)]: self.cleaned_data["code"]}


class AuthenticatorSetupForm(ChallengeForm):
    """The first code of a new authenticator app. It is checked by an operation of its own."""

    code = CodeField(length=authenticator_code)

    def responses(self) -> dict[str, str]:
        """Return nothing: the session that VerifySoftwareToken gave is the answer."""
        return {}


class ChoiceForm(Form):
    """One of several ways, each a button of its own; none is chosen beforehand."""

    answer = forms.ChoiceField(
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["answer"]).choices = choices


class PasswordForm(ChallengeForm):
    """The password, asked for after the name."""

    password = PasswordField()

    def responses(self) -> dict[str, str]:
        """Return the password, together with the choice where it is the answer to one."""
        answer = {"PASSWORD": self.cleaned_data["password"]}
        return {"ANSWER": "PASSWORD", **answer} if self.challenge.name == ChallengeName.SELECT_CHALLENGE else answer


class NewPasswordRequiredForm(ChallengeForm, NewPasswordForm):
    """A password of one's own, and whatever required attributes the account lacks; ``attributes`` are the pool's."""

    def __init__(
        self,
        *args: Any,
        challenge: Challenge,
        policy: PasswordPolicy,
        typed: str,
        attributes: tuple[Attribute, ...] = (),
        **kwargs: Any,
    ) -> None:
        NewPasswordForm.__init__(self, *args, policy=policy, own_words=(typed,), **kwargs)
        self.challenge = challenge
        # Cognito names them "userAttributes.given_name"; the answer must use that very name.
        self.asked = {name.removeprefix("userAttributes."): name for name in challenge.listed("requiredAttributes")}
        known = {attribute.name: attribute for attribute in attributes}
        for name in self.asked:
            self.fields[name] = attribute_field(known.get(name, Attribute(name)), required=True)
        self.order_fields([*self.asked, "new_password1", "new_password2"])

    def responses(self) -> dict[str, str]:
        """Return the password and the attributes that were asked for, and no other: Cognito refuses those it has."""
        attributes = {f"userAttributes.{name}": str(self.cleaned_data[name]) for name in self.asked}
        return {"NEW_PASSWORD": self.cleaned_data["new_password1"], **attributes}


class PasskeyForm(ChallengeForm):
    """What the browser's authenticator answered; a script fills it in.

    No field of it is seen: ``stands_in`` is the id of the box that errors lead to.
    """

    stands_in: ClassVar[str] = "passkey"

    credential = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": _("Your browser didn’t use a passkey. Try again, or choose another way.")},
        validators=[MaxLengthValidator(16 * 1024)],
    )

    def responses(self) -> dict[str, str]:
        """Return the credential as JSON."""
        return {"CREDENTIAL": self.cleaned_data["credential"]}

    @property
    def credential_id(self) -> str:
        """The id of the credential that Cognito has taken (Web Authentication, Level 3, section 5.1)."""
        return str(json.loads(self.cleaned_data["credential"])["id"])


class CustomChallengeForm(ChallengeForm):
    """The answer to a question of the pool's own."""

    answer = forms.CharField(
        label=_("Answer"),
        widget=TypedOnceInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter the answer.")},
        validators=[MaxLengthValidator(2048)],
    )

    def responses(self) -> dict[str, str]:
        """Return the answer."""
        return {"ANSWER": self.cleaned_data["answer"]}
