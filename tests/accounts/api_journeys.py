"""The journeys of programs, which bring an access token or a form of their own."""

from __future__ import annotations

from tests.accounts.traveller import NEW, PASSWORD, Journey, a_journey
from tests.local_pool import another, new_email
from tests.second_factors import access_token


@a_journey("api_me", "openapi", "brand_css")
def a_program_of_ones_own(journey: Journey) -> None:
    token = access_token(journey.pool, journey.person())
    journey.canaries.add("token", token)
    journey.client.get("/api/openapi.json")
    journey.client.get("/brand.css")
    for bearer in (token, f"{token}x", f"{token} "):
        headers = {"Authorization": f"Bearer {bearer}"}
        journey.client.get("/api/me", headers=headers)
        journey.client.patch("/api/me", {"attributes": {"name": ""}}, content_type="application/json", headers=headers)
    # A token in an address is in every log by the time it is refused, so this is none.
    journey.client.get("/api/me", {"access_token": "none"})


@a_journey("api_accounts", "api_confirm_account", "api_resend_code")
def a_form_of_a_programs_own(journey: Journey) -> None:
    email = new_email("journey")
    made = journey.send("/api/accounts", email=email, password=PASSWORD).json()
    code = journey.code(email)
    journey.send("/api/accounts", email=email, password=NEW)
    journey.send("/api/accounts/resend", username=email)
    for tried in (another(code), journey.code(email)):
        journey.send("/api/accounts/confirm", code=tried, **made)
