"""The one door that every user pool call comes through.

MiniStack looks an operation up in a table of its own and runs it. Here the operations written in this package come
first, after the form of the request (``constraints``) and the checks that MiniStack makes too: client secret hash,
allowed flow, access token. One lock holds calls apart, so that a code, a challenge session or a refresh token is used
once however many requests bring it at a time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from ministack.core.concurrency import run_reentrant
from ministack.core.iam_actions import unsigned_operations
from ministack.core.responses import error_response_json, json_response
from ministack.services import cognito as ministack

from devcloud.cognito import constraints
from devcloud.cognito.errors import CognitoError
from devcloud.cognito.records import Answer, Request
from devcloud.patching import replace

Operation: TypeAlias = Callable[[Request], Answer]
Response: TypeAlias = tuple[int, dict[str, str], bytes]

lock = threading.RLock()
"""Held while a call reads or changes the records; whoever saves the state takes it too."""


def stock(operation: Callable[[Request], Response], request: Request) -> Answer:
    """Return what MiniStack's own ``operation`` answers; raises CognitoError with what it refuses."""
    status, _headers, body = operation(request)
    answer: Answer = json.loads(body)
    if status >= 400:
        raise CognitoError(answer["__type"].rsplit("#", 1)[-1], answer.get("message", ""))
    return answer


def respond(operation: Operation, request: Request) -> Response:
    """Run one of our operations and return it as MiniStack's server wants an answer."""
    response: Response
    try:
        response = json_response(operation(request))
    except CognitoError as error:
        response = _refusal(error)
    return response


def _refusal(error: CognitoError) -> Response:
    response: Response = error_response_json(error.code, error.message, 400)
    return response


def _guarded(operation: Operation, action: str, request: Request) -> Response:
    with lock:
        if action in ministack._UNSIGNED_IDP_ACTIONS:
            ministack._pin_unsigned_idp_scope(request)
        refusal: Response | None = (
            ministack._validate_client_secret_hash(action, request)
            or ministack._auth_flow_error(action, request)
            or ministack._access_token_error(request)
        )
        return refusal or respond(operation, request)


def install(operations: Mapping[str, Operation]) -> None:
    """Serve ``operations`` (by AWS name) instead of MiniStack's, and everything else as before but one at a time."""
    dispatch: Callable[[str, Request], Awaitable[Response]] = ministack._dispatch_idp
    run: Callable[..., Response] = ministack._run_idp_handler

    async def dispatch_ours_first(action: str, request: Request) -> Response:
        try:
            constraints.refuse_malformed(action, request)
        except CognitoError as error:
            return _refusal(error)
        operation = operations.get(action)
        if operation is None:
            return await dispatch(action, request)
        response: Response = await run_reentrant(_guarded, operation, action, request, thread_name="devcloud-cognito")
        return response

    def run_one_at_a_time(*arguments: Any) -> Response:
        with lock:
            return run(*arguments)

    replace(ministack, "_dispatch_idp", dispatch_ours_first)
    replace(ministack, "_run_idp_handler", run_one_at_a_time)
    unsigned = ministack._UNSIGNED_IDP_ACTIONS | unsigned_operations("cognito-idp")
    replace(ministack, "_UNSIGNED_IDP_ACTIONS", unsigned)
