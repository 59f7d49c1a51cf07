"""How each operation describes itself in OpenAPI: its refusals, and the headers it reads and answers with.

Nothing of this is written per endpoint: it follows from what the endpoint does, and the tests hold every real answer
of the suite against it.
"""

import inspect
from typing import Any

from drf_spectacular.openapi import AutoSchema

from itsm.api.fields import VersionRead
from itsm.api.problem_types import KEY_REUSED, codes_by_status, documented, problem_schema
from itsm.api.serializers import Strict

_ANY = {400, 401, 403, 406, 500, 503}
_WRITES = {409, 411, 413, 422}
_BODIES = {415}
_OF_VERSIONS = {412, 428}

_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": 'The version that you read, as its ETag: "3".',
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again with the same key within 72 hours, the request makes nothing new.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
# Said by the web server, which reads no longer lines (`itsm/run/web.py`): no request of ours, so no problem of ours.
# Its page is nothing to read: with a type of text here, generated clients would take every refusal for one.
_TOO_LONG = {"description": "The address is too long for the web server: ask for less at once."}


class Described(AutoSchema):
    """drf-spectacular's description, completed."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None or not hasattr(self.view, "policy"):
            return operation
        operation.setdefault("parameters", []).extend(self._headers_read())
        for status, response in operation["responses"].items():
            response.setdefault("headers", {}).update(self._headers_answered(int(status), response))
        for status in sorted(self._statuses_of_refusals(operation)):
            operation["responses"][str(status)] = self._refusal(status)
        if any(one["in"] == "query" for one in operation["parameters"]):
            operation["responses"]["414"] = _TOO_LONG
        return operation

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """What takes no unknown fields says so."""
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Strict) and direction == "request":
            schema["additionalProperties"] = False
        return schema

    def _action(self) -> Any:
        view: Any = self.view
        return getattr(view, view.action)

    def _is_repeatable(self) -> bool:
        return hasattr(self._action(), "is_repeatable")

    def _reads_version(self) -> bool:
        """The action asks for If-Match: seen in its code, so that no endpoint can forget to say it."""
        return "version_read" in inspect.unwrap(self._action()).__code__.co_names

    def _body_names_version(self) -> bool:
        """A field of the body says which version it replaces."""
        asked = self.get_request_serializer()
        asked = asked() if isinstance(asked, type) else asked
        return any(isinstance(one, VersionRead) for one in getattr(asked, "fields", {}).values())

    def _headers_read(self) -> list[dict[str, Any]]:
        return [_IF_MATCH] * self._reads_version() + [_IDEMPOTENCY_KEY] * self._is_repeatable()

    def _headers_answered(self, status: int, response: dict[str, Any]) -> dict[str, Any]:
        said = {"X-Request-ID": ("names this request in the log", True)}
        if "content" in response and not self._is_list_view():
            said["ETag"] = ("the version, for If-Match", False)
        if status in {201, 202}:
            said["Location"] = ("an absolute address", False)
        if status == 202:
            said["Retry-After"] = ("seconds until it is worth asking again", False)
        if self._is_repeatable():
            said["Idempotent-Replayed"] = ("`true`: nothing new was made", False)
        return {
            name: {"description": words, "required": required, "schema": {"type": "string"}}
            for name, (words, required) in said.items()
        }

    def _statuses_of_refusals(self, operation: dict[str, Any]) -> set[int]:
        statuses = set(_ANY)
        if "{" in self.path or self._is_repeatable() or self._names_records(operation):
            statuses.add(404)
        if self.method not in {"GET", "HEAD"}:
            statuses |= _WRITES
        if self.method in {"POST", "PATCH", "PUT"}:
            statuses |= _BODIES
        if self._reads_version():
            statuses |= _OF_VERSIONS
        if self.method in {"POST", "PATCH", "PUT"} and self._body_names_version():
            statuses.add(412)
        return statuses

    def _names_records(self, operation: dict[str, Any]) -> bool:
        """A single record is looked up by a query parameter."""
        paged = {"cursor", "page_size"}
        queried = {one["name"] for one in operation["parameters"] if one["in"] == "query"}
        return bool(queried) and not queried & paged

    def _refusal(self, status: int) -> dict[str, Any]:
        keyed = status == 422 and self._is_repeatable()
        reference = {"$ref": f"#/components/schemas/{'Problem422Keyed' if keyed else f'Problem{status}'}"}
        return documented(reference, status)


def problem_schemas() -> dict[str, Any]:
    """The components that the refusals refer to, by name."""
    codes = codes_by_status()
    plain = {f"Problem{status}": (status, found - {KEY_REUSED}) for status, found in codes.items()}
    named = {**plain, "Problem422Keyed": (422, codes[422])}
    return {name: problem_schema(status, found) for name, (status, found) in sorted(named.items())}
