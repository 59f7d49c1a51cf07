"""Bad input, made from good input: every field of every write, every way of writing JSON wrongly. Seeded."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from tests.api.routes import Route
from tests.api.world import World

SEED = 20261123


class Raw(str):
    """JSON text to be written as it is: what `json` would never write."""


@dataclass(frozen=True)
class Case:
    """One request. `hopeless`: it can only be refused, and nothing may change."""

    method: str
    path: str
    body: bytes
    why: str
    hopeless: bool = True
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def identity(self) -> tuple[str, ...]:
        return self.method, self.path, str(self.body[:4000]), self.content_type, str(sorted(self.headers.items()))


# What no field takes, whatever its type.
UNSPEAKABLE = [
    Raw("1e400"), Raw("-1e400"), Raw("NaN"), Raw("Infinity"), Raw("-Infinity"), Raw("1e99999999999999999999"),
    Raw("0e99999999999"), Raw("9" * 50), Raw("-" + "9" * 5000), Raw("0." + "1" * 80), Raw('"\\u0000"'),
    Raw('"a\\u0000b"'), Raw('"\\ud800"'), Raw('"\\udfff\\ud800"'), Raw("[" * 40 + "]" * 40),
    Raw('{"a":' * 40 + "1" + "}" * 40),
    Raw("[" * 5000 + "]" * 5000), Raw('{"a": 1, "a": 2}'), Raw("tru"), Raw("'x'"), Raw("0x10"), Raw("01"), Raw("+1"),
    Raw(".5"), Raw("1_000"), Raw('"tab\there"'), Raw("undefined"),
]  # fmt: skip

# What some field may take: refused or not, it must not break anything.
ODD = [
    None, True, False, 0, -1, 1, 7.5, -0.0, 2**31, 2**63, -(2**63), 10**30, "", " ", "\t\n", "0", "1", "true", "null",
    "x" * 300, "x" * 30_000, "ａｄｍｉｎ", "١٢٣",
    "1_000", "1e3", "../../etc/passwd", "%00", "a/b", "-", "--", "a b", "A",
    "' OR 1=1 --", "{{ 7*7 }}", "{% debug %}", "<script>alert(1)</script>", "${jndi:ldap://x}", "=1+1", "\u202eabc",
    "\u2028", "é" * 100, "😀" * 70, "\ufeff", "javascript:alert(1)", "file:///etc/passwd", "http://[::1",
    "http://a\x01b",
    "2026-02-30T00:00:00Z", "0000-00-00T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+99:99", "2026-01-01T24:00:00Z", "now", "CHG-00001",
    "INC-99999", "requester", "nobody-there", [], [[]], [None], [1, 2], ["x"] * 300, {}, {"": ""}, {"any_of": []},
    {"any_of": ["ledger"], "needs": 0}, {"any_of": "ledger"}, {"any_of": ["ledger", "ledger"], "needs": 2},
    {"$ne": None}, {"slug": "ledger"}, {"__class__": "x"},
]  # fmt: skip

# Names that a record has, or that a naive program would obey.
UNLISTED = (
    "id", "pk", "version", "status", "state", "created_at", "created_by", "created_by_id", "requested_by", "author",
    "opened_by", "confirmed_by", "resolved_at", "content_hash", "authorised_until", "approved_by", "certified_at",
    "suspended_because", "verdict", "evidence_hash", "roles", "is_active", "password", "owner", "source_key",
    "opened_at", "outcome_code", "used_at", "expires_at", "allowed", "terms_version", "by", "at", "lifted_at",
    "__proto__", "constructor", "_method", "csrfmiddlewaretoken", "", "Name", "name ", "ｎame", "x" * 5000,
)  # fmt: skip

BODIES = [
    b"null", b"[]", b"[{}]", b'"x"', b"1", b"true", b"{", b"}", b"{'a': 1}", b'{"a": 1,}', b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    '{"a": 1}'.encode("utf-16"), b'{"a": "\xed\xa0\x80"}', b'{"a": "\xc0\xaf"}', b"[" * 5000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000, b"{} {}", b"{}x", b"// {}", b"<a/>", b"a=1", b"\x00", b"{}\x00",
    b'{"' + b"k" * 200_000 + b'": 1}', b'{"a": 1' + b', "a": 1' * 500 + b"}", b"%PDF-1.7", b"\x1f\x8b\x08\x00",
]  # fmt: skip

FOREIGN_TYPES = [
    "text/plain", "text/html", "application/xml", "application/x-www-form-urlencoded", "application/x-yaml",
    "multipart/form-data; boundary=x", "application/octet-stream", "application/jsonx", "application/merge-patch+json",
]  # fmt: skip

NOT_A_VERSION = ["*", "x", '"x"', "-1", '"-1"', "1.0", '"1", "2"', "9" * 30, "١", '"1', "W/", "null", "0x1", ""]
NOT_A_KEY = ["", '""', "k" * 201, "k" * 5000, "a\x07b", "\x7f", "é\x80"]
BIG = 2_000_000
MAX_PLACES = 60  # a policy has a thousand


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a body, containers included."""
    items = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from leaves(inner, (*path, name))


