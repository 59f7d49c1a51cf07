"""Experiments over REST and as pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Service
from changes.chaos.models import ChaosAbort, ChaosExperiment
from changes.models import Deployment
from itsm.accounts.models import User
from tests.itsm.scripted_server import Scripted
from tests.together import each_of

pytestmark = pytest.mark.django_db
PATH = "/api/v1/chaos-experiments/"


def body(service: Service, hook: Scripted, **words: Any) -> dict[str, Any]:
    return {
        "service": service.slug, "environment": "production", "summary": "One cache away", "stake": "0.05",
        "hypothesis": "Orders go on.", "blast_radius": "One of three.", "abort_url": f"{hook.url}/stop",
        "plan": "Stop it.", "backout": "Start it.",
    } | words  # fmt: skip


def test_one_is_planned_once_with_the_secret_of_its_hook(
    service: Service, hook: Scripted, engineer: User, api: Callable[..., APIClient]
) -> None:
    client, key = api(engineer), {"HTTP_IDEMPOTENCY_KEY": "one-cache"}
    made = client.post(PATH, body(service, hook), format="json", **key)
    assert made.status_code == 201, made.json()
    said = made.json()
    assert (said["standing"], said["stake"], said["finding"], said["abort"]) == ("planned", "0.050000", "", None)
    assert said["abort_secret"].startswith("whsec_")
    assert client.post(PATH, body(service, hook), format="json", **key).json()["change"] == said["change"]
    assert ChaosExperiment.objects.count() == 1
    shown = client.get(f"{PATH}{said['change']}/").json()
    assert "abort_secret" not in shown
    assert client.get(PATH).json()["results"][0]["change"] == said["change"]


@each_of(
    ("words", "field"),
    [
        ({"stake": "0"}, "stake"), ({"stake": "0.6"}, "stake"), ({"abort_url": "ftp://x/"}, "abort_url"),
        ({"abort_url": "http://169.254.169.254/"}, "abort_url"), ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_or_stopped_is_refused_with_its_field(
    service: Service, hook: Scripted, engineer: User, api: Callable[..., APIClient], words: dict[str, Any], field: str
) -> None:
    answer = api(engineer).post(PATH, body(service, hook, **words), format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert not ChaosExperiment.objects.exists()


def test_it_is_stopped_over_rest_and_its_page_says_so(
    running: Deployment, engineer: User, requester: User, api: Callable[..., APIClient], web: Callable[[User], Client]
) -> None:
    number = running.change.reference
    answer = api(engineer).post(f"{PATH}{number}/abort/", {"because": "Slow"}, format="json").json()
    assert (answer["standing"], answer["abort"]["cause"], answer["abort"]["stopped_at"]) == ("stopping", "person", None)
    part = web(engineer).get(f"/changes/{number}/experiment/").content.decode()
    assert "Asked to stop, not confirmed" in part
    assert "whsec_" not in part  # neither asked for it nor carries it out
    assert number in web(engineer).get("/changes/experiments/").content.decode()
    assert web(requester).get(f"/changes/{number}/experiment/").status_code == 403
    assert api(requester).get(f"{PATH}{number}/").status_code == 403


def test_a_page_stops_it_with_a_reason(
    running: Deployment, engineer: User, web: Callable[[User], Client], now: datetime
) -> None:
    path = f"/changes/{running.change.reference}/experiment/abort/"
    refused = web(engineer).post(path, {"because": " "})
    assert refused.status_code == 422
    assert not ChaosAbort.objects.exists()
    assert web(engineer).post(path, {"because": "The shop is slow"}).status_code == 302
    assert ChaosAbort.objects.get().because == "The shop is slow"


def test_a_form_plans_one_in_percent(
    service: Service, hook: Scripted, engineer: User, web: Callable[[User], Client]
) -> None:
    sent = body(service, hook, stake="2.5")
    answer = web(engineer).post("/changes/experiments/new/", sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert str(ChaosExperiment.objects.get().change.stake) == "0.025000"
