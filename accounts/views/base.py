"""What the views share: who may come in, and how a refusal by Cognito becomes a sentence beside a field."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts import activity, conf, return_address
from accounts.cognito.errors import (
    ExpiredCode,
    InputRejected,
    PasswordRejected,
    PasswordUsedBefore,
    Refused,
    TooManyAttempts,
    WrongCode,
)
from accounts.cognito.results import PasswordPolicy
from accounts.forms.fields import Form

Sentence = Any  # a text, or one that gettext_lazy will make
# The kind of refusal -> the field it is about ("" for the form as a whole) and what to say. The first that fits counts.
Refusals = Mapping[type[Refused], tuple[str, Sentence]]

COOL_DOWN = 30  # seconds between two codes

WAIT = _("That was tried too often. Wait an hour, then try again.")
CODE_REFUSED = _("This code does not work, or no longer. Check it, or ask for a new one.")
PASSWORD_USED_BEFORE = _("You have used this password before. Choose another one.")
PASSWORD_REFUSED = _("This password does not meet the rules. Make it longer, and mix more kinds of characters.")

CODE_REFUSALS: Refusals = {
    TooManyAttempts: ("code", WAIT),
    ExpiredCode: ("code", CODE_REFUSED),
    WrongCode: ("code", CODE_REFUSED),
}


def new_password_refusals(field: str) -> Refusals:
    """Return what to say at ``field`` of a new password that Cognito refuses."""
    return {
        PasswordUsedBefore: (field, PASSWORD_USED_BEFORE),
        PasswordRejected: (field, PASSWORD_REFUSED),
        InputRejected: (field, PASSWORD_REFUSED),
    }


def level(started: float) -> None:
    """Wait until REFUSAL_FLOOR seconds after ``started`` (monotonic), so that the time of an answer says nothing."""
    time.sleep(max(0.0, started + settings.REFUSAL_FLOOR - time.monotonic()))


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CognitoFormView(FormView):
    """A form whose answer is an act at Cognito. A flow says which form, which template, the act and its refusals."""

    refusals: ClassVar[Refusals] = {}
    # Which answers come no sooner than REFUSAL_FLOOR: those that could tell whether an account exists.
    level_refusals: ClassVar[bool] = False
    level_answers: ClassVar[bool] = False

    def submit(self, form: Any) -> HttpResponse:
        """Do what the form asks for and return the way on. Raises Refused."""
        raise NotImplementedError

    def form_valid(self, form: Form) -> HttpResponse:
        """Return the way on, or the form again with what Cognito has against it."""
        started = time.monotonic()
        try:
            return self.submit(form)
        except Refused as refused:
            field, sentence = self.explain(refused)
            activity.refused(self.request, refused)
            form.add_error(field or None, sentence)
            if self.level_refusals:
                level(started)
            return self.form_invalid(form)
        finally:
            if self.level_answers:
                level(started)

    def explain(self, refused: Refused) -> tuple[str, Sentence]:
        """Return the field and the sentence for ``refused``; raise it again where this flow did not expect it."""
        for kind, explanation in self.refusals.items():
            if isinstance(refused, kind):
                return explanation
        raise refused


@method_decorator(login_not_required, name="dispatch")
class EntranceMixin:
    """For pages of people who are not signed in; those who are get sent on, unless they may want the page as well."""

    request: HttpRequest
    sends_on: ClassVar[bool] = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send signed-in people to where they were going."""
        if self.sends_on and request.user.is_authenticated:
            return return_address.redirect_to(request.POST.get("next") or request.GET.get("next") or "")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


def resend_wait(sent_at: float) -> int:
    """Return the seconds until another code may be asked for, after one at ``sent_at`` (epoch)."""
    return max(0, round(sent_at + COOL_DOWN - time.time()))


def sign_in_with() -> str:
    """Return what people sign in with: ``email`` or ``username``."""
    value: str = settings.COGNITO["SIGN_IN_WITH"]
    return value


def password_policy() -> PasswordPolicy:
    """Return the pool's password policy."""
    return conf.pool_description().password_policy
