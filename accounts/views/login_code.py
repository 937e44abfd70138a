"""Signing in with a code that is mailed or texted, in place of the password."""

from typing import Any

from accounts import way_in
from accounts.forms.ways_in import LoginCodeForm
from accounts.views.ways_in import WayInView


class LoginCodeView(WayInView):
    """Ask who it is, then for the code."""

    form_class = LoginCodeForm
    template_name = "accounts/login_code.html"

    def button(self) -> way_in.Button | None:
        """Return the kind of code that is wanted, the first that there is for somebody who does not say."""
        codes = [button for button in way_in.buttons() if button.name != "passkey"]
        wanted = self.request.POST.get("by") or self.request.GET.get("by", "")
        return next((button for button in codes if button.name == wanted), codes[0] if codes else None)

    def get_initial(self) -> dict[str, Any]:
        """Fill in the kind of code as well."""
        return {**super().get_initial(), "by": self.offered.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where the code goes."""
        return super().get_context_data(by_text=self.offered.name == "text", **kwargs)
