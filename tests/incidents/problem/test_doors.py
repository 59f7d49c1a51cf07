"""Problems over REST and on pages: what is sent is read once, refusals say what is missing, versions hold."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Problem
from incidents.problem import operations
from itsm.kernel.actors import Actor, Door
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)


def test_a_problem_walks_its_life_over_rest(api: Any, agent: Any) -> None:
    client = api(agent)
    incident = incidents.open_incident(actor=SYSTEM, title="502", service=a_service())
    body = {"statement": "Pool runs dry", "raised_from": [incident.reference]}
    made = client.post("/api/v1/problems/", body, format="json")
    assert (made.status_code, made.json()["state"], made["ETag"]) == (201, "new", '"1"')
    path = made["Location"].partition("/api/")[2]
    path = f"/api/{path}"
    assert client.post(f"{path}assess/", {}, format="json").json()["owner"] == "agent"
    refused = client.post(f"{path}know/", {"cause": "Retries"}, format="json")
    assert (refused.status_code, refused.json()["missing"]) == (
        422,
        ["Say the workaround: what helps until it is fixed."],
    )
    known = client.post(f"{path}know/", {"cause": "Retries", "workaround": "Restart"}, format="json").json()
    assert (known["state"], "fix" in known["available"]) == ("known_error", True)
    told = client.post(f"{path}broadcast/", {}, format="json").json()
    assert (told["text"], told["owed"], told["waiting"]) == ("Restart", 1, 1)
    assert client.post(f"{path}broadcast/", {}, format="json").json()["owed"] == 0
    assert client.get(f"{path}burn/").json() == {"minutes": "0.000000", "share": "0.000000", "parts": []}
    found = client.get("/api/v1/problems/known-errors/?q=pool").json()
    assert [one["number"] for one in found] == [known["number"]]


def test_an_accepted_risk_without_a_reason_or_a_date_is_422(api: Any, admin: Any, as_actor: Any) -> None:
    problem = operations.assess(
        operations.open_problem(actor=as_actor(admin), statement="Pool", service=a_service()), actor=as_actor(admin)
    )
    path = f"/api/v1/problems/{problem.reference}/accept-risk/"
    soon = (timezone.now() + timedelta(days=9)).isoformat()
    for body, missing in (({"risk_review_at": soon}, 1), ({"reason": "Rare"}, 1), ({}, 2)):
        answer = api(admin).post(path, body, format="json")
        assert (answer.status_code, len(answer.json()["missing"])) == (422, missing)
    assert api(admin).post(path, {"reason": "Rare", "risk_review_at": soon}, format="json").status_code == 200


def test_an_edit_names_the_version_that_was_read(api: Any, agent: Any, as_actor: Any) -> None:
    problem = operations.open_problem(actor=as_actor(agent), statement="Pool")
    path, client = f"/api/v1/problems/{problem.reference}/", api(agent)
    assert client.patch(path, {"symptom": "x"}, format="json").status_code == 428
    assert client.patch(path, {"symptom": "x"}, format="json", HTTP_IF_MATCH='"7"').status_code == 412
    kept = client.patch(path, {"symptom": "x"}, format="json", HTTP_IF_MATCH='"1"')
    assert (kept.status_code, kept["ETag"]) == (200, '"2"')


def test_a_requester_finds_no_problem_anywhere(api: Any, web: Any, agent: Any, requester: Any, as_actor: Any) -> None:
    problem = operations.open_problem(actor=as_actor(agent), statement="Zyxwvut", workaround="Zyxwvut")
    assert api(requester).get(f"/api/v1/problems/{problem.reference}/").status_code == 403
    assert web(requester).get(problem.get_absolute_url()).status_code == 404
    assert "Zyxwvut" not in web(requester).get("/search/?q=zyxwvut").content.decode().replace('value="zyxwvut"', "")


def test_the_page_shows_its_steps_its_words_and_what_it_was_raised_from(web: Any, agent: Any, as_actor: Any) -> None:
    incident = incidents.open_incident(actor=as_actor(agent), title="Checkout answers 502")
    browser = web(agent)
    form = browser.get(f"/problems/new/?from={incident.reference}").content.decode()
    assert 'value="Checkout answers 502"' in form
    sent = {"statement": "Pool", "symptom": "502", "raised_from": incident.reference}
    path = browser.post("/problems/new/", sent)["Location"]
    page = browser.get(path).content.decode()
    assert all(words in page for words in ("Analyse", incident.reference, "502"))
    part = browser.get(f"/problems/behind/{incident.reference}/").content.decode()
    assert Problem.objects.get().reference in part
    assert browser.get("/problems/").status_code == 200


@pytest.mark.parametrize("problems", [1, 12])
def test_the_list_costs_the_same_however_long(
    problems: int, web: Any, agent: Any, as_actor: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(problems):
        operations.open_problem(actor=as_actor(agent), statement=f"Problem {number}")
    browser = web(agent)
    browser.get("/problems/")
    with django_assert_max_num_queries(18):
        browser.get("/problems/")


def test_an_explanation_of_a_refusal_still_has_its_address(web: Any, agent: Any) -> None:
    assert web(agent).get("/problems/stale-version/").status_code == 200
    assert web(agent).get("/problems/PRB-99999/").status_code == 404


@pytest.mark.django_db
def test_a_change_is_offered_to_who_may_ask_and_postmortem_and_article_to_who_writes(
    web: Any, agent: Any, engineer: Any, as_actor: Any
) -> None:
    problem = operations.open_problem(
        actor=as_actor(agent), statement="Blank labels", symptom="Labels come out blank", workaround="The old queue"
    )
    of_agent, of_engineer = (web(one).get(problem.get_absolute_url()).content.decode() for one in (agent, engineer))
    assert ("/changes/new/" in of_agent, "/changes/new/" in of_engineer) == (False, True)
    beside = web(agent).get(f"/postmortems/about/{problem.reference}/").content.decode()
    assert f"/postmortems/new/?from={problem.reference}" in beside
    article = web(agent).get(f"/knowledge/new/?from={problem.reference}").content.decode()
    assert all(words in article for words in ("Labels come out blank", "The old queue"))
