"""Whoever deletes their account leaves no files: they go before the account, in bounded time, by their own right."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber
from django.test.utils import override_settings
from pytest_django import Settings

from accounts import administration, after_answer, conf, files
from accounts.cognito.bucket import Bucket
from accounts.cognito.client import CallersCredentials, make_s3_client
from accounts.cognito.config import Connection
from accounts.cognito.errors import AccessDenied, NotAuthorized, Unreachable
from accounts.cognito.identity_pool import IdentityPool
from accounts.cognito.results import AwsCredentials
from accounts.context import Context
from accounts.models import User
from tests.accounts.people_with_files import browser_in, identity, sent, shown
from tests.background import finish
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person
from tests.other_pools import another_client
from tests.second_factors import programs_tokens

PAGE = "/account/delete/"
SOMEBODY = AwsCredentials("id", "ASIAEXAMPLE", "of-nobody", "of-nobody", 0)


@pytest.fixture
def ada(files_pool: LocalPool) -> Person:
    """Somebody who may have files."""
    return files_pool.person(name="Ada")


@pytest.fixture
def mine(ada: Person, files_pool: LocalPool) -> CheckedClient:
    """Ada's browser, with two files and an empty folder."""
    client = browser_in(files_pool, ada)
    sent(client, "a.txt", "b.txt")
    client.post("/files/folder/", {"name": "Empty"})
    return client


def keys_of(person: AwsCredentials) -> list[str]:
    """Return what lies below the identity of a person, whose account may be gone."""
    found = conf.bucket().list(person, files.own_bucket(), files.own_prefix(person))
    return [*found.prefixes, *(each.key for each in found.objects)]


def leave(client: CheckedClient, person: Person) -> Any:
    """Delete the account, and return the page that comes."""
    response = client.post(PAGE, {"confirm": person.email}, follow=True)
    finish()
    return response


def said(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, Any]]:
    """Return what the log has under a message."""
    return [vars(record) for record in caplog.records if record.message == message]


