"""The second factors of a person, and what each is called where."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self


class Factor(StrEnum):
    """A second factor; its value is the name Cognito gives it in GetUser and as a challenge.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserMFAPreference.html
    """

    key: str  # how our pages and their forms call it
    setting: str  # the member of SetUserMFAPreference that switches it
    attribute: str  # what has to be proved before it can be used, "" for nothing
    names: tuple[str, ...]  # every name of Cognito's for it

    TOTP = "SOFTWARE_TOKEN_MFA", "totp", "SoftwareTokenMfaSettings", ""
    EMAIL = "EMAIL_OTP", "email", "EmailMfaSettings", "email", "EMAIL_MFA"
    SMS = "SMS_MFA", "sms", "SMSMfaSettings", "phone_number"

    def __new__(cls, name: str, key: str, setting: str, attribute: str, *also: str) -> Self:
        """Make the member whose value is ``name``; ``also`` are further names of Cognito's."""
        factor = str.__new__(cls, name)
        factor._value_ = name
        factor.key, factor.setting, factor.attribute = key, setting, attribute
        factor.names = (name, *also)
        return factor

    @classmethod
    def named(cls, name: str) -> "Factor | None":
        """Return the factor that Cognito calls ``name``, None for one that this site does not know."""
        return next((factor for factor in cls if name in factor.names), None)

    @classmethod
    def all_named(cls, names: Iterable[str]) -> "tuple[Factor, ...]":
        """Return the factors among Cognito's ``names``, in their order; what this site does not know is left out."""
        return tuple(factor for name in names if (factor := cls.named(name)))

    @classmethod
    def of_key(cls, key: str) -> "Factor":
        """Return the factor that our pages call ``key``. Raises KeyError."""
        return {factor.key: factor for factor in cls}[key]
