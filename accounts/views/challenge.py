"""The steps between a password and being signed in: whatever Cognito asks, one page after another."""

import json
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts import activity, authenticator, client_address, conf, double_submit, entrance, limits
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import (
    ExpiredCode,
    FactorNotSetUp,
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    PasswordResetRequired,
    Refused,
    TooManyAttempts,
    UserNotFound,
    WrongCode,
)
from accounts.cognito.factors import Factor
from accounts.forms.challenges import CHALLENGE_FORMS, ChallengeForm, ChoiceForm, PasswordForm
from accounts.pending import PendingChallenge
from accounts.views.base import WAIT, CognitoFormView, Refusals, new_password_refusals
from accounts.views.login import INCORRECT, first_things_first


class UnknownChallenge(Exception):
    """Cognito asks something this site has no page for."""


STARTED_AGAIN = _("This sign-in took too long or was answered already. Sign in again to go on.")
WRONG_CODE = _("This is not the code. Check it and type it again.")
# What else a spent sign-in can mean: one wrong answer ends it.
REFUSED_ANSWERS = {
    ChallengeName.PASSWORD: INCORRECT,
    ChallengeName.WEB_AUTHN: _("This passkey was not accepted. Sign in again, with another one or in another way."),
}
ASKED_AGAIN = _("There is one more question. If it is the same one, your answer was not accepted.")
USED_CODE = _("This code was used already. Wait until the app shows another one, and type that.")
WRONG_CLOCK = _(
    "This is not the code the app shows now. Check that the clock of your phone sets itself, and try again."
)

MEDIA = {**{ChallengeName(factor): factor.medium for factor in Factor}, ChallengeName.SMS_OTP: Factor.SMS.medium}
TEMPLATES = {ChallengeName.SMS_OTP: "sms_mfa"}


