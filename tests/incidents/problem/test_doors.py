"""Problems over REST and on pages: what is sent is read once, refusals say what is missing, versions hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Problem
from incidents.postmortem.queries.article import article_of_problem
from incidents.problem import operations
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor, Door
from tests.factories.slo import a_service
from tests.incidents.problem.test_recurrence import opened

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)


def a_proposal() -> Problem:
    opened(a_service(), *["Checkout returns 502"] * 3)
    operations.find_recurrence(timezone.now())
    return Problem.objects.get(status="proposed")


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
    nothing = {"minutes": "0.000000", "share": "0.000000", "as_of": None, "parts": []}
    assert client.get(f"{path}burn/").json() == nothing
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


def test_figures_say_as_of_when_they_are(api: Any, web: Any, agent: Any, as_actor: Any) -> None:
    problem = operations.open_problem(actor=as_actor(agent), statement="Pool")
    at = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    for later in (timedelta(), timedelta(minutes=5)):  # it moves where nothing else does
        operations.note_burn([], at + later)
    client = api(agent)
    said = [client.get(f"/api/v1/problems/{problem.reference}/{part}").json() for part in ("", "burn/")]
    listed = client.get("/api/v1/problems/").json()["results"][0]
    moments = [said[0]["burn_as_of"], said[1]["as_of"], listed["burn_as_of"]]
    assert [datetime.fromisoformat(one) for one in moments] == [at + timedelta(minutes=5)] * 3
    assert "2026-03-02T08:35:00" in web(agent).get("/problems/").content.decode()


def test_what_a_step_needs_is_never_called_optional_and_a_proposal_says_who_decides(
    web: Any, agent: Any, as_actor: Any, auditor: Any
) -> None:
    problem = operations.open_problem(actor=as_actor(agent), statement="Pool")
    operations.assess(problem, actor=as_actor(agent))
    dialog = web(agent).get(f"{problem.get_absolute_url()}know/").content.decode()
    assert "What helps until it is fixed?" in dialog
    assert "optional" not in dialog
    asks = "they accept it, or dismiss it with a reason"
    assert asks not in web(auditor).get(problem.get_absolute_url()).content.decode()
    proposed = a_proposal()
    seen = {one: web(one).get(proposed.get_absolute_url()).content.decode() for one in (auditor, agent)}
    assert (asks in seen[auditor], asks in seen[agent], "Dismiss" in seen[agent]) == (True, False, True)


def test_an_article_of_a_problem_is_called_by_what_is_seen(as_actor: Any, agent: Any) -> None:
    said = [
        ("Labels come out blank. Only from gate 4.\nSince Monday.", "Labels come out blank"),
        ("502", "Recurring: Pool"),
        ("", "Recurring: Pool"),
        ("word " * 60, "Recurring: Pool"),
    ]
    for symptom, title in said:
        problem = Problem(statement="Recurring: Pool", symptom=symptom, team=Team.objects.get(triage=True))
        assert article_of_problem(problem, as_actor(agent)).title == title


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
