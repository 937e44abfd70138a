"""The addresses of the outside provider: its own two pages, and Django OAuth Toolkit's endpoints."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import TemplateView
from oauth2_provider import urls as oauth2_urls

from devcloud.outside_provider.views import Authorize, SignIn

endpoints = [path("authorize/", Authorize.as_view(), name="authorize")]
endpoints += [pattern for pattern in oauth2_urls.base_urlpatterns if pattern.name in {"token", "revoke-token"}]

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html")),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("", include((endpoints + oauth2_urls.oidc_urlpatterns, "oauth2_provider"))),
]
