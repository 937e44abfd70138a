"""People who have files, and what they do with them in their browsers."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.cognito.results import AwsCredentials
from accounts.sessions.engine import SessionStore
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person
from tests.markup import Page


def browser_in(pool: LocalPool, person: Person) -> CheckedClient:
    """Sign a person in, and return their mine."""
    client = CheckedClient()
    assert client.post("/login/", {"username": person.email, "password": person.password}).status_code == 302
    return client


def sent(
    client: CheckedClient,
    *names: str,
    content: bytes = b"hello",
    folder: str = "",
    headers: dict[str, str] | None = None,
) -> Any:
    """Upload a file of each name, as the form does."""
    form = {"in": folder, "files": [SimpleUploadedFile(name, content) for name in names]}
    return client.post("/files/upload/", form, headers=headers)


def shown(client: CheckedClient, path: str = "/files/") -> str:
    """Return the text of a page."""
    return str(client.get(path).content.decode())


def links(client: CheckedClient, path: str) -> list[str]:
    """Return where the links of a page lead."""
    return [str(link["href"]) for link in Page.of(client.get(path).content).all("a")]


def identity(client: CheckedClient) -> AwsCredentials:
    """Return the credentials that the browser's session has, which must have some."""
    found = SessionStore(client.session_cookie).aws_credentials()
    assert found is not None
    return found
