"""What came of an act on each person, told in words: who was done, who was not and why, and who was not tried."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.admin.acts import Act
from accounts.admin.consequences import reached_at, signed_out
from accounts.administration import ActRefused, Done
from accounts.cognito.errors import CognitoError, Unavailable
from accounts.models import User


@dataclass
class Outcomes:
    """What came of ``act``, person by person. Each sentence names whom it is about."""

    act: Act
    done: list[str] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    devices: int = 0

    def add(self, user: User, done: Done) -> str:
        """Note that it was done to ``user``, and return the sentence."""
        self.devices += done.devices
        sentence = done_in_words(self.act, user, done)
        self.done.append(sentence)
        return sentence

    def refuse(self, user: User, refused: ActRefused) -> str:
        """Note that it was not done to ``user``, or not in full, and return the sentence."""
        if refused.changed:
            frame = _("%(name)s: not everything was done. %(reason)s.")
        else:
            frame = _("%(name)s: nothing was changed. %(reason)s.")
        self.not_done.append(frame % {"name": user, "reason": capfirst(refused.reason)})
        return self.not_done[-1]

    def fail(self, user: User, error: CognitoError) -> None:
        """Note that nobody knows what came of it for ``user``, and why."""
        if isinstance(error, Unavailable):
            frame = _("%(name)s: Cognito didn’t answer. It may be done or not: look in a minute, and repeat it if not.")
        else:
            frame = _("%(name)s: this site is not allowed to do that in the pool. The log says what is missing.")
        self.not_done.append(frame % {"name": user})

    def leave(self, people: Iterable[User]) -> None:
        """Note that nothing was tried for ``people``."""
        self.not_done += [_("%(name)s: not tried, nothing was changed.") % {"name": user} for user in people]

    def tell(self, request: HttpRequest) -> None:
        """Have the next page say it: one sum of what was done, and a line for each person for whom it was not."""
        if len(self.done) == 1:
            messages.success(request, self.done[0])
        elif self.done:
            count = len(self.done)
            devices = signed_out(self.devices) if self.act.tells_devices else ""
            words = [self.act.message_of_many % {"count": count}, devices]
            messages.success(request, " ".join(filter(None, words)))
        if self.not_done:
            # One message: the page keeps few of them, and nobody must be left out.
            messages.error(request, format_html_join("", "<div>{}</div>", ([line] for line in self.not_done)))


def done_in_words(act: Act, user: User, done: Done) -> str:
    """Return what was done to ``user``."""
    words = {"name": user, "email": reached_at(user), "names": ", ".join(done.names)}
    devices = signed_out(done.devices) if act.tells_devices else ""
    return " ".join(filter(None, [act.message_after(done) % words, devices]))
