"""The sign-in pages of the pool's domain.

https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
"""

from __future__ import annotations

import pyotp
import pytest
import requests

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.hosted import CALLBACK, OAUTH, Browser, forms, parameter, query
from tests.devcloud.conformance.test_second_factors import ALL, NUMBER, enrolled, wrong
from tests.devcloud.conformance.user_pool import OTHER_PASSWORD, PASSWORD, AppClient, Outbox, another, claims

FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]


@pytest.fixture(scope="module")
def app(make_pool: MakePool) -> AppClient:
    """A client with the code flow, of a pool with every second factor."""
    return make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS}, mfa={"MfaConfiguration": "OPTIONAL", **ALL})


@pytest.fixture
def visitor(app: AppClient, server: LocalAWS) -> Browser:
    return Browser(app, server.settings.endpoint)


def stays(answer: requests.Response) -> bool:
    """Say whether an answer is a page of the domain, and nobody is signed in by it."""
    return "Location" not in answer.headers and "cognito-" not in answer.headers.get("Set-Cookie", "")


class TestTheRequest:
    """authorization-endpoint.html: what is refused on a page, and what is told to the application."""

    @pytest.mark.parametrize("path", ["/oauth2/authorize", "/login", "/signup", "/forgotPassword"])
    @pytest.mark.parametrize(
        "change",
        [{"client_id": "another"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": CALLBACK + "x"}],
    )
    def test_nobody_is_sent_to_an_address_that_is_not_registered(
        self, visitor: Browser, path: str, change: dict[str, str]
    ) -> None:
        answer = visitor.get(path, **change)
        assert (answer.status_code, stays(answer)) == (400, True)

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"response_type": ""}, "invalid_request"),
            ({"response_type": "something"}, "invalid_request"),
            ({"response_type": "token"}, "unauthorized_client"),
            ({"scope": "openid everything"}, "invalid_request"),
            ({"code_challenge_method": ""}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge": ""}, "invalid_request"),
            ({"identity_provider": "Nobody"}, "invalid_request"),
            ({"prompt": "none"}, "login_required"),
            ({"prompt": "none login"}, "invalid_request"),
        ],
    )
    def test_the_application_is_told_what_is_wrong(self, visitor: Browser, change: dict[str, str], error: str) -> None:
        answer = visitor.get("/oauth2/authorize", **change)
        assert answer.headers["Location"].startswith(CALLBACK)
        assert (query(answer)["error"], query(answer)["state"], "code" in query(answer)) == (error, "some-state", False)

    @pytest.mark.parametrize(
        "change", [{"AllowedOAuthFlows": ["implicit"]}, {"AllowedOAuthFlowsUserPoolClient": False}]
    )
    def test_a_client_without_the_code_flow_gets_none(
        self, make_pool: MakePool, server: LocalAWS, change: dict[str, object]
    ) -> None:
        visitor = Browser(make_pool(client={**OAUTH, **change}), server.settings.endpoint)
        assert query(visitor.get("/oauth2/authorize"))["error"] == "unauthorized_client"

    def test_it_goes_on_to_the_sign_in_page_with_all_that_it_asks(self, visitor: Browser) -> None:
        there = visitor.get("/oauth2/authorize", nonce="n")
        assert there.headers["Location"].startswith("/login?")
        assert query(there) == visitor.request | {"nonce": "n"}
        assert forms(visitor.open(visitor.base + there.headers["Location"]))[0][1]["state"] == "some-state"

    def test_what_it_brings_is_text_on_the_page(self, visitor: Browser) -> None:
        mark = '"><script>alert(1)</script>'
        assert "<script>" not in visitor.get("/login", state=mark, login_hint=mark, nonce=mark).text


class TestForms:
    """A page of another site must not send them (cross-site request forgery), nor show them in a frame."""

    @pytest.mark.parametrize("token", ["", "made-up"])
    def test_one_of_another_page_is_refused(self, visitor: Browser, token: str) -> None:
        person = visitor.app.person()
        answer = visitor.submit(visitor.get("/login"), username=person.name, password=PASSWORD, _csrf=token)
        assert (answer.status_code, stays(answer)) == (400, True)

    def test_one_of_another_browser_is_refused(self, visitor: Browser) -> None:
        person = visitor.app.person()
        page = Browser(visitor.app, visitor.base).get("/login")
        assert visitor.submit(page, username=person.name, password=PASSWORD).status_code == 400

    def test_pages_cannot_be_framed_nor_kept(self, visitor: Browser) -> None:
        headers = visitor.get("/login").headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert (headers["Cache-Control"], "HttpOnly" in headers["Set-Cookie"]) == ("no-store", True)


