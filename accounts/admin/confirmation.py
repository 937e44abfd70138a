"""Pages that say what is about to happen and ask once more, and what keeps a form from being done twice."""

from typing import Any

from django.contrib import admin
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.crypto import salted_hmac

from accounts import counters
from accounts.sessions import double_submit

REMEMBERED = 3600  # seconds that a form which was done is known by


def is_first_sending(request: HttpRequest) -> bool:
    """Whether the form that was sent is done now for the first time; every page that is rendered has a form of its own.

    Ask it once, when the form is good and before anything is done: of a double click one is told True.
    """
    sent = f"{request.path}:{double_submit.fingerprint(request)}"
    key = salted_hmac("accounts.admin.confirmation", sent, algorithm="sha256").hexdigest()
    charge = counters.Charge(f"sent:{key}", most=1, seconds=REMEMBERED)
    return counters.store().charge([charge]).charged


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
