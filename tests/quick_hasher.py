"""The hasher of passwords that are kept here, without what makes it slow."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickPBKDF2PasswordHasher(PBKDF2PasswordHasher):
    """What Django takes unless told, in one round. https://docs.djangoproject.com/en/5.2/topics/testing/overview/"""

    iterations = 1
