"""Links leave the house by HEADROOM_BASE_URL, whatever a request's headers say of the host."""

from typing import Any

import pytest

from tests.api.world import World, bearer, question, token_of

pytestmark = pytest.mark.django_db
HOUSE = "https://desk.example/itsm"


@pytest.fixture
def ask(world: World, settings: Any) -> Any:
    settings.BASE_URL = HOUSE
    client = bearer(token_of(world.people["admin"]))
    return lambda method, path, *body: getattr(client, method)(
        path, *body, format="json", HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="worse.example"
    )


def test_pages_of_a_list(ask: Any) -> None:
    first = ask("get", "/api/v1/services/?page_size=1&tier=1").json()
    assert first["next"].startswith(f"{HOUSE}/api/v1/services/?")
    assert "tier=1" in first["next"]
    second = ask("get", first["next"].removeprefix(HOUSE)).json()
    assert second["previous"].startswith(f"{HOUSE}/api/v1/services/?")
    assert first["results"] != second["results"]


def test_what_was_made_and_its_page(ask: Any) -> None:
    answer = ask("post", "/api/v1/gate-evaluations/", question("7"))
    said = answer.json()
    assert answer["Location"] == f"{HOUSE}/api/v1/gate-evaluations/{said['id']}/"
    number = said["change"]["number"]
    assert said["change"] == {
        "number": number, "url": f"{HOUSE}/api/v1/changes/{number}/", "page": f"{HOUSE}/changes/{number}/",
    }  # fmt: skip
    assert ask("get", f"/api/v1/changes/{number}/").json()["page"] == f"{HOUSE}/changes/{number}/"
    incident = ask("post", "/api/v1/incidents/", {"title": "Slow"})
    assert incident.json()["url"] == f"{HOUSE}/incidents/{incident.json()['number']}/"
    assert incident["Location"] == f"{HOUSE}/api/v1/incidents/{incident.json()['number']}/"


def test_no_answer_repeats_the_host_that_a_request_names(ask: Any) -> None:
    for path in ("services", "incidents", "changes", "slos", "confirmations", "services/checkout/gate"):
        said = ask("get", f"/api/v1/{path}/?page_size=1" if "/" not in path else f"/api/v1/{path}/").content.decode()
        assert "evil.example" not in said
        assert "worse.example" not in said


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "", "true", "9" * 20])
def test_a_size_of_a_page_that_is_none_is_refused(ask: Any, size: str) -> None:
    answer = ask("get", f"/api/v1/services/?page_size={size}")
    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/page_size"]
