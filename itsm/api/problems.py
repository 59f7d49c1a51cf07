"""application/problem+json (RFC 9457): one shape for every refusal, with a stable `type`."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="headroom"'  # what a 401 asks for
RETRY_AFTER_SECONDS = 5


def problem(
    code: str,
    title: str,
    status: int,
    detail: str,
    *,
    retryable: bool = False,
    errors: list[dict[str, str]] | None = None,
    request_id: str = "",
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The members of a problem. `errors` are {pointer, detail}; `extra` never overrides the others."""
    members: dict[str, Any] = dict(extra or {})
    members |= {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail}
    members["retryable"] = retryable
    if errors:
        members["errors"] = errors
    if request_id:
        members["request_id"] = request_id
    return members


def problem_response(code: str, title: str, status: int, detail: str, **members: Any) -> HttpResponse:
    """A problem for code that answers outside of REST framework (middleware, handler404)."""
    body = json.dumps(problem(code, title, status, detail, **members), ensure_ascii=False)
    response = HttpResponse(body, content_type=CONTENT_TYPE, status=status)
    if status == 503:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def pointers(errors: Any, path: str = "") -> list[dict[str, str]]:
    """A serializer's nested errors as a flat list of JSON pointers with sentences."""
    if isinstance(errors, Mapping):
        return [
            found
            for name, inner in errors.items()
            for found in pointers(inner, path if name == "non_field_errors" else f"{path}/{_escaped(name)}")
        ]
    if isinstance(errors, list | tuple) and any(isinstance(inner, Mapping | list) for inner in errors):
        return [found for index, inner in enumerate(errors) for found in pointers(inner, f"{path}/{index}")]
    if isinstance(errors, list | tuple):
        return [{"pointer": path, "detail": str(sentence)} for sentence in errors]
    return [{"pointer": path, "detail": str(errors)}]


def _escaped(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
