"""What happened to one's own account."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import local_time, timeline
from accounts.http import AuthenticatedRequest
from accounts.models import Activity

PER_PAGE = 50


@require_safe
def activity(request: AuthenticatedRequest) -> HttpResponse:
    """List what happened, newest first."""
    page = Paginator(Activity.objects.of_person(request.user), PER_PAGE).get_page(request.GET.get("page"))
    days = timeline.by_day(timeline.folded(page), local_time.own_zone(request.COOKIES))
    context = {"days": days, "page": page, **timeline.zone(request.COOKIES)}
    return render(request, "accounts/activity.html", context)
