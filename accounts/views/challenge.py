"""The steps between a password and being signed in: whatever Cognito asks, one page after another."""

import json
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts import activity, authenticator, client_address, conf, entrance, limits, pool, return_address, way_in
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
from accounts.limits import Budget
from accounts.models import CameBy
from accounts.sessions import double_submit
from accounts.sessions.pending import PendingChallenge, PendingRegistration, PendingReset
from accounts.views.base import INCORRECT, WAIT, WRONG_CLOCK, CognitoFormView, Refusals, levelled, new_password_refusals


class UnknownChallenge(Exception):
    """Cognito asks something this site has no page for."""


STARTED_AGAIN = _("This sign-in took too long or was answered already. Sign in again to go on.")
WRONG_CODE = _("This is not the code. Check it and type it again.")
# What to say, instead of STARTED_AGAIN, where one wrong answer ends the sign-in.
REFUSED_ANSWERS = {
    ChallengeName.PASSWORD: INCORRECT,
    ChallengeName.WEB_AUTHN: _("This passkey was not accepted. Sign in again, with another one or in another way."),
}
ASKED_AGAIN = _("There is one more question. If it is the same one, your answer was not accepted.")
USED_CODE = _("This code was used already. Wait until the app shows another one, and type that.")

MEDIA = {**{ChallengeName(factor): factor.medium for factor in Factor}, ChallengeName.SMS_OTP: Factor.SMS.medium}
TEMPLATES = {ChallengeName.SMS_OTP: "sms_mfa"}


@method_decorator(login_not_required, name="dispatch")
class ChallengeView(CognitoFormView):
    """Show the pending question, and send on its answer.

    Person, question and Cognito's session are what the server kept when the question came. A browser names none.
    """

    form_class = ChallengeForm
    budget = limits.CHALLENGE
    level_refusals = True
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
                return return_address.redirect_to("")
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
        # Asked first, so that nobody who has sent nothing before is charged or waits.
        if not double_submit.is_known(mark):
            return False
        with limits.attempt(request, limits.REPEAT, ""):
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
        policy = pool.description().password_policy
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
                "unproven": pending.unproven,
            },
            username=pending.typed,
            restart_url=return_address.login_url(pending.next_url),
            passkeys_satisfy_mfa=pool.description().passkeys_satisfy_mfa,
            **kwargs,
        )
        if pending.totp_secret:
            context |= authenticator.totp_context(pending.totp_secret, pending.typed)
        if self.question is ChallengeName.WEB_AUTHN:
            options = passkey_options(parameters.get("CREDENTIAL_REQUEST_OPTIONS", ""))
            context["passkey_options"] = way_in.for_everybody(options) if pending.unproven else options
        if self.question is ChallengeName.CUSTOM_CHALLENGE:
            context["question"] = parameters.get("question") or parameters.get("QUESTION", "")
        return context

    def charged_to(self, form: ChallengeForm) -> str:
        """Return the name that the sign-in began with."""
        return self.pending.typed

    def get_budget(self) -> Budget:
        """Return what an answer may cost. A password is guessed here as well as on the sign-in page: one budget."""
        return limits.LOGIN if self.question is ChallengeName.PASSWORD else limits.CHALLENGE

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the answer, known by what it is before the session changes."""
        self.mark = double_submit.fingerprint(self.request)
        return super().form_valid(form)

    def submit(self, form: ChallengeForm) -> HttpResponse:
        """Send the answer; what comes next is another question, or the way in."""
        pending, request = self.pending, self.request
        if pending.name == ChallengeName.SELECT_CHALLENGE and form.cleaned_data.get("answer") == "PASSWORD":
            replace(pending, chosen="PASSWORD").park(request)
            return redirect("challenge")
        if pending.unproven and self.question is ChallengeName.SELECT_CHALLENGE:
            with levelled(request, pending.typed):
                return way_in.choose(request, pending, form.cleaned_data["answer"])
        with double_submit.sending(self.mark):
            response = way_in.take(request, pending, form) if pending.unproven else self.answer(form)
            double_submit.remember(request, self.mark)
        following = PendingChallenge.find(request)
        if following and following.name == pending.name == ChallengeName.CUSTOM_CHALLENGE:
            messages.info(request, ASKED_AGAIN)
        return response

    def answer(self, form: ChallengeForm) -> HttpResponse:
        """Send the answer to Cognito's question; return the way on. Raises Refused."""
        pending, context = self.pending, client_address.context(self.request)
        result = conf.authentication().answer(self.proven(form), form.responses(), context)
        # Where there was a choice, it fell on the password.
        came_by = CameBy.PASSWORD if pending.chosen else pending.came_by
        return entrance.proceed(self.request, result, typed=pending.typed, next_url=pending.next_url, came_by=came_by)

    def refused(self, form: Any, refused: Refused) -> HttpResponse:
        """Go on where the same answer was taken before; begin again where the sign-in is spent."""
        pending, request = self.pending, self.request
        if pending.unproven:
            return self.refused_alike(form, refused)
        if isinstance(refused, WrongCode):
            activity.sign_in_refused(request, pending.typed)
        if isinstance(refused, NotAuthorized | ExpiredCode | UserNotFound):
            if double_submit.join(request, self.mark):
                return go_on(request, pending.next_url)
            if not (isinstance(refused, ExpiredCode) and pending.name == ChallengeName.SOFTWARE_TOKEN_MFA):
                activity.refused(request, refused)
                activity.sign_in_refused(request, pending.typed)
                return start_again(request, pending, REFUSED_ANSWERS.get(self.question, STARTED_AGAIN))
        if isinstance(refused, NotConfirmed | PasswordResetRequired):
            PendingChallenge.drop(request)
            return first_things_first(request, refused, pending.typed, pending.next_url)
        return super().refused(form, refused)

    def refused_alike(self, form: Any, refused: Refused) -> HttpResponse:
        """Return the one answer there is as long as nothing is proved, whatever Cognito has against the name."""
        pending, request = self.pending, self.request
        if not pending.chosen and double_submit.join(request, self.mark):
            return go_on(request, pending.next_url)
        activity.refused(request, refused)
        if not pending.chosen:
            # A refused password has been recorded where it was tried.
            activity.sign_in_refused(request, pending.typed)
        if self.question not in way_in.CODES:
            return start_again(request, pending, REFUSED_ANSWERS.get(self.question, STARTED_AGAIN))
        if pending.tries + 1 >= way_in.TRIES:
            return start_again(request, pending, way_in.CODE_ENDED)
        replace(pending, tries=pending.tries + 1).park(request)
        form.add_error("code", way_in.CODE_REFUSED)
        return self.form_invalid(form)

    def proven(self, form: ChallengeForm) -> Any:
        """Return the challenge to answer; a new authenticator app has to show its first code before."""
        pending = self.pending
        if pending.name == ChallengeName.MFA_SETUP and not pending.totp_proven:
            session = conf.user_account().verify_software_token(form.cleaned_data["code"], session=pending.session)
            self.pending = replace(pending, session=session, totp_proven=True)
            self.pending.park(self.request)
            # Saved at once: a code works only once, and an outage at the next step would leave the session unsaved.
            self.request.session.save()
        return self.pending.challenge

    def explain(self, refused: Refused) -> tuple[str, Any]:
        """Put a refusal at a field this form has; InputRejected is about the password only where there is one."""
        field, sentence = super().explain(refused)
        if isinstance(refused, InputRejected) and self.question is not ChallengeName.NEW_PASSWORD_REQUIRED:
            return "", WRONG_CODE
        return field, sentence