def with_value(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


def written(value: Any) -> str:
    """JSON, with Raw pieces as they are."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {written(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(inner) for inner in value) + "]"
    return json.dumps(value)


def of_wrong_type(good: Any) -> list[Any]:
    """Values of types that a strict field of this value's type refuses."""
    if isinstance(good, bool):
        return [0, 1, "yes", [], {}, 1.5]
    if isinstance(good, int):
        return [True, [], {}, "seven", [1]]
    if isinstance(good, str):
        return [[], {}, ["x"], {"x": 1}, True]
    if isinstance(good, list):
        return [1, "x", True, {"x": 1}, 1.5]
    return [[], 1, "x", True] if isinstance(good, dict) else []


def systematic(route: Route, world: World) -> Iterator[Callable[[], Case]]:
    """Each thing that can be wrong, once, for one write. Called, it is written down: most of the work."""
    path, good = world.path(route.name), world.body(route.name, route.method)
    headers = {"If-Match": '"1"'} if route.method == "PATCH" and route.reads_version else {}

    def made(body: Any, why: str, more: dict[str, Any]) -> Case:
        body = body() if callable(body) else body
        raw = body if isinstance(body, bytes) else written(body).encode("utf-8", "surrogatepass")
        return Case(**{"method": route.method, "path": path, "body": raw, "why": why, "headers": headers} | more)

    def case(body: Any, why: str, **more: Any) -> Callable[[], Case]:
        return partial(made, body, why, more)

    for body in BODIES:
        yield case(body, "no document")
    for name, value in good.items():
        yield case(f"{written(good)[:-1]}, {json.dumps(name)}: {written(value)}}}".encode(), "said twice")
    for name in UNLISTED:
        if name not in good:
            yield case({**good, name: "x"}, "unlisted")
    for value in UNSPEAKABLE:
        yield case({**good, "extra": value}, "unspeakable beside")
    for place in islice(leaves(good), MAX_PLACES):
        for value in UNSPEAKABLE:
            yield case(partial(with_value, good, place, value), f"unspeakable at {place}")
        for value in of_wrong_type(_at(good, place)):
            none = value == [] and "answers" in place  # as a blank text: there is no answer
            hopeless = not none and not _lenient(route, place)
            yield case(partial(with_value, good, place, value), f"type at {place}", hopeless=hopeless)
        for value in ODD:
            yield case(partial(with_value, good, place, value), f"odd at {place}", hopeless=False)
    for kind in FOREIGN_TYPES:
        yield case(good or {"x": 1}, "foreign type", content_type=kind)
    if route.method != "DELETE":  # which needs no words
        yield case(b"", "empty form", content_type="application/x-www-form-urlencoded")
    yield case(b"{" + b" " * BIG + b"}", "too large")
    if route.method == "PATCH" and "finish" not in route.name:
        for text in NOT_A_VERSION:
            # `*` is any version at all, which is right where there is none.
            hopeless = text != "*" or route.reads_version
            yield case(good, "no version", headers={"If-Match": text}, hopeless=hopeless)
    if route.action == "create":
        for text in NOT_A_KEY:
            yield case(good, "no key", headers={"Idempotency-Key": text})


def combined(routes: list[Route], world: World, chance: random.Random) -> Iterator[Case]:
    """Endless: two or three things wrong at once, at least one of them beyond hope."""
    while True:
        route = chance.choice(routes)
        good = world.body(route.name, route.method)
        body, places = copy.deepcopy(good), list(leaves(good))
        for _ in range(chance.randint(1, 3)):
            if places:
                place = chance.choice(places)
                body = _try(body, place, chance.choice(ODD))
        body = {**body, chance.choice(UNLISTED): chance.choice([*ODD, *UNSPEAKABLE]), f"field-{chance.random()}": 1}
        versions = [*NOT_A_VERSION, '"1"'] if route.reads_version else NOT_A_VERSION[:1]
        headers = {"If-Match": chance.choice(versions)} if route.method == "PATCH" else {}
        raw = written(body).encode("utf-8", "surrogatepass")
        if chance.random() < 0.3:
            raw = raw[: chance.randrange(len(raw))] + bytes([chance.randrange(256)]) + raw[chance.randrange(len(raw)) :]
            yield Case(route.method, world.path(route.name), raw, "torn", False, headers=headers)
        else:
            yield Case(route.method, world.path(route.name), raw, "combined", headers=headers)


def _at(body: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        body = body[name]
    return body


def _try(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    try:
        return with_value(body, path, value)
    except (KeyError, IndexError, TypeError):
        return body


# What somebody else sends or answers is tried as it is: the answer says what fits.
ON_TRIAL = {("alert-source-bench", "body"), ("catalog-item-preview", "answers")}


def _lenient(route: Route, place: tuple[Any, ...]) -> bool:
    """Fields that take more than one type by contract."""
    return (
        place[-1] in {"run_id", "attempt", "target", "good", "total", "peer_review"}
        or "depends_on" in place
        or place[:-1] == ("labels",)
        or (route.name, place[0]) in ON_TRIAL
    )
