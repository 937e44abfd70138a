"""One's own attributes, each saved by itself. A new address or number counts once a code that went there is typed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts import activity, awaited, facts, language, limits, own_account
from accounts.attribute_names import label_of
from accounts.cognito.errors import AliasTaken, CodeNotDelivered, InputRejected, NotAuthorized, Refused, TooManyAttempts
from accounts.cognito.sign_in_names import readable
from accounts.decorators import charged_to, is_fresh, prove_first
from accounts.forms.account import AttributeForm
from accounts.forms.fields import Sentence
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.limits import LimitExceeded
from accounts.own_account import Change
from accounts.views.base import CognitoFormView, changing_addresses, resend_wait

ACTS = {
    awaited.EMAIL: gettext_lazy("You’re about to change your email. Confirm it’s you, and we’ll do the rest."),
    awaited.NUMBER: gettext_lazy("You’re about to change your phone number. Confirm it’s you, and we’ll do the rest."),
}
REFUSED = gettext_lazy("This wasn’t accepted. Check it and try again.")
CHANGED_OFTEN = gettext_lazy("You’ve changed this several times already. Wait an hour, then try again.")


class ProfileView(CognitoFormView):
    """Show the attributes, and change the one that is named: one a request, so that no change swallows another.

    Nobody can learn here whether an address or a number has an account: a value that Cognito refuses as taken is
    answered like one that it takes.
    """

    request: AuthenticatedRequest
    form_class = AttributeForm
    template_name = "accounts/profile.html"
    budget = limits.PROFILE
    # What came of the change, once it is begun.
    done: Change

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Look up the person at Cognito, and what it is about. Raises BadRequest for what they may not write."""
        self.token = access_token(request)
        self.profile = own_profile(request, self.token)
        named = request.POST.get("attribute", "") if request.method == "POST" else request.GET.get("edit", "")
        self.attribute = facts.writable(request).get(named)
        if request.method == "POST" and self.attribute is None:
            raise BadRequest("no attribute that can be written is named")
        return super().dispatch(request, *args, **kwargs)

    def charged_to(self, form: Any) -> str:
        """Return whom it is charged to: a new address takes a proof."""
        return charged_to(self.request)

    def get_form(self, form_class: Any = None) -> Any:
        """Return the form for the attribute that is being changed, None where none is."""
        if self.attribute is None:
            return None
        return AttributeForm(**self.get_form_kwargs(), attribute=self.attribute)

    def get_initial(self) -> dict[str, Any]:
        """Return the present values."""
        here = language.supported(self.profile.attributes.get(facts.LANGUAGE, "")) or get_language()
        number = readable(self.profile.attributes.get(awaited.NUMBER, ""))
        return {**self.profile.attributes, facts.LANGUAGE: here, awaited.NUMBER: number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the facts."""
        context = super().get_context_data(**kwargs)
        return {**context, "facts": list(facts.of(self.request, self.profile, context["form"], resend_wait))}

    def form_valid(self, form: AttributeForm) -> HttpResponse:  # type: ignore[override]
        """Return the way on, or the form again with what is in the way."""
        try:
            return super().form_valid(form)
        except LimitExceeded as exceeded:
            response = self.with_notice(form, CHANGED_OFTEN, "limit", status=429)
            response["Retry-After"] = str(exceeded.retry_after)
            return response

    def submit(self, form: AttributeForm) -> HttpResponse:
        """Write what was changed; a new address has to be proved before it counts."""
        name, value = form.name, form.value
        if value == self.profile.attributes.get(name, ""):
            return redirect("profile")
        if not value and (kept := facts.why_kept(name, self.profile)):
            form.add_error(name, kept)
            return self.form_invalid(form)
        if name in awaited.ATTRIBUTES and not is_fresh(self.request):
            return prove_first(self.request, ACTS[name], page=resolve_url("profile"), fields=("attribute", name))
        if self.change(name, value):
            return redirect(f"{resolve_url('profile')}#{name}")
        response = redirect("profile")
        if name == facts.LANGUAGE:
            language.remember(response, value)
            value = language.name_of(value)
        messages.success(self.request, said(name, value))
        return response

    def change(self, name: str, value: str) -> bool:
        """Have the attribute ``name`` changed to ``value``, or removed; return whether a code is to be typed for it.

        No address is answered sooner whether it is taken or not.
        """
        with own_account.recorded(self.request, self.token, self.profile) as self.done:
            if name in awaited.ATTRIBUTES and value:
                with changing_addresses(self.request, [value]):
                    self.done.ask_for(name, value)
            else:
                self.done.write({name: value})
        return name in self.done.awaiting

    def refused(self, form: AttributeForm, refused: Refused) -> HttpResponse:  # type: ignore[override]
        """Return the form again, with a sentence."""
        if isinstance(refused, CodeNotDelivered):
            activity.refused(self.request, refused)
            return self.not_delivered(form)
        if isinstance(refused, TooManyAttempts):
            activity.refused(self.request, refused)
            return self.with_notice(form, CHANGED_OFTEN)
        return super().refused(form, refused)

    def not_delivered(self, form: AttributeForm) -> HttpResponse:
        """Return the form again, or its row where the pool took the value, which another code may still prove."""
        notice = facts.not_delivered(form.value)
        if self.done.after.attributes.get(form.name) != form.value:
            return self.with_notice(form, notice)
        messages.error(self.request, notice)
        return redirect("profile")

    def explain(self, refused: Refused) -> tuple[str, Sentence]:
        """Return the field and the sentence for ``refused``; raise it again where it is not expected."""
        name = self.attribute.name if self.attribute else ""
        # The client may not write it. The token is not the reason: it has just been good for reading.
        if isinstance(refused, InputRejected | NotAuthorized):
            return name, REFUSED
        if isinstance(refused, AliasTaken):
            return name, facts.taken(name)
        raise refused

    def with_notice(self, form: AttributeForm, notice: Sentence, kind: str = "", status: int = 200) -> HttpResponse:
        """Return the form as it was filled in, under a notice of what is in the way; "limit" is the one ``kind``."""
        messages.error(self.request, notice, kind)
        return self.render_to_response(self.get_context_data(form=form), status=status)


def said(name: str, value: str) -> SafeString:
    """Return what to say of the attribute ``name`` once it is ``value``, "" where it is removed."""
    if not value:
        return format_html(_("{attribute} removed."), attribute=label_of(name))
    text = _("{attribute} changed to <strong data-wrap>{value}</strong>.")
    return format_html(text, attribute=label_of(name), value=value)
