"""Who has signed in at the outside provider since it started."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class Person(AbstractBaseUser):
    """Somebody who typed this address; ``sub`` follows from it, so that the same one is the same person always."""

    sub = models.UUIDField(unique=True)
    email = models.EmailField()
    email_verified = models.BooleanField(default=True)
    name = models.CharField(max_length=100)

    USERNAME_FIELD = "sub"

    objects: Any = BaseUserManager()

    class Meta:
        app_label = "outside_provider"

    @property
    def is_superuser(self) -> bool:
        """Say that nobody administers anything here."""
        return False


def person(email: str, name: str, *, email_verified: bool) -> Person:
    """Return the person with this address, made or changed to what was typed now."""
    sub = uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email.casefold()}")
    typed = {"email": email, "name": name, "email_verified": email_verified}
    somebody: Person = Person.objects.update_or_create(sub=sub, defaults=typed)[0]
    return somebody
