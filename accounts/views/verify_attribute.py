"""Proving a new address or number by the code that was sent there, in its row of the profile."""

import math
import time
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts import activity, awaited, conf, facts, federation, limits, own_account
from accounts.awaited import EMAIL, NUMBER, Awaited
from accounts.cognito.errors import (
    AliasTaken,
    CodeNotDelivered,
    ExpiredCode,
    InputRejected,
    Refused,
    TooManyAttempts,
    WrongCode,
)
from accounts.cognito.results import Profile
from accounts.cognito.sign_in_names import NameKind
from accounts.context import Context
from accounts.forms.account import VerifyAttributeForm
from accounts.forms.fields import Form, Sentence
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.limits import LimitExceeded
from accounts.own_account import Change
from accounts.users import own_name
from accounts.views.base import CognitoFormView, Refusals, levelled, resend_wait

WRONG = gettext_lazy("That’s not the right code. Check it and try again.")
EXPIRED = gettext_lazy("That code has expired. Ask for a new one.")
SPENT = gettext_lazy("You’ve asked for several codes already. Wait an hour, then try again.")
DEAD = 20 * 60  # seconds to wait after as many wrong codes as one survives


def asked(request: AuthenticatedRequest) -> str:
    """Return the attribute that ``request`` is about: the one it names, else one that waits, else what is there.

    A text that names no such attribute counts as if nothing was named.
    """
    named = request.POST.get("attribute") or request.GET.get("attribute", "")
    if named in awaited.ATTRIBUTES:
        return named
    waiting = awaited.of(request.user)
    only_number = request.user.phone_number and not request.user.email
    return next((name for name in awaited.ATTRIBUTES if name in waiting), NUMBER if only_number else EMAIL)


def to_row(name: str) -> HttpResponse:
    """Send the person to the row of the attribute ``name``, which says all there is to say."""
    return HttpResponseRedirect(f"{resolve_url('profile')}#{name}")


def with_message(request: AuthenticatedRequest, level: int, text: Sentence) -> HttpResponse:
    """Send the person to the profile, where ``text`` stands first."""
    messages.add_message(request, level, text)
    return redirect("profile")


def page(request: AuthenticatedRequest, profile: Profile, form: Form | None = None) -> dict[str, Any]:
    """Return what the profile shows, with ``form`` in its row, and where Back and reload find it."""
    rows = list(facts.of(request, profile, form, resend_wait))
    return {"facts": rows, "form": form, "here": "profile", "page_url": resolve_url("profile")}


