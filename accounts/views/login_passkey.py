"""Signing in with a passkey. Cognito makes its options for a name, so the name comes first (docs/adr/0048)."""

from django.utils.translation import gettext_lazy as _

from accounts import way_in
from accounts.forms.ways_in import LoginPasskeyForm
from accounts.views.ways_in import WayInView


class LoginPasskeyView(WayInView):
    """Ask who it is, then for the passkey."""

    form_class = LoginPasskeyForm
    template_name = "accounts/login_passkey.html"
    not_offered = _("A passkey can’t be used for this account right now. Sign in with your password.")

    def button(self) -> way_in.Button | None:
        """Return the passkey, None where the pool has none."""
        return next((button for button in way_in.buttons() if button.name == "passkey"), None)
