"""Nobody learns by a change of address whether another account has it, and nobody has many codes sent."""

from __future__ import annotations

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import limits
from accounts.views import base
from accounts.views.base import COOL_DOWN
from tests.accounts.profiles import PROFILE, RESEND, VERIFY, change, fact
from tests.checked_client import CheckedClient, answer
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page

WRONG_CODES = 6  # one more than a code of Cognito's survives


def changed_to(client: CheckedClient, email: str) -> list[tuple[int, dict[str, str], bytes]]:
    """Return what a person sees who changes to `email`, from the form to a wrong code and another one asked for."""
    guess = {"attribute": "email", "code": "135790"}
    return [
        answer(client.post(PROFILE, {"attribute": "email", "email": email}), email),
        answer(client.get(PROFILE), email),
        *(answer(client.post(VERIFY, guess), email) for _ in range(WRONG_CODES)),
        answer(client.post(RESEND, {"attribute": "email"}), email),
        answer(client.get(PROFILE), email),
        answer(client.get("/account/activity/"), email),
    ]


def test_whether_another_account_has_an_address_is_not_told(pool: LocalPool, browser_of: SignIn) -> None:
    seen = []
    with time_machine.travel(timezone.now(), tick=False):
        for new in (new_email("free"), pool.person(email=new_email("full")).email):
            person = pool.person()
            pages = changed_to(browser_of(person), new)
            masked = [(status, headers, body.replace(person.email.encode(), b"own")) for status, headers, body in pages]
            seen.append(masked)
            assert pool.attributes(person.email)["email"] == person.email
    assert seen[0] == seen[1]


def test_one_person_has_only_so_many_codes_sent(signed_in: CheckedClient, pool: LocalPool) -> None:
    most = limits.ATTRIBUTE_CODES_BY_USER.most
    addresses = [new_email("other") for _ in range(most)] + [pool.person().email]
    posts = [signed_in.post(PROFILE, {"attribute": "email", "email": email}) for email in addresses]
    assert [response.status_code for response in posts] == [302] * most + [429]
    assert mail.outbox == []
    page = Page.of(posts[-1].content)
    assert "You’ve changed this several times already. Wait an hour, then try again." in page.words
    assert page.field("email")["value"] == addresses[-1]
    assert int(posts[-1]["Retry-After"]) > 0


@pytest.mark.parametrize("taken", [False, True])
def test_all_people_together_send_a_stranger_only_so_many_mails(
    pool: LocalPool, browser_of: SignIn, taken: bool
) -> None:
    target = pool.person().email if taken else new_email("stranger")
    most = limits.ATTRIBUTE_CODES_BY_TARGET.most
    data = {"attribute": "email", "email": target}
    statuses = [browser_of(pool.person()).post(PROFILE, data).status_code for _ in range(most + 1)]
    assert statuses == [302] * most + [429]
    assert len(pool.mails(target)) + len(mail.outbox) == most


def test_another_code_counts_against_where_it_goes(pool: LocalPool, browser_of: SignIn, cognito: FaultProxy) -> None:
    target, clients = new_email("stranger"), [browser_of(pool.person()) for _ in range(3)]
    statuses = []
    for turn, client in enumerate(clients):
        statuses.append(client.post(PROFILE, {"attribute": "email", "email": target}).status_code)
        with time_machine.travel(timezone.now().timestamp() + (turn + 1) * (COOL_DOWN + 1)):
            statuses.append(client.post(RESEND, {"attribute": "email"}).status_code)
    # The third person's change was refused, so there is nothing to send another code for.
    assert statuses == [302] * limits.ATTRIBUTE_CODES_BY_TARGET.most + [429, 302]


def test_another_code_counts_among_those_of_the_person_wherever_they_went(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    for _ in range(limits.ATTRIBUTE_CODES_BY_USER.most):
        assert change(signed_in, email=new_email("other"))
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        response = signed_in.post(RESEND, {"attribute": "email"})
    assert response.status_code == 429
    words = Page.of(response.content).words
    assert "You’ve asked for several codes already. Wait an hour, then try again." in words
    assert cognito.calls["GetUserAttributeVerificationCode"] == 0


def test_a_change_of_address_waits_for_the_floor_and_another_does_not(
    signed_in: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    levelled: list[float] = []
    monkeypatch.setattr(base, "wait_for_floor", levelled.append)
    change(signed_in, name="Countess")
    assert levelled == []
    for email in (new_email("free"), pool.person().email):
        change(signed_in, email=email)
        assert len(levelled) == 1
        signed_in.post(VERIFY, {"code": "135790"})
        assert len(levelled) == 2
        with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
            signed_in.post(RESEND)
        assert len(levelled) == 3
        levelled.clear()


def test_only_the_mailbox_of_a_taken_address_is_told(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    bob = pool.person()
    assert f"Confirm {bob.email}" in fact(change(signed_in, email=bob.email), "email")
    assert [message.to for message in mail.outbox] == [[bob.email]]
    assert "belongs to an account already" in str(mail.outbox[0].body)
    assert pool.mails(bob.email) == []


def test_no_code_is_asked_of_cognito_for_a_taken_address(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    change(signed_in, email=pool.person().email)
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        signed_in.post(RESEND, {"attribute": "email"})
        assert "New code sent to" in signed_in.page(PROFILE).words
        signed_in.post(VERIFY, {"code": "135790"})
    assert cognito.calls["GetUserAttributeVerificationCode"] == cognito.calls["VerifyUserAttribute"] == 0
