"""The mails that Cognito sends itself, as infra/cognito.yaml words them and the local AWS sends them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from infra.template import COGNITO, _Loader
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person, new_email
from tests.second_factors import with_mail

NEVER = "Nobody from Latchkey will ever ask you for this code."
# The longest name that the parameter takes.
NAME = "N" * 64


def templates() -> dict[str, str]:
    """Return every subject and message of the pool, in their longest form."""
    pool: dict[str, Any] = yaml.load(COGNITO.read_text(), _Loader)["Resources"]["UserPool"]["Properties"]  # noqa: S506
    verification, invitation = (
        pool["VerificationMessageTemplate"],
        pool["AdminCreateUserConfig"]["InviteMessageTemplate"],
    )
    found = {
        "code subject": verification["EmailSubject"],
        "code mail": verification["EmailMessage"],
        "code text": verification["SmsMessage"],
        "sign-in subject": pool["EmailAuthenticationSubject"],
        "sign-in mail": pool["EmailAuthenticationMessage"],
        "sign-in text": pool["SmsAuthenticationMessage"],
        "invitation subject": invitation["EmailSubject"],
        "invitation mail": invitation["EmailMessage"],
        "invitation text": invitation["SMSMessage"],
    }
    return {name: sub(value).replace("${SiteName}", NAME) for name, value in found.items()}


def sub(value: Any) -> str:
    """Return the text in a value that may be a Sub, alone or in an If."""
    if isinstance(value, dict):
        (inner,) = value.values()
        return sub(inner[1] if isinstance(inner, list) else inner)
    return str(value)


def test_each_template_is_one_that_aws_takes() -> None:
    """Lengths and placeholders: VerificationMessageTemplateType, MessageTemplateType and EmailMfaConfigType."""
    for name, value in templates().items():
        most = {"subject": 140, "text": 140, "mail": 20_000}[name.rpartition(" ")[2]]
        assert 6 <= len(value) <= most, name
        assert ("{####}" in value) is not name.endswith("subject"), name
        assert ("{username}" in value) is (name in {"invitation mail", "invitation text"}), name
        # What is not ASCII gets lost on the way through CloudFormation, and makes a text message twice as long.
        assert value.isascii(), name


def test_a_mail_fetches_nothing_and_leads_to_the_site_alone() -> None:
    for name, value in templates().items():
        assert not re.search(r"\b(src|background)=|url\(", value), name
        assert all(link.startswith("${SiteUrl}/") for link in re.findall(r'href="([^"]*)"', value)), name


def test_a_newcomer_gets_the_code_and_what_to_do_with_it(client: CheckedClient, pool: LocalPool) -> None:
    address = new_email()
    form = {"email": address, "password1": "Correct-horse-1", "password2": "Correct-horse-1"}
    client.post("/register/", form)
    code = pool.code(address)
    mail = pool.mails(address)[-1]
    assert mail["subject"] == "Your Latchkey code"
    assert mail["body"].splitlines() == [
        "Latchkey",
        f"Enter {code} on the page that asked for it, within an hour.",
        f"If you didn’t ask for it, ignore this email: your password is still the same. {NEVER}",
    ]


def test_a_reset_says_that_the_password_is_still_the_same(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    client.post("/password/forgot/", {"username": person.email})
    code = pool.code(person.email)
    assert f"Enter {code} on the page that asked for it, within an hour." in pool.mails(person.email)[-1]["body"]
    assert "your password is still the same" in pool.mails(person.email)[-1]["body"]


@pytest.mark.django_db
def test_an_invitation_says_where_as_whom_and_how_long(pool: LocalPool) -> None:
    address = new_email("grace")
    pool.root.admin_create_user(
        UserPoolId=pool.id,
        Username=address,
        TemporaryPassword="Temporary-1",
        UserAttributes=[{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}],
    )
    (mail,) = pool.mails(address)
    assert mail["subject"] == "You're invited to Latchkey"
    words = " ".join(mail["body"].split())
    where = r"Sign in at http://localhost:\d+/login/ with"
    assert re.search(rf"{where} {re.escape(address)} and the temporary password Temporary-1 within 7 days\.", words)
    assert words.endswith("You’ll choose your own then.")


def test_a_sign_in_code_says_what_it_means_to_somebody_who_is_not_signing_in(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_mail(pool, person)
    client.post("/login/", {"username": person.email, "password": person.password})
    code = pool.code(person.email)
    mail = pool.mails(person.email)[-1]
    assert mail["subject"] == "Your Latchkey sign-in code"
    assert f"Enter {code} on the page that asked for it." in mail["body"]
    assert "If you aren’t signing in, someone may know your password. Secure your account" in mail["body"]
