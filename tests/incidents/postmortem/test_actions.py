"""Actions have an owner and a day, and are tracked until they are done, also after the postmortem is published."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.models import Change
from incidents.models import Incident, Postmortem, PostmortemAction
from incidents.postmortem import operations, queries
from itsm.accounts.models import Team
from itsm.clocks import due
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.factories.slo import a_service
from tests.incidents.postmortem.situations import a_draft, an_action, an_incident, published

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_its_owner_is_told_before_and_when_it_is_late(engineer: Any, agent: Any, manager: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(engineer))
    until = timezone.now() + 10 * DAY
    action = an_action(as_actor(engineer), draft, owner=agent, due_at=until)
    told = Notification.objects.filter(to=agent)
    assert told.filter(subject__contains="an action for you").count() == 1
    due.sweep(until - 2 * DAY)
    assert told.filter(subject__contains="is due on").count() == 1
    due.sweep(until)
    due.sweep(until + DAY)
    assert told.filter(subject__contains="overdue since").count() == 1
    assert Notification.objects.filter(to=manager, subject__contains="overdue since").count() == 1
    assert action.is_overdue(until + DAY)


def test_done_needs_what_was_done_or_what_is_linked_to_have_ended_well(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    service = a_service()
    draft = a_draft(actor, incident=an_incident(actor, service=service))
    action = an_action(actor, draft)
    with pytest.raises(MissingInformation):
        operations.finish_action(draft, action, actor=actor, outcome=" \u200b")
    change = Change.objects.create(
        service=service, environment="production", summary="Cap retries", requested_by=engineer, author=engineer,
        created_at=timezone.now(), status="reviewing",
    )  # fmt: skip
    action = operations.edit_action(draft, action, actor=actor, link=change.reference)
    assert queries.proofs_of_action(change.pk) == [], "what is not published proves nothing"
    Postmortem.objects.filter(pk=draft.pk).update(published=1)
    assert queries.proofs_of_action(change.pk) == [(draft.reference, service.slug, engineer.pk, engineer.pk)]
    with pytest.raises(MissingInformation):
        operations.finish_action(draft, action, actor=actor)
    Change.objects.filter(pk=change.pk).update(status="closed", outcome_code="successful")
    done = operations.finish_action(draft, action, actor=actor)
    assert change.reference in done.outcome
    with pytest.raises(WrongState):
        operations.edit_action(draft, action, actor=actor, text="Other")
    again = operations.take_up_action(draft, action, actor=actor)
    assert (again.done_at, again.outcome) == (None, "")
    operations.edit_action(draft, action, actor=actor, link="")
    assert queries.proofs_of_action(change.pk) == []


def test_they_live_on_after_publishing(engineer: Any, agent: Any, manager: Any, as_actor: Any) -> None:
    done = published(as_actor(engineer), as_actor(manager))
    action = an_action(as_actor(engineer), done, owner=agent, text="Alert on retries")
    assert done.writers == [], "nobody writes in what is published by adding to what is done about it"
    with pytest.raises(WrongState, match="tracked to their end"):
        operations.remove_action(done, action, actor=as_actor(engineer))
    finished = operations.finish_action(done, action, actor=as_actor(agent), outcome="It rings at five")
    assert finished.done_by_id == agent.pk


def test_only_its_owner_or_who_writes_there_says_it_is_done(
    engineer: Any, approver: Any, person: Any, as_actor: Any
) -> None:
    draft = a_draft(as_actor(engineer))
    action = an_action(as_actor(engineer), draft)
    with pytest.raises(NotPermitted):
        operations.finish_action(draft, action, actor=as_actor(approver), outcome="Done")
    theirs = an_action(as_actor(engineer), draft, owner=approver)
    assert operations.finish_action(draft, theirs, actor=as_actor(approver), outcome="Done").done_at is not None


def test_who_owns_one_is_here_a_person_and_may_read_it(
    engineer: Any, pipeline: Any, requester: Any, person: Any, as_actor: Any
) -> None:
    actor = as_actor(engineer)
    draft = a_draft(actor)
    left = person("agent", username="left")
    type(left).objects.filter(pk=left.pk).update(is_active=False)
    left.refresh_from_db()
    for owner, refusal in ((pipeline, InvalidInput), (requester, InvalidInput), (left, Conflict)):
        with pytest.raises(refusal):
            an_action(actor, draft, owner=owner)
    with pytest.raises(InvalidInput):
        an_action(actor, draft, link=draft.about.reference)


def test_the_overdue_report_is_by_owner(engineer: Any, agent: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(engineer))
    now = timezone.now()
    for owner, days in ((agent, -3), (agent, -1), (agent, 5), (engineer, -2), (engineer, 2)):
        an_action(as_actor(engineer), draft, owner=owner, due_at=now + days * DAY)
    rows = [(row.owner, row.open, row.overdue) for row in queries.by_owner(as_actor(engineer), now)]
    assert rows == [(agent, 3, 2), (engineer, 2, 1)]


def test_what_somebody_owned_is_handed_over(engineer: Any, agent: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(engineer))
    action = an_action(as_actor(engineer), draft, owner=agent)
    assert [duty.reference for duty in queries.actions_of(agent)] == [action.reference]
    operations.hand_over(agent, engineer, as_actor(engineer), timezone.now())
    assert PostmortemAction.objects.get(pk=action.pk).owner == engineer
    operations.hand_over(engineer, None, as_actor(engineer), timezone.now())
    assert PostmortemAction.objects.get(pk=action.pk).owner is None


def test_no_action_is_handed_to_who_may_not_read_its_postmortem(engineer: Any, agent: Any, as_actor: Any) -> None:
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    agent.teams.add(hidden)
    draft = a_draft(as_actor(engineer))
    Incident.objects.update(team=hidden)
    draft = Postmortem.objects.get(pk=draft.pk)
    action = an_action(as_actor(agent), draft, owner=agent)
    operations.hand_over(agent, engineer, as_actor(agent), timezone.now())
    assert PostmortemAction.objects.get(pk=action.pk).owner is None
