"""The site's addresses, and what they are compared with: Django's own sign-in, one answer by token and by session."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from accounts.bearer import bearer_required


def told(request: HttpRequest) -> HttpResponse:
    """Say who asks."""
    return JsonResponse({"name": str(request.user)})


urlpatterns = [
    path("reference/login/", LoginView.as_view()),
    path("reference/session/", told),
    path("reference/bearer/", bearer_required()(told)),
    path("", include("config.urls")),
]
