"""What went wrong is a page for people and JSON of one shape for scripts, whatever the status and whoever answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, get_type_hints

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.http import require_POST

from accounts import error_responses
from accounts.cognito import errors
from accounts.error_responses import for_scripts
from accounts.limits import LimitExceeded
from accounts.urls import urlpatterns as site_patterns
from accounts.waiting import Busy
from config import urls as site_urls
from tests import fault_proxy
from tests.accounts.test_refresh import REFRESH, expire
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy

RAISED: dict[str, tuple[Exception, int, str]] = {
    "suspicious": (SuspiciousOperation(), 400, "bad_request"),
    "denied": (PermissionDenied(), 403, "permission_denied"),
    "missing": (Http404(), 404, "not_found"),
    "limit": (LimitExceeded(77), 429, "too_many_requests"),
    "mistake": (KeyError("canary"), 500, "server_error"),
    "busy": (Busy(), 503, "busy"),
    "away": (errors.Unreachable("GetUser"), 503, "service_unavailable"),
}
FETCHED = {"Sec-Fetch-Mode": "cors"}
WENT = {"Sec-Fetch-Mode": "navigate"}


@login_not_required
def raising(request: HttpRequest, kind: str) -> HttpResponse:
    """A page that lets something through."""
    raise RAISED[kind][0]


@login_not_required
@require_POST
def taking(request: HttpRequest) -> HttpResponse:
    """A page that only takes forms."""
    return HttpResponse("taken", content_type="text/plain")


def closed(request: HttpRequest) -> HttpResponse:
    """A page for people who are signed in."""
    return HttpResponse("in", content_type="text/plain")


@method_decorator([for_scripts, login_not_required], name="dispatch")
class Written(View):
    """A view for scripts that is a class."""

    def get(self, request: HttpRequest) -> HttpResponse:
        raise PermissionDenied


def patterns(prefix: str, mark: Callable[..., Any]) -> list[Any]:
    """Return the addresses of the views above, each marked by `mark`."""
    return [
        path(f"{prefix}/raising/<str:kind>/", mark(raising)),
        path(f"{prefix}/taking/", mark(taking)),
        path(f"{prefix}/closed/", mark(closed)),
    ]


def marked(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a copy of `view` that is written for scripts, so that the pages stay pages."""

    def copy(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    copy.__dict__.update(view.__dict__)
    return for_scripts(copy)


urlpatterns = [*site_patterns, *patterns("page", lambda view: view), *patterns("script", marked)]
urlpatterns += [path("script/written/", Written.as_view())]
# Django reads these off the module of the addresses, which is this one here.
handler400, handler403 = site_urls.handler400, site_urls.handler403
handler404, handler500 = site_urls.handler404, site_urls.handler500
pytestmark = [pytest.mark.urls("tests.accounts.test_error_responses"), pytest.mark.django_db]


@pytest.fixture
def visitor() -> CheckedClient:
    """A browser that is shown what visitors are shown, tracebacks neither."""
    return CheckedClient(enforce_csrf_checks=True, raise_request_exception=False)


def is_problem(response: Any, status: int, error: str) -> bool:
    """Whether `response` has the one shape, with this status and this error."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response["Cache-Control"] == "no-store"
    details = json.loads(response.content)
    assert details.pop("request_id") == response["X-Request-ID"]
    return bool(details == {"title": HTTPStatus(status).phrase, "status": status, "error": error})


def is_page(response: Any, status: int) -> bool:
    """Whether `response` is a page of the site, with this status."""
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    return b"<h1" in response.content


@pytest.mark.parametrize("kind", RAISED)
def test_what_a_view_for_scripts_lets_through_is_json(visitor: CheckedClient, kind: str) -> None:
    _, status, error = RAISED[kind]
    assert is_problem(visitor.get(f"/script/raising/{kind}/"), status, error)
    assert is_problem(visitor.get(f"/script/raising/{kind}/", headers=WENT), status, error)


@pytest.mark.parametrize("kind", RAISED)
def test_what_a_page_lets_through_is_a_page(visitor: CheckedClient, kind: str) -> None:
    assert is_page(visitor.get(f"/page/raising/{kind}/"), RAISED[kind][1])
    assert is_page(visitor.get(f"/page/raising/{kind}/", headers=WENT), RAISED[kind][1])


@pytest.mark.parametrize("kind", RAISED)
def test_a_script_that_fetches_a_page_is_answered_as_a_script(visitor: CheckedClient, kind: str) -> None:
    _, status, error = RAISED[kind]
    assert is_problem(visitor.get(f"/page/raising/{kind}/", headers=FETCHED), status, error)


def test_a_class_can_be_written_for_scripts(visitor: CheckedClient) -> None:
    assert is_problem(visitor.get("/script/written/"), 403, "permission_denied")


def test_an_address_that_does_not_exist_is_a_page_unless_a_script_asks(visitor: CheckedClient) -> None:
    assert is_page(visitor.get("/nothing/"), 404)
    assert is_problem(visitor.get("/nothing/", headers=FETCHED), 404, "not_found")


@pytest.mark.parametrize("kind", ["limit", "busy", "away"])
def test_both_kinds_say_when_to_come_back(visitor: CheckedClient, kind: str) -> None:
    page, script = (visitor.get(f"/{prefix}/raising/{kind}/")["Retry-After"] for prefix in ("page", "script"))
    assert page == script
    assert int(script) > 0


def test_a_method_that_is_not_taken_keeps_the_list_of_those_that_are(visitor: CheckedClient) -> None:
    page, script = visitor.get("/page/taking/"), visitor.get("/script/taking/")
    assert is_page(page, 405)
    assert is_problem(script, 405, "method_not_allowed")
    assert page["Allow"] == script["Allow"] == "POST"


def test_a_form_from_elsewhere_is_refused_in_both_kinds(visitor: CheckedClient) -> None:
    assert is_page(visitor.post("/page/taking/"), 403)
    assert is_problem(visitor.post("/script/taking/"), 403, "csrf_failed")


@pytest.mark.parametrize(("length", "status", "error"), [("60000000", 413, "content_too_large"), ("x", 411, "")])
def test_a_body_that_is_not_read_is_refused_in_both_kinds(
    visitor: CheckedClient, length: str, status: int, error: str
) -> None:
    assert is_page(visitor.generic("POST", "/page/taking/", CONTENT_LENGTH=length), status)
    answer = visitor.generic("POST", "/script/taking/", CONTENT_LENGTH=length)
    assert is_problem(answer, status, error or "length_required")


@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_is_not_signed_in_is_sent_to_sign_in_or_told_so(method: str) -> None:
    visitor = CheckedClient()
    assert getattr(visitor, method)("/page/closed/").url.startswith("/login/?")
    assert is_problem(getattr(visitor, method)("/script/closed/"), 401, "session_ended")
    assert is_problem(getattr(visitor, method)("/page/closed/", headers=FETCHED), 401, "session_ended")


def test_a_script_whose_session_ends_before_its_view_is_found_is_told_so(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    expire(60)
    cognito.fail(REFRESH, fault_proxy.aws_error("NotAuthorizedException"))
    assert is_problem(signed_in.get("/script/closed/"), 401, "session_ended")


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/account/security/passkeys/options/"])
@pytest.mark.parametrize("body", [{"CONTENT_LENGTH": "60000000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}], ids=str)
def test_the_views_of_the_site_that_are_for_scripts_say_so(address: str, body: dict[str, Any]) -> None:
    status, error = (413, "content_too_large") if "CONTENT_LENGTH" in body else (411, "length_required")
    response = CheckedClient().generic("PUT", address, **{"CONTENT_LENGTH": "", **body})
    assert is_problem(response, status, error)


def test_every_view_that_answers_in_json_is_for_scripts_but_the_download_that_people_click() -> None:
    views = {str(entry.name): entry.callback for entry in site_patterns}
    answer_json = {name for name, view in views.items() if get_type_hints(view).get("return") is JsonResponse}
    assert answer_json - {name for name, view in views.items() if hasattr(view, "for_scripts")} == {"download_data"}


@pytest.mark.parametrize("address", ["/livez", "/readyz"])
def test_a_balancer_that_posts_is_answered_in_json(address: str) -> None:
    assert is_problem(CheckedClient().post(address), 405, "method_not_allowed")


def test_an_answer_before_django_has_found_the_view_looks_for_it() -> None:
    request = RequestFactory().get("/script/closed/")
    assert request.resolver_match is None
    assert error_responses.is_from_script(request)
    assert not error_responses.is_from_script(RequestFactory().get("/page/closed/"))
