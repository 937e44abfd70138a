"""Choosing how to confirm a sign-in: when Cognito asks for the choice, and whenever somebody cannot answer."""

from contextlib import nullcontext
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import activity, choosing, limits, way_in
from accounts.challenges import STARTED_AGAIN, ways_of
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import CodeNotDelivered, NotAuthorized, Refused, TooManyAttempts
from accounts.forms.challenges import ChoiceForm
from accounts.limits import Budget
from accounts.sessions import double_submit
from accounts.views.base import WAIT, Refusals, levelled
from accounts.views.steps import StepView, choices_of, start_again, unsupported

PASSWORD_AGAIN = _("Enter your password again to choose another way.")
NOT_DELIVERED = _("We couldn’t send you a code. Use another way.")


class AnotherWayView(StepView):
    """Show the ways somebody has, and go on to the one they choose."""

    form_class = ChoiceForm
    template_name = "accounts/challenges/another_way.html"
    budget = limits.CHALLENGE
    level_refusals = True
    refusals: ClassVar[Refusals] = {TooManyAttempts: ("", WAIT), CodeNotDelivered: ("", NOT_DELIVERED)}

    def not_here(self) -> HttpResponseBase | None:
        """Go back to the question where it leaves no choice; explain one whose choices are all unknown here."""
        choices = choices_of(self.pending)
        if choices is None:
            return redirect("challenge")
        self.choices = choices
        return None if choices else unsupported(self.request, self.pending)

    def get_budget(self) -> Budget:
        """Return what the choice may cost. Before anything is proved it asks Cognito as often as it is made anew."""
        free = {self.pending.asked, ChallengeName.PASSWORD}
        asks_anew = self.pending.unproven and self.request.POST.get("answer") not in free
        return limits.OPTIONS if asks_anew else self.budget

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what may be chosen."""
        return {**super().get_form_kwargs(), "choices": self.choices}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the ways, and whether the choice comes first."""
        ways = ways_of(self.choices, self.pending)
        return super().get_context_data(ways=ways, comes_first=choosing.is_choice(self.pending), **kwargs)

    def submit(self, form: ChoiceForm) -> HttpResponse:
        """Go on to the way that was chosen; back to the question, and nothing is sent, where it is asked already."""
        way, pending, request = form.cleaned_data["answer"], self.pending, self.request
        if way == pending.asked:
            return redirect("challenge")
        if pending.unproven:
            # The password asks Cognito nothing yet: there is no time to level, and no thread to hold for nothing.
            asks_cognito = way != ChallengeName.PASSWORD
            with levelled(request, pending.typed) if asks_cognito else nullcontext():
                return way_in.ask(request, way, typed=pending.typed, next_url=pending.next_url)
        self.mark = double_submit.fingerprint(request)
        with double_submit.sending(self.mark):
            choosing.gone_over(request, pending, way).park(request)
            double_submit.remember(request, self.mark)
        return redirect("challenge")

    def refused(self, form: Any, refused: Refused) -> HttpResponse:
        """Begin again where Cognito takes the choice no more: it takes each once, and for a few minutes.

        Of a form that was sent twice it has taken the first.
        """
        if isinstance(refused, NotAuthorized) and double_submit.join(self.request, self.mark):
            return redirect("challenge")
        if isinstance(refused, TooManyAttempts | CodeNotDelivered):
            return super().refused(form, refused)
        activity.refused(self.request, refused)
        spent = self.pending.choice and isinstance(refused, NotAuthorized)
        return start_again(self.request, self.pending, PASSWORD_AGAIN if spent else STARTED_AGAIN)
