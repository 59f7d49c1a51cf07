"""An authorisation is good for one content: a material edit voids it in the same transaction, others do not."""

from datetime import timedelta

import pytest

from changes.change.operations import deploying, editing
from changes.change.operations import people_decide as deciding
from changes.change.operations.content import MATERIAL, content_hash
from changes.change.workflow import Status
from changes.models import Change, Evaluation
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.errors import NotPermitted, StaleVersion, VersionRequired, WrongState
from slo.models import Reservation
from tests.factories.changes import a_measured_service, a_model, ask, change_of
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TEXTS = ("summary", "plan", "backout", "artifact_digest", "artifact_version", "commit")
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
    """Forty edits, each of one material field: other words, more words, fewer, other letters, windows."""
    for field in TEXTS:
        said = getattr(change, field)
        for text in (said + ".", said[:-1], said.upper(), said + "\n", said.replace("e", "é") + "x", "Other"):
            if text != said:
                yield {field: text[:60]}
    for starts, ends in WINDOWS:
        yield {"window_start": starts, "window_end": ends}


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
    from django.db import transaction

    for words in edits:
        with transaction.atomic():
            change = edit(change_of(approved), asker, **words)
            approved.refresh_from_db()
            assert (approved.status, approved.ended_because) == ("expired", "the content was edited"), words
            assert (change.status, change.authorised_until) == (Status.DRAFT, None)
            assert not Reservation.objects.filter(released_at=None).exists()
            transaction.set_rollback(True)


def test_an_edit_that_changes_nothing_voids_nothing(approved, asker):
    change = change_of(approved)
    for field in TEXTS:
        change = edit(change, asker, **{field: getattr(change, field)})
    approved.refresh_from_db()
    assert approved.status == "approved"


@pytest.mark.parametrize(
    "immaterial",
    ["outcome_note", "risk", "verdict", "not_before", "authorised_until", "started_at", "finished_at", "created_at",
     "status", "change_class", "version", "outcome_code", "requested_by_id", "id", "content_hash", "program_owners",
     "hold_reason", "held_at", *REVIEW],
)  # fmt: skip
def test_what_the_gate_itself_writes_is_no_content(immaterial):
    assert immaterial not in MATERIAL
    assert immaterial in {field.attname for field in Change._meta.concrete_fields}


def test_every_field_of_a_change_is_material_or_known_not_to_be():
    """A field that is added must be put on one side: forgetting it would let it change under an approval."""
    immaterial = {
        "id", "status", "change_class", "requested_by_id", "content_hash", "authorised_until", "verdict", "risk",
        "not_before", "outcome_code", "outcome_note", "created_at", "started_at", "finished_at", "version",
        "program_owners", "hold_reason", "held_at", *REVIEW,
    }  # fmt: skip
    material = {*MATERIAL, "items"}  # items count where there are any
    assert {field.attname for field in Change._meta.concrete_fields} == immaterial | material


@pytest.mark.parametrize("field", MATERIAL)
def test_each_material_field_is_in_the_hash(approved, person, owning, field):
    change = change_of(approved)
    other = {
        "service_id": lambda: a_service().pk,
        "model_id": lambda: a_model(a_service(), owning).pk,
        "author_id": lambda: person("engineer", username="ada").pk,
        "implementer_id": lambda: person("engineer", username="ida").pk,
        "window_start": lambda: T0,
        "window_end": lambda: T0 + HOUR,
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
