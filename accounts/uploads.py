"""Files on their way through the site: never whole in memory, under no name on disk, few at one time."""

import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, ClassVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from accounts.waiting import Busy

IN_MEMORY = 1024 * 1024  # bytes of a file that are kept in memory; the rest goes to disk
MOST_OF_ONE_PERSON = 2


class SpooledUploadHandler(FileUploadHandler):
    """Keeps each file in memory or in a file without a name, and nothing of one that is larger than ``largest`` bytes.

    https://docs.djangoproject.com/en/5.2/ref/files/uploads/#writing-custom-upload-handlers
    """

    def __init__(self, request: HttpRequest, largest: int) -> None:
        super().__init__(request)
        self.largest = largest
        self.too_large: list[str] = []
        self.opened: list[IO[bytes]] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the next file of the form."""
        super().new_file(*args, **kwargs)
        # So browsers write a quotation mark in a name.
        # https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
        self.file_name = str(self.file_name).replace("%22", '"')
        # The request closes what becomes of it; a file that nobody closed would be closed when it is collected.
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self.opened.append(self.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the next piece, if what came of the file so far is not too much already."""
        if start + len(raw_data) <= self.largest:
            self.file.write(raw_data)
        elif self.file.tell():
            self.file.seek(0)
            self.file.truncate()

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        """Return the file, or None for one that was too large, whose name is kept."""
        if file_size > self.largest:
            self.too_large.append(str(self.file_name))
            self.file.close()
            return None
        self.file.seek(0)
        return UploadedFile(self.file, self.file_name, self.content_type, file_size)

    def upload_interrupted(self) -> None:
        """Forget everything: the browser is gone, and the form will never be whole."""
        for file in self.opened:
            file.close()


class Places:
    """Whose files are on their way through this process."""

    lock = threading.Lock()
    people: ClassVar[Counter[int]] = Counter()


@contextmanager
def place(person: int) -> Iterator[None]:
    """Hold one of the few threads that take files, a quarter of WEB_THREADS, for as long as the block takes.

    A line may be slow, and a file long: without this, a few people could have every thread wait for theirs. Raises
    waiting.Busy.
    """
    with Places.lock:
        if not Places.people.total():
            Places.people.clear()  # of those who have none any more
        if Places.people.total() >= max(1, settings.WEB_THREADS // 4) or Places.people[person] >= MOST_OF_ONE_PERSON:
            raise Busy
        Places.people[person] += 1
    try:
        yield
    finally:
        with Places.lock:
            Places.people.subtract([person])
