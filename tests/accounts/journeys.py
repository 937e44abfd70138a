"""Every journey the site has, with a mistake at each step."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.models import Session, User
from accounts.sessions.pending import PendingProviders
from tests import fault_proxy
from tests.accounts import api_journeys, connecting_journey, profile_journey, security_journey, ways_in_journeys
from tests.accounts.canaries import CUSTOM_ANSWER
from tests.accounts.federating import Domain, request_with, way_out, with_domain
from tests.accounts.files_journey import files_of_ones_own
from tests.accounts.registering import AGAIN, CLOSED_TO_THEIR_OWN, COMPLETE, Newcomer
from tests.accounts.security_journey import key_shown
from tests.accounts.traveller import CHALLENGE, JOURNEYS, NEW, PASSWORD, WRONG, Journey, a_journey
from tests.accounts.ways_in import json_of, with_passkey
from tests.devcloud.conformance.authenticator import Authenticator
from tests.local_pool import another, new_email
from tests.other_pools import APP_ONLY, another_client, another_pool
from tests.second_factors import AuthenticatorApp

__all__ = [
    "JOURNEYS",
    "Journey",
    "api_journeys",
    "connecting_journey",
    "files_of_ones_own",
    "profile_journey",
    "security_journey",
    "ways_in_journeys",
]

NUMBER = "+442079460{:03}"


@a_journey(
    "home",
    "help",
    "privacy",
    "set_language",
    "livez",
    "readyz",
    "well_known_change_password",
    "register",
    "verify_code",
    "resend_code",
)
def registering(journey: Journey) -> None:
    client, email = journey.client, new_email("journey")
    for path in ("/", "/help/", "/privacy/", "/livez", "/readyz", "/register/", "/.well-known/change-password"):
        client.get(path)
    client.get("/language/")
    client.post("/language/", {"language": "en"})
    client.post("/register/", {"email": email, "password1": PASSWORD, "password2": WRONG})
    client.post("/register/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    code = journey.code(email)
    client.get("/verify-code/")
    client.post("/verify-code/", {"code": another(code)})
    client.post("/verify-code/resend/")
    client.post("/verify-code/", {"code": code})
    # Again, for an address that is taken.
    other = journey.browser()
    other.post("/register/", {"email": email, "password1": NEW, "password2": NEW})
    other.post("/verify-code/", {"code": code})


@a_journey("register", "complete_registration", "resend_registration_code")
def registering_where_the_site_makes_the_accounts(journey: Journey) -> None:
    pool = journey.configure(another_pool(journey.pool, **CLOSED_TO_THEIR_OWN), REGISTRATION="admin")
    newcomer = Newcomer(pool, new_email("journey"), journey.client)
    newcomer.ask()
    code = newcomer.code()
    journey.canaries.add("code the site mails", code, another(code))
    journey.client.get(COMPLETE)
    newcomer.complete(another(code), PASSWORD)
    journey.client.post(AGAIN)
    newcomer.complete(code, PASSWORD, again=WRONG)
    journey.cognito.fail("AdminSetUserPassword", fault_proxy.closed_before(), times=1)
    newcomer.complete(code, PASSWORD)
    newcomer.complete(code, PASSWORD)
    # Again, for an address that is taken.
    other = Newcomer(pool, newcomer.email, journey.browser())
    other.ask()
    other.complete("000000", NEW)


@a_journey("inbox", "forgot_password")
def reading_the_mail(journey: Journey) -> None:
    person = journey.person()
    journey.client.post("/password/forgot/", {"username": person.email})
    journey.code(person.email)
    journey.settings.DEVCLOUD_OUTBOX = journey.pool.outbox
    journey.client.get("/dev/inbox/")


@a_journey("login", "logout")
def a_password_in_each_flow(journey: Journey) -> None:
    for flow in ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"):
        pool = another_client(journey.pool, ExplicitAuthFlows=[f"ALLOW_{flow}"])
        journey.configure(pool, AUTH_FLOW=flow)
        journey.client = journey.browser()
        assert journey.sign_in(journey.person()).url == "/account/"
        journey.client.post("/logout/")


@a_journey("federated_login", "federated_callback", "logout")
def by_the_page_of_the_domain(journey: Journey) -> None:
    pool = journey.configure(with_domain(journey.pool), DOMAIN=journey.cognito.url, PROVIDERS=["COGNITO"])
    person, domain = journey.person(pool), Domain(journey.cognito.url)
    journey.client.get("/login/")
    url = way_out(journey.client.post("/login/with/COGNITO/", {"next": "/account/sessions/"}))
    waiting = PendingProviders.find(request_with(journey.client.session))
    assert waiting
    journey.canaries.add("verifier", *(str(tab["verifier"]) for tab in waiting.tabs.values()))
    back = domain.sign_in_here(url, person)
    # The code stands in an address, and is worth nothing without the verifier.
    journey.cognito.fail("/oauth2/token", fault_proxy.closed_before(), times=1)
    for _ in range(3):
        journey.client.get(back)
    journey.client.get("/login/callback/?state=made-up&error=access_denied")
    journey.collect()
    journey.client.post("/logout/")


@a_journey("challenge", questions=("NEW_PASSWORD_REQUIRED", "MFA_SETUP"))
def a_first_password_and_an_app_on_the_way(journey: Journey) -> None:
    strict = journey.configure(another_pool(journey.pool, mfa={"MfaConfiguration": "ON", **APP_ONLY}))
    person = strict.invited()
    journey.canaries.add("password", person.password)
    journey.client.post("/login/", {"username": person.email, "password": person.password})
    journey.answer(new_password1=NEW, new_password2=WRONG)
    journey.answer(new_password1=NEW, new_password2=NEW)
    app = AuthenticatorApp(key_shown(journey.client.page(CHALLENGE).html))
    journey.answer(code=app.wrong_code())
    assert journey.answer(code=app.first_code()).url == "/account/"


@a_journey("challenge", questions=("CUSTOM_CHALLENGE",))
def a_question_of_the_pools_own(journey: Journey) -> None:
    person = journey.person()
    asked = {
        "ChallengeName": "CUSTOM_CHALLENGE",
        "Session": "canary-session-" * 3,
        "ChallengeParameters": {"question": "Where did you grow up?"},
    }
    journey.cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(asked).encode()), times=2)
    journey.sign_in(person)
    journey.answer(answer=CUSTOM_ANSWER)


@a_journey("forgot_password", "reset_password", "resend_reset_code")
def a_forgotten_password(journey: Journey) -> None:
    person, client = journey.person(), journey.client
    journey.sign_in(person)
    client.post("/logout/")
    client.get("/password/forgot/")
    client.post("/password/forgot/", {"username": person.email})
    first = journey.code(person.email)
    client.post("/password/reset/resend/")
    client.get("/password/reset/")
    client.post("/password/reset/", {"code": another(first), "new_password1": NEW, "new_password2": NEW})
    client.post("/password/reset/", {"code": first, "new_password1": NEW, "new_password2": WRONG})
    newest = journey.code(person.email)
    client.post("/password/reset/", {"code": newest, "new_password1": NEW, "new_password2": NEW})
    client.get("/login/")
    assert client.post("/login/", {"username": person.email, "password": NEW}).url == "/account/"


@a_journey("change_password")
def another_password(journey: Journey) -> None:
    journey.sign_in(journey.person())
    page = "/account/password/"
    journey.client.get(page)
    for old, one, other in ((WRONG, NEW, NEW), (PASSWORD, NEW, WRONG), (PASSWORD, NEW, NEW)):
        journey.client.post(page, {"old_password": old, "new_password1": one, "new_password2": other})


@a_journey(
    "confirm_access",
    "confirm_access_options",
    "delete_account",
    "finish_act",
    questions=("SELECT_CHALLENGE", "WEB_AUTHN"),
)
def proving_it_is_you(journey: Journey) -> None:
    person, key = journey.person(), Authenticator()
    with_passkey(journey.pool, person, key)
    journey.sign_in(person)
    long_ago = timezone.now() - timedelta(seconds=settings.FRESH_SIGN_IN_AGE + 1)
    journey.client.get("/account/confirm/finish/")
    journey.client.post("/account/delete/", {"confirm": "no"})
    Session.objects.update(created_at=long_ago)
    journey.client.post("/account/confirm/options/", {"next": "/account/"})
    journey.choose("WEB_AUTHN")
    journey.answer(credential=key.sign_in(json.dumps(json_of(journey.client.page(CHALLENGE)))))
    Session.objects.update(created_at=long_ago)
    page = journey.client.post("/account/delete/", {"confirm": person.email}).url
    journey.client.get(page)
    way_on = parse_qs(urlsplit(page).query)["next"][0]
    for password in (WRONG, PASSWORD):
        journey.client.post(page, {"password": password, "next": way_on})
    journey.client.get(way_on)


@a_journey("sessions", "end_session", "end_other_sessions", "sign_out_everywhere")
def devices(journey: Journey) -> None:
    person = journey.person()
    browsers = [journey.browser() for _ in range(3)]
    for browser in browsers:
        journey.client = browser
        journey.sign_in(person)
    first = browsers[0]
    page = first.page("/account/sessions/").html
    first.post(re.findall(r'action="(/account/sessions/[^"]+/end/)"', page)[0])
    first.post("/account/sessions/end-others/")
    first.get("/account/sessions/sign-out-everywhere/")
    journey.collect()
    first.post("/account/sessions/sign-out-everywhere/")
    first.get("/login/")


@a_journey("index", "accounts_user_change")
def the_administration(journey: Journey) -> None:
    superusers = (journey.pool.env["COGNITO_SUPERUSER_GROUP"],)
    client = journey.client
    client.get("/admin/login/")
    journey.sign_in(journey.person(groups=superusers), next="/admin/")
    person = User.objects.get()
    for table in ("user", "session", "activity"):
        client.get(f"/admin/accounts/{table}/")
    for page in ("", "accounts/user/add/", f"accounts/user/{person.pk}/change/", f"accounts/user/{person.pk}/history/"):
        client.get(f"/admin/{page}")
    client.post(f"/admin/accounts/user/{person.pk}/change/", {"is_active": "on"})
    journey.collect()
    client.post("/admin/logout/")


@a_journey("login", "index")
def break_glass(journey: Journey) -> None:
    journey.settings.LOCAL_SUPERUSERS = True
    journey.settings.AUTHENTICATION_BACKENDS = [
        *journey.settings.AUTHENTICATION_BACKENDS,
        "accounts.backends.LocalSuperuserBackend",
    ]
    User.objects.create_superuser("root@example.com", PASSWORD, email="root@example.com")
    for password in (WRONG, PASSWORD):
        journey.client.post("/login/", {"username": "root@example.com", "password": password, "next": "/admin/"})
    journey.client.get("/admin/")


@a_journey("account")
def staying_signed_in(journey: Journey) -> None:
    journey.sign_in(journey.person())
    journey.collect()
    soon = timezone.now() + timedelta(seconds=30)
    Session.objects.update(tokens_expire_at=soon)
    journey.client.get("/account/")
    assert journey.cognito.calls["GetTokensFromRefreshToken"] == 1
    journey.collect()
    Session.objects.update(tokens_expire_at=soon)
    journey.cognito.fail("GetTokensFromRefreshToken", fault_proxy.aws_error("NotAuthorizedException"))
    journey.client.get("/account/")


@a_journey("login", "register", "verify_code", "reset_password", "change_password")
def an_outage(journey: Journey) -> None:
    person = journey.person()
    journey.sign_in(person)
    faults = (
        fault_proxy.server_error(),
        fault_proxy.html_success(),
        fault_proxy.closed_after(),
        fault_proxy.aws_error("NotAuthorizedException", "Unable to verify secret hash for client"),
        fault_proxy.aws_error("InvalidParameterException", "2 validation errors"),
        fault_proxy.aws_error("BrandNewException"),
    )
    for fault in faults:
        journey.cognito.fail("*", fault)
        stranger = journey.browser()
        stranger.post("/login/", {"username": person.email, "password": PASSWORD})
        stranger.post("/register/", {"email": new_email(), "password1": NEW, "password2": NEW})
        stranger.post("/verify-code/", {"username": person.email, "code": "918273"})
        reset = {"username": person.email, "code": "918273", "new_password1": NEW, "new_password2": NEW}
        stranger.post("/password/reset/", reset)
        change = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        journey.client.post("/account/password/", change)
        for path in ("/account/profile/", "/account/security/", "/account/security/totp/", "/account/data/"):
            journey.client.get(path)
    journey.canaries.add("code", "918273")
    journey.cognito.heal()


@a_journey("login")
def trying_too_often(journey: Journey) -> None:
    person = journey.person()
    answers = [
        journey.client.post("/login/", {"username": person.email, "password": WRONG}).status_code for _ in range(8)
    ]
    assert 429 in answers
