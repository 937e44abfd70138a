"""All addresses. The admin's sign-in is the site's."""

from django.contrib import admin
from django.urls import include, path

from accounts.views.login import admin_login
from accounts.views.logout import admin_logout

urlpatterns = [
    path("admin/login/", admin_login, name="admin_login"),
    path("admin/logout/", admin_logout, name="admin_logout"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
]

handler400 = "accounts.error_responses.bad_request"
handler403 = "accounts.error_responses.permission_denied"
handler404 = "accounts.error_responses.page_not_found"
handler500 = "accounts.error_responses.server_error"
