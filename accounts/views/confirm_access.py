"""Proving again that it is you, before something that protects the account is changed, and changing it then."""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, resolve_url
from django.urls import ResolverMatch, resolve
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts import (
    activity,
    checkup,
    client_address,
    conf,
    entrance,
    federation,
    limits,
    passkeys,
    pool,
    return_address,
)
from accounts.challenges import Way
from accounts.cognito.errors import (
    CodeNotDelivered,
    NotAuthorized,
    NotConfirmed,
    PasswordResetRequired,
    Refused,
    TooManyAttempts,
    UserNotFound,
)
from accounts.decorators import confirm_first, way_on
from accounts.forms.account import ConfirmAccessForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import LOCAL_ISSUER, CameBy
from accounts.sessions.pending import PendingAct
from accounts.users import own_name
from accounts.views.base import WAIT, CognitoFormView, Refusals, explained

OTHER_PROOFS = (
    Way("WEB_AUTHN", "passkey", _("Use a passkey"), ""),
    Way("EMAIL_OTP", "mail", _("Email me a code"), ""),
    Way("SMS_OTP", "message", _("Text me a code"), ""),
)
# A browser has one act kept at a time.
NOT_KEPT = _("Nothing was changed. It took too long, or something else was begun in another tab. Start again.")
CHANGED = _("Your account has changed meanwhile. Sign out, then sign in again.")
TO_BE_RESET = _("Your password has to be reset. Sign out, then choose a new one.")
OTHER_PROOF_REFUSALS: Refusals = {
    NotConfirmed: ("", CHANGED),
    PasswordResetRequired: ("", TO_BE_RESET),
    TooManyAttempts: ("", WAIT),
    CodeNotDelivered: ("", _("We couldn’t send you a code. Use another way.")),
    Refused: ("", _("That way doesn’t work right now. Use another way.")),
}


class ConfirmAccessView(CognitoFormView):
    """Sign in once more, by password and whatever Cognito asks besides; a new session begins.

    Who came by a provider proves it there; without a password here, there alone.
    """

    request: AuthenticatedRequest
    form_class = ConfirmAccessForm
    template_name = "accounts/confirm_access.html"
    budget = limits.LOGIN
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        NotAuthorized: ("password", _("That’s not your current password.")),
        UserNotFound: ("password", _("That’s not your current password.")),
        NotConfirmed: ("password", CHANGED),
        PasswordResetRequired: ("password", TO_BE_RESET),
        TooManyAttempts: ("password", _("Too many tries. Wait 5 minutes, then try again.")),
    }

    def get_initial(self) -> dict[str, Any]:
        """Keep where the person was going."""
        return {"next": return_address.own_path(self.request.GET.get("next", ""))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what it is for, and whether there are other proofs than the password."""
        next_url = return_address.own_path(self.request.POST.get("next") or self.request.GET.get("next", ""))
        act = act_at(self.request, next_url)
        return super().get_context_data(
            act=act.words if act else "",
            back=act.page if act else resolve_url("account"),
            has_password=federation.has_password(self.request),
            provider=federation.way_to_confirm(self.request),
            next_url=next_url,
            ways=other_proofs(self.request),
            username=own_name(self.request.user),
            **kwargs,
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the password of whoever has one here. Raises PermissionDenied for others."""
        if not federation.has_password(request):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def charged_to(self, form: ConfirmAccessForm) -> str:
        """Return the person's own name: a password is guessed here as well as on the sign-in page, in one budget."""
        return own_name(self.request.user)

    def submit(self, form: ConfirmAccessForm) -> HttpResponse:
        """Go on where the person was going."""
        name, data = own_name(self.request.user), form.cleaned_data
        return entrance.sign_in(self.request, name, data["password"], data["next"])


@require_POST
@federation.own_password_required
@limits.limited(limits.OPTIONS, lambda request: own_name(request.user))
def confirm_access_options(request: AuthenticatedRequest) -> HttpResponse:
    """Go on to the proof that was chosen instead of the password, a code or a passkey; to the choice for any other.

    Whatever Cognito has against it is said where another one can be chosen.
    """
    name, chosen = own_name(request.user), request.POST.get("answer", "")
    preferred = chosen if chosen in {way.value for way in OTHER_PROOFS} else ""
    next_url = return_address.own_path(request.POST.get("next", ""))
    try:
        result = conf.authentication().with_choice(name, client_address.context(request), preferred=preferred)
    except Refused as refused:
        activity.refused(request, refused)
        messages.error(request, explained(refused, OTHER_PROOF_REFUSALS)[1])
        return confirm_first(next_url)
    return entrance.proceed(request, result, typed=name, next_url=next_url, came_by=CameBy.CHOICE)


def other_proofs(request: AuthenticatedRequest) -> list[Way]:
    """Return the proofs besides the password that the person has: Cognito asks nobody for one step of two alone.

    https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html
    """
    described = pool.description()
    if not described.choice or request.user.issuer == LOCAL_ISSUER or not federation.has_password(request):
        return []
    token = access_token(request)
    profile = own_profile(request, token)
    proved = {"EMAIL_OTP": "email_verified", "SMS_OTP": "phone_number_verified"}
    has = {way for way, mark in proved.items() if not profile.factors and profile.attributes.get(mark) == "true"}
    if checkup.passkeys_usable(request.user, described) and passkeys.count(token, described):
        has.add("WEB_AUTHN")
    return [way for way in OTHER_PROOFS if way.value in has & described.first_factors]


def act_at(request: AuthenticatedRequest, next_url: str) -> PendingAct | None:
    """Return what the person was about to do, if that is where ``next_url`` leads."""
    act = PendingAct.find(request)
    return act if act and way_on(act) == next_url else None


@require_safe
def finish_act(request: AuthenticatedRequest) -> HttpResponseBase:
    """Do what the person had sent before they proved who they are, as if they had sent it now, and once.

    The form was checked for its CSRF token when it came. Nobody else can have it done by leading the person here: the
    address has a ticket that only their browser was told. The view itself asks again for a proof that is too old.
    """
    act = act_at(request, request.get_full_path())
    if act is None:
        messages.info(request, NOT_KEPT)
        return redirect("account")
    if act.done:
        return redirect(act.page)
    # Not saved where it ends in an outage: then it can be tried again.
    replace(act, done=True, values={}).park(request)
    view = as_sent(request, act)
    answer: HttpResponseBase = view.func(request, *view.args, **view.kwargs)
    return answer


def as_sent(request: AuthenticatedRequest, act: PendingAct) -> ResolverMatch:
    """Make of ``request`` the form that ``act`` was; return the view that takes it."""
    getattr(request, "FILES")  # noqa: B009 - read while it is a GET: later the body would be read for it, and be the form
    form = QueryDict(mutable=True)
    form.update(act.values)
    request.POST = form  # type: ignore[assignment]
    request.method, request.path, request.path_info = "POST", act.path, act.path
    request.GET = QueryDict()
    request.resolver_match = resolve(act.path)
    return request.resolver_match