class TestSigningIn:
    """login-endpoint.html."""

    def test_a_code_comes_back_and_is_redeemed_once(self, visitor: Browser) -> None:
        """token-endpoint.html, authorization_code."""
        person = visitor.app.person()
        back = visitor.sign_in(person.name, PASSWORD)
        assert parameter(back.headers["Location"], "state") == "some-state"
        tokens = visitor.redeem(back).json()
        assert claims(tokens["id_token"])["sub"] == person.sub
        assert visitor.redeem(back).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"code_verifier": "x" * 43}, "invalid_grant"),
            ({"code_verifier": ""}, "invalid_grant"),
            ({"client_secret": "wrong"}, "invalid_client"),
        ],
    )
    def test_a_code_is_worth_nothing_to_others(self, visitor: Browser, change: dict[str, str], error: str) -> None:
        """token-endpoint.html, errors."""
        back = visitor.sign_in(visitor.app.person().name, PASSWORD)
        assert visitor.redeem(back, **change).json()["error"] == error

    def test_a_code_is_worth_nothing_to_another_client_of_the_pool(self, visitor: Browser) -> None:
        other = another_client(visitor.app)
        back = visitor.sign_in(visitor.app.person().name, PASSWORD)
        answer = visitor.redeem(back, client_id=other.id, client_secret=other.secret or "").json()
        assert answer["error"] == "invalid_grant"

    def test_wrong_names_and_passwords_read_alike(self, visitor: Browser) -> None:
        """cognito-user-pool-managing-errors.html."""
        answers = [visitor.sign_in(name, OTHER_PASSWORD) for name in (visitor.app.person().name, "nobody@example.com")]
        assert all(stays(answer) and "Incorrect username or password." in answer.text for answer in answers)

    def test_five_wrong_passwords_lock_the_pages_too(self, visitor: Browser) -> None:
        """authentication.html, "Lockout behavior"."""
        person = visitor.app.person()
        for _ in range(5):
            assert "Incorrect username or password." in visitor.sign_in(person.name, OTHER_PASSWORD).text
        assert "Password attempts exceeded" in visitor.sign_in(person.name, PASSWORD).text

    def test_a_disabled_person_does_not_come_in(self, visitor: Browser) -> None:
        person = visitor.app.person()
        visitor.app.on(person, "disable_user")
        assert stays(visitor.sign_in(person.name, PASSWORD))

    def test_a_temporary_password_is_changed_first(self, visitor: Browser) -> None:
        person = visitor.app.invited()
        page = visitor.sign_in(person.name, person.password)
        assert stays(page)
        weak = visitor.submit(page, NEW_PASSWORD="short")
        assert (stays(weak), "Password did not conform with policy" in weak.text) == (True, True)
        back = visitor.submit(weak, NEW_PASSWORD=OTHER_PASSWORD)
        assert claims(visitor.redeem(back).json()["id_token"])["sub"] == person.sub
        assert "code" in query(Browser(visitor.app, visitor.base).sign_in(person.name, OTHER_PASSWORD))


