"""Odd addresses, queries and headers on every route: an answer, or a clear problem."""

import base64
import random
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.http import FileResponse, HttpResponse
from rest_framework.test import APIClient

from tests.api.hostile import ODD, SEED, Case
from tests.api.routes import routes
from tests.api.test_hostile_input import PROBLEMS, complaint
from tests.api.world import World, bearer, token_of
from tests.slo.proving import IN_FULL, TURN, by_turns

pytestmark = pytest.mark.django_db

SEGMENTS = [
    "%00", "..%2f..%2fetc", "%2e%2e", "..", "a%00b", "%0a", "%0d%0aX:1", "%ff", "%ed%a0%80", "%c0%af", "é", "😀",
    "İ", "ﬁ",
    "x" * 64, "x" * 3000, "'", '"', "`", "<script>", "{{7}}", "-", "--", "A", "0", "-1", "1e3", "null", "None", "[]",
    "CHG-0", "CHG-00000", "CHG-999999999999", "CHG-9999999999999", "INC-99999", "chg-987654321", "CHG-١", "CHG--1", "CHG-1%0a",
    "00000000-0000-0000-0000-000000000000", "-" * 36, "f" * 36, "9" * 18, "9" * 19, "%", "%zz", "a b", "a+b", "*",
    ";",
]  # fmt: skip

CURSORS = ["", "x", "=", "é", "%00", "9" * 500] + [
    base64.b64encode(text.encode()).decode()
    for text in (
        "p=abc", "p=", "p=1e400", "p=" + "9" * 40, "p=-1", "p=NaN", "o=-1", "o=x", "o=" + "9" * 40, "r=1",
        "r=x&p=1", "p=%00",
        "p=1&p=2", "p='", "p=1.5", "p=2026-01-01", "\ud7ff", "p=None&o=1",
    )
]  # fmt: skip

SIZES = ("0", "-1", "1", "200", "201", "9" * 40, "x", "", "1.5", "٣", "%00")

UNKNOWN = [
    "id", "id__in", "pk", "owner__password", "created_by__roles", "_connector", "status__regex", "title__startswith",
    "ordering", "order_by", "fields", "expand", "limit", "offset", "page", "search", "q", "__proto__",
    "text__icontains", "Text", "state[]",
]  # fmt: skip


# What is its sender's alone, and a small picture, which is not drawn before its file was looked at.
NOT_THERE = {  # some are their owner's, who is not the admin
    "incident-bulk-detail", "saved-report-detail", "satisfaction-own", "incident-attachment-thumbnail", "meeting-minutes", "calendar-feed-detail",
    "on-call-feed-detail",
}  # fmt: skip


def get(client: APIClient, path: str, **headers: str) -> HttpResponse:
    with transaction.atomic():
        answer = client.get(path, **headers)
    if isinstance(answer, FileResponse):
        for close in answer._resource_closers:  # the answer itself would close the database's connection too
            close()
    return answer


def wrong(path: str, answer: HttpResponse, *, refused: bool = True) -> str:
    return complaint(Case("GET", path, b"", "address", hopeless=refused), answer)


@pytest.fixture
def admin(world: World) -> APIClient:
    return bearer(token_of(world.people["admin"]))


def _lists(world: World) -> list[str]:
    return [world.path(route.name) for route in routes() if route.action == "list"]


@pytest.mark.heavy
def test_odd_names_in_paths_lead_nowhere(world: World, admin: APIClient) -> None:
    """In the sample one odd name at a third of the routes, by turns."""
    chance = random.Random(SEED if IN_FULL else SEED + TURN)
    for route in routes()[slice(None) if IN_FULL else slice(TURN % 3, None, 3)]:
        parts = world.path(route.name).split("/")
        if len(parts) < 6:
            continue
        for segment in chance.sample(SEGMENTS, len(SEGMENTS) if IN_FULL else 1):
            path = "/".join([*parts[:4], segment, *parts[5:]])
            with transaction.atomic():
                answer = admin.generic(route.method, path, b"{}", "application/json")
            assert not wrong(path, answer), f"{route.method} {path}: {answer.status_code} {answer.content[:200]!r}"


@pytest.mark.heavy
def test_unknown_filters_are_refused_by_every_list(world: World, admin: APIClient) -> None:
    for place, path in enumerate(_lists(world)):
        for name in UNKNOWN if "services" in path or IN_FULL else UNKNOWN[(place + TURN) % 7 :: 7]:
            if name == "page" and path.startswith("/api/v1/public-"):
                continue  # there it is a filter: of which status page
            answer = get(admin, f"{path}?{quote(name)}=1")
            assert answer.status_code == 400, f"{path}?{name}"
            assert answer.json()["type"] == "/problems/invalid-input"
            assert "Unknown filter" in answer.json()["detail"]


