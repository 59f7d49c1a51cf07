"""The schema tells the truth: null is null, refusals are listed by their types, examples are what is taken."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.response import Response

from itsm.api.problem_types import codes_by_status
from itsm.ui.explanations import explained, explanation
from tests.api import held_to_schema
from tests.api.held_to_schema import NotAsPromised, _compiled, complaints, schema
from tests.api.routes import PUBLIC, UNDESCRIBED, routes
from tests.api.world import World, bearer, token_of

METHODS = {"get", "post", "put", "patch", "delete"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in schema()["paths"].items():
        yield from ((f"{method.upper()} {path}", item[method]) for method in METHODS & item.keys())


def examples(place: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(where, schema, example) of every example in the document."""
    if isinstance(place, dict):
        if "example" in place and ("type" in place or "$ref" in place):
            yield where, {name: value for name, value in place.items() if name != "example"}, place["example"]
        for name, example in (place.get("examples") or {}).items() if "schema" in place else ():
            yield f"{where}/{name}", place["schema"], example["value"]
        for name, inner in place.items():
            if name not in {"example", "examples"}:
                yield from examples(inner, f"{where}/{name}")
    elif isinstance(place, list):
        for number, inner in enumerate(place):
            yield from examples(inner, f"{where}/{number}")


def test_every_example_is_valid() -> None:
    import json

    found = list(examples(schema()))
    wrong = [
        f"{where}: {error.message}"
        for where, shape, example in found
        for error in _compiled(json.dumps(shape)).iter_errors(example)
    ]
    assert not wrong, "\n".join(wrong)
    assert len(found) > 20


def test_every_operation_lists_its_refusals_with_their_types() -> None:
    for name, operation in operations():
        refusals = {int(status): answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {400, 401, 403, 406, 500, 503} <= refusals.keys(), name
        for status, answer in refusals.items():
            if status == 414:
                continue  # the web server's own
            kinds = answer["content"]
            assert list(kinds) == ["application/problem+json"], name
            problem = schema()["components"]["schemas"][
                kinds["application/problem+json"]["schema"]["$ref"].split("/")[-1]
            ]
            types = {one.removeprefix("/problems/") for one in problem["properties"]["type"]["enum"]}
            assert types <= codes_by_status()[status], name
            assert problem["properties"]["status"]["enum"] == [status]


def test_every_type_of_problem_is_explained_with_its_status() -> None:
    listed = {code: status for status, codes in codes_by_status().items() for code in codes}
    missing = {code for code in listed if code not in explained()}
    assert not missing, f"Explain these in itsm/ui/explanations.py: {missing}"
    assert not {code for code, status in listed.items() if explanation(code).status != status}


def test_a_field_that_can_be_empty_says_null() -> None:
    document = schema()["components"]["schemas"]["EvaluationDocument"]["properties"]
    assert all("null" in document[name]["type"] for name in ("expires_at", "used_at", "decided_by", "ended_because"))
    assert "nullable" not in str(schema())


def test_headers_of_versions_and_keys_are_listed_where_they_are_read() -> None:
    def headers(name: str) -> set[str]:
        operation = dict(operations())[name]
        return {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}

    assert headers("POST /api/v1/gate-evaluations/") == {"Idempotency-Key"}
    assert headers("PATCH /api/v1/incidents/{number}/") == {"If-Match"}
    assert headers("POST /api/v1/incidents/{number}/hold/") == set()
    assert {"412", "428"} <= dict(operations())["PATCH /api/v1/incidents/{number}/"]["responses"].keys()
    assert "412" not in dict(operations())["POST /api/v1/incidents/{number}/hold/"]["responses"]


def test_a_version_in_a_body_may_be_an_old_one_and_a_query_too_long() -> None:
    matrix, listed = (dict(operations())[f"{method} /api/v1/matrix/"]["responses"] for method in ("POST", "GET"))
    assert "412" in matrix
    assert "428" not in matrix
    assert "content" not in listed["414"], "a generated client would take every refusal for a text"
    for name, operation in operations():
        asks = any(one["in"] == "query" for one in operation.get("parameters", []))
        assert ("414" in operation["responses"]) is asks, name


def test_only_what_answers_in_pages_is_asked_for_a_page() -> None:
    for name, operation in operations():
        asked = {one["name"] for one in operation.get("parameters", [])} & {"page_size", "cursor"}
        shape = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        assert bool(asked) is shape.get("$ref", "").rpartition("/")[2].startswith("Paginated"), name


@pytest.mark.django_db
def test_an_answer_that_the_schema_does_not_describe_fails_its_test(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog.services.api.serializers import ServiceShown

    client = bearer(token_of(world.people["admin"]))
    client.raise_request_exception, was = True, ServiceShown.to_representation
    monkeypatch.setattr(ServiceShown, "to_representation", lambda self, service: {**was(self, service), "slug": 7})
    with pytest.raises(NotAsPromised, match=r"GET /api/v1/services/checkout/ 200: .*slug.*7 is not of type"):
        client.get("/api/v1/services/checkout/")


def test_a_status_or_type_that_is_not_listed_is_a_complaint() -> None:
    request = RequestFactory().get("/api/v1/services/")
    teapot = Response({}, status=418)
    teapot.render = lambda: teapot  # type: ignore[method-assign]
    answer = held_to_schema.HttpResponse("{}", status=418, content_type="application/json")
    assert complaints(request, answer) == ["the status 418 is not listed: b'{}'"]
    answer = held_to_schema.HttpResponse("<p>", status=200, content_type="text/html", headers={"X-Request-ID": "x"})
    assert complaints(request, answer) == ["the type text/html is not listed"]


def test_every_route_is_described() -> None:
    assert len(dict(operations())) == len(routes()) + len(PUBLIC - UNDESCRIBED)
