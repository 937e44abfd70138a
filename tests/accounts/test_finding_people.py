"""People found in the pool by what staff type, against a server that reads the filter as AWS does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts import administration, conf
from accounts.cognito import errors
from accounts.models import User
from tests.accounts.administrators import known
from tests.fault_proxy import Answer, Fault, FaultProxy, answered
from tests.local_pool import LocalPool, Person, new_email

ODD = 'Ada "the \\ Countess" O\'Lovelace'


@pytest.mark.parametrize("beginning", ['Ada "', 'Ada "the', 'Ada "the \\', 'Ada "the \\ Countess" O\'', ODD])
def test_a_name_with_quotation_marks_is_found_by_its_beginning(pool: LocalPool, beginning: str) -> None:
    odd = pool.person(name=ODD)
    assert odd.sub in {person.sub for person in conf.directory().find("name", beginning)}


@pytest.mark.parametrize("beginning", ['Ada "the Count', 'x" or name ^= "', '" ', "\\", 'Ada \\"the'])
def test_what_is_typed_is_never_more_than_a_value(pool: LocalPool, beginning: str) -> None:
    odd = pool.person(name=ODD)
    assert odd.sub not in {person.sub for person in conf.directory().find("name", beginning)}


@pytest.mark.parametrize("field", ["email", "sub"])
def test_people_are_found_by_address_and_subject(pool: LocalPool, person: Person, field: str) -> None:
    beginning = getattr(person, field)[:-2]
    found = conf.directory().find(field, beginning)  # type: ignore[arg-type]
    assert [each.sub for each in found] == [person.sub]


def test_nobody_is_found_by_an_empty_name(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    known(pool, person)
    cognito.forget()
    assert administration.called("") == []
    assert not cognito.calls


def test_an_empty_page_is_not_the_last_one(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    whole: list[Answer | None] = []

    def held_back(answer: Answer | None) -> Answer | None:
        assert answer
        whole.append(answer)
        return replace(answer, body=b'{"Users": [], "PaginationToken": "2"}'.ljust(len(answer.body)))

    cognito.fail("ListUsers", Fault(rewrite=held_back), times=1)
    cognito.fail("ListUsers", Fault(forward=False, rewrite=lambda _answer: whole[0]), times=1)
    assert [user.sub for user in administration.called(person.sub)] == [person.sub]
    assert ("ListUsers", "2") in [(operation, sent.get("PaginationToken")) for operation, sent in cognito.sent]


def test_pages_without_an_end_are_not_read_for_ever(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("ListUsers", answered(200, b'{"Users": [], "PaginationToken": "0"}'))
    assert administration.called(person.email) == []
    assert cognito.calls["ListUsers"] <= 30


def test_whoever_is_gone_is_found_by_the_subject_alone(pool: LocalPool, person: Person) -> None:
    ada = known(pool, person)
    administration.mark_gone(ada)
    pool.admin("delete_user", person)
    assert administration.called(person.email) == []
    assert administration.called(person.sub) == [ada]


def test_nobody_is_found_while_cognito_is_away(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    known(pool, person)
    cognito.fail("ListUsers", answered(500, b"{}"))
    with pytest.raises(errors.Unavailable):
        administration.called(person.email)


def test_people_of_another_pool_are_not_meant(pool: LocalPool) -> None:
    User.objects.create(issuer="https://another.example.com", sub="x", username="x", email=new_email())
    assert administration.called("x") == []
