"""The form of a request: the lengths, ranges, patterns and fixed values in AWS's own description of its API.

MiniStack takes any value. boto3 carries the description AWS publishes and checks required members and smallest lengths
before it sends; the largest lengths and the patterns are left to the server.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.records import Request

_PROPERTY = re.compile(r"\\p\{([LMSNPZ])\}")

# The description says that passwords have no spaces. The guide counts a space inside a password as a special character.
# https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
# Its domains have no dots. CreateUserPoolDomain says that a domain of one's own is its full name.
_LAXER_THAN_DESCRIBED = {"PasswordType", "DomainType"}


def refuse_malformed(action: str, request: Request) -> None:
    """Raise InvalidParameterException when ``request`` does not have the form AWS describes for ``action``.

    A member that AWS does not know, and an action it does not know, pass: they are somebody else's to refuse.
    """
    shape = _input_of(action)
    errors = list(_errors(shape, request, "")) if shape is not None else []
    if errors:
        noun = "error" if len(errors) == 1 else "errors"
        raise invalid_parameter(f"{len(errors)} validation {noun} detected: {'; '.join(errors)}")


@cache
def _service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("cognito-idp", "service-2"), "cognito-idp")


@cache
def _input_of(action: str) -> Shape | None:
    model = _service()
    return model.operation_model(action).input_shape if action in model.operation_names else None


def _errors(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield what is wrong with ``value``, which stands at ``path``, in AWS's words; never the value, maybe a secret."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        yield from _structure_errors(shape, value, path)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _out_of_range(shape, len(value), path, "length")
        for number, item in enumerate(value, start=1):
            yield from _errors(shape.member, item, f"{path}{number}.member.")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _errors(shape.value, item, f"{path}{key}.")
    elif isinstance(value, str):
        yield from _text_errors(shape, value, path)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from _out_of_range(shape, value, path, "value")


def _structure_errors(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _error(f"{path}{_camel(name)}", "not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _errors(member, value[name], f"{path}{_camel(name)}.")


def _text_errors(shape: Shape, text: str, path: str) -> Iterator[str]:
    yield from _out_of_range(shape, len(text), path, "length")
    pattern = shape.metadata.get("pattern")
    if shape.name in _LAXER_THAN_DESCRIBED:
        return
    if pattern and not _compiled(pattern).fullmatch(text):
        yield _error(path.rstrip("."), f"satisfy regular expression pattern: {pattern}")
    choices = shape.metadata.get("enum")
    if choices and text not in choices:
        yield _error(path.rstrip("."), f"satisfy enum value set: [{', '.join(choices)}]")


def _out_of_range(shape: Shape, number: int, path: str, what: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < least:
        yield _error(path.rstrip("."), f"have {what} greater than or equal to {least}")
    if most is not None and number > most:
        yield _error(path.rstrip("."), f"have {what} less than or equal to {most}")


def _error(path: str, constraint: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: Member must {constraint}"


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return AWS's pattern, which is Java's, for Python, which has no classes of Unicode categories."""
    return re.compile(_PROPERTY.sub(lambda match: _characters()[match[1]], pattern))


@cache
def _characters() -> dict[str, str]:
    """Return by the first letter of a general category the inside of a character class that matches it."""
    classes: dict[str, str] = defaultdict(str)
    every = range(sys.maxunicode + 1)
    for category, run in groupby(every, key=lambda point: unicodedata.category(chr(point))[0]):
        points = list(run)
        classes[category] += f"\\U{points[0]:08x}-\\U{points[-1]:08x}"
    return classes
