"""A program that is handed over takes nobody's interest along: who owned it when it asked goes on wanting the answer."""

import pytest

from changes.change.operations import evaluating
from changes.change.operations import people_decide as deciding
from changes.models import Change
from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.accounts.operations import edit_person
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.errors import NotPermitted
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db


@pytest.fixture
def before(pipeline):
    """Who owned it when it asked, an administrator and approver who then hands it over."""
    owner = pipeline.owner
    owner.roles = ["admin", "approver", "engineer", "owner", "manager"]
    owner.save()
    return owner


@pytest.fixture
def handed_over(asker, before, pipeline, person, as_actor):
    change = change_of(ask(a_measured_service(), asker))
    edit_person(
        pipeline, actor=as_actor(before), version=None, version_required=False,
        owner=person("engineer", username="taker"),
    )  # fmt: skip
    return change_of(change.evaluations.get())


def test_who_hands_a_program_over_keeps_the_interest_in_what_it_asked(handed_over, before, as_actor):
    with pytest.raises(NotPermitted, match=handed_over.reference):
        interest.require_no_interest(as_actor(before), [handed_over.service_id], doing="lift a guard")


def test_neither_they_nor_who_took_it_over_answers(handed_over, before, as_actor, person):
    person("approver", username="somebody")
    evaluating.evaluate_now(handed_over, actor=as_actor(person("approver", username="other")), at=T0 + 2 * MINUTE)
    asked = ApprovalRequest.objects.filter(record_id=handed_over.pk, status="open").latest("id")
    assert {before.pk, User.objects.get(username="taker").pk} <= {*asked.excluded} | interest.natural_persons(
        asked.excluded
    )
    with pytest.raises(NotPermitted):
        deciding.decide_by_person(
            change_of(handed_over.evaluations.latest("id")), actor=as_actor(before), decision="approve", comment="",
            at=T0 + 2 * MINUTE,
        )  # fmt: skip


def test_the_database_keeps_them_whatever_is_written(handed_over, before):
    Change.objects.filter(pk=handed_over.pk).update(program_owners=[])
    assert before.pk in Change.objects.get(pk=handed_over.pk).program_owners
