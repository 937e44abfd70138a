"""Registering by programs that bring their own form: made, confirmed, another code, in the mode the site is set to.

What the pages keep in a session goes along with the program, sealed: it can neither read nor change it.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import activity, conf, error_responses, limits, newcomers, pool
from accounts.bearer import without_session
from accounts.cognito.errors import AliasTaken, Refused, RegistrationClosed, UsernameTaken, WrongCode
from accounts.forms.entrance import (
    CompleteRegistrationForm,
    NamedForm,
    NewcomerForm,
    RegisterForm,
    ResendCodeForm,
    VerifyCodeForm,
)
from accounts.http import json_object
from accounts.limits import Budget
from accounts.sessions.pending import PendingAccount
from accounts.views.awaiting_code import (
    asking_again,
    charging_target,
    code_digest,
    registering,
    with_registration_code,
)
from accounts.views.base import CODE_REFUSALS, CONFIRMATION_REFUSALS, Refusals, levelled, newcomer_refusals, refusal

LONGEST_SEAL = 16 * 1024  # characters


@require_POST
@limits.declares(limits.REGISTER)
@without_session
def api_accounts(request: HttpRequest) -> HttpResponse:
    """Make an account that waits for its code; a name that is taken gets the very same answer."""
    if conf.config().registration == "closed":
        return error_responses.problem(403, "registration_closed")
    given = json_object(request)
    if newcomers.are_refused():
        return error_responses.problem(403, "registration_closed")
    form = newcomer_form(given)
    if not form.is_valid():
        return error_responses.not_accepted(errors_of(form.errors))

    def register() -> HttpResponse:
        sealed = make(request, form) if isinstance(form, RegisterForm) else ask_mailbox(request, form)
        # A new code may be on its way, and ends an older one. So guesses at that are forgotten, whatever the name.
        limits.clear(form.username, limits.GUESSES_BY_NAME)
        return JsonResponse({"confirmed": not sealed, "registration": sealed}, status=202 if sealed else 201)

    return answer(request, registering(), form.username, register, newcomer_refusals("password"))


@require_POST
@limits.declares(limits.VERIFY)
@without_session
def api_confirm_account(request: HttpRequest) -> HttpResponse:
    """Confirm an account by its code. Whatever is wrong with code or name, the answer is one and the same."""
    given = json_object(request)
    makes_account = conf.config().registration == "admin"
    known = opened(given, "account" if makes_account else "registration")
    form = code_form(given, known) if not makes_account else password_form(given, known)
    if not form.is_valid():
        return error_responses.not_accepted(errors_of(form.errors))

    def confirm() -> HttpResponse:
        if makes_account:
            return complete(known, form.cleaned_data)
        owned = bool(known.get("owned"))
        newcomers.confirm(form.username, form.cleaned_data["code"], owned=owned)
        # Else somebody had registered the name before: nobody comes in until its owner has chosen a password.
        return JsonResponse({"confirmed": True, "choose_password": not owned})

    refusals = {**CODE_REFUSALS, **newcomer_refusals("password")} if makes_account else CONFIRMATION_REFUSALS
    return answer(request, limits.VERIFY, form.username, confirm, refusals)


@require_POST
@limits.declares(limits.RESEND)
@without_session
def api_resend_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    given = json_object(request)
    makes_account = conf.config().registration == "admin"
    known = opened(given, "account" if makes_account else "registration")
    form = ResendCodeForm(texts(given), sign_in_with=conf.config().sign_in_with, username=known.get("username", ""))
    if not form.is_valid() or (makes_account and not known):
        return error_responses.not_accepted(errors_of(form.errors))

    def resend() -> HttpResponse:
        if makes_account:
            sealed = seal_account(with_registration_code(request, pending_of(known)))
        else:
            newcomers.send_code(form.username)
            sealed = str(given.get("registration") or "")
        # The older code is dead, and so are the guesses at it.
        limits.clear(form.username, limits.GUESSES_BY_NAME)
        return JsonResponse({"registration": sealed}, status=202)

    return answer(request, asking_again(), form.username, resend, {})


def answer(
    request: HttpRequest, budget: Budget, name: str, act: Callable[[], HttpResponse], refusals: Refusals
) -> HttpResponse:
    """Return the answer of ``act``, charged to ``name``, or what Cognito has against it, both no sooner than any other.

    Raises LimitExceeded, waiting.Busy, and a refusal that ``refusals`` do not expect.
    """
    with levelled(request, name):
        try:
            with limits.attempt(request, budget, name):
                return act()
        except RegistrationClosed as refused:
            activity.refused(request, refused)
            return error_responses.problem(403, "registration_closed")
        except Refused as refused:
            return refusal(request, refused, refusals)


def texts(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the members of a JSON object that are texts, which is what forms take."""
    return {name: value for name, value in given.items() if isinstance(value, str)}