@method_decorator(login_not_required, name="dispatch")
class ChallengeView(CognitoFormView):
    """Show the pending question, and send on its answer.

    Person, question and Cognito's session are what the server kept when the question came. A browser names none.
    """

    form_class = ChallengeForm
    refusals: ClassVar[Refusals] = {
        TooManyAttempts: ("", WAIT),
        WrongCode: ("code", WRONG_CODE),
        # Codes of an app do not expire within a sign-in: Cognito means that it has taken this one before.
        ExpiredCode: ("code", USED_CODE),
        FactorNotSetUp: ("code", WRONG_CLOCK),
        **new_password_refusals("new_password1"),
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go on only with a question that is pending, and fresh."""
        pending = PendingChallenge.find(request)
        if pending is None:
            if request.user.is_authenticated:
                return redirect(entrance.checked_next(request, ""))
            if request.method == "POST" and self.was_sent_before(request):
                return go_on(request)
            return start_again(request, None)
        form = CHALLENGE_FORMS.get(ChallengeName(pending.name)) if pending.name in CHALLENGE_FORMS else None
        ways = form.ways(pending.challenge) if form and issubclass(form, ChoiceForm) else None
        if form is None or ways == ():
            return unknown(request, pending)
        # Where there is nothing else to choose, the choice is made.
        self.pending = replace(pending, chosen="PASSWORD") if ways == ("PASSWORD",) else pending
        if pending.name == ChallengeName.MFA_SETUP and not pending.totp_secret:
            return self.begin_authenticator(pending)
        return super().dispatch(request, *args, **kwargs)

    def was_sent_before(self, request: HttpRequest) -> bool:
        """Join the session that this very form has opened, if it has; return whether that was so."""
        mark = double_submit.fingerprint(request)
        double_submit.begin(mark)
        return double_submit.join(request, mark)

    def begin_authenticator(self, pending: PendingChallenge) -> HttpResponse:
        """Get a secret for the app and come back. The secret is kept, so that a wrong code shows the same one again."""
        if Factor.TOTP not in pending.challenge.listed("MFAS_CAN_SETUP"):
            return unknown(self.request, pending)
        try:
            secret, session = conf.user_account().associate_software_token(session=pending.session)
        except Refused:
            return start_again(self.request, pending)
        replace(pending, totp_secret=secret, session=session or pending.session).park(self.request)
        return redirect("challenge")

    @property
    def question(self) -> ChallengeName:
        """What the page asks. A person who chose the password has it asked before the choice is sent with it."""
        return ChallengeName(self.pending.chosen or self.pending.name)

    def get_form_class(self) -> type[ChallengeForm]:
        """Return the form for the question."""
        return PasswordForm if self.pending.chosen else CHALLENGE_FORMS[self.question]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the question and the pool's rules for passwords."""
        policy = conf.pool_description().password_policy
        return {
            **super().get_form_kwargs(),
            "challenge": self.pending.challenge,
            "policy": policy,
            "typed": self.pending.typed,
        }

    def get_template_names(self) -> list[str]:
        """Return the page for the question."""
        return [f"accounts/challenges/{TEMPLATES.get(self.question, self.question.lower())}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page says of the question."""
        pending, parameters = self.pending, self.pending.parameters
        context = super().get_context_data(
            challenge={
                "name": self.question,
                "medium": MEDIA.get(self.question, ""),
                "destination": parameters.get("CODE_DELIVERY_DESTINATION", ""),
            },
            username=pending.typed,
            restart_url=entrance.login_url(pending.next_url),
            **kwargs,
        )
        if pending.totp_secret:
            context |= authenticator.totp_context(pending.totp_secret, pending.typed)
        if self.question is ChallengeName.WEB_AUTHN:
            context["passkey_options"] = passkey_options(parameters.get("CREDENTIAL_REQUEST_OPTIONS", ""))
        if self.question is ChallengeName.CUSTOM_CHALLENGE:
            context["question"] = parameters.get("question") or parameters.get("QUESTION", "")
        return context

    def submit(self, form: ChallengeForm) -> HttpResponse:
        """Send the answer; what comes next is another question, or the way in."""
        pending, request = self.pending, self.request
        mark = double_submit.fingerprint(request)
        double_submit.begin(mark)
        if pending.name == ChallengeName.SELECT_CHALLENGE and form.cleaned_data.get("answer") == "PASSWORD":
            replace(pending, chosen="PASSWORD").park(request)
            return redirect("challenge")
        # A password is guessed here as well as on the sign-in page, and out of the same budget.
        by_name = limits.LOGIN_BY_NAME if self.question is ChallengeName.PASSWORD else limits.CHALLENGE_BY_NAME
        context = client_address.context(request)
        try:
            with limits.charged(request, limits.LOGIN_BY_ADDRESS, by_name, pending.typed):
                result = conf.authentication().answer(self.proven(form), form.responses(), context)
                response = entrance.proceed(request, result, typed=pending.typed, next_url=pending.next_url)
        except (NotAuthorized, ExpiredCode, UserNotFound) as refused:
            if double_submit.join(request, mark):
                return go_on(request, pending.next_url)
            if isinstance(refused, ExpiredCode) and pending.name == ChallengeName.SOFTWARE_TOKEN_MFA:
                raise
            activity.refused(request, refused)
            return start_again(request, pending, REFUSED_ANSWERS.get(self.question, STARTED_AGAIN))
        except (NotConfirmed, PasswordResetRequired) as refused:
            PendingChallenge.drop(request)
            return first_things_first(request, refused, pending.typed, pending.next_url)
        double_submit.remember(request, mark)
        following = PendingChallenge.find(request)
        if following and following.name == pending.name == ChallengeName.CUSTOM_CHALLENGE:
            messages.info(request, ASKED_AGAIN)
        return response

    def proven(self, form: ChallengeForm) -> Any:
        """Return the challenge to answer; a new authenticator app has to show its first code before."""
        challenge = self.pending.challenge
        if self.pending.name != ChallengeName.MFA_SETUP:
            return challenge
        session = conf.user_account().verify_software_token(form.cleaned_data["code"], session=challenge.session)
        return replace(challenge, session=session)

    def explain(self, refused: Refused) -> tuple[str, Any]:
        """Put a refusal at a field this form has; InputRejected is about the password only where there is one."""
        field, sentence = super().explain(refused)
        if isinstance(refused, InputRejected) and self.question is not ChallengeName.NEW_PASSWORD_REQUIRED:
            return "", WRONG_CODE
        return (field if field in self.get_form_class().base_fields else ""), sentence


def go_on(request: HttpRequest, next_url: str = "") -> HttpResponse:
    """Send somebody whose answer has been taken to the next question, or in."""
    return redirect("challenge" if PendingChallenge.find(request) else entrance.checked_next(request, next_url))


def unknown(request: HttpRequest, pending: PendingChallenge) -> HttpResponse:
    """Explain that Cognito asks something this site has no page for, and tell the log what."""
    activity.refused(request, UnknownChallenge(pending.name))
    context = {"restart_url": entrance.login_url(pending.next_url)}
    return render(request, "accounts/challenges/unknown.html", context)


def start_again(request: HttpRequest, pending: PendingChallenge | None, why: Any = STARTED_AGAIN) -> HttpResponse:
    """Send somebody back to the sign-in page, with the name filled in and what they wanted kept."""
    PendingChallenge.drop(request)
    messages.warning(request, why)
    if pending:
        request.session["login_username"] = pending.typed
    return redirect(entrance.login_url(pending.next_url if pending else ""))


def passkey_options(text: str) -> Any:
    """Return the options for ``navigator.credentials.get`` that Cognito gave as JSON, for the script."""
    try:
        options = json.loads(text)
    except ValueError:
        return {}
    return options.get("publicKey", options) if isinstance(options, dict) else {}
