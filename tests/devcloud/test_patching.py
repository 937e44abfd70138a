from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from devcloud import patching
from devcloud.patching import DoesNotFit, replace

DEVCLOUD = Path(patching.__file__).parent
COGNITO = "ministack.services.cognito"
REPLACED = {
    "ministack.app": {"_handle_cognito_body_request", "_handle_cognito_get_request", "pin_request_origin"},
    "ministack.core.iam_evaluator": {"_first_match", "_is_root_key", "_principal_keys", "is_root_access_key"},
    "ministack.services.cloudformation": {"_ACTION_HANDLERS"},
    "ministack.services.cloudformation.changesets": {"_resolve_props_for_diff"},
    "ministack.services.cloudformation.engine": {"CfnLoader"},
    "ministack.services.cloudformation.provisioners": {
        "_REPLACING_PROPERTIES",
        "_cognito_identity_pool_role_attachment_apply",
        "_cognito_user_pool_software_token_mfa",
    },
    "ministack.services.sns": {"_publish"},
    "ministack.services.sts": {"is_root_access_key"},
    COGNITO: {
        "_OIDC_DISCOVERED_ENDPOINTS",
        "_UNSIGNED_IDP_ACTIONS",
        "_apply_pretoken_trigger",
        "_build_auth_result",
        "_client_id",
        "_client_secret",
        "_create_user_pool_client",
        "_create_user_pool_domain",
        "_deliver_cognito_email",
        "_dispatch_idp",
        "_get_credentials_for_identity",
        "_get_id",
        "_oauth2_idp_response",
        "_oauth2_refresh_api_issued_token",
        "_oauth2_token",
        "_refresh_auth_user",
        "_refresh_tokens",
        "_resolve_user",
        "_run_idp_handler",
        "_saml2_idp_response",
        "_send_verification_email",
        "_update_user_pool_client",
        "handle_login_submit",
        "handle_logout",
        "handle_oauth2_authorize",
    },
}


@pytest.fixture
def engine() -> Iterator[ModuleType]:
    """A module as MiniStack might have it."""
    module = ModuleType("engine")
    module.__dict__.update(look=lambda pool, name, strict=False: (pool, name, strict), seen=set())
    before = dict(patching.REPLACED)
    yield module
    patching.REPLACED.clear()
    patching.REPLACED.update(before)


def test_a_function_is_replaced_by_one_that_can_be_called_alike(engine: ModuleType) -> None:
    old = engine.__dict__["look"]
    replace(engine, "look", lambda pool, name, strict=True: [pool, name, strict])
    assert engine.__dict__["look"]("pool", "name") == ["pool", "name", True]
    assert patching.REPLACED["engine", "look"] is old


def test_a_name_that_is_not_there_is_refused(engine: ModuleType) -> None:
    with pytest.raises(DoesNotFit, match=r"engine has no find to replace"):
        replace(engine, "find", lambda: None)
    assert not hasattr(engine, "find")


@pytest.mark.parametrize(
    "new",
    [
        lambda pool, name: (pool, name),  # MiniStack gives one more
        lambda pool, name, strict, more: (pool, name, strict, more),  # MiniStack gives one less
        lambda pool, name, strict: (pool, name, strict),  # MiniStack may leave one out
        lambda *, pool, name, strict=False: (pool, name, strict),
        "no function",
    ],
)
def test_other_parameters_are_refused(engine: ModuleType, new: Callable[..., Any]) -> None:
    old = engine.__dict__["look"]
    with pytest.raises(DoesNotFit, match=r"engine\.look"):
        replace(engine, "look", new)
    assert engine.__dict__["look"] is old


def test_a_parameter_given_by_name_has_to_be_taken_by_that_name(engine: ModuleType) -> None:
    engine.__dict__["look"] = lambda pool, *, strict=False: (pool, strict)
    with pytest.raises(DoesNotFit, match="strict"):
        replace(engine, "look", lambda pool, *, exact=False: (pool, exact))


def test_a_value_of_another_type_is_refused(engine: ModuleType) -> None:
    with pytest.raises(DoesNotFit, match="of type set, not list"):
        replace(engine, "seen", [])


def test_everything_that_is_replaced_is_known() -> None:
    program = (
        "from pathlib import Path; from devcloud import engine, patching; from devcloud.settings import Settings;"
        "engine.install(Settings(Path('unused')));"
        "print('\\n'.join(' '.join(replaced) for replaced in patching.REPLACED))"
    )
    environment = {"AUTH": "true", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=DEVCLOUD.parent,
        env=environment | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in ended.stdout.splitlines() if line.startswith("ministack.")]
    assert sorted(lines) == sorted([module, name] for module, names in REPLACED.items() for name in names)


def assigned(tree: ast.Module) -> Iterator[str]:
    """Yield the names of imported modules whose attributes a module assigns to."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack")
        for alias in node.names
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()) if name in imported:
                yield f"{name}.{attribute}"


def test_nothing_else_assigns_to_ministack() -> None:
    found = {str(path): list(assigned(ast.parse(path.read_text()))) for path in DEVCLOUD.rglob("*.py")}
    assert len(found) > 40
    assert {path: names for path, names in found.items() if names} == {}


def test_an_assignment_would_be_found() -> None:
    source = "from ministack.services import cognito as ministack\nministack._client_id = None\n"
    assert list(assigned(ast.parse(source))) == ["ministack._client_id"]
