"""What happened to one's own account."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import browser
from accounts.models import Activity
from accounts.views.account_base import AuthenticatedRequest

PER_PAGE = 20


def entry(row: Activity) -> dict[str, Any]:
    """Return what a page shows of ``row``."""
    return {
        "label": row.label,
        "at": row.at,
        "browser": browser.name(row.user_agent) if row.user_agent else "",
        "ip_address": row.ip_address,
    }


@require_safe
def activity(request: AuthenticatedRequest) -> HttpResponse:
    """List what happened, newest first."""
    page = Paginator(Activity.objects.filter(user=request.user), PER_PAGE).get_page(request.GET.get("page"))
    entries = [entry(row) for row in page]
    return render(request, "accounts/activity.html", {"events": entries, "page": page})
