"""Every operation the gateways call, found by calling all that they offer."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import boto3
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.model import ListShape, Shape, StructureShape

from accounts import cognito
from accounts.cognito.bucket import Bucket
from accounts.cognito.client import Gateway
from accounts.cognito.errors import CognitoError
from accounts.cognito.identities import Identity
from accounts.cognito.identity_pool import IdentityPool
from accounts.cognito.results import Challenge
from accounts.cognito.text_messages import TextMessages
from tests.cognito.conftest import cognito_config

OF_OTHER_SERVICES = {IdentityPool, Bucket, TextMessages}
FLOWS = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH")
SAMPLES: dict[str, Any] = {
    "boolean": True,
    "integer": 1,
    "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
    "map": {},
    "structure": {},
}


@cache
def service_model() -> Any:
    """Return botocore's model of Cognito's user pools."""
    client = boto3.Session().client("cognito-idp", region_name="eu-west-1", config=Config(signature_version=UNSIGNED))
    return client.meta.service_model


@cache
def gateways() -> tuple[type[Gateway], ...]:
    """Return every gateway to user pools there is."""
    for module in pkgutil.iter_modules(cognito.__path__, "accounts.cognito."):
        import_module(module.name)
    return tuple(gateway for gateway in Gateway.__subclasses__() if gateway not in OF_OTHER_SERVICES)


def sample(shape: Shape) -> Any:
    """Return an answer of this shape that leaves nothing out."""
    if isinstance(shape, StructureShape) and shape.members:
        return {name: sample(member) for name, member in shape.members.items()}
    if isinstance(shape, ListShape):
        return [sample(shape.member)]
    return SAMPLES.get(shape.type_name, "1")


class Recorder:
    """A boto3 client that answers every operation in full, and keeps the names of those it was asked for."""

    def __init__(self) -> None:
        self.meta = type("Meta", (), {"service_model": service_model()})
        self.called: set[str] = set()
        self._names = {xform_name(name): name for name in service_model().operation_names}

    def __getattr__(self, method: str) -> Callable[..., Any]:
        name = self._names[method]
        self.called.add(name)
        shape = service_model().operation_model(name).output_shape
        return lambda **_: sample(shape) if shape else {}


def argument(annotation: Any) -> Any:
    """Return something to pass for a parameter annotated like this."""
    if annotation is Challenge:
        return Challenge(name="SMS_MFA", username="ada")
    if annotation is Identity:
        return Identity("Google", "1093485")
    return {} if "Mapping" in str(annotation) else ["name"] if "list" in str(annotation) else "text"


def public_methods(gateway: type[Gateway]) -> Iterator[str]:
    """Yield the names of what a gateway offers."""
    yield from (name for name, _ in inspect.getmembers(gateway, inspect.isfunction) if not name.startswith("_"))


def called_by(gateway: type[Gateway], method: str, flow: str) -> set[str]:
    """Return the names of the operations that one method calls, in one configuration."""
    client = Recorder()
    function = getattr(gateway(client, cognito_config(auth_flow=flow)), method)
    hints = get_type_hints(function)
    needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    given = {one.name: argument(hints[one.name]) for one in needed}
    try:
        function(**given)
    except CognitoError:
        # A sample is an answer in full, but not always one that makes sense; it has been called all the same.
        assert client.called
    return client.called


@cache
def operations_called() -> frozenset[str]:
    """Return the names of all operations that the gateways call."""
    return frozenset(
        name
        for gateway in gateways()
        for method in public_methods(gateway)
        for flow in FLOWS
        for name in called_by(gateway, method, flow)
    )


def operations_spelt_out() -> set[str]:
    """Return the names of operations that stand anywhere in the gateways' source as text."""
    paths = [Path(inspect.getfile(gateway)) for gateway in gateways()]
    constants = {
        node.value
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return constants & set(service_model().operation_names)
