"""The journey through what protects an account: passkeys, an app and codes, each with a mistake."""

from __future__ import annotations

import json
import re

from tests.accounts.traveller import Journey, a_journey
from tests.devcloud.conformance.authenticator import Authenticator
from tests.second_factors import AuthenticatorApp


@a_journey(
    "security",
    "totp",
    "two_step",
    "passkey",
    "passkeys",
    "passkey_options",
    "passkey_add",
    "passkey_offer",
    "delete_passkey",
)
def second_steps_and_passkeys(journey: Journey) -> None:
    journey.sign_in(journey.person())
    client, key = journey.client, Authenticator()
    client.get("/account/security/passkeys/offer/")
    client.post("/account/security/passkeys/offer/")
    options = client.post("/account/security/passkeys/options/").json()
    client.post("/account/security/passkeys/add/", {"credential": "nonsense"})
    client.post("/account/security/passkeys/add/", {"credential": json.dumps(key.register(options))})
    client.get("/account/security/passkeys/")
    for link in re.findall(r'href="(/account/security/passkeys/[^"]+/)"', client.page("/account/security/").html):
        client.get(link)
        client.post(link, {"name": "Work laptop"})
        client.get(f"{link}delete/")
        client.post(f"{link}delete/")
    app = AuthenticatorApp(key_shown(client.page("/account/security/totp/").html))
    client.post("/account/security/totp/", {"code": app.wrong_code()})
    client.post("/account/security/totp/", {"code": app.first_code()})
    client.get("/account/security/")
    for act in ("email/on", "totp/off"):
        client.get(f"/account/security/two-step/{act}/")
        client.post(f"/account/security/two-step/{act}/")


def key_shown(page: str) -> str:
    """Return the key of an authenticator app on a page."""
    found = re.search(r'id="totp-key"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    return found[1]
