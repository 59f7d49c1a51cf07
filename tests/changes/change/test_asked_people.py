"""Who is asked to decide, who is told, who never is; and what is kept of an answer."""

import pytest

from changes.change.operations import evaluating
from changes.change.operations import people_decide as deciding
from changes.change.workflow import Status
from changes.models import Change
from itsm.accounts.models import User
from itsm.approvals.deciders import deciders
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import waiting_for
from itsm.audit.models import Entry
from itsm.kernel.errors import NotPermitted
from itsm.notifications.models import Notification
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db


def approve(change, actor, comment=""):
    return deciding.decide_by_person(change, actor=actor, decision="approve", comment=comment, at=T0)


def told() -> set[str]:
    """Who was asked, by name."""
    asked = Notification.objects.filter(subject__contains="waits for you")
    return set(asked.values_list("to__username", flat=True))


@pytest.fixture
def written_by_another(asker, person):
    """A program asked; one approver wrote the change, another is to carry it out. All three are in it."""
    author, implementer = (person("approver", username=name) for name in ("ada", "ivan"))
    change = change_of(ask(a_measured_service(), asker))
    Change.objects.filter(pk=change.pk).update(author=author, implementer=implementer)
    Notification.objects.all().delete()
    evaluating.evaluate_now(change, actor=asker, at=T0 + MINUTE)
    return change_of(change.evaluations.get())


def test_who_asked_wrote_or_carries_it_out_is_excluded_when_people_are_asked(written_by_another, pipeline):
    ada, ivan = (User.objects.get(username=name) for name in ("ada", "ivan"))
    put = ApprovalRequest.objects.get(status="open")
    assert set(put.excluded) == {pipeline.pk, pipeline.owner_id, ada.pk, ivan.pk}


@pytest.mark.parametrize("name", ["ada", "ivan"])
def test_they_are_neither_told_nor_heard(written_by_another, approver, as_actor, name):
    actor = as_actor(User.objects.get(username=name))
    evaluating.evaluate_now(written_by_another, actor=as_actor(approver), at=T0 + 2 * MINUTE)
    assert name not in told()
    assert not waiting_for(actor).exists()
    with pytest.raises(NotPermitted, match="Four eyes"):
        approve(written_by_another, actor)


def test_people_who_have_left_are_not_asked(asker, person):
    person("approver", username="here")
    gone = person("approver", username="gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    person("approver", username="bot", account_type="service")
    ask(a_measured_service(), asker)
    assert told() == {"here"}
    assert [[one.username for one in who] for who in (deciders(ApprovalRequest.objects.get()).able, deciders(ApprovalRequest.objects.get()).away)] == [
        ["here"], ["gone"],
    ]  # fmt: skip


def test_where_nobody_of_the_role_is_left_the_administrators_are_told(asker, person):
    person("admin", username="root")
    ask(a_measured_service(), asker)
    assert told() == {"root"}  # who may answer in any role: an ask waits unread nowhere


def test_who_is_excluded_is_not_told_though_the_role_is_theirs(person, as_actor):
    asking, other = (person("approver", username=name) for name in ("asking", "other"))
    User.objects.filter(pk=asking.pk).update(roles=["approver", "engineer"])
    asking.refresh_from_db()
    ask(a_measured_service(), as_actor(asking))
    assert told() == {other.username}


@pytest.mark.parametrize("role", ["engineer", "approver", "owner"])
def test_engineers_approvers_and_owners_of_the_team_are_peers(asker, payments, person, as_actor, role):
    """The ask is put to the team; the other role that the policy names is taken away, so that only the team counts."""
    change = change_of(ask(a_measured_service(team=payments), asker))
    ApprovalRequest.objects.update(role="manager")
    peer = person(role, payments, username="pia")
    outsider = person(role, username="otto")
    assert [one.username for one in deciders(ApprovalRequest.objects.get()).able] == ["pia"]
    assert waiting_for(as_actor(peer)).count() == 1
    assert not waiting_for(as_actor(outsider)).exists()
    with pytest.raises(NotPermitted, match="is not among them"):
        approve(change, as_actor(outsider))
    assert approve(change, as_actor(peer)).status == Status.SCHEDULED


@pytest.mark.parametrize("role", ["requester", "agent", "auditor"])
def test_others_of_the_team_are_not(asker, payments, person, as_actor, role):
    change = change_of(ask(a_measured_service(team=payments), asker))
    member = as_actor(person(role, payments, username="mo"))
    assert not waiting_for(member).exists()
    with pytest.raises(NotPermitted):
        approve(change, member)


@pytest.mark.parametrize(("decision", "comment"), [("approve", "Looks fine."), ("decline", "Not on a Friday.")])
def test_an_answer_is_in_the_audit_trail_with_who_gave_it_and_their_words(asker, approving, decision, comment):
    change = change_of(ask(a_measured_service(), asker))
    deciding.decide_by_person(change, actor=approving, decision=decision, comment=comment, at=T0)
    entry = Entry.objects.get(event="change.answered")
    assert (entry.record_kind, entry.record_id, entry.actor_id) == ("change", change.pk, approving.id)
    assert (entry.changes["decision"], entry.remark) == ([None, decision], comment)


def test_each_of_a_quorum_has_an_entry_of_their_own(asker, approving, managing):
    change = change_of(ask(a_measured_service(), asker))
    ApprovalRequest.objects.update(quorum=2)
    for actor in (approving, managing):
        approve(change, actor)
    entries = Entry.objects.filter(event="change.answered").order_by("id")
    assert list(entries.values_list("actor_id", flat=True)) == [approving.id, managing.id]
