"""The journeys of people who come in by something else than a password, or by more."""

from __future__ import annotations

import json

from tests import fault_proxy
from tests.accounts.traveller import CHALLENGE, PASSWORD, Journey, a_journey
from tests.accounts.ways_in import json_of, with_passkey
from tests.devcloud.conformance.authenticator import Authenticator
from tests.local_pool import another
from tests.other_pools import another_pool
from tests.second_factors import ON, with_app, with_mail, with_text_message

NUMBER = "+442079460{:03}"


@a_journey(
    "challenge",
    "another_way",
    "resend_sign_in_code",
    questions=("EMAIL_OTP", "SMS_MFA", "SELECT_MFA_TYPE", "SOFTWARE_TOKEN_MFA"),
)
def a_second_step_by_each_way(journey: Journey) -> None:
    mailed, texted, both = journey.person(), journey.person(), journey.person()
    with_mail(journey.pool, mailed)
    number = NUMBER.format(501)
    with_text_message(journey.pool, texted, number)
    for person, to in ((mailed, mailed.email), (texted, number)):
        journey.client = journey.browser()
        assert journey.sign_in(person).url == CHALLENGE
        code = journey.code(to)
        journey.answer(code=another(code))
        assert journey.answer(code=code).url == "/account/"
    app = with_app(journey.pool, both, preferred=False)
    journey.pool.admin("set_user_mfa_preference", both, EmailMfaSettings=ON)
    journey.client = journey.browser()
    # Cognito does not take the choice that the site makes, so that the person makes it.
    journey.cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("CodeDeliveryFailureException"), times=1)
    journey.client.cookies["second_step"] = "email"
    assert journey.sign_in(both).url == CHALLENGE
    journey.choose("SOFTWARE_TOKEN_MFA")
    journey.client.post("/login/challenge/resend/")
    journey.answer(code=app.wrong_code())
    assert journey.answer(code=app.code()).url == "/account/"


@a_journey(
    "login_options",
    "login_passkey",
    "login_code",
    "challenge",
    "another_way",
    questions=("EMAIL_OTP", "PASSWORD", "WEB_AUTHN"),
)
def without_a_password(journey: Journey) -> None:
    person, key = journey.person(), Authenticator()
    with_passkey(journey.pool, person, key)
    for way in ("EMAIL_OTP", "PASSWORD", "WEB_AUTHN"):
        journey.client = journey.browser()
        page = "/login/code/" if way == "EMAIL_OTP" else "/login/passkey/"
        journey.client.get("/login/options/")
        journey.client.get(page)
        sent = len(journey.pool.mails(person.email))
        journey.client.post(page, {"username": person.email})
        journey.client.get(CHALLENGE)
        if way == "PASSWORD":
            journey.choose(way)
        if way == "EMAIL_OTP":
            code = journey.code(person.email, after=sent - 1)
            journey.answer(code=another(code))
            entered = journey.answer(code=code)
        elif way == "PASSWORD":
            entered = journey.answer(password=PASSWORD)
        else:
            entered = journey.answer(credential=key.sign_in(json.dumps(json_of(journey.client.page(CHALLENGE)))))
        assert entered.url == "/account/"


@a_journey("login_code", "challenge", questions=("SMS_OTP",))
def a_texted_code_instead_of_a_password(journey: Journey) -> None:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    pool = journey.configure(another_pool(journey.pool, Policies=policy))
    number = NUMBER.format(502)
    person = journey.person(pool, phone_number=number, phone_number_verified="true")
    journey.client.post("/login/code/", {"username": person.email, "by": "text"})
    journey.client.get(CHALLENGE)
    code = journey.code(number)
    journey.answer(code=another(code))
    assert journey.answer(code=code).url == "/account/"
