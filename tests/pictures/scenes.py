"""Which pages are pictured: who looks, how wide, in which colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# A window of a desktop and one of a phone; a phone's is drawn with twice as many dots.
HEIGHTS = {1280: 800, 390: 844}


@dataclass(frozen=True)
class Scene:
    """A page as somebody sees it: `by` nobody, a person or an administrator."""

    page: str
    path: str
    by: Literal["nobody", "person", "administrator"]
    width: int
    scheme: Literal["light", "dark"]

    @property
    def file(self) -> str:
        """What the picture is called in docs/pictures."""
        return f"{self.page}-{self.width}-{self.scheme}.png"


SCENES = (
    Scene("sign-in", "/login/", "nobody", 1280, "light"),
    Scene("sign-in", "/login/", "nobody", 390, "dark"),
    Scene("overview", "/account/", "person", 1280, "light"),
    Scene("overview", "/account/", "person", 390, "dark"),
    Scene("security", "/account/security/", "person", 1280, "dark"),
    Scene("security", "/account/security/", "person", 390, "light"),
    Scene("files", "/files/?in=Invoices/", "person", 1280, "light"),
    Scene("files", "/files/?in=Invoices/", "person", 390, "dark"),
    Scene("people", "/admin/accounts/user/", "administrator", 1280, "light"),
    Scene("people", "/admin/accounts/user/", "administrator", 390, "dark"),
)
