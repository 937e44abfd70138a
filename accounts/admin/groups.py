"""Groups: Cognito's, mirrored here, where they are given permissions. Only superusers change them."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import CheckboxSelectMultiple, Form, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import activity, groups
from accounts.admin import confirmation
from accounts.admin.group_acts import ACTS, GroupAct
from accounts.admin.markup import NOTHING, labelled
from accounts.admin.person import Fact, Panel
from accounts.admin.rights import is_superuser
from accounts.audit import Kind
from accounts.cognito import results
from accounts.cognito.errors import CognitoError
from accounts.context import Context
from accounts.forms.administration import AddGroupForm, DescribeGroupForm
from accounts.models import User

logger = logging.getLogger(__name__)

LIST = "admin:auth_group_changelist"
TOKEN = "members"  # noqa: S105 -- the part of an address that says which page of members
Answer = TypeVar("Answer")

# What stands for a group at Cognito while that cannot be asked.
UNKNOWN = results.Group("")

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Groups and the permissions of their members. Superusers change them; staff with the permission look at them."""

    fieldsets = ((gettext_lazy("What its members may do here"), {"fields": ("permissions",)}),)

    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        """Return the permissions as checkboxes: they need no script, and fit a narrow window."""
        if db_field.name == "permissions":
            return PermissionsField(queryset=permissions(), required=False, label=db_field.verbose_name)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the person is a superuser: a new group named like one of Cognito's gets its members."""
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Return whether the person is a superuser: whoever changes a group they are in changes their own rights."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Return False: Django's own page would delete the row alone. There is an act that deletes at Cognito, too."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the acts."""
        view = self.admin_site.admin_view(self.act_view)
        return [path("<int:pk>/act/<slug:verb>/", view, name="auth_group_act"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Return the list, with what is new at Cognito in it."""
        if self.has_view_permission(request):
            cast(Any, request).cognito_groups = asked(request, groups.mirror)
        return super().changelist_view(request, (extra_context or {}) | {"title": _("Groups")})

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns; what Cognito says stands in them only where it could be asked."""
        found = getattr(request, "cognito_groups", None)
        return ("name",) if found is None else ("name", *columns_of(found))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a new group, and make it at Cognito and here."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AddGroupForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = groups.create(**form.cleaned_data, **whence(request))
            except groups.GroupRefused as refused:
                form.add_error("name", refused.reason)
            else:
                self.log_addition(request, made, _("Created in Cognito."))
                messages.success(request, _("%s is created. Say here what its members may do.") % made.name)
                return HttpResponseRedirect(page_of(made))
        words = {"crumb": _("Add a group"), "crumbs": crumbs(), "cancel_url": reverse(LIST), "button": _("Add group")}
        return confirmation.page(self, request, title=_("Add a group"), form=form, **words)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the page of a group: what Cognito says of it and who is in it, and what its members may do here."""
        group = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if group is not None and self.has_view_permission(request, group):
            context |= {"title": group.name, "subtitle": None, "panel": panel(group, UNKNOWN)}
            # Asked here, because Django opens a transaction around the rest; and not where a form is sent.
            context |= self.shown(request, group) if request.method == "GET" else {}
        return super().change_view(request, object_id, form_url, context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what the members may do, and record that it was changed."""
        super().save_related(request, form, formsets, change)
        if form.has_changed():
            activity.record(Kind.GROUP_CHANGED, None, **whence(request), target=form.instance.name)

    def shown(self, request: HttpRequest, group: Group) -> dict[str, Any]:
        """Return what Cognito says of ``group``, for its page; nothing while it is away."""
        token = request.GET.get(TOKEN, "")
        may_see_people = request.user.has_perm("accounts.view_user")
        found = asked(request, lambda: described_with_members(group.name, token, may_see_people))
        if found is None:
            return {}
        at_cognito, members, next_token = found
        may_change = self.has_change_permission(request, group)
        fitting = [act for act in ACTS.values() if may_change and act.concerns(group, at_cognito)]
        return {
            "panel": panel(group, at_cognito),
            "members": members if at_cognito and may_see_people else None,
            "next_url": f"?{urlencode({TOKEN: next_token})}" if next_token else "",
            "first_url": page_of(group) if token else "",
            "tools": [{"label": act.label, "url": address_of(group, act), "danger": act.danger} for act in fitting],
        }

    def act_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Ask whether ``verb`` is to be done to the group, and do it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        act, group = ACTS.get(verb), Group.objects.filter(pk=pk).first()
        if act is None:
            raise Http404
        if group is None:
            messages.error(request, _("This group is not here any more. Nothing was done."))
            return HttpResponseRedirect(reverse(LIST))
        try:
            form = form_of(act, group, request)
        except CognitoError as error:
            warn(request, error)
            return HttpResponseRedirect(page_of(group))
        if request.method == "POST" and (form is None or form.is_valid()):
            return self.act(request, act, group, form)
        words = {"crumb": act.label, "crumbs": [*crumbs(), (page_of(group), group.name)], "cancel_url": page_of(group)}
        words |= {"button": act.button, "danger": act.danger, "consequences": act.consequences}
        return confirmation.page(self, request, title=act.heading % {"name": group.name}, form=form, **words)

    def act(self, request: HttpRequest, act: GroupAct, group: Group, form: Form | None) -> HttpResponse:
        """Do ``act``, say what came of it, and lead to what there is to see of it."""
        pk, name = group.pk, group.name
        try:
            act.do(group, **(form.cleaned_data if form is not None else {}), **whence(request))
        except groups.GroupRefused as refused:
            messages.error(request, _("%(name)s: %(reason)s") % {"name": name, "reason": refused.reason})
            return HttpResponseRedirect(reverse(LIST))
        message = act.message % {"name": group.name}
        messages.success(request, message)
        group.pk = pk
        self.log_change(request, group, message)
        still_there = Group.objects.filter(pk=pk).exists()
        return HttpResponseRedirect(page_of(group) if still_there else reverse(LIST))


def asked(request: HttpRequest, ask: Callable[[], Answer]) -> Answer | None:
    """Return what ``ask`` answers; None, and a notice on the page, where Cognito cannot be asked."""
    try:
        return ask()
    except CognitoError as error:
        warn(request, error)
        return None


def warn(request: HttpRequest, error: CognitoError) -> None:
    """Have the page say that Cognito cannot be asked."""
    logger.warning("groups not read", extra={"error": str(error)})
    messages.warning(request, _("Cognito cannot be asked at the moment. This is what is known here."))


def described_with_members(
    name: str, token: str, with_members: bool
) -> tuple[results.Group | None, list[groups.Member], str]:
    """Return the group at Cognito, None for none; a page of its members if wanted, and the token of the next one.

    Raises CognitoError.
    """
    at_cognito = groups.described(name)
    members = groups.members(name, token) if at_cognito and with_members else ([], "")
    return (at_cognito, *members)


def panel(group: Group, at_cognito: results.Group | None) -> Panel:
    """Return what the page says of ``group`` as it is ``at_cognito``: None for one that is here alone."""
    if at_cognito is UNKNOWN:
        return Panel(_("In Cognito"), [], _("Not known at the moment."))
    if at_cognito is None:
        return Panel(_("In Cognito"), [], _("Cognito has no group of this name. Nobody can be put into it."))
    precedence = "" if at_cognito.precedence is None else str(at_cognito.precedence)
    facts = [Fact(_("Description"), at_cognito.description), Fact(_("Precedence"), precedence)]
    needed = _("The settings of this site name this group: it cannot be renamed or deleted here.")
    role = [Fact(_("AWS role"), at_cognito.role_arn)] if at_cognito.role_arn else []
    return Panel(_("In Cognito"), [*facts, *role], needed if groups.is_needed(group.name) else "")


class PermissionsField(ModelMultipleChoiceField):
    """Permissions by what they allow."""

    widget = CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        """Return what the permission allows."""
        return _(obj.name)


def permissions() -> QuerySet[Permission]:
    """Return the permissions that mean something, and those that some group has been given.

    Django makes four for each table. Of this app's and Django's own tables nobody but the code adds or changes rows.
    """
    own = Q(content_type__app_label__in=["accounts", "admin", "auth", "contenttypes", "sessions"])
    used = Q(content_type__app_label="accounts", content_type__model__in=["user", "activity"]) & ~Q(
        codename__in=["add_user", "change_user", "add_activity", "change_activity", "delete_activity"]
    )
    groups = Q(content_type__app_label="auth", codename="view_group")
    found = Permission.objects.filter(~own | used | groups | Q(group__isnull=False)).distinct()
    return found.order_by("content_type__app_label", "content_type__model", "pk")


def columns_of(found: Mapping[str, results.Group]) -> tuple[Callable[[Group], Any], ...]:
    """Return the columns of the list that say what is ``found`` at Cognito."""

    @admin.display(description=gettext_lazy("description"))
    def description(group: Group) -> str:
        return labelled(_("Description:"), (found[group.name].description if group.name in found else "") or NOTHING)

    @admin.display(description=gettext_lazy("precedence"))
    def precedence(group: Group) -> str:
        given = found[group.name].precedence if group.name in found else None
        return labelled(_("Precedence:"), NOTHING if given is None else str(given))

    @admin.display(description=gettext_lazy("where"))
    def where(group: Group) -> str:
        here_alone = _("Only here: nobody can be put into it")
        return labelled(_("Where:"), _("Cognito and here") if group.name in found else here_alone)

    return description, precedence, where


def form_of(act: GroupAct, group: Group, request: HttpRequest) -> Form | None:
    """Return the form of ``act``, with what Cognito says now in it; None where there is none. Raises CognitoError."""
    if act.form is None:
        return None
    initial: dict[str, Any] = {"name": group.name}
    if act.form is DescribeGroupForm and (at_cognito := groups.described(group.name)):
        initial = {"description": at_cognito.description, "precedence": at_cognito.precedence}
    return act.form(request.POST if request.method == "POST" else None, initial=initial)


def whence(request: HttpRequest) -> dict[str, Any]:
    """Return who acts, and from where, as the acts take it."""
    return {"by": cast(User, request.user), "context": Context.of(request)}


def crumbs() -> list[tuple[str, str]]:
    """Return what leads to the list."""
    return [(reverse(LIST), _("Groups"))]


def page_of(group: Group) -> str:
    """Return the address of the group's page."""
    return reverse("admin:auth_group_change", args=[group.pk])


def address_of(group: Group, act: GroupAct) -> str:
    """Return the address of the page that asks whether ``act`` is to be done to ``group``."""
    return reverse("admin:auth_group_act", args=[group.pk, act.verb])
