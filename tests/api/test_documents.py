"""The API describes itself: problems, schema, docs."""

import json
from pathlib import Path

import drf_spectacular.validation
import jsonschema_rs
import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from itsm.ui.explanations import explained, explanation
from tests.api import held_to_schema
from tests.api.routes import PUBLIC, UNDESCRIBED, routes
from tests.api.world import World, bearer, token_of
from tests.together import each_of

pytestmark = pytest.mark.django_db


def test_a_problem_has_its_shape(world: World) -> None:
    client = bearer(token_of(world.people["admin"]))
    body = {"slug": "Not A Slug", "tier": 9, "depends_on": ["checkout", "nope"], "extra/~": 1}
    answer = client.post("/api/v1/services/", body, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert set(said) == {"type", "title", "status", "detail", "retryable", "errors", "request_id"}
    assert (said["type"], said["status"], said["retryable"]) == ("/problems/invalid-input", 400, False)
    assert said["errors"][0]["pointer"] == "/extra~1~0"
    assert said["request_id"] == answer["X-Request-ID"]


def test_every_error_of_a_body_is_listed_with_its_pointer(world: World) -> None:
    client = bearer(token_of(world.people["admin"]))
    body = {"slug": "Not A Slug", "tier": 9, "depends_on": ["checkout", "nope"]}
    said = client.post("/api/v1/services/", body, format="json").json()
    assert {error["pointer"] for error in said["errors"]} == {"/slug", "/name", "/tier", "/depends_on/1"}
    assert all(error["detail"][-1] in ".?" for error in said["errors"])


@each_of("code", explained())
def test_every_problem_type_leads_to_a_page(code: str) -> None:
    answer = Client().get(f"/problems/{code}/")
    assert answer.status_code == 200
    assert str(explanation(code).title) in answer.content.decode().replace("&#x27;", "'")


def _openapi() -> jsonschema_rs.Validator:
    """What OpenAPI itself says of a schema: as `spectacular --validate`, by a validator that takes no ten seconds."""
    told = Path(drf_spectacular.validation.__file__).with_name("openapi_3_1_schema.json").read_text()
    return jsonschema_rs.validator_for(json.loads(told))


def test_the_schema_is_valid_public_and_whole(monkeypatch) -> None:
    schema = held_to_schema.schema()  # made once in a run
    assert schema["x-said"] == [], "as `spectacular --fail-on-warn` says it"
    assert [one.message for one in _openapi().iter_errors(schema)] == []
    assert list(_openapi().iter_errors({**schema, "paths": {"no-slash": {}}})) != []
    described = {
        (path, method.upper()) for path, item in schema["paths"].items() for method in item if method != "parameters"
    }
    assert len(described) == len(routes()) + len(PUBLIC - UNDESCRIBED)
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda self, **how: schema)  # once is enough
    assert APIClient().get("/api/v1/schema/").status_code == APIClient().get("/api/v1/schema").status_code == 200
    assert APIClient().get("/api/v1/schema/", HTTP_AUTHORIZATION="Bearer nonsense").status_code == 200


def test_the_docs_are_public_and_keep_to_the_content_policy() -> None:
    page = Client().get("/api/v1/docs/")
    assert page.status_code == Client().get("/api/v1/docs").status_code == 200
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "http://" not in page.content.decode().replace("http://testserver", "")


def test_every_answer_forbids_sniffing_and_framing(monkeypatch) -> None:
    held_to_schema.schema()  # it is made once in a run, and not by what stands in for it here
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda self, **how: {})  # to make it takes seconds
    for path in ("/api/v1/services/", "/sign-in/", "/problems/internal/", "/api/v1/schema/"):
        answer = Client().get(path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
