"""The project under some settings, called as a WSGI server calls it."""

import io
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from benchmarks.environment import PASSWORD, email

# Django takes the secret itself for a token; any 32 letters and digits are one.
CSRF = "a" * 32


@dataclass(frozen=True)
class Answer:
    """What came back: the status code and the cookies."""

    status: int
    cookies: SimpleCookie


class Project:
    """The project with ``settings`` in place of its own. Requests are to be made within :meth:`in_force`."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._known = ""
        with self.in_force():
            self._application = WSGIHandler()

    @classmethod
    def serving(cls, application: WSGIHandler) -> Self:
        """Return the project as ``application`` serves it, with its settings as they are."""
        project = cls()
        project._application = application
        return project

    def in_force(self) -> AbstractContextManager[object]:
        """Return the context in which the settings are those of this project."""
        return override_settings(**self._settings)

    def get(self, path: str, session: str = "", authorization: str = "") -> Answer:
        """Return the answer to a browser with that session cookie, "" for none, or to a program with a token."""
        return self._request("GET", path, session, authorization=authorization)

    def post(self, path: str, session: str = "", **fields: str) -> Answer:
        """Return the answer to a form."""
        return self._request("POST", path, session, urlencode({"csrfmiddlewaretoken": CSRF, **fields}).encode())

    def _request(self, method: str, path: str, session: str, body: bytes = b"", *, authorization: str = "") -> Answer:
        statuses: list[str] = []
        cookies = SimpleCookie()

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            statuses.append(status)
            for name, value in headers:
                if name == "Set-Cookie":
                    cookies.load(value)

        environ = self._environ(method, path, session, body)
        if authorization:
            environ |= {"HTTP_AUTHORIZATION": authorization, "HTTP_COOKIE": ""}
        response = self._application(environ, start_response)
        for _ in response:
            pass
        response.close()
        if "known" in cookies:
            # The browser comes back with it, as browsers do that have signed somebody in before.
            self._known = f"; known={cookies['known'].value}"
        return Answer(int(statuses[0].split()[0]), cookies)

    def _environ(self, method: str, path: str, session: str, body: bytes) -> dict[str, Any]:
        return {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost:8000",
            "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "HTTP_COOKIE": f"csrftoken={CSRF}" + (f"; sessionid={session}" if session else "") + self._known,
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }


def sign_in(project: Project, path: str = "/login/", number: int = 0, password: str = PASSWORD) -> Answer:
    """Return the answer to one of the PEOPLE signing in: the way on, or for a wrong password the form again.

    Raises RuntimeError for any other, or an error would be measured under the name of what it stands for.
    """
    answer = project.post(path, username=email(number), password=password)
    if answer.status != (302 if password == PASSWORD else 200):
        raise RuntimeError(f"signing in at {path} was answered {answer.status}")
    return answer


def session_of(answer: Answer) -> str:
    """Return the session cookie of a sign-in."""
    return answer.cookies["sessionid"].value
