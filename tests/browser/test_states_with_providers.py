"""What a site looks like where providers sign people in, or numbers and names do, wide and narrow, light and dark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import federation
from accounts.cognito.sign_in_names import readable
from accounts.models import Session, User
from tests.accounts.phones import BY_PHONE, new_number, with_aliases
from tests.browser.conftest import Visit, Visitor
from tests.conftest import SignIn, UsePool
from tests.local_pool import PASSWORD, LocalPool, another
from tests.other_pools import another_pool

NAME, LABEL = "Another", "Another Inc"


@pytest.fixture
def offering(pool: LocalPool, settings: Settings) -> LocalPool:
    """The pool of a site that offers providers."""
    settings.COGNITO = pool.cognito_setting(
        ENDPOINT_URL=pool.endpoint, DOMAIN=pool.endpoint, PROVIDERS=["COGNITO", "Google", f"{NAME}={LABEL}"]
    )
    return pool


@pytest.fixture
def _staying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep browsers on the page that sends them on."""
    leave_for = federation.leave_for

    def staying(*given: str, **named: str) -> object:
        response = leave_for(*given, **named)  # type: ignore[arg-type]
        del response["Refresh"]
        return response

    monkeypatch.setattr(federation, "leave_for", staying)


@pytest.mark.usefixtures("_staying")
def test_the_way_to_a_provider(visit: Visit, offering: LocalPool) -> None:
    visitor = visit()
    visitor.go("/register/")
    visitor.examine("register, with providers", f"Continue with {LABEL}")
    visitor.page.context.add_cookies([{"name": "way_in", "value": NAME, "url": visitor.site}])
    visitor.go("/login/")
    visitor.examine("sign in, with providers", "Last used")
    visitor.press(f"Continue with {LABEL} Last used")
    visitor.examine("on the way", f"Going to {LABEL}")
    state = str(visitor.page.get_by_role("link", name="Go on").get_attribute("href"))
    state = state.split("state=")[1].partition("&")[0]
    visitor.go(f"/login/callback/?error=access_denied&state={state}")
    visitor.examine("sign in, canceled at the provider", f"Sign-in with {LABEL} was canceled.")


@pytest.mark.usefixtures("_staying")
def test_the_account_with_providers(visit: Visit, offering: LocalPool, browser_of: SignIn, settings: Settings) -> None:
    visitor, person = visit(), offering.person(name="Ada Lovelace")
    visitor.be(browser_of(person))
    visitor.go("/account/security/")
    visitor.examine("providers to be connected", "Not connected")
    visitor.page.get_by_role("link", name=f"Connect {LABEL}").click()
    visitor.examine("connect?", f"You go to {LABEL}, sign in there and come back.")
    visitor.page.get_by_role("main").get_by_role("button", name=f"Connect {LABEL}", exact=True).click()
    visitor.examine("on the way to be connected", f"Going to {LABEL}")
    User.objects.filter(sub=person.sub).update(cognito_status="EXTERNAL_PROVIDER")
    Session.objects.update(came_by=NAME)
    visitor.go("/account/")
    visitor.examine("overview, by a provider", f"{LABEL} looks after your password and two-step verification.")
    visitor.go("/account/security/")
    visitor.examine("security, by a provider", f"You sign in with {LABEL}")
    visitor.go("/account/password/")
    visitor.examine("no password here", f"{LABEL} looks after your password, your passkeys")
    long_ago = timezone.now() - timedelta(seconds=settings.FRESH_SIGN_IN_AGE + 1)
    Session.objects.update(created_at=long_ago)
    visitor.go("/account/delete/")
    visitor.send("Delete account", confirm=person.email)
    visitor.examine("confirm by a provider", f"Continue with {LABEL}")


@pytest.mark.parametrize(
    ("made", "changes"),
    [(BY_PHONE, {"SIGN_IN_WITH": "phone"}), (with_aliases("email"), {"SIGN_IN_WITH": "username"})],
    ids=["phone", "username"],
)
def test_other_names_to_sign_in_with(
    visit: Visit,
    pool: LocalPool,
    use_pool: UsePool,
    made: dict[str, Any],
    changes: dict[str, str],
) -> None:
    other = use_pool(another_pool(pool, **made), **changes)
    visitor, by_phone = visit(), changes["SIGN_IN_WITH"] == "phone"
    for path, name, says in (
        ("/login/", "sign in", "Forgot your password?"),
        ("/password/forgot/", "forgot", "Reset your password"),
        ("/password/reset/", "reset, elsewhere", "Enter what you sign in with, the code we sent you"),
        ("/verify-code/", "verify, elsewhere", "Enter what you registered with" if by_phone else "Enter your username"),
    ):
        visitor.go(path)
        visitor.examine(name, says)
    visitor.go("/register/")
    visitor.press("Create account")
    visitor.examine("register, nothing typed", "Enter your")
    registered(visitor, other) if by_phone else None


def registered(visitor: Visitor, pool: LocalPool) -> None:
    """Register with a number."""
    number = new_number()
    visitor.send("Create account", phone_number="020 7946 0042", password1=PASSWORD)
    visitor.examine("register, no country code", "Start with + and the country code, like +44 20 7946 0042.")
    visitor.send("Create account", phone_number=number, password1=PASSWORD)
    visitor.examine("verify", "Check your phone")
    visitor.send("Confirm phone number", code=another(pool.code(number)))
    visitor.examine("verify, wrong code", "That code didn’t work.")
    visitor.send("Confirm phone number", code=pool.code(number))
    visitor.examine("overview, reached by phone", "Phone number confirmed.")
    visitor.go("/account/security/")
    visitor.examine("security, reached by phone", readable(number))
