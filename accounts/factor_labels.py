"""What people call second factors, alone and several together."""

from django.utils.translation import gettext_lazy as _

from accounts.cognito.factors import Factor

FACTOR_LABELS = {
    Factor.TOTP: _("Authenticator app"),
    Factor.EMAIL: _("Email"),
    Factor.SMS: _("Text message"),
}
# Several of them, as they stand in a sentence.
FACTORS_IN_WORDS = {
    **{frozenset({factor}): label for factor, label in FACTOR_LABELS.items()},
    frozenset({Factor.TOTP, Factor.SMS}): _("Authenticator app and text message"),
    frozenset({Factor.TOTP, Factor.EMAIL}): _("Authenticator app and email"),
    frozenset({Factor.SMS, Factor.EMAIL}): _("Text message and email"),
    frozenset({Factor.TOTP, Factor.SMS, Factor.EMAIL}): _("Authenticator app, text message and email"),
}
