"""One's own files: listed, sent, fetched, replaced and deleted, each with the person's own AWS credentials."""

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import IO, Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import conf, error_responses, limits, local_time, uploads
from accounts import files as store
from accounts.cognito.errors import AccessDenied, InputRejected, ObjectExists, ObjectNotFound, Unavailable
from accounts.files import Entry, Listing
from accounts.http import AuthenticatedRequest

MEGABYTE = 1_000_000  # bytes
MOST_AT_ONCE = 4  # files of the largest size in one form
FORM_BESIDES = 64 * 1024  # bytes of a form besides its files
MOST_ASKED = 20  # files that the page about twins asks for at one time

# What AWS answers besides what was asked for: the status of the page, and what it says (see the template).
STATES: dict[type[Exception], tuple[int, str, str]] = {
    AccessDenied: (403, "permission_denied", "denied"),
    Unavailable: (503, "service_unavailable", "down"),
    InputRejected: (404, "not_found", "missing"),
    ObjectNotFound: (404, "not_found", "gone"),
}


def for_files(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view of files: there are some, the request is charged, and each state of S3 has its page."""

    @wraps(view)
    def guarded(request: AuthenticatedRequest, *args: Any) -> HttpResponseBase:
        if not conf.config().has_files:
            raise Http404
        try:
            with limits.attempt(request, limits.FILES, limits.person(request)):
                return view(request, *args)
        except tuple(STATES) as error:
            return in_state(request, error)

    return limits.declares(limits.FILES)(guarded)


def in_state(request: AuthenticatedRequest, error: Exception) -> HttpResponse:
    """Return the page for what S3 answered instead of a folder or a file; AWS's own words are not on it."""
    status, name, state = next(said for kind, said in STATES.items() if isinstance(error, kind))
    is_file = "file" in request.GET
    context: dict[str, Any] = {
        "state": "gone" if is_file and state == "missing" else state,
        "is_file": is_file,
        "here": "files",
        "bucket": request.GET.get("bucket", ""),
        "again_url": request.get_full_path() if request.method == "GET" else resolve_url("files"),
    }
    page = partial(error_responses.for_person, request, **context)
    retry_after = error_responses.OUTAGE if status == 503 else None
    return error_responses.respond(request, status, name, "accounts/files.html", render=page, retry_after=retry_after)


def address(page: str, **parameters: Any) -> str:
    """Return the address of ``page`` with those of the parameters that are not empty; ``in_`` stands for ``in``."""
    given = {name.rstrip("_"): value for name, value in parameters.items() if value}
    return resolve_url(page) + (f"?{urlencode(given, doseq=True)}" if given else "")


@require_safe
@for_files
def files(request: AuthenticatedRequest) -> HttpResponse:
    """List a page of one's own folder, or of one in any bucket: IAM decides what is shown."""
    folder, bucket = request.GET.get("in", ""), request.GET.get("bucket", "")
    token = request.GET.get("after", "")
    found = store.listing(request, folder, token=token, bucket=bucket)
    more = found.token_for_more
    context = {
        "rows": [row(entry, bucket) for entry in found.entries],
        "state": "" if found.entries or token or bucket else ("missing" if folder else "empty"),
        "summary": summary(found, is_part=bool(more or token)),
        "crumbs": crumbs(folder, bucket),
        "folder": folder,
        "bucket": bucket,
        "delete_url": "" if bucket or not folder else address("delete_file", file=folder),
        "more_url": address("files", in_=folder, bucket=bucket, after=more) if more else "",
        "largest": most_text(),
        "together": together_text(),
        # For the script, and so without the separators that people write between digits.
        "bytes": [str(files * settings.FILES_MAX_MB * MEGABYTE) for files in (1, MOST_AT_ONCE)],
    }
    return render(request, "accounts/files.html", context)


def row(entry: Entry, bucket: str) -> dict[str, object]:
    """Return what the table shows of ``entry``."""
    is_folder = entry.size is None
    opened = address("files", in_=entry.path, bucket=bucket)
    return {
        "name": entry.name,
        "kind": entry.kind,
        "size": "" if entry.size is None else size_text(entry.size),
        "changed_at": entry.changed_at,
        "url": opened if is_folder else address("download_file", file=entry.path, bucket=bucket),
        # A folder is deleted from inside, where one sees that nothing is in it.
        "delete_url": "" if bucket or is_folder else address("delete_file", file=entry.path),
    }


def crumbs(folder: str, bucket: str) -> list[tuple[str, str]]:
    """Return the way to ``folder`` as names and addresses; the last is where one is, and has none."""
    names = folder.split("/")[:-1]
    way = [(bucket or _("Your files"), address("files", bucket=bucket))]
    for depth, name in enumerate(names, start=1):
        way.append((name, address("files", in_="/".join(names[:depth]) + "/", bucket=bucket)))
    return [*way[:-1], (way[-1][0], "")]


def size_text(size: int) -> str:
    """Return so many bytes as people say it, counted by thousands."""
    if size < 1000:
        return unbroken(ngettext("%(n)d byte", "%(n)d bytes", size) % {"n": size})
    for unit, text in ((MEGABYTE, _("%(n)s KB")), (1000 * MEGABYTE, _("%(n)s MB"))):
        if size < unit - unit // 2000:
            return unbroken(text % {"n": number_format(size * 1000 / unit, 0 if unit == MEGABYTE else 1)})
    return unbroken(_("%(n)s GB") % {"n": number_format(size / (1000 * MEGABYTE), 1)})


def unbroken(size: str) -> str:
    """Return ``size`` with its number and unit on one line."""
    return size.replace(" ", local_time.NBSP)


def most_text(files: int = 1) -> str:
    """Return how large so many ``files`` may be together."""
    return unbroken(_("%(n)s MB") % {"n": files * settings.FILES_MAX_MB})


def together_text() -> str:
    """Return how much can be sent at one time."""
    text = _("Each file can be up to {most}, and those sent together up to {together}. Nothing was uploaded.")
    return text.format(most=most_text(), together=most_text(MOST_AT_ONCE))


def naming(text: str, name: str, **others: object) -> SafeString:
    """Return ``text`` with the ``name`` of a file or folder filled in, which may be written in any direction."""
    return format_html(text, name=format_html("<strong><bdi data-wrap>{}</bdi></strong>", name), **others)


def summary(found: Listing, *, is_part: bool) -> str:
    """Return how much there is, in the folder or, where it has several pages, on this one."""
    sent = found.files
    folders = len(found.entries) - len(sent)
    parts = []
    if folders:
        parts.append(ngettext("%(n)d folder", "%(n)d folders", folders) % {"n": folders})
    if sent:
        number = ngettext("%(n)d file", "%(n)d files", len(sent)) % {"n": len(sent)}
        parts.append(f"{number}, {size_text(sum(entry.size or 0 for entry in sent))}")
    text = parts[0] if parts else ""
    if len(parts) == 2:
        text = _("%(folders)s and %(files)s") % {"folders": parts[0], "files": parts[1]}
    return _("On this page: %(summary)s") % {"summary": text} if is_part and text else text


@csrf_exempt
@require_POST
@for_files
@limits.limited(limits.UPLOADS)
def upload_files(request: AuthenticatedRequest) -> HttpResponseBase:
    """Take files into a folder; a script is told where to go on.

    Exempt, so that nothing of the body is read before there is a place for it: what reads it checks the token first.
    https://docs.djangoproject.com/en/5.2/ref/files/uploads/#modifying-upload-handlers-on-the-fly
    """
    with uploads.place(request.user.pk):
        handler = uploads.SpooledUploadHandler(request, settings.FILES_MAX_MB * MEGABYTE)
        request.upload_handlers = [handler]
        answer: HttpResponseBase = receive(request, handler)
    return answer


# Read by config.middleware.BodySizeMiddleware.
upload_files.largest_body = MOST_AT_ONCE * settings.FILES_MAX_MB * MEGABYTE + FORM_BESIDES  # type: ignore[attr-defined]
upload_files.why_too_large = together_text  # type: ignore[attr-defined]


@csrf_protect
def receive(request: AuthenticatedRequest, handler: uploads.SpooledUploadHandler) -> HttpResponse:
    """Write what the form holds to S3, and say what became of each file."""
    folder = request.POST.get("in", "")
    sent: Sequence[UploadedFile] = request.FILES.getlist("files")
    for name in handler.too_large:
        text = _("{name} is larger than {most}. Choose a smaller file.")
        messages.error(request, naming(text, name, most=most_text()))
    if not sent and not handler.too_large:
        messages.error(request, _("Choose a file first."))
    twins = write_all(request, folder, sent)[:MOST_ASKED]
    names = {"file": [name for name, _by in twins], "by": [by for _name, by in twins]}
    url = address("replace_files", in_=folder, **names) if twins else address("files", in_=folder)
    return JsonResponse({"next": url}) if error_responses.is_from_script(request) else redirect(url)


def write_all(request: AuthenticatedRequest, folder: str, sent: Sequence[UploadedFile]) -> list[tuple[str, str]]:
    """Write the files, say how many there are now, and return those whose name was taken: it, and what they are called.

    Raises Unavailable and AccessDenied, unless some were written before: then it says which were not.
    """
    twins: list[tuple[str, str]] = []
    written = 0
    for place, file in enumerate(sent):
        try:
            called = write(request, folder, file)
        except (AccessDenied, Unavailable):
            if not written:
                raise
            say_left(request, sent[place:])
            break
        written += bool(called)
        if called and called != (wanted := store.clean(str(file.name))):
            twins.append((wanted, called))
    if written:
        text = ngettext("%(n)d file uploaded.", "%(n)d files uploaded.", written)
        messages.success(request, text % {"n": written})
    return twins


def say_left(request: AuthenticatedRequest, left: Sequence[UploadedFile]) -> None:
    """Say which files S3 did not take after it took others."""
    if len(left) == 1:
        messages.error(request, naming(_("We couldn’t upload {name}. The others are there."), str(left[0].name)))
    else:
        text = ngettext(
            "We couldn’t upload %(n)d file. The others are there.",
            "We couldn’t upload %(n)d files. The others are there.",
            len(left),
        )
        messages.error(request, text % {"n": len(left)})


def write(request: AuthenticatedRequest, folder: str, file: UploadedFile) -> str:
    """Write one file, and return what it is called; "" for one that cannot be kept, which is said."""
    try:
        return store.upload(request, folder, str(file.name), cast(IO[bytes], file.file))
    except InputRejected:
        text = _("We couldn’t upload {name}. Give it another, shorter name, then upload it again.")
    except ObjectExists:
        text = _("There are too many files called {name} here. Give yours another name, then upload it again.")
    messages.error(request, naming(text, str(file.name)))
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_files
def replace_files(request: AuthenticatedRequest) -> HttpResponse:
    """Ask whether files that were sent take the place of those of the same name, and do as is answered.

    Until then both are there, so that nothing is lost by closing the page. Nothing else is asked: an address that
    somebody else made up would have people overwrite one file by another.
    """
    given = request.POST if request.method == "POST" else request.GET
    folder = given.get("in", "")
    named = zip(given.getlist("file"), given.getlist("by"), strict=False)
    pairs = [(name, by) for name, by in named if "/" not in name and store.is_twin(name, by)][:MOST_ASKED]
    if not pairs:
        return redirect(address("files", in_=folder))
    if request.method != "POST":
        context = {"folder": folder, "pairs": pairs, **way_back(folder)}
        return render(request, "accounts/replace_files.html", context)
    if request.POST.get("answer") == "replace":
        for name, by in pairs:
            store.replace(request, folder + name, folder + by)
        replaced = len(pairs)
        messages.success(request, ngettext("%(n)d file replaced.", "%(n)d files replaced.", replaced) % {"n": replaced})
    return redirect(address("files", in_=folder))


@require_safe
@for_files
def download_file(request: AuthenticatedRequest) -> HttpResponse:
    """Send the browser to S3, with an address that is good for a minute."""
    url = store.download_url(request, request.GET.get("file", ""), bucket=request.GET.get("bucket", ""))
    return HttpResponseRedirect(url)


@require_http_methods(["GET", "HEAD", "POST"])
@for_files
def delete_file(request: AuthenticatedRequest) -> HttpResponse:
    """Ask, then delete a file, or a folder in which there is nothing."""
    path = request.POST.get("file", "") if request.method == "POST" else request.GET.get("file", "")
    if not path or not store.is_safe(path):
        raise Http404
    is_folder = path.endswith("/")
    above, _slash, name = path.removesuffix("/").rpartition("/")
    back = way_back(f"{above}/" if above else "")
    if is_folder and store.listing(request, path).entries:
        messages.error(request, _("This folder isn’t empty. Delete what is in it first."))
        return redirect(address("files", in_=path))
    if request.method != "POST":
        return render(
            request, "accounts/delete_file.html", {"path": path, "name": name, "is_folder": is_folder, **back}
        )
    try:
        store.delete(request, path)
    except ObjectNotFound:
        messages.info(request, naming(_("{name} was deleted already."), name))
    else:
        messages.success(request, naming(_("{name} deleted."), name))
    return redirect(back["back_url"])


def way_back(folder: str) -> dict[str, str]:
    """Return address and name of ``folder``, for a page that asks about something in it."""
    name = folder.removesuffix("/").rpartition("/")[2]
    return {"back_url": address("files", in_=folder), "back_name": name or _("Your files")}


@require_POST
@for_files
def new_folder(request: AuthenticatedRequest) -> HttpResponse:
    """Make a folder and go there."""
    folder, name = request.POST.get("in", ""), request.POST.get("name", "").strip()
    try:
        made = store.make_folder(request, folder, name)
    except ObjectExists:
        messages.info(request, naming(_("There’s already a folder called {name}."), store.clean(name)))
        return redirect(address("files", in_=folder))
    except InputRejected:
        sentence = _("Choose another, shorter name for the folder.") if name else _("Enter a name for the folder.")
        messages.error(request, sentence)
        return redirect(address("files", in_=folder if store.is_safe(folder) else ""))
    messages.success(request, naming(_("Folder {name} created."), store.clean(name)))
    return redirect(address("files", in_=made))
