"""One's own account, for programs that bring an access token of the person."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import awaited, conf, error_responses, facts, files, limits, own_account, pool
from accounts.bearer import OWN_ACCOUNT, bearer_required, refuse_unless_fresh
from accounts.cognito.errors import Refused, TokenError
from accounts.cognito.results import Profile
from accounts.forms.account import ProfileForm
from accounts.http import BearerRequest, json_object, own_profile
from accounts.own_account import Change
from accounts.views.base import ATTRIBUTE_REFUSALS, changing_addresses, refusal

# Whose files are deleted. In a header, since what a body of DELETE means is nobody's to say: RFC 9110, section 9.3.5.
ID_TOKEN, NO_ID_TOKEN = "Id-Token", "none"

# Told beside the attributes, as what is true or false.
FLAGS = {"email_verified", "phone_number_verified"}


@require_http_methods(["GET", "PATCH", "DELETE"])
@limits.declares(limits.PROFILE)
@bearer_required(scopes=[OWN_ACCOUNT])
def api_me(request: BearerRequest) -> HttpResponse:
    """Tell the account, change its attributes, or delete it."""
    if request.method == "PATCH":
        return patch(request)
    if request.method == "DELETE":
        return delete(request)
    return JsonResponse(described(request, own_profile(request, request.bearer.token)))


def described(request: BearerRequest, profile: Profile) -> dict[str, Any]:
    """Return the account as programs see it: what Cognito says of it now, and the groups of the token."""
    writable = [attribute.name for attribute in pool.description().attributes if attribute.mutable]
    return {
        "sub": request.user.sub,
        "username": profile.username,
        "email": profile.email,
        "email_verified": profile.email_verified,
        "phone_number_verified": profile.attributes.get("phone_number_verified") == "true",
        "name": profile.name,
        "groups": list(request.bearer.claims.groups),
        "attributes": {name: profile.attributes.get(name, "") for name in shown(profile, writable)},
        "writable": writable,
        "awaiting_code": sorted(awaited.of(request.user)),
    }


def shown(profile: Profile, writable: list[str]) -> list[str]:
    """Return the attributes to tell: those that can be written, and the others that are there."""
    return sorted({*writable, *profile.attributes} - FLAGS - {"sub"})


@sensitive_variables("token")
def patch(request: BearerRequest) -> HttpResponse:
    """Write what differs from what is, of the ``attributes`` in the body; "" or null removes one.

    A new address or number counts once the code that went there is typed; the answer names those under
    ``awaiting_code``, whether or not another account has them (docs/adr/0021). What is done by the time that something
    else is refused stays done, and GET tells it.
    """
    given, token = json_object(request).get("attributes"), request.bearer.token
    if not isinstance(given, dict) or not all(isinstance(value, str | None) for value in given.values()):
        return error_responses.not_accepted({"attributes": [_("Send an object of names and texts.")]})
    before = own_profile(request, token)
    form = ProfileForm(
        {**before.attributes, **{name: value or "" for name, value in given.items()}},
        initial=before.attributes,
        attributes=facts.attributes(),
    )
    if errors := errors_of(form, given):
        return error_responses.not_accepted(errors)
    changed = {name: value for name, value in form.changed().items() if name in given}
    try:
        with (
            limits.attempt(request, limits.PROFILE, limits.person(request)),
            own_account.recorded(request, token, before) as change,
        ):
            write(request, change, changed)
    except Refused as refused:
        return refusal(request, refused, ATTRIBUTE_REFUSALS)
    return JsonResponse(described(request, change.after))


def errors_of(form: ProfileForm, given: Mapping[str, object]) -> dict[str, list[str]]:
    """Return what is wrong with what was ``given``, in sentences, by attribute; nothing of what was not."""
    fixed = {name for name in given if name not in form.fields or form.fields[name].disabled}
    errors = {name: [_("This can’t be changed here.")] for name in sorted(fixed)}
    return errors | {
        name: [str(message) for message in messages] for name, messages in form.errors.items() if name in given
    }


def write(request: BearerRequest, change: Change, values: Mapping[str, str]) -> None:
    """Have ``values`` written, as ``change``. Raises BearerRefused, Refused."""
    if values.keys() & set(awaited.ATTRIBUTES):
        refuse_unless_fresh(request)
    proved = {name: value for name, value in values.items() if name in awaited.ATTRIBUTES and value}
    if proved:
        with changing_addresses(request, proved.values()):
            for name, value in proved.items():
                change.ask_for(name, value)
    change.write({name: value for name, value in values.items() if name not in proved})


@sensitive_variables("token")
def delete(request: BearerRequest) -> HttpResponse:
    """Delete the account, there and here, for whoever has just signed in; their files first, where there are any.

    Those are deleted with the person's own AWS credentials, which take their ID token (docs/adr/0045).
    """
    refuse_unless_fresh(request)
    token = request.headers.get(ID_TOKEN, "")
    with limits.attempt(request, limits.FACTOR, limits.person(request)):
        if conf.config().has_files and not is_good(request, token):
            return error_responses.not_accepted({ID_TOKEN: [_("Send the ID token of the person, or none.")]})
        remains = delete_files(request, token) if conf.config().has_files else None
        own_account.delete(request, request.user, request.bearer.token)
    return JsonResponse({"files": remains}) if remains else HttpResponse(status=204)


@sensitive_variables("token")
def is_good(request: BearerRequest, token: str) -> bool:
    """Whether ``token`` is an ID token of the person whose access token came, or says that there is none.

    Raises Unreachable while the pool's keys cannot be had.
    """
    if token == NO_ID_TOKEN:
        return True
    try:
        claims = conf.verifier().verify_id_token(token, of_any_client=True)
    except TokenError:
        return False
    return (claims.issuer, claims.sub) == (request.user.issuer, request.user.sub)


@sensitive_variables("token")
def delete_files(request: BearerRequest, token: str) -> files.Remains:
    """Delete the person's files by their ID ``token``; return what remains. Raises Unavailable, AccessTokenRefused."""
    if token == NO_ID_TOKEN:
        return files.left_behind(f"no ID token came from {request.user.sub}")
    own_account.refuse_in_outage(request.bearer.token)
    return files.delete_by_token(token)
