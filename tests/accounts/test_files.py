"""One's own files: what is shown, what IAM refuses, and what becomes of credentials that end."""

from __future__ import annotations

import dataclasses
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import botocore.session
import pytest
from botocore.stub import Stubber
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from pytest_django import Settings

from accounts import conf, files, limits, uploads
from accounts.cognito.bucket import Bucket
from accounts.cognito.client import CallersCredentials, make_s3_client
from accounts.cognito.config import Connection
from accounts.cognito.errors import AccessDenied, ObjectNotFound, Unreachable
from accounts.cognito.results import AwsCredentials
from accounts.local_time import NBSP
from accounts.views.files import upload_files
from tests.accounts.people_with_files import browser_in, identity, links, sent, shown
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person
from tests.markup import Page

ODD = "Ünusual & <b>50%</b> naïve's שלום.txt"
ROW = "<bdi data-wrap>{}</bdi><span"  # in the list, where more follows the name


def named(name: str) -> str:
    """Return a name as messages show it."""
    return f"<strong><bdi data-wrap>{name}</bdi></strong>"


@pytest.fixture
def ada(files_pool: LocalPool) -> Person:
    """Somebody who may have files."""
    return files_pool.person(name="Ada")


@pytest.fixture
def mine(ada: Person, files_pool: LocalPool) -> CheckedClient:
    """Ada's mine, signed in where there are files."""
    return browser_in(files_pool, ada)


def test_where_no_bucket_is_set_there_are_no_files_and_nothing_leads_there(signed_in: CheckedClient) -> None:
    assert "/files/" not in shown(signed_in, "/account/")
    for path in ("/files/", "/files/download/?file=a", "/files/delete/?file=a", "/files/replace/?file=a&by=b"):
        assert signed_in.get(path).status_code == 404
    for path in ("/files/upload/", "/files/folder/", "/files/delete/"):
        assert signed_in.post(path).status_code == 404


def test_strangers_are_sent_to_sign_in_and_back(files_pool: LocalPool) -> None:
    assert CheckedClient().get("/files/?in=a/").url == "/login/?next=/files/%3Fin%3Da/"
    assert sent(CheckedClient(), "a.txt").url.startswith("/login/")


def test_somebody_without_files_is_told_so(mine: CheckedClient) -> None:
    page = shown(mine)
    assert "No files yet" in page
    assert f"Each can be up to 25{NBSP}MB." in page
    assert 'href="/files/" aria-current="page"' in page


def test_what_is_uploaded_is_listed_downloaded_and_deleted(mine: CheckedClient) -> None:
    assert sent(mine, "notes.txt", ODD, content=b"x" * 2100).url == "/files/"
    page = shown(mine)
    assert "2 files uploaded." in page
    assert f"2 files, 4{NBSP}KB" in page
    assert ROW.format("notes.txt") in page
    answer = mine.get("/files/download/?file=notes.txt")
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.url).query)
    assert query["X-Amz-Expires"] == ["60"]
    with urlopen(answer.url) as response:  # noqa: S310 -- the local AWS
        assert response.read() == b"x" * 2100
        assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''notes.txt"
        assert response.headers["Content-Type"] == "application/octet-stream"
    question = shown(mine, "/files/delete/?file=notes.txt")
    assert "This can’t be undone." in question
    assert "notes.txt" in shown(mine)
    assert mine.post("/files/delete/", {"file": "notes.txt"}).url == "/files/"
    page = shown(mine)
    assert f"{named('notes.txt')} deleted." in page
    assert ROW.format("notes.txt") not in page
    mine.post("/files/delete/", {"file": "notes.txt"})
    assert f"{named('notes.txt')} was deleted already." in shown(mine)
    assert mine.get("/files/download/?file=notes.txt").status_code == 404


