"""The API described for machines: https://spec.openapis.org/oas/v3.1.1.html."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.bearer import OWN_ACCOUNT
from accounts.error_responses import PROBLEM, for_scripts

Described = dict[str, Any]

TEXT: Described = {"type": "string"}
FLAG: Described = {"type": "boolean"}
TEXTS: Described = {"type": "array", "items": TEXT}
BY_NAME: Described = {"type": "object", "additionalProperties": TEXT}

PROBLEM_DETAILS: Described = {
    "type": "object",
    "required": ["title", "status", "error", "request_id"],
    "properties": {
        "title": TEXT,
        "status": {"type": "integer"},
        "error": TEXT,
        "request_id": TEXT,
        "errors": {"type": "object", "additionalProperties": TEXTS},
    },
}
ME: Described = {
    "type": "object",
    "required": ["sub", "username", "email", "email_verified", "phone_number_verified", "name", "groups"],
    "properties": {
        **dict.fromkeys(("sub", "username", "email", "name"), TEXT),
        **dict.fromkeys(("email_verified", "phone_number_verified"), FLAG),
        **dict.fromkeys(("groups", "writable", "awaiting_code"), TEXTS),
        "attributes": BY_NAME,
    },
}
CHANGE: Described = {
    "type": "object",
    "required": ["attributes"],
    "properties": {"attributes": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}},
}
NEWCOMER: Described = {
    "type": "object",
    "properties": dict.fromkeys(("email", "phone_number", "username", "password"), TEXT),
    "additionalProperties": TEXT,
}
CODE: Described = {
    "type": "object",
    "required": ["code"],
    "properties": dict.fromkeys(("registration", "username", "code", "password"), TEXT),
}
AGAIN: Described = {"type": "object", "properties": dict.fromkeys(("registration", "username"), TEXT)}
REGISTRATION: Described = {"type": "object", "properties": {"confirmed": FLAG, "registration": TEXT}}
CONFIRMED: Described = {"type": "object", "properties": {"confirmed": FLAG, "choose_password": FLAG}}
LEAVING: Described = {"type": "object", "required": ["files"], "properties": {"files": TEXT}}
LEFT: dict[int, Described] = {200: LEAVING, 204: {}}
ID_TOKEN: Described = {
    "parameters": [
        {
            "name": "Id-Token",
            "in": "header",
            "required": False,
            "schema": TEXT,
            "description": "Where people have files: the person's ID token, by which these are deleted, or `none`.",
        }
    ]
}

WRONG = {
    400: "The request makes no sense.",
    422: "Something was not accepted; `errors` says what.",
    429: "Tried too often; see Retry-After.",
    503: "Try later; see Retry-After.",
}
REFUSED = {401: "No access token that is good for it; see WWW-Authenticate.", 403: "The token does not allow it."}


def json_of(schema: Described) -> Described:
    """Return a body of JSON with ``schema``."""
    return {"application/json": {"schema": schema}}


def refusal(description: str) -> Described:
    """Return what is said of one refusal."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}


def operation(name: str, summary: str, answers: dict[int, Described], **members: Any) -> Described:
    """Return what is said of one operation: its ``answers`` by status, {} for one without a body, and its refusals."""
    refused = {**WRONG, **(REFUSED if "security" in members else {403: "Nobody registers here."})}
    responses: dict[str, Described] = {
        str(status): {"description": summary, **({"content": json_of(schema)} if schema else {})}
        for status, schema in answers.items()
    }
    responses |= {str(status): refusal(description) for status, description in refused.items()}
    return {"operationId": name, "summary": summary, "responses": responses, **members}


def body(schema: Described) -> Described:
    """Return the member of an operation that says what has to be sent."""
    return {"requestBody": {"required": True, "content": json_of(schema)}}


def document() -> Described:
    """Return the description."""
    secured: Described = {"security": [{"cognito": [OWN_ACCOUNT]}]}
    confirm = operation("confirmAccount", "Confirm an account by its code.", {200: CONFIRMED}, **body(CODE))
    confirm["responses"]["409"] = refusal("The mailbox has an account already.")
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{settings.SITE_NAME} API", "version": "1"},
        "servers": [{"url": settings.SITE_URL}],
        "paths": {
            "/api/me": {
                "get": operation("readMe", "Tell one's own account.", {200: ME}, **secured),
                "patch": operation("changeMe", "Change one's own attributes.", {200: ME}, **secured, **body(CHANGE)),
                "delete": operation("deleteMe", "Delete one's own account.", LEFT, **secured, **ID_TOKEN),
            },
            "/api/accounts": {
                "post": operation(
                    "register", "Make an account.", {201: REGISTRATION, 202: REGISTRATION}, **body(NEWCOMER)
                )
            },
            "/api/accounts/confirm": {"post": confirm},
            "/api/accounts/resend": {
                "post": operation("resendCode", "Send another code.", {202: REGISTRATION}, **body(AGAIN))
            },
        },
        "components": {
            "schemas": {"Problem": PROBLEM_DETAILS},
            "securitySchemes": {"cognito": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


@for_scripts
@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Describe the API."""
    return JsonResponse(document())
