"""Passkeys.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

from tests.devcloud.conformance.authenticator import USER_PRESENT, Authenticator
from tests.devcloud.conformance.conftest import FLOWS, Clock, MakePool
from tests.devcloud.conformance.user_pool import AppClient, Person, refused

BOTH = "MULTI_FACTOR_WITH_USER_VERIFICATION"
POLICY = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
RELYING_PARTY = {"WebAuthnConfiguration": {"RelyingPartyId": "localhost", "UserVerification": "required"}}


@pytest.fixture(scope="module")
def passwordless(make_pool: MakePool) -> AppClient:
    """A client of a pool whose relying party is localhost."""
    return make_pool(Policies=POLICY, mfa={"MfaConfiguration": "OFF", **RELYING_PARTY})


@pytest.fixture
def person(passwordless: AppClient) -> Person:
    """Somebody of that pool."""
    return passwordless.person()


@pytest.fixture
def token(passwordless: AppClient, person: Person) -> str:
    """That person's access token."""
    return str(passwordless.tokens(person)["AccessToken"])


def options(app: AppClient, token: str) -> Any:
    return app.public.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]


def complete(app: AppClient, token: str, credential: dict[str, Any]) -> Any:
    return app.public.complete_web_authn_registration(AccessToken=token, Credential=credential)


