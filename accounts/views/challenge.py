"""The steps between a password and being signed in: whatever Cognito asks, one page after another."""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import (
    activity,
    challenges,
    choosing,
    client_address,
    conf,
    entrance,
    last_used,
    limits,
    pool,
    way_in,
)
from accounts.challenges import INCORRECT, SUPPORTED, SupportedChallenge
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
from accounts.forms.challenges import ChallengeForm, ChoiceForm, Choices, CodeForm, NewPasswordRequiredForm, PasskeyForm
from accounts.limits import Budget
from accounts.models import CameBy
from accounts.sessions import double_submit
from accounts.sessions.pending import PendingChallenge
from accounts.views.base import (
    DETAILS_REFUSED,
    SIGN_IN_REFUSALS,
    STEP_REFUSALS,
    WAIT,
    WRONG_CLOCK,
    Refusals,
    explained,
    new_password_refusals,
    resend_wait,
)
from accounts.views.steps import (
    StepView,
    choices_of,
    redirect_onwards,
    redirect_to_unfinished_step,
    start_again,
    unsupported,
)

WRONG_CODE = _("That’s not the right code. Check it and try again.")
EXPIRED_CODE = _("That code has expired. Ask for a new one.")
ASKED_AGAIN = _("There’s one more question. If it’s the same one, your answer wasn’t accepted.")
USED_CODE = _("You’ve already used this code. Wait for the next one in your app.")
# The refusals of an answer that was wrong. What else Cognito says, as of a new password, is no failed sign-in.
NOT_PROVED = (NotAuthorized, UserNotFound, WrongCode, ExpiredCode, FactorNotSetUp, TooManyAttempts)


