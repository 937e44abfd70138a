"""The page that invites somebody."""

import logging
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import administration, conf, limits, pool
from accounts.admin import confirmation, questions
from accounts.admin.consequences import reached_at
from accounts.administration import ActRefused
from accounts.cognito.errors import CognitoError
from accounts.cognito.sign_in_names import NameKind
from accounts.context import Context
from accounts.forms.administration import InviteForm
from accounts.models import User

logger = logging.getLogger(__name__)

LIST = "admin:accounts_user_changelist"


class InvitationMixin(admin.ModelAdmin):
    """Gives the administration of people the page that invites somebody."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        view = self.admin_site.admin_view(self.invite_view)
        return [path("invite/", view, name="accounts_user_invite"), *super().get_urls()]

    def may_invite(self, request: HttpRequest) -> bool:
        """Whether the person of ``request`` may invite people, and look at them."""
        return request.user.has_perm("accounts.invite_user") and self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Tell the list where to invite somebody."""
        address = reverse("admin:accounts_user_invite") if self.may_invite(request) else ""
        return super().changelist_view(request, (extra_context or {}) | {"invite_url": address})

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        """Ask whom to invite, and invite them. Raises LimitExceeded."""
        if not self.may_invite(request):
            raise PermissionDenied
        try:
            form = form_of(request)
        except CognitoError as error:
            logger.warning("invitation not asked for", extra={"error": str(error)})
            messages.error(request, _("Cognito cannot be asked at the moment. Nothing was done."))
            return HttpResponseRedirect(reverse(LIST))
        if request.method == "POST" and form.is_valid():
            with confirmation.sending(request) as this:
                if not this.is_first:
                    messages.warning(request, _("This was sent twice, and was done once. Here is how it stands."))
                    return HttpResponseRedirect(reverse(LIST))
                with limits.attempt(request, limits.INVITATION, limits.person(request)):
                    address = self.invite(request, form)
                this.is_done = bool(address)
            if address:
                return HttpResponseRedirect(address)
        return confirmation.page(
            self,
            request,
            title=_("Invite a person"),
            form=form,
            consequences=[promise()],
            button=_("Send invitation"),
            crumb=_("Invite a person"),
            crumbs=[(reverse(LIST), _("People"))],
            cancel_url=reverse(LIST),
        )

    def invite(self, request: HttpRequest, form: InviteForm) -> str:
        """Invite whom ``form`` names, and return where to go on, "" where the form says why they were not invited."""
        options, by = form.options(), cast(User, request.user)
        try:
            user = administration.invite(**options, by=by, context=Context.of(request))
        except ActRefused as refused:
            sentence = f"{capfirst(refused.reason)}."
            if not refused.changed:
                form.add_error(form.made_under, sentence)
                return ""
            messages.warning(request, f"{options['username']}: {sentence}")
            return reverse(LIST)
        except CognitoError as error:
            logger.warning("invitation failed", extra={"error": str(error)})
            form.add_error(None, _("Cognito didn’t answer. The invitation may or may not be sent: send it again."))
            return ""
        told = _("Invitation sent to %(email)s.")
        untold = _("An account for %(email)s is created. Nobody was told yet: send the invitation from here.")
        message = (told if options["send_mail"] else untold) % {"email": reached_at(user)}
        self.log_addition(request, user, message)
        messages.success(request, message)
        return reverse("admin:accounts_user_change", args=[user.pk])


def form_of(request: HttpRequest) -> InviteForm:
    """Return the form, with the groups that the person of ``request`` may put people into. Raises CognitoError."""
    return InviteForm(
        request.POST if request.method == "POST" else None,
        sign_in_with=conf.config().sign_in_with,
        groups=questions.grantable(cast(User, request.user), questions.own_groups()),
        languages=questions.languages(),
        initial={"groups": [conf.config().default_group]},
    )


def promise() -> str:
    """Return what the message holds, and for how long that is good."""
    days = pool.description().password_policy.temporary_days
    if conf.config().sign_in_with.contact is NameKind.PHONE:
        words = ngettext(
            "They get a text message with a temporary password, good for %(days)d day.",
            "They get a text message with a temporary password, good for %(days)d days.",
            days,
        )
        return words % {"days": days}
    words = ngettext(
        "They get an email with a temporary password, good for %(days)d day.",
        "They get an email with a temporary password, good for %(days)d days.",
        days,
    )
    return words % {"days": days}
