"""The page that says whose word counts: naming, dismissing, taking back."""

import pytest

from changes.models import Attestation, Attestor
from itsm.audit.models import Entry
from tests.factories.changes import a_measured_service, an_artifact, an_attestor, ask, attested

pytestmark = pytest.mark.django_db

HERE = "/changes/attestors/"


@pytest.fixture
def service():
    return a_measured_service()


def test_an_owner_names_a_program_and_dismisses_it(service, web, owner, pipeline):
    client = web(owner)
    said = {"service": service.slug, "about": "scans", "account": pipeline.username}
    assert client.post(HERE, said).status_code == 302
    named = Attestor.objects.get()
    assert (named.account, named.named_by, named.about) == (pipeline, owner, "scans")
    assert "pipeline" in client.get(HERE).content.decode()
    assert client.post(f"{HERE}{named.pk}/dismiss/", {"version": named.version}).status_code == 302
    named.refresh_from_db()
    assert named.dismissed_by == owner
    events = list(Entry.objects.filter(record_kind="attestor").order_by("id").values_list("event", flat=True))
    assert events == ["attestor.created", "attestor.dismissed"]


def test_who_is_interested_reads_why_not(service, web, owner, person, pipeline, as_actor):
    own = person("engineer", username="owners-pipeline", account_type="service", owner=owner)
    change = ask(service, as_actor(own)).change
    answer = web(owner).post(HERE, {"service": service.slug, "about": "scans", "account": pipeline.username})
    assert answer.status_code in (403, 422)
    assert change.reference in answer.content.decode()
    assert not Attestor.objects.exists()


def test_an_engineer_sees_the_words_and_takes_back_only_the_own(service, web, engineer, approver, pipeline):
    an_attestor(service, pipeline, approver)
    attested(service, an_artifact("a"), engineer, about=["tests"], failed=1)
    attested(service, an_artifact("a"), approver, about=["scans"])
    mine, other = Attestation.objects.order_by("id")
    client = web(engineer)
    page = client.get(HERE).content.decode()
    assert f"/changes/attestations/{mine.pk}/withdraw/" in page
    assert f"/changes/attestations/{other.pk}/withdraw/" not in page
    assert f"{HERE}{Attestor.objects.get().pk}/dismiss/" not in page
    assert client.post(f"/changes/attestations/{other.pk}/withdraw/").status_code == 403
    assert client.post(f"/changes/attestations/{mine.pk}/withdraw/").status_code == 302
    assert Attestation.objects.filter(withdraws=mine, by=engineer).exists()
    assert f"/changes/attestations/{mine.pk}/withdraw/" not in client.get(HERE).content.decode()


def test_rest_takes_a_word_back_and_shows_it(service, api, pipeline):
    client = api(pipeline)
    word = {"service": service.slug, "artifact_digest": an_artifact("a"), "about": "tests", "failed": 2, "source": "ci"}
    made = client.post("/api/v1/attestations/", word, format="json")
    assert made.status_code == 201
    path = f"/api/v1/attestations/{made.json()['id']}/"
    taken = client.post(f"{path}withdraw/", {}, format="json")
    assert (taken.status_code, taken.json()["withdraws"]) == (201, made.json()["id"])
    assert client.get(path).json()["withdrawn"] is True
    assert client.post(f"{path}withdraw/", {}, format="json").status_code == 409
    tag = client.post("/api/v1/attestations/", word | {"artifact_digest": "shop:latest"}, format="json")
    assert tag.status_code == 400


def test_who_only_requests_learns_not_even_what_is_there(service, web, requester, approver, pipeline):
    named = an_attestor(service, pipeline, approver)
    (word,) = attested(service, an_artifact("a"), approver, about=["scans"])
    client = web(requester)
    for path, pk in ((f"{HERE}%s/dismiss/", named.pk), ("/changes/attestations/%s/withdraw/", word.pk)):
        assert {client.post(path % one).status_code for one in (pk, 987_654)} == {403}
