"""Staying signed in: new tokens in time, kept whatever comes next; only a refusal ends a session."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import conf
from accounts.cognito.results import Claims, Tokens
from accounts.cognito.verifier import TokenVerifier
from accounts.models import Session, User
from accounts.sessions import refresh
from accounts.sessions.engine import SessionStore
from accounts.urls import urlpatterns as site_patterns
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.signed_tokens import PublishedKeys, SigningPool

REFRESH = "GetTokensFromRefreshToken"


def failing(request: HttpRequest) -> HttpResponse:
    """A page with a mistake in it."""
    raise RuntimeError("a mistake of ours")


urlpatterns = [*site_patterns, path("failing/", failing)]


def expire(seconds: float) -> None:
    """Have the access tokens of all sessions expire in so many seconds."""
    assert Session.objects.exclude(tokens="").update(tokens_expire_at=timezone.now() + timedelta(seconds=seconds))


def tokens_of(browser: CheckedClient) -> Tokens:
    held = SessionStore(browser.session_cookie).read_tokens()
    assert held
    assert held.tokens
    return held.tokens


def is_signed_in(browser: CheckedClient) -> bool:
    return bool(browser.get("/account/").status_code == 200)


def test_fresh_tokens_are_left_alone(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(121)
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 0


def test_tokens_about_to_expire_are_renewed_once(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    before = tokens_of(signed_in)
    expire(119)
    assert [is_signed_in(signed_in) for _ in range(3)] == [True, True, True]
    after = tokens_of(signed_in)
    assert cognito.calls[REFRESH] == 1
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token


def test_expired_tokens_are_renewed(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(-3600)
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 1


def test_a_session_outlives_many_renewals(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    for _ in range(5):
        expire(-1)
        assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 5


def test_without_rotation_the_old_refresh_token_stays(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tokens_of(signed_in)
    refresh = conf.user_pool().refresh

    def without_rotation(*given: Any) -> Tokens:
        return replace(refresh(*given), refresh_token="")

    monkeypatch.setattr(conf.user_pool(), "refresh", without_rotation)
    expire(-1)
    assert is_signed_in(signed_in)
    assert tokens_of(signed_in).refresh_token == before.refresh_token


def test_a_page_with_fresh_tokens_costs_no_statement_more(
    signed_in: CheckedClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in.get("/account/security/")
    # The session and the person, as on plain Django.
    with django_assert_num_queries(2):
        signed_in.get("/help/")


OUTAGES = {
    "closed": fault_proxy.closed_before(),
    "500": fault_proxy.server_error(),
    "502 page": fault_proxy.bad_gateway(),
    "200 page": fault_proxy.html_success(),
    "nothing": fault_proxy.empty(),
    "throttled": fault_proxy.aws_error("TooManyRequestsException"),
    "blocked": fault_proxy.aws_error("ForbiddenException", status=403),
    "wrong secret": fault_proxy.aws_error("NotAuthorizedException", "Unable to verify secret hash for client x"),
}


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
@pytest.mark.parametrize("seconds", [60, -60], ids=["before expiry", "after expiry"])
def test_an_outage_signs_nobody_out(
    signed_in: CheckedClient,
    cognito: FaultProxy,
    caplog: pytest.LogCaptureFixture,
    fault: fault_proxy.Fault,
    seconds: int,
) -> None:
    before = tokens_of(signed_in)
    expire(seconds)
    cognito.fail(REFRESH, fault)
    assert is_signed_in(signed_in)
    line = told(caplog, "refresh failed")
    assert line["user"] == User.objects.get().pk
    assert f"operation={REFRESH}" in line["error"]
    assert tokens_of(signed_in) == before
    cognito.heal()
    assert is_signed_in(signed_in)
    assert tokens_of(signed_in) != before


def test_a_long_outage_is_told_and_signs_nobody_out(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(-3600)
    cognito.fail(REFRESH, fault_proxy.server_error())
    response = signed_in.get("/account/")
    assert (response.status_code, "Retry-After" in response) == (503, True)
    cognito.heal()
    assert is_signed_in(signed_in)


def test_a_long_outage_leaves_what_strangers_may_do_to_whoever_is_still_signed_in(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    expire(-3600)
    cognito.fail("*", fault_proxy.server_error())
    assert signed_in.page("/help/").one("form", action="/logout/")
    assert signed_in.get("/login/").url == "/account/"
    assert signed_in.post("/language/", {"language": "de"}).status_code == 302


@pytest.mark.parametrize(
    "code",
    [
        "NotAuthorizedException",
        "UserNotFoundException",
        "RefreshTokenReuseException",
        "PasswordResetRequiredException",
        "UserNotConfirmedException",
    ],
)
def test_what_cognito_refuses_ends_the_session_and_keeps_the_way(
    signed_in: CheckedClient, cognito: FaultProxy, code: str
) -> None:
    key = signed_in.session_cookie
    expire(60)
    cognito.fail(REFRESH, fault_proxy.aws_error(code))
    response = signed_in.get("/account/activity/?page=2")
    assert response.url == "/login/?ended=1&next=%2Faccount%2Factivity%2F%3Fpage%3D2"
    assert not Session.objects.filter(session_key=key).exists()
    page = signed_in.page(response.url)
    assert "You were signed out." in page.words
    assert page.one("input", name="next")["value"] == "/account/activity/?page=2"


@pytest.mark.parametrize("code", ["UserLambdaValidationException", "InvalidParameterException"])
def test_a_trigger_that_fails_and_a_wrong_setting_sign_nobody_out(
    signed_in: CheckedClient, cognito: FaultProxy, code: str
) -> None:
    expire(60)
    cognito.fail(REFRESH, fault_proxy.aws_error(code))
    assert is_signed_in(signed_in)


def test_somebody_disabled_at_cognito_is_out_at_the_next_renewal(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    pool.admin("disable_user", person)
    assert is_signed_in(signed_in)
    expire(60)
    assert not is_signed_in(signed_in)


def test_somebody_deleted_at_cognito_is_out_at_the_next_renewal(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    pool.admin("delete_user", person)
    expire(60)
    assert not is_signed_in(signed_in)


def test_somebody_deleted_here_during_the_renewal_is_out_and_no_outage_is_told(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    verify = TokenVerifier.verify_id_token

    def as_the_row_is_deleted(verifier: TokenVerifier, token: str) -> Claims:
        User.objects.all().delete()
        return verify(verifier, token)

    monkeypatch.setattr(TokenVerifier, "verify_id_token", as_the_row_is_deleted)
    User.objects.update(cognito_seen_at=None)
    expire(60)
    assert signed_in.get("/account/").url.startswith("/login/?ended=1")
    assert "database unavailable" not in caplog.messages


def test_rights_taken_away_at_cognito_are_gone_at_the_next_renewal(
    browser_of: SignIn, staff: Person, pool: LocalPool
) -> None:
    browser = browser_of(staff)
    assert browser.get("/admin/").status_code == 200
    pool.admin("remove_user_from_group", staff, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    expire(60)
    assert browser.get("/admin/").status_code in {302, 403}
    assert not User.objects.get(sub=staff.sub).is_staff


def test_a_form_sent_as_the_session_ends_is_not_repeated_by_an_address(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    expire(60)
    cognito.fail(REFRESH, fault_proxy.aws_error("NotAuthorizedException"))
    assert signed_in.post("/account/sessions/end-others/").url == "/login/?ended=1"


def test_a_script_is_told_in_its_own_way(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(60)
    cognito.fail(REFRESH, fault_proxy.aws_error("NotAuthorizedException"))
    response = signed_in.post("/account/security/passkeys/options/", headers={"Sec-Fetch-Mode": "cors"})
    assert (response.status_code, response.json()["error"]) == (401, "session_ended")


@pytest.mark.urls("tests.accounts.test_refresh")
def test_renewed_tokens_survive_a_page_that_fails(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    before = tokens_of(signed_in)
    expire(60)
    signed_in.raise_request_exception = False
    assert signed_in.get("/failing/").status_code == 500
    after = tokens_of(signed_in)
    assert after.refresh_token != before.refresh_token
    expire(60)
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 2


def test_who_finds_the_lease_taken_goes_on_with_the_old_token(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(60)
    assert SessionStore(signed_in.session_cookie).take_lease()
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 0


def test_who_waits_in_vain_is_not_signed_out(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(-60)
    assert SessionStore(signed_in.session_cookie).take_lease()
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 0


@pytest.mark.parametrize(("meanwhile", "status"), [("renewed", 200), ("ended", 302), ("nothing", 503)])
def test_whose_token_is_dead_waits_for_what_becomes_of_the_lease(
    signed_in: CheckedClient, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch, meanwhile: str, status: int
) -> None:
    def pass_the_time(_seconds: float) -> None:
        if meanwhile == "renewed":
            expire(3600)
        elif meanwhile == "ended":
            Session.objects.all().delete()

    monkeypatch.setattr(refresh, "time", SimpleNamespace(monotonic=time.monotonic, sleep=pass_the_time))
    monkeypatch.setattr(refresh, "LONGEST_WAIT", 0.2)
    expire(-refresh.GRACE.total_seconds() - 60)
    assert SessionStore(signed_in.session_cookie).take_lease()
    assert signed_in.get("/account/activity/").status_code == status
    assert cognito.calls[REFRESH] == 0


def told(caplog: pytest.LogCaptureFixture, message: str) -> dict[str, Any]:
    """Return what the log says besides `message`, which is in it once."""
    [line] = [vars(record) for record in caplog.records if record.message == message]
    return line


def test_a_lost_answer_is_made_up_for_within_the_grace_period(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(60)
    cognito.fail(REFRESH, fault_proxy.closed_after(), times=1)
    assert is_signed_in(signed_in)
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 2


def test_who_loses_against_another_process_takes_its_tokens(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = SessionStore(signed_in.session_cookie)
    renew = conf.user_pool().refresh

    def beaten(*given: Any) -> Tokens:
        held = session.read_tokens()
        assert held
        # The other process was quicker, and Cognito takes ours for a replay.
        assert session.replace_tokens(held.version, renew(*given))
        return renew("a token that is no longer good", given[1])

    monkeypatch.setattr(conf.user_pool(), "refresh", beaten)
    expire(60)
    assert is_signed_in(signed_in)


def test_another_persons_tokens_end_the_session(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    signing = SigningPool(issuer=conf.config().issuer, client_id=conf.config().client_id)
    result = signing.authentication_result(sub="somebody-else")
    stranger = Tokens(result["IdToken"], result["AccessToken"], "refresh", 3600)
    monkeypatch.setattr(conf, "verifier", cache(lambda: TokenVerifier(conf.config(), PublishedKeys(signing))))
    monkeypatch.setattr(conf.user_pool(), "refresh", lambda *_: stranger)
    expire(60)
    user = User.objects.get().pk
    assert not is_signed_in(signed_in)
    assert told(caplog, "refresh answered with another person's tokens")["user"] == user


def test_a_retired_key_still_reads_and_the_new_one_writes(signed_in: CheckedClient, settings: Settings) -> None:
    new = "newer-key-of-thirty-two-characters!"
    settings.TOKEN_KEYS = [new, *settings.TOKEN_KEYS]
    expire(60)
    assert is_signed_in(signed_in)
    settings.TOKEN_KEYS = [new]
    assert tokens_of(signed_in)


def test_a_lost_key_signs_out_cleanly(
    signed_in: CheckedClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TOKEN_KEYS = ["another-key-of-thirty-two-characters!"]
    expire(60)
    response = signed_in.get("/account/")
    assert response.status_code == 302
    assert response.url.startswith("/login/?ended=1")
    assert told(caplog, "tokens of a session unreadable")["user"] == User.objects.get().pk


def test_a_new_secret_key_signs_nobody_out_while_the_old_one_is_listed(
    signed_in: CheckedClient, settings: Settings
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-many-many-characters-0123456789"
    assert is_signed_in(signed_in)


def test_without_the_old_key_everybody_is_signed_out_and_nothing_breaks(
    signed_in: CheckedClient, settings: Settings
) -> None:
    settings.SECRET_KEY = "another-secret-key-of-many-many-characters-0123456789"
    assert signed_in.get("/account/").status_code == 302


def test_somebody_switched_off_here_is_out_at_once(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    assert is_signed_in(signed_in)
    User.objects.update(is_active=False)
    assert not is_signed_in(signed_in)


def test_a_session_without_tokens_is_not_renewed(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    user = User.objects.get()
    session = SessionStore(signed_in.session_cookie)
    assert session[SESSION_KEY] == str(user.pk)
    Session.objects.update(tokens="", tokens_expire_at=None)
    assert signed_in.get("/account/sessions/").status_code == 200
    assert cognito.calls[REFRESH] == 0
