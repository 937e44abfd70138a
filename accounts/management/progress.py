"""How far a deployment is: a line for each resource that is done, and on a terminal what is being done now."""

from collections.abc import Callable, Mapping

from infra.stack import Event

STACK = "AWS::CloudFormation::Stack"
CLEAR = "\r\x1b[K"  # back to the beginning of the line, and nothing left on it


class Progress:
    """Tells events of one deployment as they come.

    ``write`` takes words and their ending. ``done`` has the word for each resource that is to change, once it has.
    ``live`` stands for a terminal.
    """

    def __init__(self, write: Callable[[str, str], None], done: Mapping[str, str], *, live: bool) -> None:
        self._write = write
        self._done = done
        self._finished: set[str] = set()
        self._live = live

    def tell(self, event: Event) -> None:
        """Say what an event means; nothing of what is only begun, where lines stay."""
        words = self._words(event)
        if words:
            self._write(f"{CLEAR if self._live else ''}{words}", "\n")
        elif self._live and event.logical_id in self._done:
            self._write(f"{CLEAR}{self._count} {event.logical_id} ...", "")

    def _words(self, event: Event) -> str:
        """Return the line of an event, "" for one that has none."""
        if event.failed:
            return f"{self._count} {event.logical_id} failed: {event.reason}"
        if event.resource_type == STACK and "ROLLBACK_IN_PROGRESS" in event.status:
            return f"AWS undoes it. {event.reason}"
        if event.status == "DELETE_SKIPPED":
            return f"{self._count} {event.logical_id} kept, outside the stack"
        if event.logical_id not in self._done or event.logical_id in self._finished:
            return ""
        if not event.status.endswith("_COMPLETE"):
            return ""
        self._finished.add(event.logical_id)
        return f"{self._count} {event.logical_id} {self._done[event.logical_id]}"

    @property
    def _count(self) -> str:
        return f"[{len(self._finished)}/{len(self._done)}]"
