"""What the views share: who may come in, and how a refusal by Cognito becomes a sentence beside a field."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts import activity, error_responses, form_again, kept_name, limits, return_address, waiting
from accounts.challenges import INCORRECT
from accounts.cognito.errors import (
    AliasTaken,
    CodeNotDelivered,
    ExpiredCode,
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    PasswordRejected,
    PasswordResetRequired,
    PasswordUsedBefore,
    Refused,
    RefusedByTrigger,
    TemporaryPasswordExpired,
    TooManyAttempts,
    UserNotFound,
    WrongCode,
)
from accounts.form_again import Again, Notice
from accounts.forms.fields import CodeField, Form, Sentence
from accounts.http import AuthenticatedRequest
from accounts.limits import Attempt, Budget
from accounts.users import own_name

# The kind of refusal -> the field it is about ("" for the form as a whole) and what to say. The first that fits counts.
Refusals = Mapping[type[Refused], tuple[str, Sentence]]

COOL_DOWN = 30  # seconds between two codes

WAIT = _("That was tried too often. Wait an hour, then try again.")
CODE_REFUSED = _("That code didn’t work. Check it, or ask for a new one.")
PASSWORD_USED_BEFORE = _("You’ve used this password before. Choose a new one.")
PASSWORD_REFUSED = _("This password doesn’t meet the rules. Make it longer, or mix in more kinds of characters.")
# Of all that a newcomer types, only the password has been checked against the pool's rules.
DETAILS_REFUSED = _("Some of this wasn’t accepted. Check what you entered, above all where codes go.")
TRIGGER_REFUSED = _("An account can’t be created with these details. The help page says who to ask.")
# Cognito calls a function of the pool once it has taken a code: what was asked for is done.
FAILED_AFTER_CODE = _(
    "Your code was right, but something went wrong after it. Try to sign in. The help page says who to ask."
)
TEMPORARY_EXPIRED = _("Your temporary password has expired. Ask the people who invited you for a new one.")
NOT_SIGNED_IN = _("We can’t sign you in. The help page says who to ask.")
NO_CODE_SENT = _("We couldn’t send you a code. Try again in a few minutes.")
WRONG_CLOCK = _(
    "That code doesn’t match. Check that your phone sets its clock automatically, and enter the newest code."
)

NOT_ACCEPTED = _("Some of this wasn’t accepted. Check what you changed.")

ATTRIBUTE_REFUSALS: Refusals = {
    InputRejected: ("", NOT_ACCEPTED),
    # The client may not write an attribute. The token is not the reason: it has just been good for reading.
    NotAuthorized: ("", NOT_ACCEPTED),
    # Of anything but an address or a number: a preferred user name that is another's.
    AliasTaken: ("preferred_username", _("Another account uses this name. Choose a different one.")),
    CodeNotDelivered: ("", _("No code could be sent there. Check what you changed, then try again.")),
    TooManyAttempts: ("", _("That was changed too often. Wait an hour, then try again.")),
}
# Of any step of a sign-in: a function of the pool keeps somebody out, or the next step is a code.
STEP_REFUSALS: Refusals = {
    RefusedByTrigger: ("", NOT_SIGNED_IN),
    CodeNotDelivered: ("", NO_CODE_SENT),
}
SIGN_IN_REFUSALS: Refusals = {
    **STEP_REFUSALS,
    TemporaryPasswordExpired: ("", TEMPORARY_EXPIRED),
    NotAuthorized: ("password", INCORRECT),
    UserNotFound: ("password", INCORRECT),
    InputRejected: ("password", INCORRECT),
    # Cognito says these of whoever exists, whatever password was typed (docs/adr/0021).
    NotConfirmed: ("password", INCORRECT),
    PasswordResetRequired: ("password", INCORRECT),
    TooManyAttempts: ("password", INCORRECT),
}
CODE_REFUSALS: Refusals = {
    # Cognito counts guesses for accounts that exist only, so its limit must read like a wrong code.
    TooManyAttempts: ("code", CODE_REFUSED),
    ExpiredCode: ("code", CODE_REFUSED),
    WrongCode: ("code", CODE_REFUSED),
}
# Of a code that confirms an account: nothing to confirm, nobody of that name, or an address that another account has
# proved meanwhile.
CONFIRMATION_REFUSALS: Refusals = {
    **CODE_REFUSALS,
    NotAuthorized: ("code", CODE_REFUSED),
    UserNotFound: ("code", CODE_REFUSED),
    InputRejected: ("code", CODE_REFUSED),
    AliasTaken: ("code", CODE_REFUSED),
    RefusedByTrigger: ("", FAILED_AFTER_CODE),
}


def new_password_refusals(field: str) -> Refusals:
    """Return what to say at ``field`` of a new password that Cognito refuses."""
    return {
        PasswordUsedBefore: (field, PASSWORD_USED_BEFORE),
        PasswordRejected: (field, PASSWORD_REFUSED),
        InputRejected: (field, PASSWORD_REFUSED),
    }


def newcomer_refusals(field: str) -> Refusals:
    """Return what to say of a new account that Cognito refuses; ``field`` is where the password is typed."""
    return {
        **new_password_refusals(field),
        InputRejected: ("", DETAILS_REFUSED),
        RefusedByTrigger: ("", TRIGGER_REFUSED),
    }


def explained(refused: Refused, refusals: Refusals) -> tuple[str, Sentence]:
    """Return the field and the sentence for ``refused``; raise it again where ``refusals`` do not expect it."""
    for kind, explanation in refusals.items():
        if isinstance(refused, kind):
            return explanation
    raise refused


def refusal(request: HttpRequest, refused: Refused, refusals: Refusals) -> HttpResponse:
    """Return the answer for a program to what Cognito has against an act, in the words of the page."""
    field, sentence = explained(refused, refusals)
    activity.refused(request, refused)
    return error_responses.not_accepted({field: [str(sentence)]})


@contextmanager
def levelled(request: HttpRequest, name: str) -> Iterator[None]:
    """Have the answer that the block makes for ``name`` come no sooner than REFUSAL_FLOOR, so that time says nothing.

    An exception that leaves the block is not held back. Raises waiting.Busy when too many threads wait already.
    """
    with waiting.place(request, name):
        started = time.monotonic()
        yield
        wait_for_floor(started)


@contextmanager
def changing_addresses(request: AuthenticatedRequest, values: Iterable[str]) -> Iterator[None]:
    """Charge the new addresses and numbers ``values`` before the block, which has them changed, and level its answer.

    Each counts as a code to where it goes before anything is sent. Raises LimitExceeded, waiting.Busy.
    """
    with levelled(request, own_name(request.user)), ExitStack() as charged:
        for value in values:
            charged.enter_context(limits.attempt(request, limits.ATTRIBUTE_CODES, limits.person(request)))
            charged.enter_context(limits.attempt(request, limits.ATTRIBUTE_TARGET, value))
        yield


def wait_for_floor(started: float) -> None:
    """Wait until REFUSAL_FLOOR seconds after ``started`` (monotonic). The thread has to have a place to wait in."""
    time.sleep(max(0.0, started + settings.REFUSAL_FLOOR - time.monotonic()))


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CognitoFormView(FormView):
    """A form whose answer is an act at Cognito.

    A flow says which form, which template, the act and its refusals, and what the act may cost: ``budget``, charged to
    whom :meth:`charged_to` names.
    """

    budget: ClassVar[Budget]
    # The act under way, once it is charged.
    tried: Attempt
    refusals: ClassVar[Refusals] = {}
    # Which answers come no sooner than REFUSAL_FLOOR: those that could tell whether an account exists.
    level_refusals: ClassVar[bool] = False
    level_answers: ClassVar[bool] = False
    # Whether sending it never changes anything, so that an outage has not either.
    changes_nothing: ClassVar[bool] = False
    # Where nobody is signed in, a form that was sent too late is shown again (accounts/form_again.py).
    shows_stale_forms: ClassVar[bool] = True

    def submit(self, form: Any) -> HttpResponse:
        """Do what the form asks for and return the way on. Raises Refused."""
        raise NotImplementedError

    def charged_to(self, form: Any) -> str:
        """Return whom a try is charged to: the name that was typed, or the person signed in."""
        return limits.person(self.request)

    def get_budget(self) -> Budget:
        """Return what this act may cost."""
        return self.budget

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what there is to say of the form itself."""
        return super().get_context_data(**{"form_notice": form_again.to_fill_in(self.request), **kwargs})

    def show_again(self, form: Form, notice: Notice) -> HttpResponse:
        """Return the page of ``form`` as it was filled, with ``notice`` in place of an error page."""
        page = self.render_to_response(self.get_context_data(form=form, form_notice=notice))
        return cast(TemplateResponse, page).render()

    def form_valid(self, form: Form) -> HttpResponse:
        """Return the way on, or the form again with what Cognito has against it."""
        form_again.offer(self.request, Again(partial(self.show_again, form), self.changes_nothing))
        name = self.charged_to(form)
        waits = self.level_refusals or self.level_answers
        with waiting.place(self.request, name) if waits else nullcontext():
            started = time.monotonic()
            try:
                with limits.attempt(self.request, self.get_budget(), name) as self.tried:
                    response = self.submit(form)
            except Refused as refused:
                response = self.refused(form, refused)
                if waits:
                    wait_for_floor(started)
            else:
                if self.level_answers:
                    wait_for_floor(started)
        return response

    def refused(self, form: Form, refused: Refused) -> HttpResponse:
        """Return the answer to a refusal: the form again, with a sentence. Raises ``refused`` if it has none."""
        field, sentence = self.explain(refused)
        activity.refused(self.request, refused)
        if field == "code" and isinstance(code := form.fields.get("code"), CodeField):
            # What was counted wrong says so; it is the same for every account.
            sentence = code.another_length(form.cleaned_data.get("code", "")) or sentence
        # Which fields there are depends on the pool. A sentence about one that is missing is shown for the whole form.
        form.add_error(field if field in form.fields else None, sentence)
        return self.form_invalid(form)

    def explain(self, refused: Refused) -> tuple[str, Sentence]:
        """Return the field and the sentence for ``refused``; raise it again where this flow did not expect it."""
        return explained(refused, self.refusals)