class VerifyAttributeView(CognitoFormView):
    """Take the code that was sent to a new address or number. Whoever only comes here is led to its row."""

    request: AuthenticatedRequest
    form_class = VerifyAttributeForm
    template_name = "accounts/profile.html"
    budget = limits.ATTRIBUTE_GUESSES
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        WrongCode: ("code", WRONG),
        ExpiredCode: ("code", EXPIRED),
        InputRejected: ("code", WRONG),
        # Cognito counts guesses at values that no other account has, so its limit must read like a wrong code.
        TooManyAttempts: ("code", WRONG),
    }

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Find out what the code is for."""
        self.attribute = asked(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the row: this was a page once, and mails of then still name it."""
        return to_row(self.attribute)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the code, where one is awaited."""
        self.token = access_token(request)
        # Some pools take a new value at once, others only with its code.
        self.profile = own_profile(request, self.token)
        waiting = awaited.of(request.user).get(self.attribute)
        if waiting is None:
            if self.profile.attributes.get(f"{self.attribute}_verified") == "true":
                return to_row(self.attribute)
            return with_message(request, messages.ERROR, EXPIRED)
        self.waiting = waiting
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what the code is for."""
        return {**super().get_form_kwargs(), "attribute": self.attribute}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows of the profile."""
        context = super().get_context_data(**kwargs)
        return context | page(self.request, self.profile, context["form"])

    def form_valid(self, form: Form) -> HttpResponse:
        """Return the way on, or the page again with what is in the way."""
        try:
            return super().form_valid(form)
        except LimitExceeded as exceeded:
            messages.error(self.request, too_many_tries(exceeded.retry_after), "limit")
            unbound = VerifyAttributeForm(attribute=self.attribute)
            response = self.render_to_response(self.get_context_data(form=unbound), status=429)
            response["Retry-After"] = str(exceeded.retry_after)
            return response

    def submit(self, form: VerifyAttributeForm) -> HttpResponse:
        """Make the new value the one that counts."""
        request, name = self.request, self.attribute
        with own_account.recorded(request, self.token, self.profile) as change:
            self.try_code(change, form.cleaned_data["code"])
            activity.record(activity.CONFIRMED[name], request.user, context=Context.of(request))
        return with_message(request, messages.SUCCESS, confirmed(request, name, self.profile, change.after))

    def try_code(self, change: Change, code: str) -> None:
        """Have Cognito take the ``code``, as ``change``.

        Raises Refused, and LimitExceeded once the code has survived too many wrong ones. Guesses are counted
        here for each code: Cognito counts those at values that no other account has.
        """
        charged_to = f"{limits.person(self.request)} {self.attribute} {self.waiting.sent_at}"
        try:
            with limits.attempt(self.request, limits.ATTRIBUTE_CODE, charged_to):
                if self.waiting.taken:
                    raise WrongCode("VerifyUserAttribute")
                change.prove(self.attribute, self.waiting.value, code)
        except LimitExceeded as exceeded:
            raise LimitExceeded(DEAD) from exceeded

    def explain(self, refused: Refused) -> tuple[str, Sentence]:
        """Return the field and the sentence for ``refused``; raise it again where it is not expected."""
        # Said only to whoever has typed the right code, and so reads what goes there.
        if isinstance(refused, AliasTaken):
            return "code", facts.taken(self.attribute)
        return super().explain(refused)


def too_many_tries(seconds: int) -> str:
    """Return what to say after too many wrong codes."""
    minutes = math.ceil(seconds / 60)
    text = ngettext(
        "Too many tries. Wait %(minutes)d minute, then ask for a new code.",
        "Too many tries. Wait %(minutes)d minutes, then ask for a new code.",
        minutes,
    )
    return text % {"minutes": minutes}


def confirmed(request: AuthenticatedRequest, name: str, before: Profile, after: Profile) -> str:
    """Return what to say once the attribute ``name`` is proved: what has changed by that."""
    value = after.attributes.get(name, "")
    if value == before.attributes.get(name, ""):
        return _("Email verified.") if name == EMAIL else _("Phone number verified.")
    signs_in = NameKind(name) in conf.config().sign_in_with.kinds and federation.has_password(request)
    if name == NUMBER:
        return _("Phone number saved. Sign in with it from now on.") if signs_in else _("Phone number saved.")
    text = _("Email changed to <strong data-wrap>{value}</strong>.")
    if signs_in:
        text = _("Email changed to <strong data-wrap>{value}</strong>. Sign in with it from now on.")
    return format_html(text, value=value)


@require_POST
@limits.declares(limits.ATTRIBUTE_CODES)
def resend_attribute_code(request: AuthenticatedRequest) -> HttpResponse:
    """Send a code to what is to be proved: the new value that waits for one, else the value that is there."""
    name, token = asked(request), access_token(request)
    profile = own_profile(request, token)
    waiting = awaited.of(request.user).get(name)
    target = waiting.value if waiting else unproved(profile, name)
    wait = resend_wait(waiting.sent_at) if waiting else 0
    if wait:
        return with_message(request, messages.WARNING, too_soon(wait))
    if not target:
        return to_row(name)
    try:
        send_code(request, token, name, waiting or Awaited(value=target, sent_at=0.0))
    except LimitExceeded as exceeded:
        messages.error(request, SPENT, "limit")
        response = render(request, "accounts/profile.html", page(request, profile), status=429)
        response["Retry-After"] = str(exceeded.retry_after)
        return response
    except TooManyAttempts:
        return with_message(request, messages.ERROR, SPENT)
    except (CodeNotDelivered, InputRejected):
        return with_message(request, messages.ERROR, facts.not_delivered(target))
    return with_message(request, messages.SUCCESS, sent_again(target)) if waiting else to_row(name)


def unproved(profile: Profile, name: str) -> str:
    """Return the value of the attribute ``name`` that no code was typed for, "" for none."""
    verified = profile.attributes.get(f"{name}_verified") == "true"
    return "" if verified else profile.attributes.get(name, "")


def send_code(request: AuthenticatedRequest, token: str, name: str, waiting: Awaited) -> None:
    """Have a code sent that proves ``waiting``, and await that one. Raises LimitExceeded, Busy, and Refused."""
    with (
        levelled(request, own_name(request.user)),
        limits.attempt(request, limits.ATTRIBUTE_CODES, limits.person(request)),
        limits.attempt(request, limits.ATTRIBUTE_TARGET, waiting.value),
    ):
        if not waiting.taken:
            conf.user_account().send_attribute_code(token, name)
    sent = replace(waiting, sent_at=time.time())
    if waiting.sent_at:
        awaited.go_on(request.user, name, sent)
    else:
        awaited.begin(request.user, name, sent)


def too_soon(seconds: int) -> str:
    """Return what to say to whoever asks for another code too soon."""
    text = ngettext(
        "You can ask for a new code in %(seconds)d second.",
        "You can ask for a new code in %(seconds)d seconds.",
        seconds,
    )
    return text % {"seconds": seconds}


def sent_again(target: str) -> SafeString:
    """Return what to say once another code is on its way to ``target``."""
    text = _("New code sent to <strong data-wrap>{target}</strong>. Only the newest one works.")
    return format_html(text, target=target)


@require_POST
def cancel_attribute_change(request: AuthenticatedRequest) -> HttpResponse:
    """Give up what waits for a code. Where it is only a proof of what is there, there is nothing to say."""
    name = asked(request)
    waiting, old = awaited.of(request.user).get(name), old_value(request, name)
    awaited.end(request.user, name)
    if waiting and waiting.value != old:
        return with_message(request, messages.INFO, not_changed(name, old))
    return to_row(name)


def old_value(request: AuthenticatedRequest, name: str) -> str:
    """Return the value of the attribute ``name`` that counts."""
    return own_profile(request, access_token(request)).attributes.get(name, "")


def not_changed(name: str, old: str) -> str:
    """Return what to say of a change that was given up."""
    if name == NUMBER:
        return _("Phone number not changed.")
    if not old:
        return _("Email not changed.")
    return format_html(_("Email not changed. It’s still <strong data-wrap>{old}</strong>."), old=old)
