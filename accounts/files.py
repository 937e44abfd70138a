"""A person's files in S3: where they lie, what they may be called, and whose credentials each call is made with.

All of it lies below the id that the identity pool knows the person by. What they may reach is decided by IAM alone:
nothing here stands between a person and a bucket that they name.
"""

import logging
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from typing import IO, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import after_answer, conf
from accounts.cognito.errors import (
    AccessDenied,
    CognitoError,
    CredentialsRefused,
    InputRejected,
    Misconfigured,
    NotAuthorized,
    ObjectExists,
    ObjectNotFound,
    Unreachable,
)
from accounts.cognito.results import AwsCredentials
from accounts.sessions.engine import session_of

logger = logging.getLogger(__name__)

MARGIN = 5 * 60  # seconds before their end in which credentials are not used any more
PAGE = 100  # entries
LONGEST_NAME = 255  # bytes, what most file systems take
LONGEST_KEY = 1024  # bytes, what S3 takes
MOST_COPIES = 50  # files of one name, each with a number
LINK_SECONDS = 60
LONGEST_DELETION = 10.0  # seconds that somebody who leaves waits for their files to be deleted
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; no ARN, which would lead elsewhere.
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
IMAGES = frozenset({".avif", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"})

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Entry:
    """A folder (``size`` and ``changed_at`` are None) or a file; ``path`` is what names it in an address."""

    name: str
    path: str
    size: int | None = None
    changed_at: datetime | None = None

    @property
    def kind(self) -> str:
        """What it is, for its picture: folder, image or file."""
        if self.size is None:
            return "folder"
        return "image" if PurePath(self.name).suffix.lower() in IMAGES else "file"


@dataclass(frozen=True)
class Listing:
    """One page of a folder: folders first, each kind by name. ``token_for_more`` is "" on the last page."""

    entries: tuple[Entry, ...]
    token_for_more: str

    @property
    def files(self) -> tuple[Entry, ...]:
        """The files among the entries."""
        return tuple(entry for entry in self.entries if entry.size is not None)


def acting(request: HttpRequest, act: Callable[[AwsCredentials], Answer]) -> Answer:
    """Return what ``act`` answers for the person's credentials, which are renewed once if AWS takes them no longer.

    Raises what it raises, and what :func:`exchanged` does.
    """
    held = session_of(request).aws_credentials()
    if held is not None and held.expires_at - time.time() > MARGIN:
        try:
            return act(held)
        except CredentialsRefused:
            pass
    return act(exchanged(request))


def exchanged(request: HttpRequest) -> AwsCredentials:
    """Return new credentials for the person's ID token, kept with the session.

    Raises PermissionDenied for somebody who did not come by way of Cognito, AccessTokenRefused and AccountGone for
    somebody whose session has ended there, Unavailable, Misconfigured.
    """
    session = session_of(request)
    held = session.read_tokens()
    if held is None or held.tokens is None:
        raise PermissionDenied
    if held.expire_at and held.expire_at <= timezone.now():
        # Cognito could not be reached for new ones, and an outage signs nobody out.
        raise Unreachable("GetId", "TokenExpired")
    try:
        credentials = conf.identity_pool().credentials(held.tokens.id_token)
    except NotAuthorized as error:
        # Either the person was signed out, which the user pool says too, or the identity pool is not for this client.
        conf.user_account().get_user(held.tokens.access_token)
        raise Misconfigured(error.operation, error.code, error.request_id) from error
    session.keep_aws_credentials(credentials)
    # Nothing else says whose files lie where, once the account is gone.
    logger.info("AWS credentials exchanged", extra={"user": request.user.pk, "identity": credentials.identity_id})
    return credentials


def is_safe(path: str) -> bool:
    """Whether ``path``, of a folder or a file, may be part of a key: all its names are, and none leads elsewhere.

    HTTP clients take ``.`` and ``..`` out of an address, so that a key with them would name another object.
    """
    names = path.removesuffix("/").split("/") if path else []
    return all(name not in {"", ".", ".."} and not has_control_characters(name) for name in names)


def has_control_characters(text: str) -> bool:
    """Whether ``text`` has characters that cannot be seen and change what is: controls, directions."""
    return any(
        unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and letter not in JOINERS for letter in text
    )


JOINERS = "\u200c\u200d"  # without these, words of some languages and many emoji could not be written


def clean(name: str) -> str:
    """Return what a file or folder that somebody calls ``name`` is called here. Raises InputRejected for no name.

    Letters are composed, so that a name typed on one system is found from another.
    """
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rstrip("/").rpartition("/")[2])
    text = "".join(letter for letter in text if not has_control_characters(letter)).strip()
    stem, ending = parted(text)
    room = LONGEST_NAME - len(ending.encode())
    if room < 1:
        raise InputRejected("PutObject", "NameTooLong")
    text = stem.encode()[:room].decode(errors="ignore") + ending
    if text in {"", ".", ".."}:
        raise InputRejected("PutObject", "NoName")
    return text


def key_of(person: AwsCredentials, path: str) -> str:
    """Return the key of a path of the person's own. Raises InputRejected for one that is none."""
    key = f"{person.identity_id}/{path}"
    if not is_safe(path) or len(key.encode(errors="replace")) > LONGEST_KEY:
        raise InputRejected("Key", "Unsafe")
    return key


def refuse_no_folder(folder: str) -> None:
    """Raise InputRejected for a ``folder`` that is none: "" is the person's own, every other ends with a slash."""
    if folder and not folder.endswith("/"):
        raise InputRejected("Key", "NoFolder")


def listing(request: HttpRequest, folder: str, *, token: str = "", bucket: str = "") -> Listing:
    """Return a page of ``folder``, "" or a path that ends with a slash: the person's own, or one of ``bucket``.

    Raises InputRejected for names that are none and a ``token`` that S3 did not make, AccessDenied, Unavailable.
    """
    refuse_no_folder(folder)
    if (bucket and not (BUCKET.fullmatch(bucket) and is_safe(folder))) or has_control_characters(token):
        raise InputRejected("ListObjectsV2", "Unsafe")

    def act(person: AwsCredentials) -> Listing:
        prefix = folder if bucket else key_of(person, folder)
        page = conf.bucket().list(person, bucket or own_bucket(), prefix, token=token, most=PAGE)
        start = 0 if bucket else len(prefix) - len(folder)
        folders = [Entry(each[len(prefix) : -1], each[start:]) for each in page.prefixes]
        # The object with the folder's own key is what keeps an empty folder.
        objects = [each for each in page.objects if each.key != prefix]
        found = [Entry(each.key[len(prefix) :], each.key[start:], each.size, each.changed_at) for each in objects]
        return Listing((*by_name(folders), *by_name(found)), page.token_for_more)

    return acting(request, act)


def by_name(entries: list[Entry]) -> list[Entry]:
    """Return the entries in the order that people look for them."""
    return sorted(entries, key=lambda entry: (entry.name.casefold(), entry.name))


def own_bucket() -> str:
    """Return the bucket that people's own files lie in."""
    return conf.config().files_bucket


def upload(request: HttpRequest, folder: str, name: str, body: IO[bytes]) -> str:
    """Write ``body`` as a new file, and return what it is called: where there is one of that ``name``, with a number.

    Raises InputRejected for a name that is none, ObjectExists when there are too many of it, AccessDenied, Unavailable.
    """
    called = clean(name)
    refuse_no_folder(folder)

    def act(person: AwsCredentials) -> str:
        for number in range(1, MOST_COPIES):
            candidate = numbered(called, number)
            body.seek(0)
            try:
                conf.bucket().put_new(person, own_bucket(), key_of(person, folder + candidate), body)
            except ObjectExists:
                continue
            return candidate
        raise ObjectExists("PutObject", "TooMany")

    return acting(request, act)


def parted(name: str) -> tuple[str, str]:
    """Return ``name`` without its ending, and the ending with its dot, "" for none."""
    ending = PurePath(name).suffix
    return name.removesuffix(ending), ending


def numbered(name: str, number: int) -> str:
    """Return ``name`` as the ``number``-th of its kind: notes.txt, notes (2).txt."""
    if number == 1:
        return name
    stem, ending = parted(name)
    return f"{stem} ({number}){ending}"


def is_twin(name: str, by: str) -> bool:
    """Whether an upload called ``name`` is called ``by`` because there was one of that name."""
    return any(by == numbered(name, number) for number in range(2, MOST_COPIES))


def replace(request: HttpRequest, path: str, by: str) -> None:
    """Put the file ``by`` in the place of the file ``path``. Raises ObjectNotFound, InputRejected, Unavailable."""

    def act(person: AwsCredentials) -> None:
        source, key = key_of(person, by), key_of(person, path)
        if source == key:
            raise InputRejected("CopyObject", "SameFile")
        told_missing(lambda: conf.bucket().copy(person, own_bucket(), source, key))
        conf.bucket().delete(person, own_bucket(), source)

    acting(request, act)


def make_folder(request: HttpRequest, folder: str, name: str) -> str:
    """Make a folder in ``folder``; return its path. Raises ObjectExists, InputRejected, AccessDenied, Unavailable."""
    refuse_no_folder(folder)
    path = f"{folder}{clean(name)}/"
    acting(request, lambda person: conf.bucket().put_new(person, own_bucket(), key_of(person, path), b""))
    return path


def delete(request: HttpRequest, path: str) -> None:
    """Delete a file, or what keeps an empty folder. Raises ObjectNotFound, InputRejected, AccessDenied, Unavailable.

    S3 answers alike whether there was one or not, so it is asked before.
    """

    def act(person: AwsCredentials) -> None:
        key = key_of(person, path)
        told_missing(lambda: conf.bucket().find(person, own_bucket(), key))
        conf.bucket().delete(person, own_bucket(), key)

    acting(request, act)


def download_url(request: HttpRequest, path: str, *, bucket: str = "") -> str:
    """Return an address that gives one file for a minute. Raises ObjectNotFound, InputRejected, AccessDenied."""
    if not path or path.endswith("/") or not is_safe(path) or (bucket and not BUCKET.fullmatch(bucket)):
        raise InputRejected("GetObject", "Unsafe")

    def act(person: AwsCredentials) -> str:
        where, key = (bucket, path) if bucket else (own_bucket(), key_of(person, path))
        # The address is made without asking: whoever follows it would read AWS's own words for what is not there.
        looked = conf.bucket().find
        told_missing(lambda: looked(person, where, key)) if not bucket else looked(person, where, key)
        return conf.bucket().download_url(person, where, key, name=path.rpartition("/")[2], seconds=LINK_SECONDS)

    return acting(request, act)


def told_missing(call: Callable[[], None]) -> None:
    """Call S3 about an object of the person's own. Raises ObjectNotFound where it says that they may not read it.

    That is what it says of one that is not there, to everybody who may not list the whole bucket.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html#API_HeadObject_Permissions
    """
    try:
        call()
    except AccessDenied as error:
        raise ObjectNotFound(error.operation, error.code, error.request_id) from error


class Remains(StrEnum):
    """What is left of the files of somebody who leaves: none, some that are being deleted still, or all of them."""

    NONE = "deleted"
    SOME = "being_deleted"
    ALL = "left"


def delete_own(request: HttpRequest) -> Remains:
    """Delete all files of the person whose session this is, before the account goes; return what remains.

    A site that is not set up as it should be keeps nobody from leaving. Raises what :func:`acting` does besides, so
    that in an outage the person has their account still, and can try again.
    """
    try:
        return acting(request, delete_in_time)
    except Misconfigured as error:
        return left_behind(error)


@sensitive_variables("id_token")
def delete_by_token(id_token: str) -> Remains:
    """Do the same for whom the ``id_token``, which is verified, speaks of. Raises Unavailable."""
    try:
        return delete_in_time(conf.identity_pool().credentials(id_token))
    except (NotAuthorized, Misconfigured) as error:
        return left_behind(error)


def delete_in_time(person: AwsCredentials) -> Remains:
    """Delete what lies below the identity of ``person``, for so long as a request may take, and the rest after it.

    Raises CredentialsRefused, Unavailable.
    """
    deadline = time.monotonic() + LONGEST_DELETION
    try:
        while conf.bucket().delete_page(person, own_bucket(), own_prefix(person)):
            if time.monotonic() >= deadline:
                return hand_on(person)
    except (AccessDenied, InputRejected, Misconfigured) as error:
        return left_behind(error, person)
    return Remains.NONE


def hand_on(person: AwsCredentials) -> Remains:
    """Have the rest deleted after the answer, with the same credentials, which outlive the account."""
    logger.warning("files being deleted after the answer", extra={"identity": person.identity_id})
    if after_answer.deletions.do(delete_below, person):
        return Remains.SOME
    return left_behind("too many at once", person)


def delete_below(person: AwsCredentials) -> None:
    """Delete all that lies below the identity of ``person``; operators have to do it where that fails."""
    try:
        while conf.bucket().delete_page(person, own_bucket(), own_prefix(person)):
            pass
    except CognitoError as error:
        left_behind(error, person)


def left_behind(reason: object, person: AwsCredentials | None = None) -> Remains:
    """Return that all files remain, or some, after a line in the log for those who have to delete them."""
    identity = person.identity_id if person else ""
    logger.error("files left behind", extra={"identity": identity, "error": str(reason)})
    return Remains.ALL


def own_prefix(person: AwsCredentials) -> str:
    """Return what all keys of the person's own begin with."""
    return f"{person.identity_id}/"
