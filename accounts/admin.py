"""The people, as far as this site knows them. What Cognito owns is shown and not changed here."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Activity, User

admin.site.site_header = _("Latchkey administration")
admin.site.site_title = _("Latchkey administration")
admin.site.index_title = _("People and rights")


class ActivityInline(admin.TabularInline):
    """What happened to the person's account."""

    model = Activity
    extra = 0
    max_num = 0
    can_delete = False
    fields = ("at", "kind", "ip_address", "user_agent")
    readonly_fields = fields
    ordering = ("-at",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the rows, newest first."""
        return super().get_queryset(request).order_by("-at")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People: found by address, name or subject, added by their first sign-in and not by hand."""

    list_display = ("__str__", "email", "is_staff", "is_active", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", "email_verified", "groups")
    search_fields = ("email__istartswith", "name__istartswith", "username__exact", "sub__exact")
    search_help_text = _("The beginning of an e-mail address or a name; a user name or subject in full.")
    # Newest first. By key, which has an index: sorting a million people by date takes half a second, and a hierarchy of
    # dates three.
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    inlines: ClassVar[list[Any]] = [ActivityInline]
    cognito_fields = (
        "name",
        "email",
        "email_verified",
        "username",
        "sub",
        "issuer",
        "cognito_groups",
        "is_staff",
        "is_superuser",
        "groups",
        "last_login",
        "date_joined",
    )
    readonly_fields = cognito_fields
    fieldsets = (
        (_("On this site"), {"fields": ("is_active", "user_permissions")}),
        (
            _("From Cognito"),
            {
                "fields": cognito_fields,
                "description": _("Cognito owns these. They are brought up to date at every sign-in and refresh."),
            },
        ),
    )
    filter_horizontal = ("user_permissions",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Look for the whole term, not for each of its words: names have spaces in them."""
        whole = search_term if '"' in search_term or not search_term else f'"{search_term}"'
        return super().get_search_results(request, queryset, whole)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: a person is added by signing in."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False: the account at Cognito would make a new row at the next sign-in. Switch it off instead."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and shut out at once whoever was switched off."""
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            obj.sessions.all().delete()
