"""An authorisation is good for one content: a material edit voids it in the same transaction, others do not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from changes.change.operations import asking, deploying, editing
from changes.change.operations import people_decide as deciding
from changes.change.operations.content import MATERIAL, content_hash
from changes.change.operations.origins import link_to_origins
from changes.change.operations.planned import Outage
from changes.change.workflow import Status
from changes.models import Change, Evaluation
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.errors import (
    InvalidInput,
    MissingInformation,
    NotPermitted,
    StaleVersion,
    VersionRequired,
    WrongState,
)
from itsm.work.operations import add_note
from slo.models import Reservation
from tests.factories.catalog import an_item
from tests.factories.changes import a_measured_service, a_model, ask, change_of, question
from tests.factories.slo import T0, a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TEXTS = ("plan", "backout", "artifact_digest", "artifact_version", "commit")
NEW_TEXTS = ("test_plan", "communication_plan", "no_backout_because")
REVIEW = (
    "review_because",
    "review_due_at",
    "review_worked",
    "review_cost",
    "review_follow_up",
    "reviewed_by_id",
    "reviewed_at",
)
WINDOWS = [(T0 + HOUR * first, T0 + HOUR * (first + length)) for first in (1, 2, 30) for length in (1, 3)]


def variations(change):
    """More than forty edits, each of one material field: other words, more, fewer, other letters, times, people."""
    for field in TEXTS:
        said = getattr(change, field)
        for text in (said + ".", said[:-1], said.upper(), said + "\n", said.replace("e", "é") + "x", "Other"):
            if text != said:
                yield {field: text[:60]}
    for field in NEW_TEXTS:
        yield {field: "Something."}
    for starts, ends in WINDOWS:
        yield {"window_start": starts, "window_end": ends}
    for purpose in ("rollback", "reliability_fix"):
        yield {"purpose": purpose}
    for outage in (Outage(1), Outage(90, (change.service_id,))):
        yield {"outage": outage}
    yield {"items": [an_item(name="edge-4").pk]}
    yield {"environment": "staging"}
    yield {"implementer": User.objects.get(username="owner")}


@pytest.fixture
def approved(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    return ask(service, asker, change_class="standard", commit="e" * 20, artifact_version="1.7-beta")


def edit(change, actor, **fields):
    return editing.edit(change, actor=actor, version=change.version, at=T0, **fields)


def test_each_of_forty_material_edits_voids_what_was_approved(approved, asker):
    edits = list(variations(change_of(approved)))
    assert len(edits) >= 40
    for words in edits:
        with transaction.atomic():
            change = edit(change_of(approved), asker, **words)
            approved.refresh_from_db()
            assert (approved.status, approved.ended_because) == ("expired", "the content was edited"), words
            assert (change.status, change.authorised_until) == (Status.DRAFT, None)
            assert change.voided.evaluation == approved.pk, words
            assert change.voided.reserved, words
            assert not Reservation.objects.filter(released_at=None).exists()
            transaction.set_rollback(True)


def immaterial(change, asker):
    """Fifteen things that people do to a change that are no content of it."""
    same = ("plan", "backout", "artifact_digest", "artifact_version", "commit", "environment", "purpose", "implementer")
    for field in same:
        yield lambda field=field: edit(change_of_(change), asker, **{field: getattr(change, field)})
    yield lambda: edit(change_of_(change), asker, outage=None)
    yield lambda: edit(change_of_(change), asker, items=[])
    for summary in ("Deploy it", "Größere Körbe", "x" * 200):
        yield lambda summary=summary: edit(change_of_(change), asker, summary=summary)
    yield lambda: add_note(change, actor=asker, text="Looks fine.")
    yield lambda: link_to_origins(change, [an_item(name="edge-5").reference], actor=asker)


def change_of_(change):
    return Change.objects.get(pk=change.pk)


def test_none_of_fifteen_immaterial_ones_voids_anything(approved, asker):
    deeds = list(immaterial(change_of(approved), asker))
    assert len(deeds) == 15
    for number, deed in enumerate(deeds):
        edited = deed()
        assert getattr(edited, "voided", None) is None, number
        approved.refresh_from_db()
        assert approved.status == "approved", number
    assert change_of(approved).content_hash == approved.content_hash


def test_who_is_asked_first_takes_nothing_away_unread(approved, asker):
    """Also not what came to hang on it after the question: each has a mark of its own."""
    change = change_of(approved)
    assert edit(change, asker, summary="Another name", agreed="").voided is None
    with pytest.raises(editing.TakesAway) as refused:
        edit(change_of(approved), asker, plan="Another plan.", agreed="")
    assert "authorisation" in refused.value.extra["takes_away"][0]
    assert "error budgets" in refused.value.extra["takes_away"][1]
    Evaluation.objects.update(expires_at=T0 + HOUR)  # another answer than the one that was read
    with pytest.raises(editing.TakesAway) as again:
        edit(change_of(approved), asker, plan="Another plan.", agreed=refused.value.extra["agreed"])
    approved.refresh_from_db()
    assert (approved.status, change_of(approved).plan) == ("approved", change.plan)
    voided = edit(change_of(approved), asker, plan="Another plan.", agreed=again.value.extra["agreed"]).voided
    assert voided.status == "approved"


def test_over_rest_an_edit_says_what_it_took(asker, pipeline, api):
    service = a_measured_service()
    change, client = ask(service, asker, backout="").change, api(pipeline)
    path = f"/api/v1/changes/{change.reference}/"
    read = {"format": "json", "HTTP_IF_MATCH": f'"{change.version}"'}
    refused = client.patch(path, {"outage": {"minutes": 5, "services": [service.slug]}, "agreed": ""}, **read)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/takes-away")
    assert "is taken back" in refused.json()["takes_away"][0]
    done = client.patch(path, {"outage": {"minutes": 5, "services": [service.slug]}}, **read)
    assert done.json()["voided"]["status"] == "pending"
    assert done.json()["outage"] == {"minutes": 5, "services": [service.slug]}
    renamed = client.patch(path, {"summary": "Again"}, format="json", HTTP_IF_MATCH=done["ETag"])
    assert renamed.json()["voided"] is None
    refused = client.post(f"{path}submit/", format="json")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/missing-information")
    assert "no_backout_because" in refused.json()["detail"]


def test_two_works_of_one_content_and_different_names_are_two(asker):
    """Planless questions of one service have the same content: they are not one for that."""
    service, bare = a_measured_service(), {"plan": "", "backout": "", "artifact_digest": "", "artifact_version": "",
                                           "commit": ""}  # fmt: skip
    first, second = (ask(service, asker, summary=name, **bare) for name in ("Rename a bucket", "Drop a table"))
    assert first.content_hash == second.content_hash
    assert first.change_id != second.change_id
    assert ask(service, asker, summary="Drop a table", **bare).change_id == second.change_id


def test_a_budget_reserved_in_an_environment_that_it_leaves_is_free_for_who_waits_there(approved, asker):
    edit(change_of(approved), asker, environment="staging")
    assert not Reservation.objects.filter(released_at=None).exists()
    assert change_of(approved).environment == "staging"


class TestAWayBack:
    """A normal change leaves its draft with a way back, or with a reason why there is none."""

    def test_by_hand_it_is_asked_for_and_at_the_gate_people_decide(self, asker):
        service = a_measured_service()
        with pytest.raises(MissingInformation, match="no_backout_because"):
            asking.ask_gate(question(service, backout=" "), actor=asker, at=T0, by_hand=True)
        evaluation = ask(service, asker, backout="")
        assert (evaluation.status, evaluation.outcome) == ("pending", "peer")

    def test_a_draft_is_not_submitted_without(self, asker):
        evaluation = ask(a_measured_service(), asker, backout="")
        draft = edit(change_of(evaluation), asker, plan="Another.")
        with pytest.raises(MissingInformation):
            asking.submit(draft, actor=asker, at=T0)
        draft = edit(change_of(evaluation), asker, no_backout_because="A table cannot be dropped back.")
        assert asking.submit(draft, actor=asker, at=T0).verdict == "peer"  # said, and still no proof

    @pytest.mark.parametrize(
        "without", [{"purpose": "rollback"}, {"purpose": "flag_off"}, {"change_class": "emergency"},
                    {"change_class": "standard"}]
    )  # fmt: skip
    def test_what_needs_none_is_asked_without(self, asker, without):
        asking.ask_gate(question(a_measured_service(), backout="", **without), actor=asker, at=T0, by_hand=True)


@each_of(
    ("words", "said"),
    [({"outage": Outage(0)}, "from 1 to"), ({"outage": Outage(43_201)}, "from 1 to"),
     ({"outage": Outage(5, tuple(range(51)))}, "at most 50"), ({"outage": Outage(5, (10**9,))}, "one of services"),
     ({"raised_from": ("INC-00999",)}, "no record"), ({"raised_from": tuple(f"CI-{n}" for n in range(11))}, "at most"),
     ({"implementer": "pipeline"}, "works here")],
)  # fmt: skip
def test_odd_plans_are_refused_with_the_reason_and_nothing_is_written(asker, words, said):
    if "implementer" in words:
        words = {"implementer": User.objects.get(pk=asker.id)}
    with pytest.raises(InvalidInput, match=said):
        ask(a_measured_service(), asker, **words)
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    "written",
    ["summary", "author_id", "outcome_note", "risk", "verdict", "not_before", "authorised_until", "started_at", "finished_at", "created_at",
     "status", "change_class", "version", "outcome_code", "requested_by_id", "id", "content_hash", "program_owners",
     "hold_reason", "held_at", "overridden", *REVIEW],
)  # fmt: skip
def test_what_the_gate_itself_writes_is_no_content(written):
    assert written not in MATERIAL
    assert written in {field.attname for field in Change._meta.concrete_fields}


def test_every_field_of_a_change_is_material_or_known_not_to_be():
    """A field that is added must be put on one side: forgetting it would let it change under an approval."""
    immaterial = {
        "id", "summary", "author_id", "status", "change_class", "requested_by_id", "content_hash", "authorised_until", "verdict", "risk",
        "not_before", "outcome_code", "outcome_note", "created_at", "started_at", "finished_at", "version",
        "program_owners", "hold_reason", "held_at", "overridden", *REVIEW,
    }  # fmt: skip
    assert {field.attname for field in Change._meta.concrete_fields} == immaterial | set(MATERIAL) | {"stake"}


@pytest.mark.parametrize("field", [*MATERIAL, "stake"])
def test_each_material_field_is_in_the_hash(approved, person, owning, field):
    change = change_of(approved)
    other = {
        "service_id": lambda: a_service().pk,
        "model_id": lambda: a_model(a_service(), owning).pk,
        "implementer_id": lambda: person("engineer", username="ida").pk,
        "window_start": lambda: T0,
        "items": lambda: [7],
        "outage_services": lambda: [7],
        "outage_minutes": lambda: 7,
        "model_version": lambda: 7,
        "window_end": lambda: T0 + HOUR,
        "stake": lambda: Decimal("0.05"),
    }
    setattr(change, field, other.get(field, lambda: "another")())
    assert content_hash(change) != approved.content_hash


def test_an_edit_takes_the_ask_back_too(asker, approving):
    evaluation = ask(a_measured_service(), asker)
    edit(change_of(evaluation), asker, plan="Another plan.")
    assert ApprovalRequest.objects.get().status == "withdrawn"
    with pytest.raises(WrongState):
        deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)


def test_content_that_changed_behind_our_back_is_not_approved(asker, approving):
    """By raw SQL, say: the ask and the answer are about the content that was put, not what is there now."""
    evaluation = ask(a_measured_service(), asker)
    Change.objects.update(content_hash="f" * 64)
    with pytest.raises(WrongState, match="changed since"):
        deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)


def test_nor_is_it_started(approved, asker):
    Change.objects.update(content_hash="f" * 64)
    with pytest.raises(WrongState, match="changed since it was authorised"):
        deploying.start_deployment(approved.change, artifact_digest=approved.change.artifact_digest, actor=asker, at=T0)


def test_only_the_asker_edits_with_the_version_they_read(approved, asker, approving):
    change = change_of(approved)
    with pytest.raises(NotPermitted):
        edit(change, approving, plan="Mine.")
    with pytest.raises(StaleVersion):
        editing.edit(change, actor=asker, version=change.version - 1, at=T0, plan="Late.")
    with pytest.raises(VersionRequired):
        editing.edit(change, actor=asker, version=None, at=T0, plan="Blind.")
    assert Evaluation.objects.get().status == "approved"


def test_what_runs_is_no_longer_edited(approved, asker):
    deploying.start_deployment(approved.change, artifact_digest=approved.change.artifact_digest, actor=asker, at=T0)
    with pytest.raises(WrongState):
        edit(change_of(approved), asker, plan="Too late.")
