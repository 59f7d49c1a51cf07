"""The page that says whose word counts: naming, dismissing, taking back."""

import pytest

from changes.models import Attestation, Attestor, Change
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


def test_who_had_no_part_says_on_its_page_what_they_know_and_the_gate_counts_it(
    web, asker, approver, engineer, as_actor, owning
):
    service = a_measured_service()
    artifact = an_artifact("attested")
    change = ask(service, asker, artifact_digest=artifact).change
    here = f"{change.get_absolute_url()}attest/"
    assert here in web(approver).get(change.get_absolute_url()).content.decode()
    page = web(approver).get(here).content.decode()
    assert artifact in page
    assert "Nobody has said anything about this artifact yet." in page
    said = {"about": "peer_review", "holds": "yes", "source": "read the diff", "artifact": artifact}
    assert web(approver).post(here, said | {"failed": 2}).status_code == 422
    assert web(approver).post(here, said | {"url": "javascript:alert(1)"}).status_code == 422
    assert web(approver).post(here, said | {"about": "everything"}).status_code == 422
    assert not Attestation.objects.exists()
    assert web(approver).post(here, said).status_code == 302
    word = Attestation.objects.get()
    assert (word.by, word.artifact_digest, word.passed, word.failed) == (approver, artifact, 1, 0)
    again = ask(service, asker, artifact_digest=artifact, summary="Asked anew")
    assert again.decision.evidence["proof"]["peer_review"]["principal"] == f"user:{approver.pk}"
    assert "read the diff" in web(engineer).get(here).content.decode()
    ran = {"about": "tests", "holds": "no", "passed": 90, "failed": 3, "source": "ran them", "artifact": artifact}
    web(engineer).post(here, ran)
    assert (Attestation.objects.get(about="tests").passed, Attestation.objects.get(about="tests").failed) == (90, 3)


def test_nobody_attests_on_the_page_of_a_change_of_their_own_or_of_what_can_be_moved(
    web, person, as_actor, approver, agent, auditor, approving
):
    service = a_measured_service()
    eve = person("engineer", username="eve")
    program = person("engineer", username="eves-pipeline", account_type="service", owner=eve)
    mine = ask(service, as_actor(program), artifact_digest=an_artifact("mine")).change
    moved = ask(service, as_actor(program), artifact_digest="checkout:latest", summary="By a tag").change
    for who, change in ((eve, mine), (agent, mine), (auditor, mine), (approver, moved)):
        here = f"{change.get_absolute_url()}attest/"
        assert here not in web(who).get(change.get_absolute_url()).content.decode()
        assert web(who).get(here).status_code == 403
        said = {"about": "peer_review", "holds": "yes", "source": "trust me"}
        assert web(who).post(here, said).status_code == 403
    assert not Attestation.objects.exists()


def test_a_word_is_about_the_artifact_that_was_read_and_not_about_what_took_its_place(web, asker, approver):
    service = a_measured_service()
    change = ask(service, asker, artifact_digest=an_artifact("read")).change
    here = f"{change.get_absolute_url()}attest/"
    said = {"about": "peer_review", "holds": "yes", "source": "read it", "artifact": an_artifact("read")}
    Change.objects.filter(pk=change.pk).update(artifact_digest=an_artifact("swapped"))
    answer = web(approver).post(here, said)
    assert (answer.status_code, Attestation.objects.count()) == (422, 0)
    assert an_artifact("swapped") in answer.content.decode()
    assert web(approver).post(here, {name: said[name] for name in ("about", "holds", "source")}).status_code == 422
    assert web(approver).post(here, said | {"artifact": an_artifact("swapped")}).status_code == 302
