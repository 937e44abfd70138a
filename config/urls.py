"""All addresses. The admin's sign-in is the site's."""

from django.contrib import admin
from django.urls import include, path

from accounts.views.login import admin_login, admin_logout

urlpatterns = [
    path("admin/login/", admin_login),
    path("admin/logout/", admin_logout),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
]

handler400 = "accounts.views.errors.bad_request"
handler403 = "accounts.views.errors.permission_denied"
handler404 = "accounts.views.errors.page_not_found"
handler500 = "accounts.views.errors.server_error"
