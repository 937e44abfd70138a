"""The site's addresses, and Django's own sign-in beside them."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("reference/login/", LoginView.as_view()),
    path("", include("config.urls")),
]
