"""What a refused start takes back stays taken back, also where the request carried an idempotency key."""

import pytest
from django.utils import timezone

from changes.models import Evaluation
from itsm.api.models import IdempotencyRecord
from tests.factories.changes import a_measured_service, a_model, ask, restate


@pytest.mark.django_db(transaction=True)
def test_a_keyed_start_that_is_refused_takes_back_all_the_same(asker, owning, pipeline, api):
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, at=now)
    evaluation = ask(service, asker, change_class="standard", at=now)
    assert evaluation.status == Evaluation.Status.APPROVED
    restate(service, "exhausted", now)
    answer = api(pipeline).post(
        f"/api/v1/changes/{evaluation.change.reference}/deployments/",
        {"artifact": {"digest": evaluation.change.artifact_digest}},
        format="json",
        headers={"Idempotency-Key": "k"},
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wrong-state")
    evaluation.refresh_from_db()
    assert evaluation.status == Evaluation.Status.EXPIRED
    assert not IdempotencyRecord.objects.filter(key="sent:k").exists()  # a refusal is no answer to repeat


@pytest.mark.django_db
def test_a_token_that_may_only_ask_may_hear_the_answer(asker, pipeline, api):
    service = a_measured_service(at=timezone.now())
    evaluation = ask(service, asker, at=timezone.now())
    client = api(pipeline, "gate:ask")
    assert client.get(f"/api/v1/gate-evaluations/{evaluation.pk}/").status_code == 200
    assert client.get("/api/v1/changes/").status_code == 403


@pytest.mark.django_db
def test_one_at_a_time_is_kept_at_the_start(asker, owning, pipeline, api):
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, at=now)
    client = api(pipeline)
    body = {"service": service.slug, "change_class": "standard", "summary": "Deploy", "backout": "Back."}
    first, second = (
        client.post(
            "/api/v1/gate-evaluations/", body | {"artifact": {"digest": f"sha256:{n:064x}"}}, format="json"
        ).json()
        for n in (1, 2)
    )
    assert (first["allowed"], second["allowed"]) == (True, True)
    assert second["conditions"] == ["One change at a time."]
    one, two = (f"/api/v1/changes/{said['change']['number']}/deployments/" for said in (first, second))
    this, that = ({"artifact": {"digest": f"sha256:{n:064x}"}} for n in (1, 2))
    assert client.post(one, this, format="json").status_code == 201
    refused = client.post(two, that, format="json")
    assert refused.status_code == 409
    assert "One at a time" in refused.json()["detail"]
    assert client.patch(f"{one}1/", {"status": "succeeded"}, format="json").status_code == 200
    assert client.patch(f"{one}1/", {"status": "succeeded"}, format="json").status_code == 200  # said twice
    assert client.post(two, that, format="json").status_code == 201  # nothing was taken back meanwhile