@method_decorator(login_not_required, name="dispatch")
class EntranceMixin:
    """For pages of people who are not signed in; those who are get sent on, unless they may want the page as well."""

    request: HttpRequest
    sends_on: ClassVar[bool] = True
    # Whether Back may show the page after it was refused, without asking for it again: where it holds no secret.
    back_shows_it: ClassVar[bool] = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send signed-in people to where they were going."""
        if self.sends_on and request.user.is_authenticated:
            return return_address.redirect_to(self.next_url)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    @property
    def next_url(self) -> str:
        """Where the person was going, "" for nowhere in particular."""
        return return_address.own_path(self.request.POST.get("next") or self.request.GET.get("next") or "")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Fill in a form that was not taken; its widgets show neither a password nor a code."""
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        if form_again.to_fill_in(self.request):
            typed = {**self.request.POST.dict(), "next": self.next_url}
            kwargs["initial"] = {**kwargs["initial"], **typed}
        return kwargs

    def typed_in(self, form: Any) -> str:
        """Return the name that stands in ``form``, "" where it has no field for one."""
        return str(form.data.get("username", "")).strip() if "username" in form.fields else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where the person was going, which every link on these pages takes along."""
        context: dict[str, Any] = super().get_context_data(**{"next_url": self.next_url, **kwargs})  # type: ignore[misc]
        return context

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """Return the page; what was typed into a form that led nowhere waits for the next one."""
        form, request = context.get("form"), self.request
        if form is not None and form.is_bound:
            self.keep_typed(form)
        response = super().render_to_response(context, **kwargs)  # type: ignore[misc]
        answers_form = form_again.to_fill_in(request) or request.method == "POST"
        if self.back_shows_it and answers_form and not request.user.is_authenticated:
            form_again.keep_for_back(response)
        return response

    def keep_typed(self, form: Any) -> None:
        """Keep the name for the next form that asks for one."""
        if not self.request.user.is_authenticated:
            kept_name.keep_typed(self.request, self.typed_in(form))


def resend_wait(sent_at: float) -> int:
    """Return the seconds until another code may be asked for, after one at ``sent_at`` (epoch)."""
    return max(0, round(sent_at + COOL_DOWN - time.time()))
