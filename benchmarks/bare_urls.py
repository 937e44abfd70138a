"""The addresses of the project without ``accounts``: the admin, and the pages Django has for accounts itself."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("accounts/", include("django.contrib.auth.urls"))]