@sensitive_variables("given", "data", "password")
def newcomer_form(given: Mapping[str, Any]) -> NewcomerForm:
    """Return the form of a newcomer, filled with what the program sent: the page's, with the password once."""
    data, described = texts(given), pool.description()
    asked: dict[str, Any] = {"attributes": described.attributes, "sign_in_with": conf.config().sign_in_with}
    if conf.config().registration == "admin":
        return NewcomerForm(data, **asked)
    password = data.get("password", "")
    data |= {"password1": password, "password2": password}
    return RegisterForm(data, policy=described.password_policy, **asked)


def code_form(given: Mapping[str, Any], known: Mapping[str, Any]) -> NamedForm:
    """Return the form for the code of an account that Cognito has."""
    return VerifyCodeForm(
        texts(given), sign_in_with=conf.config().sign_in_with, username=str(known.get("username", ""))
    )


@sensitive_variables("given", "password")
def password_form(given: Mapping[str, Any], known: Mapping[str, Any]) -> NamedForm:
    """Return the form for the code of an account that is to be made, and its password."""
    password = texts(given).get("password", "")
    return CompleteRegistrationForm(
        {**texts(given), "password1": password, "password2": password},
        sign_in_with=conf.config().sign_in_with,
        username=str(known.get("username", "")),
        policy=pool.description().password_policy,
        own_words=(known["username"], newcomers.proved_among(known["attributes"])) if known else (),
    )


def errors_of(errors: ErrorDict) -> dict[str, list[str]]:
    """Return the sentences of a form by the names that programs use: the password is typed once."""
    named = {"password1": "password", "__all__": ""}
    return {
        named.get(field, field): [str(message) for message in messages]
        for field, messages in errors.items()
        if field != "password2"
    }


@sensitive_variables()
def make(request: HttpRequest, form: RegisterForm) -> str:
    """Have the account made; return what its program gives back with the code, "" where it needs none."""
    with charging_target(request, form.username, form.attributes.get(newcomers.proves(), form.username)):
        made = newcomers.sign_up(form.username, form.cleaned_data["password1"], form.attributes)
    if made and made.confirmed:
        return ""
    # A number, so that the seal is as long for a name that is taken.
    return seal("registration", username=form.username, owned=int(made is not None))


def ask_mailbox(request: HttpRequest, form: NewcomerForm) -> str:
    """Have a code mailed that proves the mailbox; return what the program gives back with it."""
    pending = PendingAccount(username=form.username, attributes=form.attributes, details={})
    return seal_account(with_registration_code(request, pending))


def seal_account(pending: PendingAccount) -> str:
    """Return ``pending`` sealed."""
    attributes = dict(pending.attributes)
    return seal("account", username=pending.username, attributes=attributes, code_digest=pending.code_digest)


def pending_of(known: Mapping[str, Any]) -> PendingAccount:
    """Return what was sealed, for another code."""
    return PendingAccount(username=known["username"], attributes=known["attributes"], details={})


@sensitive_variables()
def complete(known: Mapping[str, Any], data: Mapping[str, Any]) -> HttpResponse:
    """Make the account whose mailbox is proved. Raises WrongCode, and what newcomers.make_account() does."""
    digest = code_digest(known.get("username", ""), data["code"])
    if not constant_time_compare(known.get("code_digest", ""), digest):
        raise WrongCode("registration")
    try:
        newcomers.make_account(known["username"], data["password1"], known["attributes"])
    except (UsernameTaken, AliasTaken):
        return error_responses.problem(409, "account_exists")
    return JsonResponse({"confirmed": True, "choose_password": False})


def seal(kind: str, **values: Any) -> str:
    """Return ``values`` encrypted and dated."""
    return conf.token_cipher().encrypt({f"api_{kind}": {**values, "at": int(time.time())}})


def opened(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return what was sealed as ``kind`` in the ``registration`` that was given; {} for none, or an old one."""
    sealed = given.get("registration")
    if not isinstance(sealed, str) or len(sealed) > LONGEST_SEAL or not sealed.isascii():
        return {}
    values = (conf.token_cipher().decrypt(sealed) or {}).get(f"api_{kind}", {})
    return dict(values) if time.time() - values.get("at", 0) <= PendingAccount.AGE else {}