def test_all_files_go_before_the_account_and_nobody_elses(
    mine: CheckedClient, ada: Person, files_pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = browser_in(files_pool, files_pool.person())
    sent(bob, "his.txt")
    held, left = identity(mine), []
    delete_user = conf.user_account().delete_user

    def look(token: str) -> None:
        left.append(keys_of(held))
        delete_user(token)

    monkeypatch.setattr(conf.user_account(), "delete_user", look)
    assert len(keys_of(held)) == 3
    assert "Your activity and everything in Files" in shown(mine, PAGE)
    assert "Your account is deleted." in leave(mine, ada).content.decode()
    assert left == [[]]
    assert files_pool.status(ada.email) == ""
    assert "his.txt" in shown(bob)


def test_where_people_have_no_files_nothing_is_said_or_asked_of_them(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "delete_own", lambda _request: pytest.fail("there are none"))
    assert "Files" not in shown(signed_in, PAGE)
    assert signed_in.post(PAGE, {"confirm": User.objects.get().email}).url == "/"


def test_an_outage_of_s3_keeps_account_and_files(
    mine: CheckedClient, ada: Person, files_pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> bool:
        raise Unreachable("ListObjectsV2", "ConnectTimeoutError")

    with monkeypatch.context() as broken:
        broken.setattr(Bucket, "delete_page", away)
        assert mine.post(PAGE, {"confirm": ada.email}).status_code == 503
    assert files_pool.status(ada.email) == "CONFIRMED"
    assert len(keys_of(identity(mine))) == 3
    assert mine.post(PAGE, {"confirm": ada.email}).url == "/"


def test_an_outage_of_cognito_deletes_no_file(
    mine: CheckedClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise Unreachable("GetUser", "ConnectTimeoutError")

    monkeypatch.setattr(conf.user_account(), "get_user", away)
    assert mine.post(PAGE, {"confirm": ada.email}).status_code == 503
    assert len(keys_of(identity(mine))) == 3


def test_files_that_s3_will_not_delete_stay_and_person_and_operator_are_told(
    mine: CheckedClient, ada: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def denied(*_: Any) -> bool:
        raise AccessDenied("DeleteObjects", "AccessDenied")

    held = identity(mine)
    monkeypatch.setattr(Bucket, "delete_page", denied)
    assert "Your files couldn’t be deleted" in leave(mine, ada).content.decode()
    assert [line["identity"] for line in said(caplog, "files left behind")] == [held.identity_id]
    assert len(keys_of(held)) == 3
    assert not User.objects.exists()


def test_an_identity_pool_that_is_not_for_this_client_keeps_nobody_from_leaving(
    mine: CheckedClient, ada: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def not_for_us(*_: Any) -> AwsCredentials:
        raise NotAuthorized("GetId", "NotAuthorizedException")

    monkeypatch.setattr(IdentityPool, "credentials", not_for_us)
    monkeypatch.setattr(files, "MARGIN", 10**6)
    assert "Your files couldn’t be deleted" in leave(mine, ada).content.decode()
    assert said(caplog, "files left behind")
    assert not User.objects.exists()


def test_more_than_fits_into_a_request_is_deleted_after_it_and_the_person_is_told(
    mine: CheckedClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, pages = identity(mine), []
    delete_page = Bucket.delete_page

    def one_by_one(self: Bucket, *given: Any) -> bool:
        monkeypatch.setattr("accounts.cognito.bucket.DELETED_AT_ONCE", 1)
        pages.append(given)
        return delete_page(self, *given)

    monkeypatch.setattr(Bucket, "delete_page", one_by_one)
    monkeypatch.setattr(files, "LONGEST_DELETION", 0.0)
    assert "takes a few more minutes" in leave(mine, ada).content.decode()
    assert len(pages) == 3
    assert keys_of(held) == []


def test_a_rest_that_nobody_can_take_on_is_told_as_left(
    mine: CheckedClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(after_answer.deletions, "do", lambda *_: False)
    assert files.hand_on(identity(mine)) is files.Remains.ALL
    assert said(caplog, "files left behind")


def test_a_rest_that_cannot_be_deleted_is_named_in_the_log(
    mine: CheckedClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    held = identity(mine)
    settings.COGNITO = {**settings.COGNITO, "ENDPOINT_URL": "http://127.0.0.1:9"}
    files.delete_below(held)
    assert [line["identity"] for line in said(caplog, "files left behind")] == [held.identity_id]


def test_files_are_deleted_by_pages_of_a_thousand_and_one_that_stays_ends_it() -> None:
    callers = CallersCredentials()
    client = make_s3_client(Connection(region="eu-west-1"), callers)
    bucket = Bucket(client, conf.config(), callers)
    asked = {"Bucket": "b", "Prefix": "id/", "MaxKeys": 1000}
    with Stubber(client) as stub:
        for contents, is_truncated in ((["id/a"], True), (["id/b"], False), ([], True)):
            page = {"Contents": [{"Key": key} for key in contents], "IsTruncated": is_truncated}
            stub.add_response("list_objects_v2", page, asked)
            if contents:
                stub.add_response("delete_objects", {})
        assert [bucket.delete_page(SOMEBODY, "b", "id/") for _ in range(3)] == [True, False, False]
        stub.assert_no_pending_responses()
        stub.add_response("list_objects_v2", {"Contents": [{"Key": "id/a"}], "IsTruncated": True})
        stub.add_response("delete_objects", {"Errors": [{"Code": "AccessDenied"}]})
        with pytest.raises(AccessDenied):
            bucket.delete_page(SOMEBODY, "b", "id/")


class Program:
    """A program of Ada's, with tokens of a fresh sign-in."""

    def __init__(self, pool: LocalPool, person: Person) -> None:
        answer = programs_tokens(pool, person)
        self.access_token, self.id_token = answer["AccessToken"], answer["IdToken"]

    def leave(self, **headers: str) -> Any:
        return CheckedClient().delete("/api/me", headers={"Authorization": f"Bearer {self.access_token}", **headers})


def test_by_the_api_the_files_go_with_the_persons_id_token(
    mine: CheckedClient, ada: Person, files_pool: LocalPool
) -> None:
    held, program = identity(mine), Program(files_pool, ada)
    answer = program.leave(**{"Id-Token": program.id_token})
    assert (answer.status_code, answer.json()) == (200, {"files": "deleted"})
    assert keys_of(held) == []
    assert files_pool.status(ada.email) == ""


def test_by_the_api_nothing_goes_without_a_word_on_the_files(
    mine: CheckedClient, ada: Person, files_pool: LocalPool
) -> None:
    program, bob = Program(files_pool, ada), Program(files_pool, files_pool.person())
    for token in ("", "x", program.access_token, bob.id_token, f"{program.id_token}x"):
        answer = program.leave(**{"Id-Token": token})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["Id-Token"])
    assert files_pool.status(ada.email) == "CONFIRMED"
    assert len(keys_of(identity(mine))) == 3


def test_by_the_api_a_program_without_an_id_token_says_so_and_the_files_are_left(
    mine: CheckedClient, ada: Person, files_pool: LocalPool, caplog: pytest.LogCaptureFixture
) -> None:
    held = identity(mine)
    answer = Program(files_pool, ada).leave(**{"Id-Token": "none"})
    assert (answer.status_code, answer.json()) == (200, {"files": "left"})
    assert len(keys_of(held)) == 3
    assert ada.sub in said(caplog, "files left behind")[0]["error"]


def test_by_the_api_an_id_token_of_a_client_of_the_settings_will_do(
    mine: CheckedClient, ada: Person, files_pool: LocalPool, settings: Settings
) -> None:
    mobile = another_client(files_pool)
    program = Program(mobile, ada)
    with override_settings(COGNITO={**settings.COGNITO, "API_CLIENT_IDS": [mobile.env["COGNITO_CLIENT_ID"]]}):
        answer = program.leave(**{"Id-Token": program.id_token})
    # The identity pool takes the tokens of the site's client alone.
    assert (answer.status_code, answer.json()) == (200, {"files": "left"})


def test_files_of_somebody_whom_an_administrator_deletes_stay_and_the_log_tells_whose(
    mine: CheckedClient, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    held, user = identity(mine), User.objects.get()
    administration.delete(user, by=None, context=Context())
    assert len(keys_of(held)) == 3
    assert [line["sub"] for line in said(caplog, "files left behind")] == [ada.sub]
