"""Every answer of the API that any test gets, held against the schema: what is sent is what was promised.

`HeldToSchema` is put before all other middleware for the tests (tests/conftest.py), so that clients, browsers and
live servers are all heard. A request that was accepted is held against the schema as well: what the server takes,
the schema allows.
"""

import fcntl
import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from django.conf import settings
from django.http import HttpRequest, HttpResponse

_PREFIX = "/api/v1/"
_REFERENCE = re.compile(r'"#/components/(\w+)/([^"/]+)"')
_ITSELF = re.compile(r"^/api/v1/(schema|docs)/?$")
# What the address, the method or the transport refuses before any operation is reached.
_OF_NO_OPERATION = {404, 405}


class NotAsPromised(AssertionError):
    """An answer or an accepted request that the schema does not describe."""


@cache
def schema() -> dict[str, Any]:
    """Made once in a run: its workers share a file in the folder that goes with the run's servers."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return json.loads(_made())
    with open(Path(settings.FILES_DIR).parent / f"schema-{run}.json", "a+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        text = kept.read()
        if not text:
            kept.write(text := _made())
    return json.loads(text)


def _made() -> str:
    """What the generator did not understand stands in it as `x-said`, so that nobody makes it again to know."""
    from drf_spectacular.drainage import GENERATOR_STATS
    from drf_spectacular.generators import SchemaGenerator

    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        made = SchemaGenerator().get_schema(request=None, public=True)
    if "paths" not in made:
        raise RuntimeError("A test put something else in the generator's place before the schema was made.")
    said = sorted([*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache])
    return json.dumps({**made, "x-said": said}, default=str)


def _how_open(one: tuple[str, Any]) -> tuple[int, bool]:
    return one[0].count("{"), one[0].rstrip("/").endswith("}")


@cache
def _operations() -> dict[int, list[tuple[re.Pattern[str], dict[str, Any]]]]:
    """Addresses by their number of segments, those without a parameter first, and those that end in words of their own
    (`{number}.md`) before those that end in any."""
    found: dict[int, list[tuple[re.Pattern[str], dict[str, Any]]]] = {}
    for path, item in sorted(schema()["paths"].items(), key=_how_open):
        pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.rstrip("/")) + r"/?$")
        found.setdefault(path.strip("/").count("/"), []).append((pattern, {"path": path, **item}))
    return found


@cache
def validator(*way: str) -> jsonschema_rs.Draft202012Validator:
    """Of the schema at this place of the document."""
    place: Any = schema()
    for name in way:
        place = place[name]
    return _compiled(json.dumps(place))


@cache
def _compiled(text: str) -> jsonschema_rs.Draft202012Validator:
    """Once per worker and shape: most answers are of a few dozen shapes."""
    document = {**json.loads(text), "components": referred_to(text)}
    return jsonschema_rs.Draft202012Validator(document, validate_formats=True)


def referred_to(text: str) -> dict[str, dict[str, Any]]:
    """The components that references of this shape lead to, and theirs: all of them take 30 ms to compile."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [text]
    while waiting:
        for kind, name in _REFERENCE.findall(waiting.pop()):
            if name not in found.setdefault(kind, {}):
                found[kind][name] = schema()["components"][kind][name]
                waiting.append(json.dumps(found[kind][name]))
    return found


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """(the address as the schema writes it, the operation), or None where there is none."""
    for pattern, item in _operations().get(path.strip("/").count("/"), []):
        if pattern.match(path):
            return (item["path"], item[method.lower()]) if method.lower() in item else None
    return None


# Chats and providers call these and read the answer as they say; no client of ours does.
IN_THEIR_WORDS = ("/api/v1/integrations/slash/", "/api/v1/integrations/paging/")


def complaints(request: HttpRequest, response: HttpResponse) -> list[str]:
    """What is not as the schema says; empty where all is."""
    found = operation_of(request.method or "", request.path)
    status, kind = response.status_code, response.get("Content-Type", "").split(";")[0]
    if found is None:
        return [] if request.path.startswith(IN_THEIR_WORDS) else _of_no_operation(status, kind)
    path, operation = found
    documented = operation["responses"].get(str(status))
    if documented is None:
        return [f"the status {status} is not listed: {response.content[:300]!r}"]
    missing = [
        name for name, header in documented.get("headers", {}).items()
        if header.get("required") and not response.has_header(name)
    ]  # fmt: skip
    wrong = [f"the header {name} is missing" for name in missing]
    if "content" not in documented:
        return wrong + (["a body where none is listed"] if response.content else [])
    if kind not in documented["content"]:
        return [*wrong, f"the type {kind} is not listed"]
    way = ("paths", path, (request.method or "").lower(), "responses", str(status), "content", kind, "schema")
    return wrong + _unlike(way, b"" if response.streaming else response.content, kind)


def _of_no_operation(status: int, kind: str) -> list[str]:
    if status < 400:
        return ["this address is not described"]
    return [] if kind == "application/problem+json" else [f"a refusal of the type {kind}"]


def _unlike(way: tuple[str, ...], content: bytes, kind: str) -> list[str]:
    if not kind.endswith("json"):
        return []
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return [] if "requestBody" in way else ["the answer is no JSON"]  # OpenSLO answers what is wrong with a text
    return [
        f"{'/'.join(map(str, one.instance_path))}: {one.message}"[:400] for one in validator(*way).iter_errors(document)
    ][:5]


def _accepted(request: HttpRequest, body: bytes) -> list[str]:
    """What an accepted request holds that the schema does not allow."""
    found = operation_of(request.method or "", request.path)
    kind = (request.content_type or "").lower()
    if found is None or not body or kind != "application/json":
        return []
    path, operation = found
    if kind not in operation.get("requestBody", {}).get("content", {}):
        return [f"a body of the type {kind} was accepted and is not listed"]
    way = ("paths", path, (request.method or "").lower(), "requestBody", "content", kind, "schema")
    return [f"accepted, but not allowed: {one}" for one in _unlike(way, body, kind)]


class HeldToSchema:
    """Raises NotAsPromised for an answer of /api/v1/ that the schema does not describe."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_PREFIX) or _ITSELF.match(request.path):
            return self.get_response(request)
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        # Read first: a parser reads the stream itself, and leaves nothing. What is too large is for the server to refuse.
        body = request.body if re.fullmatch(r"\d{1,9}", length, re.ASCII) and int(length) < 200_000 else b""
        response = self.get_response(request)
        wrong = complaints(request, response)
        if response.status_code < 300:
            wrong += _accepted(request, body)
        if wrong:
            complain(f"{request.method} {request.path} {response.status_code}: " + "; ".join(wrong))
        return response


def complain(words: str) -> None:
    raise NotAsPromised(words)