class TestSecondFactors:
    """user-pool-settings-mfa.html: managed login asks for them."""

    def test_no_code_comes_back_without_one(self, visitor: Browser) -> None:
        person = visitor.app.person()
        totp = enrolled(visitor.app, person)
        page = visitor.sign_in(person.name, PASSWORD)
        assert stays(page)
        assert stays(visitor.get("/oauth2/authorize", prompt="none")) is False
        assert query(visitor.get("/oauth2/authorize", prompt="none"))["error"] == "login_required"
        refused = visitor.submit(page, SOFTWARE_TOKEN_MFA_CODE=wrong(totp))
        assert stays(refused)
        back = visitor.submit(refused, SOFTWARE_TOKEN_MFA_CODE=totp.now())
        assert claims(visitor.redeem(back).json()["id_token"])["sub"] == person.sub

    def test_a_mailed_code_is_taken_five_times_at_most(self, visitor: Browser, outbox: Outbox) -> None:
        person = visitor.app.person()
        visitor.app.on(person, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        page = visitor.sign_in(person.name, PASSWORD)
        for _ in range(5):
            visitor.submit(page, EMAIL_OTP_CODE=another(outbox.code(person.name)))
        assert stays(visitor.submit(page, EMAIL_OTP_CODE=outbox.code(person.name)))

    def test_a_page_is_answered_once(self, visitor: Browser, outbox: Outbox) -> None:
        person = visitor.app.person()
        visitor.app.on(person, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        page = visitor.sign_in(person.name, PASSWORD)
        code = outbox.code(person.name)
        assert "code" in query(visitor.submit(page, EMAIL_OTP_CODE=code))
        assert stays(visitor.submit(page, EMAIL_OTP_CODE=code))

    def test_a_texted_code_is_asked_for(self, visitor: Browser, outbox: Outbox) -> None:
        person = visitor.app.person()
        visitor.app.on(person, "update_user_attributes", UserAttributes=[{"Name": "phone_number", "Value": NUMBER}])
        visitor.app.on(person, "set_user_mfa_preference", SMSMfaSettings={"Enabled": True})
        page = visitor.sign_in(person.name, PASSWORD)
        assert "code" in query(visitor.submit(page, SMS_MFA_CODE=outbox.code(NUMBER)))

    def test_one_of_several_is_chosen(self, visitor: Browser, outbox: Outbox) -> None:
        person = visitor.app.person()
        enrolled(visitor.app, person)
        settings = {
            "SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": False},
            "EmailMfaSettings": {"Enabled": True, "PreferredMfa": False},
        }
        visitor.app.on(person, "set_user_mfa_preference", **settings)
        page = visitor.submit(visitor.sign_in(person.name, PASSWORD), ANSWER="EMAIL_OTP")
        assert "code" in query(visitor.submit(page, EMAIL_OTP_CODE=outbox.code(person.name)))

    @pytest.mark.parametrize("token", ["", "made-up"])
    def test_a_made_up_page_is_refused(self, visitor: Browser, token: str) -> None:
        person = visitor.app.person()
        totp = enrolled(visitor.app, person)
        page = visitor.sign_in(person.name, PASSWORD)
        assert stays(visitor.submit(page, session=token, SOFTWARE_TOKEN_MFA_CODE=totp.now()))

    def test_the_page_of_somebody_else_signs_nobody_else_in(self, visitor: Browser) -> None:
        person, other = visitor.app.person(), visitor.app.person()
        totp = enrolled(visitor.app, person)
        page = visitor.sign_in(person.name, PASSWORD)
        assert stays(visitor.submit(page, username=other.name, SOFTWARE_TOKEN_MFA_CODE=totp.now()))

    def test_a_pool_that_requires_one_has_it_set_up(self, make_pool: MakePool, server: LocalAWS) -> None:
        required = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
        app = make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS}, mfa=required)
        visitor, person = Browser(app, server.settings.endpoint), app.person()
        page = visitor.sign_in(person.name, PASSWORD)
        totp = pyotp.TOTP(page.text.partition("<code>")[2].partition("</code>")[0])
        refused = visitor.submit(page, setup_code=wrong(totp))
        assert stays(refused)
        assert "code" in query(visitor.submit(refused, setup_code=totp.now()))


class TestChoosing:
    """login-endpoint.html, with choice-based sign-in."""

    @pytest.fixture
    def choosing(self, make_pool: MakePool, server: LocalAWS) -> Browser:
        factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
        return Browser(make_pool(client=OAUTH, Policies=factors), server.settings.endpoint)

    def name(self, visitor: Browser, name: str) -> requests.Response:
        return visitor.submit(visitor.get("/login"), username=name)

    def test_a_mailed_code_lets_in_and_no_other_does(self, choosing: Browser, outbox: Outbox) -> None:
        person = choosing.app.person()
        page = choosing.submit(self.name(choosing, person.name), ANSWER="EMAIL_OTP")
        assert stays(choosing.submit(page, EMAIL_OTP_CODE=another(outbox.code(person.name))))
        assert "code" in query(choosing.submit(page, EMAIL_OTP_CODE=outbox.code(person.name)))

    def test_one_is_tried_five_times_at_most(self, choosing: Browser, outbox: Outbox) -> None:
        person = choosing.app.person()
        page = choosing.submit(self.name(choosing, person.name), ANSWER="EMAIL_OTP")
        for _ in range(5):
            choosing.submit(page, EMAIL_OTP_CODE=another(outbox.code(person.name)))
        assert stays(choosing.submit(page, EMAIL_OTP_CODE=outbox.code(person.name)))

    def test_a_password_can_be_typed_again(self, choosing: Browser) -> None:
        person = choosing.app.person()
        refused = choosing.submit(self.name(choosing, person.name), ANSWER="PASSWORD", PASSWORD=OTHER_PASSWORD)
        assert "Incorrect username or password." in refused.text
        assert "code" in query(choosing.submit(refused, ANSWER="PASSWORD", PASSWORD=PASSWORD))

    def test_an_unknown_name_is_asked_like_a_known_one(self, choosing: Browser) -> None:
        """cognito-user-pool-managing-errors.html."""
        known, unknown = self.name(choosing, choosing.app.person().name), self.name(choosing, "nobody@example.com")
        assert all("E-mail me a code" in page.text and "Password" in page.text for page in (known, unknown))
        assert stays(choosing.submit(unknown, ANSWER="PASSWORD", PASSWORD=PASSWORD))


def another_client(app: AppClient) -> AppClient:
    """Return one more client of the same pool."""
    made = app.admin.create_user_pool_client(
        UserPoolId=app.pool_id, ClientName="another", GenerateSecret=True, ExplicitAuthFlows=FLOWS, **OAUTH
    )["UserPoolClient"]
    return AppClient(app.public, app.admin, app.pool_id, made["ClientId"], made["ClientSecret"])
