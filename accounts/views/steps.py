"""What the pages of a sign-in under way share: finding it, and where to go when there is nothing more to answer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator

from accounts import activity, choosing, entrance, kept_name, limits, return_address, way_in
from accounts.challenges import INCORRECT, PASSKEY_REFUSED, STARTED_AGAIN, SUPPORTED
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import NotConfirmed, Refused
from accounts.cognito.results import Challenge
from accounts.forms.challenges import Choices
from accounts.forms.fields import Sentence
from accounts.sessions import double_submit
from accounts.sessions.pending import PendingChallenge
from accounts.views.awaiting_code import require_confirmation, require_reset
from accounts.views.base import CognitoFormView


class UnknownChallenge(Exception):
    """Cognito asks something this site has no page for."""


@method_decorator(login_not_required, name="dispatch")
class StepView(CognitoFormView):
    """A page of a sign-in under way, as ``pending``.

    Person, question and Cognito's session are what the server kept when the question came. A browser names none.
    """

    pending: PendingChallenge

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go on only with a question that is pending, and fresh."""
        pending = PendingChallenge.find(request)
        if pending is None:
            return self.nothing_pending(request)
        self.pending = pending
        return self.not_here() or super().dispatch(request, *args, **kwargs)

    def not_here(self) -> HttpResponseBase | None:
        """Return where to go with what is pending, None if it is asked on this page."""
        raise NotImplementedError

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

    @property
    def asked(self) -> ChallengeName:
        """What the page asks."""
        return ChallengeName(self.pending.asked)

    def charged_to(self, form: Any) -> str:
        """Return the name that the sign-in began with."""
        return self.pending.typed

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whose sign-in it is, where it leads on to, and where it begins anew."""
        next_url = self.pending.next_url
        return super().get_context_data(
            username=self.pending.typed,
            next_url=next_url,
            restart_url=return_address.login_url(next_url),
            somebody_else_url=return_address.login_url(next_url, **{kept_name.SOMEBODY_ELSE: "1"}),
            **kwargs,
        )


def choices_of(pending: PendingChallenge) -> Choices | None:
    """Return the ways that somebody has in place of what ``pending`` asks, that one among them; None for no choice.

    As long as nothing is proved they are the pool's, for every name.
    """
    if pending.unproven:
        return way_in.ways()
    choice: Challenge | None = choosing.choice_of(pending)
    return SUPPORTED[ChallengeName(choice.name)].choices(choice) if choice else None


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
    late must not get a session in place of the one that has begun since. What took too long is still there to read.
    """
    if pending is None:
        late = kept_name.begun(request)
        return HttpResponseRedirect(return_address.login_url(late.next_url if late else "", again="1"))
    PendingChallenge.drop(request)
    refused = any(why is sentence for sentence in (PASSKEY_REFUSED, INCORRECT))
    messages.add_message(request, messages.ERROR if refused else messages.WARNING, why)
    return entrance.to_login(request, pending.typed, pending.next_url)
