"""The app, and what it registers."""

from django.apps import AppConfig
from django.core import checks as django_checks
from django.utils.translation import gettext_lazy as _

from accounts import brand_checks, checks


class AccountsConfig(AppConfig):
    """Accounts that live in an Amazon Cognito user pool."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Register the system checks."""
        django_checks.register(checks.check_configuration, django_checks.Tags.security)
        django_checks.register(checks.check_sessions, django_checks.Tags.security)
        django_checks.register(checks.check_deployment, django_checks.Tags.security, deploy=True)
        django_checks.register(brand_checks.check_brand)
        django_checks.register(brand_checks.check_contact, deploy=True)
