"""The journey of somebody who connects a provider with their account, and disconnects it."""

from __future__ import annotations

from accounts.sessions.pending import PendingProviders
from tests.accounts.connecting import CONNECTIONS, another_provider
from tests.accounts.federating import Domain, request_with, way_out, with_domain
from tests.accounts.traveller import PASSWORD, Journey, a_journey


@a_journey("connections", "connect_provider", "disconnect_provider", "federated_callback")
def another_way_into_the_account(journey: Journey) -> None:
    pool = journey.configure(with_domain(journey.pool), DOMAIN=journey.cognito.url, PROVIDERS=["Another"])
    person, domain = journey.person(pool, email="ada@another.example"), Domain(journey.cognito.url)
    connect, disconnect = (f"{CONNECTIONS}Another/{act}/" for act in ("connect", "disconnect"))
    journey.sign_in(person)
    journey.client = journey.browser()
    with another_provider(pool, "Another"):
        # Told first that the address is known, then signed in by password.
        journey.client.get(domain.sign_in_elsewhere(way_out(journey.client.post("/login/with/Another/"))))
        data = {"username": person.email, "password": PASSWORD, "next": "/account/security/"}
        journey.client.get(journey.client.post("/login/", data).url)
        journey.client.get(CONNECTIONS)
        journey.client.get(connect)
        url = way_out(journey.client.post(connect))
        waiting = PendingProviders.find(request_with(journey.client.session))
        assert waiting
        journey.canaries.add("verifier", *(str(tab["verifier"]) for tab in waiting.tabs.values() if tab["verifier"]))
        back = domain.sign_in_elsewhere(url)
        for _ in range(2):
            journey.client.get(journey.client.get(back).url)
        journey.collect()
        journey.client.get(disconnect)
        journey.client.get(journey.client.post(disconnect).url)
    journey.client.post("/logout/")
