"""The steps between a password and being signed in: whatever Cognito asks, one page after another."""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import (
    activity,
    challenges,
    client_address,
    conf,
    entrance,
    limits,
    pool,
    return_address,
    way_in,
)
from accounts.challenges import STARTED_AGAIN, SUPPORTED, SupportedChallenge
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
from accounts.cognito.results import Challenge
from accounts.forms.challenges import ChallengeForm, Choices, CodeForm
from accounts.forms.fields import Sentence
from accounts.limits import Budget
from accounts.models import CameBy
from accounts.sessions import double_submit
from accounts.sessions.pending import PendingChallenge
from accounts.views.awaiting_code import require_confirmation, require_reset
from accounts.views.base import WAIT, WRONG_CLOCK, CognitoFormView, Refusals, levelled, new_password_refusals


class UnknownChallenge(Exception):
    """Cognito asks something this site has no page for."""


WRONG_CODE = _("That’s not the right code. Check it and try again.")
ASKED_AGAIN = _("There’s one more question. If it’s the same one, your answer wasn’t accepted.")
USED_CODE = _("You’ve already used this code. Wait for the next one in your app.")


# The refusals of an answer that was wrong. What else Cognito says, as of a new password, is no failed sign-in.
NOT_PROVED = (NotAuthorized, UserNotFound, WrongCode, ExpiredCode, FactorNotSetUp, TooManyAttempts)