@pytest.mark.heavy
def test_odd_cursors_and_sizes_never_fail(world: World, admin: APIClient) -> None:
    for place, path in enumerate(_lists(world)):
        whole = "services" in path or IN_FULL
        for cursor in CURSORS if whole else CURSORS[(place + TURN) % 8 :: 8][:1]:
            address = f"{path}?{urlencode({'cursor': cursor})}"
            answer = get(admin, address)
            assert not wrong(address, answer, refused=False), f"{address}: {answer.status_code}"
        for size in SIZES if whole else SIZES[(place + TURN) % 6 :: 6]:
            answer = get(admin, f"{path}?page_size={size}")
            assert answer.status_code in {200, 400}, f"{path} {size}"


@pytest.mark.heavy
def test_odd_values_of_known_filters_never_fail(world: World, admin: APIClient) -> None:
    """In the sample one odd value of a third of the filters, by turns."""
    chance = random.Random(SEED if IN_FULL else SEED + TURN)
    lists = {world.path(route.name): route.viewset for route in routes() if route.action == "list"}
    values = [str(value) for value in ODD] + SEGMENTS
    for path, viewset in lists.items():
        known = sorted(getattr(getattr(viewset, "filterset_class", None), "base_filters", {}))
        for name in sorted(by_turns(known, TURN, one_in=3)):
            for value in chance.sample(values, len(values) if IN_FULL else 1):
                address = f"{path}?{urlencode({name: value})}"
                assert not wrong(address, get(admin, address), refused=False), address


def test_nul_anywhere_in_an_address_is_refused(admin: APIClient) -> None:
    for path in ("/api/v1/services/?text=%00", "/api/v1/serv%00ices/", "/services/%00/", "/search/?q=%00"):
        answer = admin.get(path)
        assert answer.status_code == 400
        assert answer.json()["type"] == "/problems/malformed"


@pytest.mark.heavy
def test_the_trailing_slash_may_be_left_out(world: World, admin: APIClient) -> None:
    sampled = by_turns({route.name for route in routes() if route.method == "GET"}, TURN, one_in=5)
    for route in routes():
        path = world.path(route.name)
        if route.method == "GET" and route.name in sampled:
            expected = 404 if route.name in NOT_THERE else 200
            assert get(admin, path.rstrip("/")).status_code == expected, path  # with it: the matrix of routes


def test_answers_are_json_or_406(world: World, admin: APIClient) -> None:
    for accept in (
        "text/html",
        "text/*",
        "image/png",
        "application/xml",
        "application/json;q=0",
        "x",
        "a/b/c",
        "é",
        "*" * 500,
    ):
        answer = get(admin, "/api/v1/services/", HTTP_ACCEPT=accept)
        assert not wrong(accept, answer, refused=False)
    for accept in ("application/json", "*/*", "application/*", "text/html, */*;q=0.1", "application/problem+json, */*"):
        assert get(admin, "/api/v1/services/", HTTP_ACCEPT=accept).status_code == 200
    assert get(admin, "/api/v1/services/", HTTP_ACCEPT="text/html").status_code == 406


@pytest.mark.parametrize("length", ["x", "-1", "²", "٣", "1e3", "9" * 5000, " 1", "1_0", "0x10"])
def test_a_length_that_is_no_number_is_refused(admin: APIClient, length: str) -> None:
    answer = admin.generic("POST", "/api/v1/services/", b"{}", "application/json", CONTENT_LENGTH=length)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/malformed"


def test_a_body_without_a_length_is_refused_and_not_ignored(world: World, admin: APIClient) -> None:
    path = world.path("change-deployments")
    answer = admin.post(path, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 411
    assert answer.json()["type"] in PROBLEMS


def test_a_body_of_two_megabytes_is_answered_413(admin: APIClient) -> None:
    for body in (b"x" * 2_000_000, b"{" + b" " * 1_500_000 + b"}"):
        answer = admin.generic("POST", "/api/v1/services/", body, "application/json")
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems/too-large"


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v1/", "/api/v1/nothing/", "/api/v2/services/", "/api/v1/services/a/b/c"]
)
def test_addresses_that_are_none_are_problems_too(path: str) -> None:
    answer = APIClient().get(path)
    assert not wrong(path, answer)
    assert answer.json()["type"] == "/problems/not-found"


def test_the_request_id_is_kept_only_where_it_is_usable(admin: APIClient) -> None:
    assert admin.get("/api/v1/services/", HTTP_X_REQUEST_ID="build-1234")["X-Request-ID"] == "build-1234"
    for bad in ("short", "a b c d e f", "x" * 65, "<script>alert", "é" * 9, "build-1234\n"):
        assert admin.get("/api/v1/services/", HTTP_X_REQUEST_ID=bad)["X-Request-ID"] != bad
