"""The pages anybody may read."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts import conf, pool
from accounts.cognito.sign_in_names import NameKind


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this site is and the ways in."""
    return render(request, "accounts/home.html")


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Show what to do when signing in does not work."""
    described = pool.description()
    context = {
        "by_email": conf.config().sign_in_with.kinds == (NameKind.EMAIL,),
        "passkey_is_one_step": described.passkeys and not described.passkeys_satisfy_mfa,
    }
    return render(request, "accounts/help.html", context)


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is kept about people."""
    return render(request, "accounts/privacy.html", {"activity_days": settings.ACTIVITY_DAYS})


@login_not_required
@require_safe
def well_known_change_password(request: HttpRequest) -> HttpResponse:
    """Send password managers to the form. https://w3c.github.io/webappsec-change-password-url/"""
    return redirect("change_password")
