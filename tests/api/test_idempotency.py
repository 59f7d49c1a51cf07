"""One key, one effect, the same answer."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from changes.models import Evaluation
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.api import idempotency
from itsm.api.models import IdempotencyRecord
from tests.api.routes import routes
from tests.api.world import World, bearer, founded, question, token_of

INCIDENTS = "/api/v1/incidents/"

PATIENCE = 600  # seconds: a ceiling for what never comes, not a measure


def report(client: APIClient, key: str, title: str = "Slow") -> object:
    with transaction.atomic():
        return client.post(INCIDENTS, {"title": title}, format="json", HTTP_IDEMPOTENCY_KEY=key)


@pytest.fixture
def agent(world: World) -> APIClient:
    return bearer(token_of(world.people["agent"]))


@pytest.fixture
def admin(world: World) -> APIClient:
    return bearer(token_of(world.people["admin"]))


@pytest.mark.django_db
class TestOneAfterAnother:
    def test_the_same_request_gets_the_same_bytes(self, agent: APIClient) -> None:
        before = Incident.objects.count()
        first, second = report(agent, "k-1"), report(agent, "k-1")
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.content == second.content
        assert [second[name] for name in ("Location", "ETag")] == [first[name] for name in ("Location", "ETag")]
        assert second["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first
        assert Incident.objects.count() == before + 1

    def test_another_body_under_the_same_key_is_refused(self, agent: APIClient) -> None:
        report(agent, "k-1")
        answer = report(agent, "k-1", "Slower")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-mismatch")

    def test_the_order_of_names_makes_no_other_body(self, agent: APIClient) -> None:
        one = agent.post(INCIDENTS, {"title": "a", "priority": 3}, format="json", HTTP_IDEMPOTENCY_KEY="k")
        two = agent.post(INCIDENTS, {"priority": 3, "title": "a"}, format="json", HTTP_IDEMPOTENCY_KEY="k")
        assert one.content == two.content

    def test_two_keys_are_two_requests(self, agent: APIClient) -> None:
        assert report(agent, "k-1").json()["number"] != report(agent, "k-2").json()["number"]

    def test_a_key_is_one_persons_own(self, agent: APIClient) -> None:
        other = bearer(token_of(User.objects.get(username="engineer")))
        assert report(agent, "k").json()["number"] != report(other, "k").json()["number"]

    def test_a_key_is_one_routes_own(self, agent: APIClient) -> None:
        number = report(agent, "k").json()["number"]
        assert agent.post(f"{INCIDENTS}{number}/acknowledge/", HTTP_IDEMPOTENCY_KEY="k").status_code == 200

    def test_a_refused_first_request_leaves_no_claim(self, agent: APIClient) -> None:
        assert report(agent, "k", "").status_code == 400
        assert not IdempotencyRecord.objects.exists()
        assert report(agent, "k", "Slow").status_code == 201

    def test_answers_are_forgotten_after_three_days(self, agent: APIClient) -> None:
        first = report(agent, "k").json()["number"]
        IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=73))
        assert idempotency.forget_before(timezone.now() - idempotency.KEPT_FOR) == 1
        assert report(agent, "k").json()["number"] != first

    def test_every_creation_can_be_repeated(self, agent: APIClient) -> None:
        without = [
            str(route)
            for route in routes()
            if route.action in {"create", "approvals", "deployments"}
            and not hasattr(made := getattr(route.viewset, route.action), "__wrapped__")
            and not getattr(made, "is_repeatable", False)
        ]
        assert not without, f"Put @idempotent() on these: {without}"

    def test_the_query_is_part_of_what_is_asked(self, admin: APIClient) -> None:
        def sent(query: str) -> Any:
            path, body = f"/api/v1/service-imports/{query}", {"table": "name,team\nBasket,web\n"}
            return admin.post(path, body, format="json", HTTP_IDEMPOTENCY_KEY="k")

        assert sent("?dry_run=true&create_teams=true").json()["written"] is False  # makes nothing, claims nothing
        first, again, other = sent("?create_teams=true"), sent("?create_teams=true"), sent("")
        assert first.json()["written"] is True
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
        assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-mismatch")


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    def _at_once(self, count: int, path: str, body: dict, **headers: str) -> list:
        text = token_of(founded().people["engineer"])
        start, answers = threading.Barrier(count), []

        def one() -> None:
            client = bearer(text)
            start.wait()
            answers.append(client.post(path, body, format="json", **headers))
            connection.close()

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def test_sixteen_with_one_key_make_one_incident(self) -> None:
        answers = self._at_once(16, INCIDENTS, {"title": "Slow"}, HTTP_IDEMPOTENCY_KEY="k")
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert sum("Idempotent-Replayed" in answer for answer in answers) == 15
        assert Incident.objects.filter(title="Slow").count() == 1

    def test_eight_runs_of_one_pipeline_are_one_question(self) -> None:
        answers = self._at_once(8, "/api/v1/gate-evaluations/", question("run-7"))
        assert len({answer.content for answer in answers}) == 1, {answer.content[:300] for answer in answers}
        assert Evaluation.objects.filter(pipeline__run_id="run-7").count() == 1

    def test_a_key_that_is_still_worked_on_says_when_to_come_back(self) -> None:
        text = token_of(founded().people["agent"])
        actor = IdempotencyRecord(principal="", route=INCIDENTS.rstrip("/"), key="sent:k", request_hash="")
        held, done = threading.Event(), threading.Event()

        def slow() -> None:
            with transaction.atomic():
                actor.principal = f"user-{User.objects.get(username='agent').pk}"
                actor.save()
                held.set()
                done.wait(PATIENCE)
                transaction.set_rollback(True)
            connection.close()

        first = threading.Thread(target=slow)
        first.start()
        held.wait(PATIENCE)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '50ms'")
            answer = bearer(text).post(INCIDENTS, {"title": "Slow"}, format="json", HTTP_IDEMPOTENCY_KEY="k")
        finally:
            done.set()
            first.join()
            connection.close()  # with it goes the short patience
        assert answer.status_code == 409
        assert answer.json()["retryable"] is True
        assert int(answer["Retry-After"]) > 0