def test_folders_are_made_entered_and_deleted_once_they_are_empty(mine: CheckedClient) -> None:
    assert mine.post("/files/folder/", {"name": "Invoices"}).url == "/files/?in=Invoices%2F"
    assert "This folder is empty or doesn’t exist." in shown(mine, "/files/?in=Invoices/")
    sent(mine, "a.pdf", folder="Invoices/")
    page = shown(mine)
    assert "1 folder" in page
    assert page.index("Invoices") > 0
    inside = shown(mine, "/files/?in=Invoices/")
    assert '<a href="/files/">' in inside
    assert "a.pdf" in inside
    assert mine.post("/files/delete/", {"file": "Invoices/"}).url == "/files/?in=Invoices%2F"
    assert "isn’t empty" in shown(mine, "/files/?in=Invoices/")
    mine.post("/files/delete/", {"file": "Invoices/a.pdf"})
    mine.post("/files/delete/", {"file": "Invoices/"})
    assert "No files yet" in shown(mine)
    mine.post("/files/folder/", {"name": "Twice"})
    mine.post("/files/folder/", {"name": "Twice"})
    assert f"There’s already a folder called {named('Twice')}." in shown(mine)


def test_a_file_of_a_name_that_is_taken_is_kept_beside_it_until_that_is_decided(mine: CheckedClient) -> None:
    sent(mine, "notes.txt", content=b"old")
    answer = sent(mine, "notes.txt", content=b"new")
    assert answer.url == "/files/replace/?file=notes.txt&by=notes+%282%29.txt"
    assert "Replace <bdi data-wrap>notes.txt</bdi>?" in shown(mine, answer.url)
    pair = {"in": "", "file": "notes.txt", "by": "notes (2).txt"}
    assert content_of(mine, "notes.txt") == b"old"
    mine.post("/files/replace/", {**pair, "answer": "keep"})
    assert content_of(mine, "notes.txt") == b"old"
    mine.post("/files/replace/", {**pair, "answer": "replace"})
    assert content_of(mine, "notes.txt") == b"new"
    assert mine.get("/files/download/?file=notes+(2).txt").status_code == 404
    assert mine.post("/files/replace/", {**pair, "answer": "replace"}).status_code == 404
    assert content_of(mine, "notes.txt") == b"new"


def content_of(client: CheckedClient, path: str) -> bytes:
    """Return what is downloaded."""
    with urlopen(client.get("/files/download/", {"file": path}).url) as response:  # noqa: S310
        return bytes(response.read())


@pytest.mark.parametrize("by", ["notes.txt", "other.txt", "notes (1).txt", "notes (99).txt"])
def test_a_file_takes_the_place_of_its_twin_alone(mine: CheckedClient, by: str) -> None:
    sent(mine, "notes.txt", content=b"old")
    sent(mine, by)
    pair = {"file": "notes.txt", "by": by}
    assert mine.get("/files/replace/", pair).url == "/files/"
    mine.post("/files/replace/", {**pair, "answer": "replace"})
    assert content_of(mine, "notes.txt") == b"old"


def test_another_persons_files_and_other_buckets_are_refused_by_iam(
    mine: CheckedClient, files_pool: LocalPool, settings: Settings
) -> None:
    bob = browser_in(files_pool, files_pool.person())
    sent(bob, "secret.txt")
    theirs, bucket = identity(bob).identity_id, settings.COGNITO["FILES_BUCKET"]
    sent(mine, "mine.txt")
    for query in (f"bucket={bucket}&in={theirs}/", f"bucket={bucket}", "bucket=another-bucket", "bucket=a-b&in=x/"):
        answer = mine.get(f"/files/?{query}")
        assert answer.status_code == 403
        assert "You can’t open this folder" in answer.content.decode()
        assert "AccessDenied" not in answer.content.decode()
        assert 'href="/files/" aria-current="page"' in answer.content.decode()
    assert mine.get(f"/files/download/?bucket={bucket}&file={theirs}/secret.txt").status_code == 403
    own = identity(mine).identity_id
    assert "mine.txt" in shown(mine, f"/files/?bucket={bucket}&in={own}/")


