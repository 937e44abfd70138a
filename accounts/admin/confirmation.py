"""Pages that say what is about to happen and ask once more, and what keeps a form from being done twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.crypto import salted_hmac

from accounts import counters
from accounts.sessions import double_submit

REMEMBERED = 3600  # seconds that a form which was done is known by


@dataclass
class Sending:
    """A form that was sent: ``is_first`` unless the same has been done, or is being done. ``is_done`` is to be set."""

    is_first: bool
    is_done: bool = False


@contextmanager
def sending(request: HttpRequest) -> Iterator[Sending]:
    """Yield the sending of the form in ``request``; every page that is rendered has a form of its own.

    Enter it when the form is good and before anything is done: of a double click one is the first. What is not done by
    the end of the block, or not in full, may be sent again.
    """
    sent = f"{request.path}:{double_submit.fingerprint(request)}"
    key = salted_hmac("accounts.admin.confirmation", sent, algorithm="sha256").hexdigest()
    charge = counters.Charge(f"sent:{key}", most=1, seconds=REMEMBERED)
    this = Sending(is_first=counters.store().charge([charge]).charged)
    try:
        yield this
    finally:
        if this.is_first and not this.is_done:
            counters.store().refund([charge.key])


def page(
    model_admin: admin.ModelAdmin, request: HttpRequest, *, title: str, form: Form | None = None, **words: Any
) -> HttpResponse:
    """Return the page that asks. ``words`` are for templates/admin/confirmation.html, which says what it takes."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "form": form,
        **words,
    }
    return TemplateResponse(request, "admin/confirmation.html", context)
