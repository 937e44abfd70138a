"""Eve and Ada: somebody registers another person's address, and what each can do then."""

from __future__ import annotations

from tests.background import finish
from tests.checked_client import CheckedClient

EVES = "Eves-own-horse-6"
NEW = "Adas-own-horse-7"
VERIFY = "/verify-code/"
RESET = "/password/reset/"


def register(email: str, password: str, **more: str) -> CheckedClient:
    """Return the browser of somebody who has registered, whatever came of it."""
    client = CheckedClient()
    data = {"email": email, "password1": password, "password2": password, **more}
    assert client.post("/register/", data).url == VERIFY
    finish()
    return client


def opens(name: str, password: str, client: CheckedClient | None = None) -> bool:
    """Return whether the password opens the account."""
    client = client or CheckedClient()
    client.post("/login/", {"username": name, "password": password})
    return bool(client.get("/account/").status_code == 200)


def new_password(code: str, password: str = NEW, **more: str) -> dict[str, str]:
    return {"code": code, "new_password1": password, "new_password2": password, **more}
