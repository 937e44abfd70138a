"""The people, as far as this site knows them. What Cognito owns is shown and not changed here."""

from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import activity, browser
from accounts.context import Context
from accounts.models import Activity, User
from accounts.sessions import revocation

SHOWN_ACTIVITY = 20  # rows on a person's page

admin.site.site_header = _("Latchkey administration")
admin.site.site_title = _("Latchkey administration")
admin.site.index_title = _("People and rights")


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that staff with the permission may look at, and that nobody adds, changes or deletes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    """What happened to people's accounts, newest first."""

    list_display = ("at", "user", "label", "browser_name", "ip_address")
    list_display_links = None
    ordering = ("-pk",)
    list_filter = ("kind",)
    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description=_("browser"))
    def browser_name(self, row: Activity) -> str:
        """Return what to call the browser."""
        return browser.name(row.user_agent) if row.user_agent else ""


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Groups and the rights of their members. Superusers change them; staff with the permission look at them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the person is a superuser: a new group named like one of Cognito's gets its members."""
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Return whether the person is a superuser: whoever changes a group they are in changes their own rights."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Return whether the person is a superuser."""
        return is_superuser(request)


def is_superuser(request: HttpRequest) -> bool:
    """Whether ``request`` comes from an active superuser."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


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
    readonly_fields = (*cognito_fields, "recent_activity")
    fieldsets = (
        (_("On this site"), {"fields": ("is_active",)}),
        (
            _("From Cognito"),
            {
                "fields": cognito_fields,
                "description": _(
                    "Cognito owns these. They are brought up to date at every sign-in and refresh. "
                    "Rights come from groups."
                ),
            },
        ),
    )
    activity_fieldset = (_("Activity"), {"fields": ("recent_activity",)})

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Add what happened, for those who may see it."""
        fieldsets = super().get_fieldsets(request, obj)
        may_see = request.user.has_perm("accounts.view_activity")
        return (*fieldsets, self.activity_fieldset) if may_see else fieldsets

    @admin.display(description=_("recent"))
    def recent_activity(self, user: User) -> str:
        """Return the newest rows as a table. Django's own inline would be a form, with fields for each row."""
        rows = Activity.objects.filter(user=user)[:SHOWN_ACTIVITY]
        everything = f"{reverse('admin:accounts_activity_changelist')}?{urlencode({'user__id__exact': user.pk})}"
        entries = [(row, browser.name(row.user_agent) if row.user_agent else "") for row in rows]
        return render_to_string("admin/accounts/recent_activity.html", {"entries": entries, "all_url": everything})

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

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return whether the permission is there, and ``obj`` is no superuser, or is looked at by another one.

        Nobody changes themselves: whoever shuts themselves out cannot undo it.
        """
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return obj.pk != request.user.pk and (not obj.is_superuser or is_superuser(request))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save. Whoever was switched off is out at once, here and, as soon as Cognito can be told, with every token."""
        super().save_model(request, obj, form, change)
        if "is_active" not in form.changed_data:
            return
        activity.switched(obj, by=cast(User, request.user), context=Context.of(request))
        if not obj.is_active:
            # After the commit: a revocation cannot be undone if the transaction is rolled back.
            transaction.on_commit(partial(revocation.end_sessions, obj))