def test_amazon_itself_refuses_what_the_pages_do_not_offer(mine: CheckedClient, files_pool: LocalPool) -> None:
    bob = browser_in(files_pool, files_pool.person())
    sent(bob, "secret.txt")
    sent(mine, "mine.txt")
    thief, victim = identity(mine), identity(bob).identity_id
    forged = dataclasses.replace(thief, identity_id=victim)
    for act in (
        lambda: conf.bucket().put_new(forged, files.own_bucket(), f"{victim}/x.txt", b"x"),
        lambda: conf.bucket().delete(forged, files.own_bucket(), f"{victim}/secret.txt"),
        lambda: conf.bucket().copy(forged, files.own_bucket(), f"{victim}/secret.txt", f"{thief.identity_id}/x"),
        lambda: conf.bucket().list(forged, files.own_bucket(), f"{victim}/"),
        lambda: conf.bucket().find(forged, files.own_bucket(), f"{victim}/secret.txt"),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert content_of(bob, "secret.txt") == b"hello"


@pytest.mark.parametrize("path", ["../x/", "a/../../x/", "/", "a//b/", "./", "a\x00/", "a\r\nb/", "a\u202eb/", "x"])
def test_a_folder_that_leads_elsewhere_is_none(mine: CheckedClient, path: str) -> None:
    assert mine.get("/files/", {"in": path}).status_code == 404
    assert sent(mine, "a.txt", folder=path).status_code in (302, 404)
    assert mine.get("/files/download/", {"file": path + "a.txt"}).status_code == 404
    assert mine.post("/files/folder/", {"in": path, "name": "b"}).status_code == 302
    mine.get("/files/")
    assert "No files yet" in shown(mine)


def test_a_place_in_a_list_that_is_no_text_asks_s3_nothing(mine: CheckedClient) -> None:
    assert mine.get("/files/", {"after": "a\x00"}).status_code == 404


@pytest.mark.parametrize("bucket", ["arn:aws:s3:eu-west-1:1:accesspoint/x", "A", "a/../b", "x" * 64, "évil", "a b"])
def test_a_bucket_that_is_no_name_of_one_is_never_asked_for(mine: CheckedClient, bucket: str) -> None:
    assert mine.get("/files/", {"bucket": bucket}).status_code == 404
    assert mine.get("/files/download/", {"bucket": bucket, "file": "a"}).status_code == 404


def test_a_file_that_is_too_large_is_named_and_the_others_are_kept(mine: CheckedClient, settings: Settings) -> None:
    settings.FILES_MAX_MB = 1
    large = SimpleUploadedFile("Scan.png", b"x" * 1_000_001)
    form = {"files": [large, SimpleUploadedFile("exact.bin", b"x" * 1_000_000)]}
    mine.post("/files/upload/", form)
    page = shown(mine)
    assert f"{named('Scan.png')} is larger than 1{NBSP}MB. Choose a smaller file." in page
    assert "1 file uploaded." in page
    assert ROW.format("Scan.png") not in page
    assert f"1.0{NBSP}MB" in page


def test_what_s3_does_not_take_after_it_took_others_is_named(
    mine: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = Bucket.put_new
    taken: list[tuple[object, ...]] = []

    def at_first(gateway: Bucket, *given: object) -> None:
        if taken:
            raise Unreachable("PutObject", "Timeout")
        taken.append(given)
        takes(gateway, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Bucket, "put_new", at_first)
    assert sent(mine, "a.txt", "b.txt").url == "/files/"
    page = shown(mine)
    assert "1 file uploaded." in page
    assert f"We couldn’t upload {named('b.txt')}. The others are there." in page
    assert sent(mine, "c.txt").status_code == 503


def test_a_form_without_files_says_so(mine: CheckedClient) -> None:
    mine.post("/files/upload/", {"in": ""})
    assert "Choose a file first." in shown(mine)


def test_every_other_page_goes_on_refusing_large_bodies(mine: CheckedClient) -> None:
    for path in ("/files/folder/", "/files/delete/", "/files/replace/", "/account/profile/"):
        assert mine.post(path, {"name": SimpleUploadedFile("x", b"x" * 70_000)}).status_code == 413
    assert upload_files.largest_body == 100_000_000 + 64 * 1024  # type: ignore[attr-defined]


def test_more_than_is_taken_at_one_time_is_told_with_how_much_that_is(
    mine: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_files, "largest_body", 1000)
    answer = sent(mine, "a.txt", content=b"x" * 2000)
    assert answer.status_code == 413
    assert (
        "Each file can be up to 25 MB, and those sent together up to 100 MB. Nothing was uploaded."
        in Page.of(answer.content).words
    )


def test_nothing_of_a_form_without_its_token_is_kept(mine: CheckedClient) -> None:
    strict = CheckedClient(enforce_csrf_checks=True)
    strict.cookies = mine.cookies
    assert sent(strict, "a.txt").status_code == 403
    assert "No files yet" in shown(mine)


def test_a_script_is_told_where_to_go_on(mine: CheckedClient) -> None:
    answer = sent(mine, "a.txt", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.json() == {"next": "/files/"}


def test_uploads_have_a_budget_of_their_own(mine: CheckedClient) -> None:
    for _ in range(limits.UPLOADS_BY_USER.most):
        mine.post("/files/upload/", {"in": ""})
    assert sent(mine, "a.txt").status_code == 429
    assert "No files yet" in shown(mine)


def test_few_threads_take_files_at_one_time(mine: CheckedClient, settings: Settings) -> None:
    settings.WEB_THREADS = 4
    with uploads.place(0):
        assert sent(mine, "a.txt").status_code == 503
    assert sent(mine, "a.txt").status_code == 302


def test_a_long_folder_comes_by_pages(mine: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PAGE", 2)
    sent(mine, "a", "b", "c", "d", "e")
    seen: list[str] = []
    path, pages = "/files/", 0
    while path:
        found = links(mine, path)
        # The name is a link, and the icon after it.
        seen += {link for link in found if "/download/" in link}
        path = next((link for link in found if "after=" in link), "")
        pages += 1
    assert (len(seen), pages) == (5, 3)
    assert len(set(seen)) == 5


def test_an_outage_of_s3_says_that_the_files_are_safe_and_signs_nobody_out(
    mine: CheckedClient, settings: Settings
) -> None:
    mine.get("/files/")
    works = settings.COGNITO
    settings.COGNITO = {**works, "ENDPOINT_URL": "http://127.0.0.1:9"}
    for answer in (mine.get("/files/?in=a/"), mine.post("/files/delete/", {"file": "a"}), sent(mine, "a")):
        assert answer.status_code == 503
        assert "They’re safe. Try again in a few minutes." in answer.content.decode()
        assert answer["Retry-After"]
    settings.COGNITO = works
    assert mine.get("/files/").status_code == 200


def test_a_handler_forgets_a_file_that_grows_too_large() -> None:
    handler = uploads.SpooledUploadHandler(HttpRequest(), 10)
    handler.new_file("files", "a", "text/plain", None)
    handler.receive_data_chunk(b"x" * 10, 0)
    handler.receive_data_chunk(b"x", 10)
    assert handler.file.tell() == 0
    assert handler.file_complete(11) is None
    assert handler.too_large == ["a"]


def test_fifty_requests_of_several_people_make_no_client_and_no_connection(
    files_pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [browser_in(files_pool, files_pool.person()) for _ in range(5)]
    for client in people:
        client.get("/files/")
    made: list[object] = []
    monkeypatch.setattr(botocore.session.Session, "create_client", lambda *given, **_: made.append(given))
    gateways = (conf.bucket(), conf.identity_pool())
    connections = [
        gateway._client._endpoint.http_session._manager.connection_from_url(files_pool.endpoint) for gateway in gateways
    ]
    opened = [pool.num_connections for pool in connections]
    before = connections[0].num_requests
    for client in people * 10:
        assert client.get("/files/").status_code == 200
    assert (conf.bucket(), conf.identity_pool()) == gateways
    assert made == []
    assert [pool.num_connections for pool in connections] == opened
    assert connections[0].num_requests == before + 50


def test_a_file_of_ones_own_that_s3_will_not_speak_of_is_not_there() -> None:
    """What AWS says of a missing object to somebody who may not list the whole bucket; the local AWS says 404."""
    callers = CallersCredentials()
    client = make_s3_client(Connection(region="eu-west-1"), callers)
    person = AwsCredentials("id", "ASIAEXAMPLE", "of-nobody", "of-nobody", 0)
    with Stubber(client) as stub:
        stub.add_client_error("head_object", "403", http_status_code=403)
        with pytest.raises(ObjectNotFound):
            files.told_missing(lambda: Bucket(client, conf.config(), callers).find(person, "b", "id/a"))
