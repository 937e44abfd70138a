"""The journey of somebody who changes what their account says of them, with a mistake at each step."""

from __future__ import annotations

from tests.accounts.traveller import Journey, a_journey
from tests.local_pool import another, new_email


@a_journey(
    "account",
    "activity",
    "download_data",
    "profile",
    "verify_attribute",
    "resend_attribute_code",
    "cancel_attribute_change",
)
def ones_own_account(journey: Journey) -> None:
    journey.sign_in(journey.person())
    new, client = new_email("countess"), journey.client
    for path in ("/account/", "/account/activity/", "/account/data/", "/account/profile/"):
        client.get(path)
    for name, value in (("name", "Countess"), ("email", "no address"), ("email", new)):
        client.post("/account/profile/", {"attribute": name, name: value})
    code = journey.code(new)
    client.get("/account/profile/?edit=email")
    client.post("/account/profile/verify/", {"code": another(code)})
    client.post("/account/profile/verify/resend/")
    client.post("/account/profile/verify/", {"code": code})
    client.post("/account/profile/verify/", {"code": journey.code(new)})
    client.post("/account/profile/", {"attribute": "email", "email": new_email("given-up")})
    client.post("/account/profile/verify/cancel/", {"attribute": "email"})
