"""What happened to one's own account."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.activity import entry
from accounts.http import AuthenticatedRequest
from accounts.models import Activity

PER_PAGE = 20


@require_safe
def activity(request: AuthenticatedRequest) -> HttpResponse:
    """List what happened, newest first."""
    page = Paginator(Activity.objects.filter(user=request.user), PER_PAGE).get_page(request.GET.get("page"))
    entries = [entry(row) for row in page]
    return render(request, "accounts/activity.html", {"events": entries, "page": page})
