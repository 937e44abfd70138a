"""What this site keeps of passkeys: Cognito keeps neither a name that people gave one nor when it was last used."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_LABEL = 60  # characters


def digest(passkey_id: str) -> str:
    """Return what a passkey is kept under here: its id, which may have more than a thousand characters, as a hash."""
    return hashlib.sha256(passkey_id.encode(errors="surrogatepass")).hexdigest()


class KeptPasskey(models.Model):
    """What is kept of one passkey of a person, until it is removed; accounts/passkeys.py reads and writes it.

    There is no row for one that was made elsewhere and never used here.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    digest = models.CharField(max_length=64, editable=False)
    # "" where nobody has named it: pages then call it as Cognito does.
    label = models.CharField(_("name"), max_length=LONGEST_LABEL, blank=True)
    # None where it was made elsewhere, and where it was not used yet.
    created_at = models.DateTimeField(_("added"), null=True)
    used_at = models.DateTimeField(_("last used"), null=True)
    used_with = models.CharField(_("browser"), max_length=512, blank=True)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        constraints = (models.UniqueConstraint(fields=["user", "digest"], name="one_row_per_passkey"),)

    def __str__(self) -> str:
        return self.label or self.digest[:8]
