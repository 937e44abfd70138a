"""What the outside provider says of a person in ID token and userinfo, by scope.

https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims
"""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):  # type: ignore[misc]
    """Django OAuth Toolkit's rules, with the claims of ``Person``."""

    oidc_claim_scope = {"sub": "openid", "email": "email", "email_verified": "email", "name": "profile"}

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Return the claims of the person who signed in, whatever the scope."""
        person = request.user
        return {
            "sub": str(person.sub),
            "email": person.email,
            "email_verified": person.email_verified,
            "name": person.name,
        }

    def validate_silent_login(self, request: Any) -> bool:
        """Say that somebody is signed in: others do not get as far."""
        return True

    def validate_silent_authorization(self, request: Any) -> bool:
        """Refuse ``prompt=none``: people are asked each time whether the pool may know them."""
        return False