class ChallengeView(StepView):
    """Show the pending question, and send on its answer. A choice has a page of its own."""

    budget = limits.CHALLENGE
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        **STEP_REFUSALS,
        TooManyAttempts: ("", WAIT),
        WrongCode: ("code", WRONG_CODE),
        ExpiredCode: ("code", EXPIRED_CODE),
        FactorNotSetUp: ("code", WRONG_CLOCK),
        **new_password_refusals("new_password1"),
    }

    def not_here(self) -> HttpResponseBase | None:
        """Have a choice made, unless there is but the password; explain what is not known; begin to set up an app."""
        pending, request = self.pending, self.request
        known = challenges.supported(pending.asked)
        choices = known.choices(pending.challenge) if known else None
        if known is None or choices == ():
            return unsupported(request, pending)
        self.pending = with_only_choice(pending, choices)
        if choosing.is_choice(self.pending) or self.is_choice_sent_here():
            # 307 where a choice was sent here: the browser sends it there.
            return redirect("another_way", preserve_request=request.method == "POST")
        if pending.name == ChallengeName.MFA_SETUP and not pending.totp_secret:
            return self.begin_authenticator_setup(pending)
        return None

    def is_choice_sent_here(self) -> bool:
        """Whether a form sends another choice to this address, which takes every other answer."""
        sent = self.request.POST.keys() - self.question.form.base_fields.keys()
        return "answer" in sent and choices_of(self.pending) is not None

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
    def question(self) -> SupportedChallenge:
        """The form, the page and the rest of what the page asks."""
        return SUPPORTED[self.asked]

    def get_form_class(self) -> type[ChallengeForm | ChoiceForm]:
        """Return the form for the question."""
        return self.question.form

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the question and the pool's rules for passwords."""
        pending, form = self.pending, self.question.form
        codes = form is CodeForm
        return {
            **super().get_form_kwargs(),
            # A code is the answer to its own question, though Cognito has still to hear that it was chosen.
            "challenge": replace(pending.challenge, name=self.asked.value) if codes else pending.challenge,
            "policy": pool.description().password_policy,
            "typed": pending.typed,
            **({"length": challenges.code_length(pending)} if codes else {}),
            **({"attributes": pool.description().attributes} if form is NewPasswordRequiredForm else {}),
        }

    def get_template_names(self) -> list[str]:
        """Return the page for the question."""
        return [self.question.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page says of the question, and whether there is another way to answer."""
        pending = self.pending
        return super().get_context_data(
            challenge={"target": challenges.masked(pending), "unproven": pending.unproven},
            minutes=pool.description().challenge_minutes,
            another_way=len(choices_of(pending) or ()) > 1,
            resend_wait=resend_wait(pending.at),
            **self.question.context(pending),
            **kwargs,
        )

    def get_budget(self) -> Budget:
        """Return what an answer may cost. A password is guessed here as well as on the sign-in page: one budget."""
        return limits.LOGIN if self.asked is ChallengeName.PASSWORD else limits.CHALLENGE

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the answer, known by what it is before the session changes."""
        self.mark = double_submit.fingerprint(self.request)
        return super().form_valid(form)

    def submit(self, form: ChallengeForm) -> HttpResponse:
        """Send the answer; whoever sends the same form again joins the session that the first one opened."""
        pending, request = self.pending, self.request
        with double_submit.sending(self.mark):
            response = way_in.answer(request, pending, form) if pending.unproven else self.answer(form)
            double_submit.remember(request, self.mark)
        following = PendingChallenge.find(request)
        if following and following.name == pending.name == ChallengeName.CUSTOM_CHALLENGE:
            messages.info(request, ASKED_AGAIN)
        if isinstance(form, PasskeyForm) and request.user.is_authenticated:
            last_used.remember_passkey(response, form.credential_id)
        return response

    def answer(self, form: ChallengeForm) -> HttpResponse:
        """Send the answer to Cognito's question; return the way on. Raises Refused."""
        context = client_address.context(self.request)
        challenge = self.challenge_to_answer(form)
        result = conf.authentication().answer(challenge, form.responses(), context)
        pending = self.pending
        # Where there was a choice, it fell on the password.
        came_by = CameBy.PASSWORD if pending.chosen else pending.came_by
        return entrance.proceed(
            self.request,
            result,
            typed=pending.typed,
            next_url=pending.next_url,
            came_by=came_by,
            second_step=pending.second_step or challenges.proves_second_step(pending),
            answered=pending.name,
        )

    def refused(self, form: Any, refused: Refused) -> HttpResponse:
        """Go on where the same answer was taken before; begin again where the sign-in is spent."""
        pending, request = self.pending, self.request
        if pending.unproven:
            return self.refused_before_proof(form, refused)
        spent = isinstance(refused, NotAuthorized | UserNotFound)
        if (spent or isinstance(refused, ExpiredCode)) and double_submit.join(request, self.mark):
            return redirect_onwards(request, pending.next_url)
        if isinstance(refused, NOT_PROVED):
            activity.sign_in_refused(request, pending.typed, self.wrong())
        if spent or (isinstance(refused, ExpiredCode) and "code" not in form.fields):
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
        if self.asked is ChallengeName.PASSWORD:
            # It has been recorded where it was tried, and may be typed again: no question of Cognito's is spent.
            return super().refused(form, refused)
        if double_submit.join(request, self.mark):
            return redirect_onwards(request, pending.next_url)
        activity.refused(request, refused)
        activity.sign_in_refused(request, pending.typed, self.wrong())
        if not self.question.code_sent:
            return start_again(request, pending, self.question.spent)
        if pending.tries + 1 >= way_in.TRIES:
            return start_again(request, pending, way_in.CODE_ENDED)
        replace(pending, tries=pending.tries + 1).park(request)
        form.add_error("code", WRONG_CODE)
        return self.form_invalid(form)

    def challenge_to_answer(self, form: ChallengeForm) -> Challenge:
        """Return the challenge to answer; a choice has to be sent before, and a new app to show its first code.

        What comes of that is saved at once: Cognito takes both once, and an outage at the next step would leave it
        unsaved.
        """
        pending = self.pending
        if pending.name == ChallengeName.MFA_SETUP and not pending.totp_proven:
            session = conf.user_account().verify_software_token(form.cleaned_data["code"], session=pending.session)
            self.pending = replace(pending, session=session, totp_proven=True)
        elif pending.name == ChallengeName.SELECT_MFA_TYPE:
            self.pending = choosing.chosen_at_cognito(self.request, pending, pending.chosen)
        if self.pending is not pending:
            self.pending.park(self.request)
            self.request.session.save()
        return self.pending.challenge

    def explain(self, refused: Refused) -> tuple[str, Any]:
        """Put a refusal at a field this form has; InputRejected is about the password only where nothing else is asked.

        Codes of an app do not expire within a sign-in: Cognito means that it has taken this one before.
        """
        if self.pending.unproven and self.asked is ChallengeName.PASSWORD:
            return explained(refused, {**SIGN_IN_REFUSALS, Refused: ("password", INCORRECT)})
        field, sentence = super().explain(refused)
        by_app = self.asked is ChallengeName.SOFTWARE_TOKEN_MFA
        if by_app and isinstance(refused, WrongCode | ExpiredCode):
            return field, WRONG_CLOCK if isinstance(refused, WrongCode) else USED_CODE
        if isinstance(refused, InputRejected):
            if self.asked is not ChallengeName.NEW_PASSWORD_REQUIRED:
                return "", WRONG_CODE
            if self.pending.challenge.listed("requiredAttributes"):
                return "", DETAILS_REFUSED
        return field, sentence


def with_only_choice(pending: PendingChallenge, choices: Choices | None) -> PendingChallenge:
    """Return ``pending`` with its choice made where the password is all there is to choose."""
    only_password = choices is not None and [way for way, _label in choices] == [ChallengeName.PASSWORD]
    return replace(pending, chosen=ChallengeName.PASSWORD.value) if only_password else pending