@method_decorator(login_not_required, name="dispatch")
class ChallengeView(CognitoFormView):
    """Show the pending question, and send on its answer.

    Person, question and Cognito's session are what the server kept when the question came. A browser names none.
    """

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
            return self.nothing_pending(request)
        challenge = challenges.supported(pending.name)
        choices = challenge.choices(pending.challenge) if challenge else None
        if challenge is None or choices == ():
            return unsupported(request, pending)
        self.pending = with_only_choice(pending, choices)
        if pending.name == ChallengeName.MFA_SETUP and not pending.totp_secret:
            return self.begin_authenticator_setup(pending)
        return super().dispatch(request, *args, **kwargs)

    def nothing_pending(self, request: HttpRequest) -> HttpResponse:
        """Send on whoever is in, by this very form or by another; everybody else begins again."""
        if request.user.is_authenticated:
            return return_address.redirect_to("")
        if request.method == "POST" and self.joins_earlier_answer(request):
            return redirect_onwards(request)
        return start_again(request, None)

    def joins_earlier_answer(self, request: HttpRequest) -> bool:
        """Join the session that this very form has opened, if it has; return whether that was so."""
        mark = double_submit.fingerprint(request)
        # Asked first, so that nobody who has sent nothing before is charged or waits.
        if not double_submit.is_known(mark):
            return False
        with limits.attempt(request, limits.REPEAT, ""):
            return double_submit.join(request, mark)

    @sensitive_variables("secret")
    def begin_authenticator_setup(self, pending: PendingChallenge) -> HttpResponse:
        """Get a secret for the app and come back. The secret is kept, so that a wrong code shows the same one again."""
        if Factor.TOTP not in pending.challenge.listed("MFAS_CAN_SETUP"):
            return unsupported(self.request, pending)
        try:
            secret, session = conf.user_account().associate_software_token(session=pending.session)
        except Refused:
            return start_again(self.request, pending)
        replace(pending, totp_secret=secret, session=session or pending.session).park(self.request)
        return redirect("challenge")

    @property
    def asked(self) -> ChallengeName:
        """What the page asks. A person who chose the password has it asked before the choice is sent with it."""
        return ChallengeName(self.pending.chosen or self.pending.name)

    @property
    def question(self) -> SupportedChallenge:
        """The form, the page and the rest of what the page asks."""
        return SUPPORTED[self.asked]

    def get_form_class(self) -> type[ChallengeForm]:
        """Return the form for the question."""
        return self.question.form

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the question, the pool's rules for passwords, and what may be chosen."""
        choices = self.question.choices(self.pending.challenge)
        return {
            **super().get_form_kwargs(),
            "challenge": self.pending.challenge,
            "policy": pool.description().password_policy,
            "typed": self.pending.typed,
            **({} if choices is None else {"choices": choices}),
            **({"length": challenges.code_length(self.pending)} if self.question.form is CodeForm else {}),
        }

    def get_template_names(self) -> list[str]:
        """Return the page for the question."""
        return [self.question.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page says of the question."""
        pending = self.pending
        return super().get_context_data(
            challenge={
                "destination": pending.parameters.get("CODE_DELIVERY_DESTINATION", ""),
                "unproven": pending.unproven,
            },
            username=pending.typed,
            ways=challenges.ways_of(self.question.choices(pending.challenge)),
            restart_url=return_address.login_url(pending.next_url),
            passkeys_satisfy_mfa=pool.description().passkeys_satisfy_mfa,
            **self.question.context(pending),
            **kwargs,
        )

    def charged_to(self, form: ChallengeForm) -> str:
        """Return the name that the sign-in began with."""
        return self.pending.typed

    def get_budget(self) -> Budget:
        """Return what an answer may cost. A password is guessed here as well as on the sign-in page: one budget."""
        return limits.LOGIN if self.asked is ChallengeName.PASSWORD else limits.CHALLENGE

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the answer, known by what it is before the session changes."""
        self.mark = double_submit.fingerprint(self.request)
        return super().form_valid(form)

    def submit(self, form: ChallengeForm) -> HttpResponse:
        """Go to the page of a way that was chosen here; send any other answer, and go on to what comes of it.

        Choosing the password sends nothing yet: Cognito takes that choice together with the password. As long as
        nothing is proved, every other choice leads to its page as well, whatever Cognito has against the name.
        """
        if self.asked is ChallengeName.SELECT_CHALLENGE:
            way = form.cleaned_data["answer"]
            if way == ChallengeName.PASSWORD:
                return self.ask_for_password()
            if self.pending.unproven:
                with levelled(self.request, self.pending.typed):
                    return way_in.ask_for_answer(self.request, self.pending, way)
        return self.send_once(form)

    def ask_for_password(self) -> HttpResponse:
        """Keep the choice until the password goes along with it."""
        replace(self.pending, chosen=ChallengeName.PASSWORD.value).park(self.request)
        return redirect("challenge")

    def send_once(self, form: ChallengeForm) -> HttpResponse:
        """Send the answer; whoever sends the same form again joins the session that the first one opened."""
        pending, request = self.pending, self.request
        with double_submit.sending(self.mark):
            response = way_in.answer(request, pending, form) if pending.unproven else self.answer(form)
            double_submit.remember(request, self.mark)
        following = PendingChallenge.find(request)
        if following and following.name == pending.name == ChallengeName.CUSTOM_CHALLENGE:
            messages.info(request, ASKED_AGAIN)
        return response

    def answer(self, form: ChallengeForm) -> HttpResponse:
        """Send the answer to Cognito's question; return the way on. Raises Refused."""
        pending, context = self.pending, client_address.context(self.request)
        result = conf.authentication().answer(self.challenge_to_answer(form), form.responses(), context)
        # Where there was a choice, it fell on the password.
        came_by = CameBy.PASSWORD if pending.chosen else pending.came_by
        second_step = pending.second_step or challenges.proves_second_step(pending)
        return entrance.proceed(
            self.request,
            result,
            typed=pending.typed,
            next_url=pending.next_url,
            came_by=came_by,
            second_step=second_step,
            answered=pending.name,
        )

    def refused(self, form: Any, refused: Refused) -> HttpResponse:
        """Go on where the same answer was taken before; begin again where the sign-in is spent."""
        pending, request = self.pending, self.request
        if pending.unproven:
            return self.refused_before_proof(form, refused)
        spent = isinstance(refused, NotAuthorized | ExpiredCode | UserNotFound)
        if spent and double_submit.join(request, self.mark):
            return redirect_onwards(request, pending.next_url)
        if isinstance(refused, NOT_PROVED):
            activity.sign_in_refused(request, pending.typed, self.wrong())
        if spent and not (isinstance(refused, ExpiredCode) and pending.name == ChallengeName.SOFTWARE_TOKEN_MFA):
            activity.refused(request, refused)
            return start_again(request, pending, self.question.spent)
        if isinstance(refused, NotConfirmed | PasswordResetRequired):
            PendingChallenge.drop(request)
            return redirect_to_unfinished_step(request, refused, pending.typed, pending.next_url)
        return super().refused(form, refused)

    def wrong(self) -> str:
        """Return what a refused answer was, as the person's activity has it: a code, or something else."""
        return "code" if "code" in self.question.form.base_fields else ""

    def refused_before_proof(self, form: Any, refused: Refused) -> HttpResponse:
        """Return the one answer there is as long as nothing is proved, whatever Cognito has against the name."""
        pending, request = self.pending, self.request
        if not pending.chosen and double_submit.join(request, self.mark):
            return redirect_onwards(request, pending.next_url)
        activity.refused(request, refused)
        if not pending.chosen:
            # A refused password has been recorded where it was tried.
            activity.sign_in_refused(request, pending.typed, self.wrong())
        if not self.question.code_sent:
            return start_again(request, pending, self.question.spent)
        if pending.tries + 1 >= way_in.TRIES:
            return start_again(request, pending, way_in.CODE_ENDED)
        replace(pending, tries=pending.tries + 1).park(request)
        form.add_error("code", way_in.CODE_REFUSED)
        return self.form_invalid(form)

    def challenge_to_answer(self, form: ChallengeForm) -> Challenge:
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
        if isinstance(refused, WrongCode) and self.asked is ChallengeName.SOFTWARE_TOKEN_MFA:
            return field, WRONG_CLOCK
        if isinstance(refused, InputRejected) and self.asked is not ChallengeName.NEW_PASSWORD_REQUIRED:
            return "", WRONG_CODE
        return field, sentence


def with_only_choice(pending: PendingChallenge, choices: Choices | None) -> PendingChallenge:
    """Return ``pending`` with its choice made where the password is all there is to choose."""
    only_password = choices is not None and [way for way, _label in choices] == [ChallengeName.PASSWORD]
    return replace(pending, chosen=ChallengeName.PASSWORD.value) if only_password else pending


def redirect_onwards(request: HttpRequest, next_url: str = "") -> HttpResponse:
    """Send somebody whose answer has been taken to the next question, or in."""
    return redirect("challenge") if PendingChallenge.find(request) else return_address.redirect_to(next_url)


def unsupported(request: HttpRequest, pending: PendingChallenge) -> HttpResponse:
    """Explain that Cognito asks something this site has no page for, and tell the log what."""
    activity.refused(request, UnknownChallenge(pending.name))
    context = {"restart_url": return_address.login_url(pending.next_url)}
    return render(request, "accounts/challenges/unknown.html", context)


def redirect_to_unfinished_step(request: HttpRequest, refused: Refused, name: str, next_url: str) -> HttpResponse:
    """Lead somebody who has proved a password to what has to be done before signing in."""
    if isinstance(refused, NotConfirmed):
        return require_confirmation(request, name, next_url)
    return require_reset(request, name, next_url)


def start_again(request: HttpRequest, pending: PendingChallenge | None, why: Sentence = STARTED_AGAIN) -> HttpResponse:
    """Send somebody back to the sign-in page, with the name filled in and what they wanted kept.

    Where nothing is pending nothing is written: anybody may come here, as often as they like, and a request that is
    late must not get a session in place of the one that has begun since.
    """
    if pending is None:
        return HttpResponseRedirect(f"{resolve_url('login')}?again=1")
    PendingChallenge.drop(request)
    messages.warning(request, why)
    return entrance.to_login(request, pending.typed, pending.next_url)