def go_on(request: HttpRequest, next_url: str = "") -> HttpResponse:
    """Send somebody whose answer has been taken to the next question, or in."""
    return redirect("challenge") if PendingChallenge.find(request) else return_address.redirect_to(next_url)


def unknown(request: HttpRequest, pending: PendingChallenge) -> HttpResponse:
    """Explain that Cognito asks something this site has no page for, and tell the log what."""
    activity.refused(request, UnknownChallenge(pending.name))
    context = {"restart_url": return_address.login_url(pending.next_url)}
    return render(request, "accounts/challenges/unknown.html", context)


def first_things_first(request: HttpRequest, refused: Refused, name: str, next_url: str) -> HttpResponse:
    """Lead somebody who has proved a password to what has to be done before signing in."""
    if isinstance(refused, NotConfirmed):
        PendingRegistration(username=name, next_url=next_url).park(request)
        messages.info(request, _("Confirm your e-mail address first. Type the code we sent you, or ask for one."))
        return redirect("verify_code")
    PendingReset(username=name).park(request)
    messages.warning(
        request, _("The people who run this site ask you to choose a new password. Ask for a code to do so.")
    )
    return redirect("reset_password")


def start_again(request: HttpRequest, pending: PendingChallenge | None, why: Any = STARTED_AGAIN) -> HttpResponse:
    """Send somebody back to the sign-in page, with the name filled in and what they wanted kept.

    Where nothing is pending nothing is written: anybody may come here, as often as they like, and a request that is
    late must not get a session in place of the one that has begun since.
    """
    if pending is None:
        return HttpResponseRedirect(f"{resolve_url('login')}?again=1")
    PendingChallenge.drop(request)
    messages.warning(request, why)
    return entrance.to_login(request, pending.typed, pending.next_url)


def passkey_options(text: str) -> Any:
    """Return the options for ``navigator.credentials.get`` that Cognito gave as JSON, for the script."""
    try:
        options = json.loads(text)
    except ValueError:
        return {}
    return options.get("publicKey", options) if isinstance(options, dict) else {}
