"""Empty is what a reader cannot see; one rule for web addresses; a decoration never costs an answer."""

from typing import Any

import pytest
from django.test import Client

from changes.models import Deployment, Evaluation
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts import operations as accounts
from itsm.kernel.errors import DomainError
from itsm.kernel.texts import is_blank
from itsm.notifications.web_addresses import is_web_address
from slo.measuring import operations as slo
from tests.api.world import SYSTEM, World, bearer, question, token_of

UNSEEN = [
    "",
    " ",
    "\u200b\u200b",
    "\u2060",
    "\ufeff \u200d",
    "\u00ad",
    "\u3164",
    "\u2800\u2800",
    "\u202e",
    "\u0301",
    "\ufe0f",
]
SEEN = ["a", "\u200ba", ".", "日本", "e\u0301", "👍", "😀\ufe0f", "-", "١"]


@pytest.mark.parametrize("text", UNSEEN)
def test_nothing_can_be_read_of_it(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", SEEN)
def test_something_can_be_read_of_it(text: str) -> None:
    assert not is_blank(text)


REQUIRED = [
    ("incident-list", "title"), ("incident-hold", "reason"), ("incident-resolve", "resolution"),
    ("incident-cancel", "reason"), ("service-list", "name"), ("slo-list", "name"), ("correction-list", "reason"),
    ("calendar-window-list", "name"), ("calendar-window-list", "reason"), ("evaluation-list", "summary"),
    ("attestation-list", "source"), ("slo-allow-self-measuring", "reason"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "field"), REQUIRED)
def test_a_required_text_over_rest(world: World, route: str, field: str) -> None:
    body = {**world.body(route, "POST"), field: "\u200b\u2060 \u200d"}
    answer = bearer(token_of(world.people["admin"])).post(world.path(route), body, format="json")
    assert answer.status_code == 400, answer.content
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/{field}"]


def test_a_required_text_of_an_operation_whichever_door_it_came_through(world: World) -> None:
    for refused in (
        lambda: incidents.open_incident(actor=SYSTEM, title="\u200b", service=world.service),
        lambda: incidents.hold(
            incidents.acknowledge(world.incident, actor=SYSTEM), actor=SYSTEM, hold_reason="other", reason="\u2060"
        ),
        lambda: accounts.add_team(actor=SYSTEM, slug="unseen", name="\u200b"),
        lambda: slo.create_source(actor=SYSTEM, slug="s", name="\u3164", url="http://prometheus.example"),
    ):
        with pytest.raises(DomainError):
            refused()


def test_a_required_text_of_a_form(world: World) -> None:
    browser = Client()
    browser.force_login(world.people["agent"], backend="itsm.accounts.backends.PeopleOnly")
    answer = browser.post("/incidents/new/", {"title": "\u200b\u200b", "priority": "3"})
    assert answer.status_code == 422
    assert "Nothing in it can be read." in answer.content.decode()
    assert not Incident.objects.filter(title__contains="\u200b").exists()


def test_an_optional_text_that_cannot_be_seen_is_empty(world: World) -> None:
    said = {"title": "Slow", "description": "\u200b"}
    made = bearer(token_of(world.people["admin"])).post("/api/v1/incidents/", said, format="json")
    assert made.json()["description"] == ""


ADDRESSES = [
    ("http://jenkins:8080/job/7/", True), ("https://ci.example/1?x=[a]#log", True), ("http://10.0.0.7/", True),
    ("http://[2001:db8::1]:8080/x", True), ("https://bücher.example/", True), ("http://localhost", True),
    ("jenkins:8080/job/7", False), ("ftp://ci.example/", False), ("javascript:alert(1)", False), ("http://", False),
    ("http://user:secret@ci.example/", False), ("http://ci.example:99999/", False), ("http://[::1", False),
    ("http://a b/", False), ("http://a\x01b", False), ("", False), ("//ci.example/", False), ('http://x/">', False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "usable"), ADDRESSES)
def test_the_one_rule_for_web_addresses(text: str, usable: bool) -> None:
    assert is_web_address(text) is usable


def ask(world: World, **pipeline: Any) -> Any:
    body = question("77")
    body["pipeline"] |= pipeline
    return bearer(token_of(world.people["engineer"])).post("/api/v1/gate-evaluations/", body, format="json")


@pytest.mark.parametrize(("text", "usable"), ADDRESSES)
def test_a_decoration_never_costs_an_answer(world: World, text: str, usable: bool) -> None:
    answer = ask(world, url=text)
    assert answer.status_code in {201, 202}, answer.content
    assert Evaluation.objects.get(pk=answer.json()["id"]).pipeline["url"] == (text if usable else "")


@pytest.mark.parametrize("unknown", ["", None])
def test_what_a_ci_server_does_not_know_may_be_empty_or_null(world: World, unknown: str | None) -> None:
    said = dict.fromkeys(("provider", "repository", "workflow", "run_id", "attempt", "job", "url"), unknown)
    assert ask(world, **said).status_code in {201, 202}


def test_a_start_behind_a_bare_host_name_keeps_its_log(world: World) -> None:
    from django.utils import timezone

    from changes.change.operations import people_decide

    people_decide.decide_by_person(
        world.pending.change, actor=_actor(world, "admin"), decision="approve", comment="", at=timezone.now()
    )
    body = world.body("change-deployments", "POST") | {"url": "http://jenkins:8080/job/7/"}
    answer = bearer(token_of(world.people["author"])).post(world.path("change-deployments"), body, format="json")
    assert (answer.status_code, answer.json()["url"]) == (201, body["url"])
    assert Deployment.objects.get(change=world.pending.change).url == body["url"]


def _actor(world: World, name: str) -> Any:
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door

    return actor_for(world.people[name], Door.WEB)
