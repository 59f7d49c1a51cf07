"""What an answer costs: a fixed number of queries, however long the history and however many changes there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.capacity import operations as capacity
from tests.factories.catalog import KEEPER, an_item, joined
from tests.factories.changes import a_measured_service, a_model, ask, attested

pytestmark = pytest.mark.django_db

# Statements that ask or write; savepoints, which Django adds per nested transaction, are not counted, nor are words that
# the search learns: a process that has committed once knows them.
APPROVED, PEOPLE = 21, 30  # of people: in whose place somebody hears of it, their wishes, quiet hours, a plan of steps
_FREE = ("SAVEPOINT", "RELEASE", "INSERT INTO search_word")


def body(service, run, **words):
    return {
        "service": service.slug,
        "change_class": "standard",
        "summary": f"Deploy release {run}",
        "backout": "Roll back.",
        "artifact": {"digest": f"sha256:{run:064x}"},
        "pipeline": {"provider": "ci", "repository": "shop", "run_id": run},
    } | words


def cost(client, service, run, **words):
    with CaptureQueriesContext(connection) as captured:
        answer = client.post("/api/v1/gate-evaluations/", body(service, run, **words), format="json")
    assert answer.status_code in {201, 202}, answer.content
    queries = [one["sql"] for one in captured if not one["sql"].startswith(_FREE)]
    return answer.json()["outcome"], len(queries)


@pytest.fixture
def service(owning, asker):
    """Once the policy is adopted, and read for the first time in this process."""
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, at=now, rollback_tested=True)
    for _ in range(2):
        ask(a_measured_service(at=now), asker, at=now)
    return service


def test_an_approval_costs_the_same_after_many(service, api, pipeline):
    client = api(pipeline)
    cost(client, service, 0)  # the token's first use is noted
    assert cost(client, service, 1) == ("approved", APPROVED)
    for run in range(2, 12):
        client.post("/api/v1/gate-evaluations/", body(service, run), format="json")
    assert cost(client, service, 12) == ("approved", APPROVED)


def test_a_question_for_people_costs_the_same_however_many_people(service, api, pipeline, person):
    client, normal = api(pipeline), {"change_class": "normal"}
    person("approver")
    cost(client, service, 0, **normal)
    assert cost(client, service, 1, **normal) == ("peer", PEOPLE)
    for number in range(20):
        person("approver", username=f"approver-{number}")
    assert cost(client, service, 2, **normal) == ("peer", PEOPLE)


def test_words_about_the_artifact_and_services_above_add_one_query_at_most(service, api, pipeline, approver):
    from tests.factories.catalog import relies_on

    client = api(pipeline)
    cost(client, service, 0)
    attested(service, f"sha256:{1:064x}", approver, about=["tests", "scans", "peer_review"], at=timezone.now())
    for _ in range(5):
        relies_on(a_measured_service(at=timezone.now()), service)
    outcome, queries = cost(client, service, 1)
    assert (outcome, queries) == ("approved", APPROVED + 1)


def test_forecasts_of_capacity_add_one_query_however_many(service, api, pipeline):
    client = api(pipeline)
    cost(client, service, 0)
    host = an_item()
    joined(service, host, "runs_on")
    for number in range(5):
        capacity.add_measure(actor=KEEPER, ci=host, name=f"Disk {number}", limit=1.0)
    assert cost(client, service, 1) == ("approved", APPROVED + 1)
