"""Every type of problem that REST answers with, by status: what the schema lists and the tests hold answers to.

Refusals of operations are found as subclasses of `DomainError`, so that a new one is listed by itself.
"""

from collections.abc import Iterator
from typing import Any

from itsm.api.problems import CONTENT_TYPE
from itsm.kernel.errors import DomainError

# Our words for what REST framework, Django or a middleware refuses by itself: code, title.
OF_FRAMEWORK = {
    400: ("malformed", "The request cannot be read"),
    401: ("not-authenticated", "Sign in first"),
    403: ("not-permitted", "You may not do this"),
    404: ("not-found", "There is no such thing, or you may not see it"),
    405: ("method-not-allowed", "Not with this method"),
    406: ("not-acceptable", "Answers are JSON"),
    411: ("length-required", "Say how long the body is"),
    413: ("too-large", "The body is too large"),
    415: ("unsupported-media-type", "Send application/json"),
    429: ("too-many-requests", "Too many requests"),
    500: ("internal", "That was our fault"),
}

HTTPS_NEEDED = "https-needed"  # of a middleware, where this desk is behind https
KEY_REUSED = "idempotency-mismatch"  # only where a key may be sent
_TITLES = {status: title for status, (_code, title) in OF_FRAMEWORK.items()} | {
    409: "Not from this state, or it clashes with what is there",
    412: "Somebody changed it since you read it",
    422: "Something is missing",
    428: "Say which version you read (If-Match)",
    503: "Not available right now",
}
_WORDS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
# Members beside those of every problem (RFC 9457: "extension members"), by status; apps say theirs in `members`.
_MORE: dict[int, dict[str, Any]] = {
    400: {"known": _WORDS},
    409: {
        "state": {"type": "string", "description": "where the record stands"},
        "available": {**_WORDS, "description": "the steps that are open from there"},
        "news": {**_WORDS, "description": "what has become worse since people were asked"},
        "seen": {"type": "string", "description": "the mark to send with an approval that knows this"},
    },
    412: {"version": {"type": "integer", "description": "the newest version"}},
    422: {"missing": {**_WORDS, "description": "all that the step still needs"}},
}


def _all_refusals(of: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for refusal in of.__subclasses__():
        yield refusal
        yield from _all_refusals(refusal)


def codes_by_status() -> dict[int, set[str]]:
    """status -> the codes that a refusal of that status may carry."""
    found = {status: {code} for status, (code, _title) in OF_FRAMEWORK.items()}
    found[403].add(HTTPS_NEEDED)
    for refusal in _all_refusals():
        found.setdefault(refusal.status, set()).add(refusal.code)
    return found


def _members(status: int) -> dict[str, Any]:
    said = [refusal.members for refusal in _all_refusals() if refusal.status == status]
    return {**_MORE.get(status, {}), **{name: shape for members in said for name, shape in members.items()}}


def problem_schema(status: int, codes: set[str]) -> dict[str, Any]:
    """The JSON Schema of a problem with this status and one of these codes."""
    types = [f"/problems/{code}" for code in sorted(codes)]
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": types, "description": "stable; leads to a page about it"},
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": [status]},
            "detail": {"type": "string", "description": "a sentence for people"},
            "retryable": {"type": "boolean", "description": "the same request may succeed later"},
            "errors": {
                "type": "array",
                "description": "everything that is wrong with the input",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": {"type": "string", "description": "JSON pointer to the place"},
                        "detail": {"type": "string"},
                    },
                    "required": ["pointer", "detail"],
                },
            },
            "request_id": {"type": "string"},
            **_members(status),
        },
        "required": ["type", "title", "status", "detail", "retryable"],
        "example": {
            "type": types[0],
            "title": _TITLES.get(status, "Refused"),
            "status": status,
            "detail": "A sentence that says what to do about it.",
            "retryable": status == 503,
            "request_id": "4f1c2d3e5a6b7c8d",
        },
    }


def documented(reference: dict[str, str], status: int) -> dict[str, Any]:
    """The response of an operation that refuses with this status."""
    answer: dict[str, Any] = {"description": _TITLES[status], "content": {CONTENT_TYPE: {"schema": reference}}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": _header("The way in that is missing (RFC 6750).", required=True)}
    if status == 503:
        answer["headers"] = {"Retry-After": _header("Seconds.", required=True)}
    return answer


def _header(description: str, *, required: bool) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": {"type": "string"}}