def keys(app: AppClient, token: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = app.public.list_web_authn_credentials(AccessToken=token)["Credentials"]
    return listed


@pytest.fixture
def key(passwordless: AppClient, token: str) -> Authenticator:
    """A passkey that the person has registered."""
    made = Authenticator()
    complete(passwordless, token, made.register(options(passwordless, token)))
    return made


class TestRegistering:
    """API_StartWebAuthnRegistration, API_CompleteWebAuthnRegistration."""

    def test_the_options_name_the_person_and_the_relying_party(
        self, passwordless: AppClient, person: Person, token: str
    ) -> None:
        given = options(passwordless, token)
        assert given["rp"]["id"] == "localhost"
        assert given["user"]["name"] == person.name
        assert given["authenticatorSelection"]["userVerification"] == "required"
        assert {item["alg"] for item in given["pubKeyCredParams"]} == {-7, -257}

    def test_a_passkey_is_listed_and_counts_as_a_factor(
        self, passwordless: AppClient, token: str, key: Authenticator
    ) -> None:
        listed = keys(passwordless, token)
        assert [(item["RelyingPartyId"], item["AuthenticatorAttachment"]) for item in listed] == [
            ("localhost", "platform")
        ]
        factors = passwordless.public.get_user_auth_factors(AccessToken=token)
        assert set(factors["ConfiguredUserAuthFactors"]) == {"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"}
        assert options(passwordless, token)["excludeCredentials"][0]["id"] == listed[0]["CredentialId"]

    @pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example", "https://local"])
    def test_a_foreign_page_is_refused(self, passwordless: AppClient, token: str, origin: str) -> None:
        given = options(passwordless, token)
        with refused("WebAuthnOriginNotAllowedException"):
            complete(passwordless, token, Authenticator(origin).register(given))
        assert keys(passwordless, token) == []

    def test_another_relying_party_is_refused(self, passwordless: AppClient, token: str) -> None:
        with refused("WebAuthnRelyingPartyMismatchException"):
            complete(
                passwordless,
                token,
                Authenticator(relying_party="evil.example").register(options(passwordless, token)),
            )

    def test_a_challenge_is_good_once(self, passwordless: AppClient, token: str) -> None:
        credential = Authenticator().register(options(passwordless, token))
        complete(passwordless, token, credential)
        with refused("WebAuthnChallengeNotFoundException"):
            complete(passwordless, token, credential)

    def test_a_newer_challenge_replaces_the_older(self, passwordless: AppClient, token: str) -> None:
        credential = Authenticator().register(options(passwordless, token))
        options(passwordless, token)
        with refused("WebAuthnChallengeNotFoundException"):
            complete(passwordless, token, credential)

    def test_a_challenge_expires(self, passwordless: AppClient, token: str, later: Clock) -> None:
        credential = Authenticator().register(options(passwordless, token))
        with later(5 * 60 + 1), refused("WebAuthnChallengeNotFoundException"):
            complete(passwordless, token, credential)

    def test_an_authenticator_that_did_not_see_the_person_is_refused(self, passwordless: AppClient, token: str) -> None:
        blind = Authenticator()
        blind.flags = USER_PRESENT
        with refused("WebAuthnCredentialNotSupportedException"):
            complete(passwordless, token, blind.register(options(passwordless, token)))

    def test_another_client_cannot_complete_it(self, passwordless: AppClient, person: Person, token: str) -> None:
        created = passwordless.admin.create_user_pool_client(
            UserPoolId=passwordless.pool_id, ClientName="other", ExplicitAuthFlows=FLOWS
        )["UserPoolClient"]
        other = AppClient(passwordless.public, passwordless.admin, passwordless.pool_id, created["ClientId"], None)
        credential = Authenticator().register(options(passwordless, token))
        with refused("WebAuthnClientMismatchException"):
            complete(other, other.tokens(person)["AccessToken"], credential)

    def test_an_unreadable_credential_is_refused(self, passwordless: AppClient, token: str) -> None:
        options(passwordless, token)
        with refused("InvalidParameterException"):
            complete(passwordless, token, {"id": "x", "response": {}})

    def test_a_pool_without_passkeys_says_so(self, make_pool: MakePool) -> None:
        app = make_pool()
        with refused("WebAuthnNotEnabledException"):
            options(app, app.tokens(app.person())["AccessToken"])

    def test_a_pool_without_a_relying_party_says_so(self, make_pool: MakePool) -> None:
        app = make_pool(Policies=POLICY)
        with refused("WebAuthnConfigurationMissingException"):
            options(app, app.tokens(app.person())["AccessToken"])


class TestSigningIn:
    """API_RespondToAuthChallenge, WEB_AUTHN."""

    def challenge(self, app: AppClient, person: Person) -> Any:
        return app.initiate("USER_AUTH", person.name, PREFERRED_CHALLENGE="WEB_AUTHN")

    def answer(self, app: AppClient, person: Person, challenge: Any, key: Authenticator) -> Any:
        credential = key.sign_in(challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        return app.respond("WEB_AUTHN", challenge["Session"], person.name, CREDENTIAL=credential)

    def test_a_passkey_signs_in(self, passwordless: AppClient, person: Person, key: Authenticator) -> None:
        challenge = self.challenge(passwordless, person)
        request = json.loads(challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        assert (request["rpId"], len(request["allowCredentials"])) == ("localhost", 1)
        assert self.answer(passwordless, person, challenge, key)["AuthenticationResult"]

    def test_it_can_be_chosen(self, passwordless: AppClient, person: Person, key: Authenticator) -> None:
        session = passwordless.initiate("USER_AUTH", person.name)["Session"]
        challenge = passwordless.respond("SELECT_CHALLENGE", session, person.name, ANSWER="WEB_AUTHN")
        assert challenge["ChallengeName"] == "WEB_AUTHN"
        assert self.answer(passwordless, person, challenge, key)["AuthenticationResult"]

    def test_another_key_is_refused(self, passwordless: AppClient, person: Person, key: Authenticator) -> None:
        challenge = self.challenge(passwordless, person)
        with refused("NotAuthorizedException"):
            self.answer(passwordless, person, challenge, key.impostor())

    def test_a_session_is_good_once(self, passwordless: AppClient, person: Person, key: Authenticator) -> None:
        challenge = self.challenge(passwordless, person)
        self.answer(passwordless, person, challenge, key)
        with refused("NotAuthorizedException", "only be used once"):
            self.answer(passwordless, person, challenge, key)

    def test_an_answer_is_good_for_its_own_challenge(
        self, passwordless: AppClient, person: Person, key: Authenticator
    ) -> None:
        first, second = self.challenge(passwordless, person), self.challenge(passwordless, person)
        credential = key.sign_in(first["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        with refused("NotAuthorizedException"):
            passwordless.respond("WEB_AUTHN", second["Session"], person.name, CREDENTIAL=credential)

    def test_a_foreign_page_is_refused(self, passwordless: AppClient, person: Person, key: Authenticator) -> None:
        key.origin = "https://evil.example"
        with refused("NotAuthorizedException"):
            self.answer(passwordless, person, self.challenge(passwordless, person), key)

    def test_a_copied_authenticator_is_noticed(
        self, passwordless: AppClient, person: Person, key: Authenticator
    ) -> None:
        """WebAuthn, section 6.1.1: a signature counter that does not grow is a sign of a copy."""
        self.answer(passwordless, person, self.challenge(passwordless, person), key)
        key._count = 0
        with refused("NotAuthorizedException"):
            self.answer(passwordless, person, self.challenge(passwordless, person), key)

    @pytest.mark.parametrize("credential", ["{}", "not json", '{"id": "unknown"}'])
    def test_nonsense_is_refused(
        self, passwordless: AppClient, person: Person, key: Authenticator, credential: str
    ) -> None:
        session = self.challenge(passwordless, person)["Session"]
        with refused("NotAuthorizedException"):
            passwordless.respond("WEB_AUTHN", session, person.name, CREDENTIAL=credential)


class TestAsBothFactors:
    """API_WebAuthnConfigurationType, FactorConfiguration, and API_WebAuthnMfaSettingsType."""

    ON: ClassVar = {"Enabled": True}

    def pool(self, make_pool: MakePool, factor: str) -> AppClient:
        configuration = {"RelyingPartyId": "localhost", "FactorConfiguration": factor}
        mail = {"Message": "{####}", "Subject": "Code"}
        mfa = {"EmailMfaConfiguration": mail, "WebAuthnConfiguration": configuration}
        return make_pool(Policies=POLICY, mfa={"MfaConfiguration": "OPTIONAL", **mfa})

    def somebody(self, app: AppClient) -> tuple[Person, str, Authenticator]:
        person, key = app.person(), Authenticator()
        token = app.tokens(person)["AccessToken"]
        complete(app, token, key.register(options(app, token)))
        return person, token, key

    def offers_a_passkey(self, app: AppClient, person: Person) -> bool:
        return "WEB_AUTHN" in app.initiate("USER_AUTH", person.name)["AvailableChallenges"]

    def test_it_signs_in_alone_somebody_with_a_second_factor(self, make_pool: MakePool) -> None:
        app = self.pool(make_pool, BOTH)
        person, token, key = self.somebody(app)
        app.public.set_user_mfa_preference(
            AccessToken=token, EmailMfaSettings=self.ON, WebAuthnMfaSettings={"Enabled": True}
        )
        challenge = app.initiate("USER_AUTH", person.name, PREFERRED_CHALLENGE="WEB_AUTHN")
        assert challenge["ChallengeName"] == "WEB_AUTHN"
        credential = key.sign_in(challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        answer = app.respond("WEB_AUTHN", challenge["Session"], person.name, CREDENTIAL=credential)
        assert "AccessToken" in answer["AuthenticationResult"]

    def test_the_password_is_followed_by_the_second_factor_as_before(self, make_pool: MakePool) -> None:
        app = self.pool(make_pool, BOTH)
        person, token, _key = self.somebody(app)
        app.public.set_user_mfa_preference(AccessToken=token, EmailMfaSettings=self.ON, WebAuthnMfaSettings=self.ON)
        assert app.password(person)["ChallengeName"] == "EMAIL_OTP"

    def test_it_takes_the_person_to_have_turned_it_on(self, make_pool: MakePool) -> None:
        app = self.pool(make_pool, BOTH)
        person, token, _key = self.somebody(app)
        app.public.set_user_mfa_preference(AccessToken=token, EmailMfaSettings=self.ON)
        assert not self.offers_a_passkey(app, person)
        app.public.set_user_mfa_preference(AccessToken=token, WebAuthnMfaSettings=self.ON)
        assert self.offers_a_passkey(app, person)
        app.on(person, "set_user_mfa_preference", WebAuthnMfaSettings={"Enabled": False})
        assert not self.offers_a_passkey(app, person)

    def test_it_takes_another_factor(self, make_pool: MakePool) -> None:
        app = self.pool(make_pool, BOTH)
        _person, token, _key = self.somebody(app)
        with refused("InvalidParameterException", "at least one other"):
            app.public.set_user_mfa_preference(AccessToken=token, WebAuthnMfaSettings=self.ON)
        with refused("InvalidParameterException", "at least one other"):
            app.public.set_user_mfa_preference(
                AccessToken=token, WebAuthnMfaSettings=self.ON, EmailMfaSettings={"Enabled": False}
            )

    def test_it_takes_a_pool_that_counts_it_so(self, make_pool: MakePool) -> None:
        app = self.pool(make_pool, "SINGLE_FACTOR")
        person, token, _key = self.somebody(app)
        with refused("InvalidParameterException", "MULTI_FACTOR_WITH_USER_VERIFICATION"):
            app.public.set_user_mfa_preference(AccessToken=token, EmailMfaSettings=self.ON, WebAuthnMfaSettings=self.ON)
        app.public.set_user_mfa_preference(AccessToken=token, EmailMfaSettings=self.ON)
        assert not self.offers_a_passkey(app, person)


class TestDeleting:
    """API_DeleteWebAuthnCredential."""

    def test_a_deleted_passkey_signs_nobody_in(
        self, passwordless: AppClient, person: Person, token: str, key: Authenticator
    ) -> None:
        challenge = passwordless.initiate("USER_AUTH", person.name, PREFERRED_CHALLENGE="WEB_AUTHN")
        credential = key.sign_in(challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        identifier = keys(passwordless, token)[0]["CredentialId"]
        passwordless.public.delete_web_authn_credential(AccessToken=token, CredentialId=identifier)
        with refused("NotAuthorizedException"):
            passwordless.respond("WEB_AUTHN", challenge["Session"], person.name, CREDENTIAL=credential)

    def test_an_unknown_one_is_not_found(self, passwordless: AppClient, token: str) -> None:
        with refused("ResourceNotFoundException"):
            passwordless.public.delete_web_authn_credential(AccessToken=token, CredentialId="unknown")

    def test_somebody_elses_is_not_found(self, passwordless: AppClient, token: str, key: Authenticator) -> None:
        other = passwordless.tokens(passwordless.person())["AccessToken"]
        identifier = keys(passwordless, token)[0]["CredentialId"]
        with refused("ResourceNotFoundException"):
            passwordless.public.delete_web_authn_credential(AccessToken=other, CredentialId=identifier)
        assert len(keys(passwordless, token)) == 1
