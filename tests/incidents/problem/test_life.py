"""A problem's whole life: who takes which step, what each needs, and what becomes of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from changes.change.operations.deploying.finishing import close
from changes.change.queries.fixes import fixes as changes_as_fixes
from changes.models import Change
from incidents.incident import operations as incidents
from incidents.models import FixWord, Problem
from incidents.problem import operations
from incidents.problem.queries import fixes_of, waiting_for
from incidents.problem.workflow import QUIET, Status
from itsm.accounts.models import Team
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import (
    Conflict,
    InvalidInput,
    MissingInformation,
    NotFound,
    NotPermitted,
    StaleVersion,
    VersionRequired,
    WrongState,
)
from itsm.notifications.models import Notification
from itsm.work.linking import linked_to
from itsm.work.tasks import tasks_of
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)


def a_problem(actor: Actor, **said: Any) -> Problem:
    return operations.open_problem(actor=actor, **({"statement": "Pool is exhausted on retry"} | said))


def a_change(service: Any, by: Any, **fields: Any) -> Change:
    return Change.objects.create(
        service=service, environment="production", summary="Cap retries", requested_by=by, author=by,
        created_at=timezone.now(), **fields,
    )  # fmt: skip


def analysed(actor: Actor, **said: Any) -> Problem:
    return operations.assess(a_problem(actor, **said), actor=actor)


def known(actor: Actor, **said: Any) -> Problem:
    return operations.know(analysed(actor, **said), actor=actor, cause="Retries pile up", workaround="Restart the pool")


def test_from_an_incident_to_a_verified_fix(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    service = a_service(slug="checkout")
    incident = incidents.open_incident(actor=actor, title="Checkout returns 502", service=service)
    problem = a_problem(actor, raised_from=[incident.reference.lower()])
    assert (problem.service, problem.team, problem.status) == (service, incident.team, Status.NEW)
    assert [one.record for one in linked_to(incident, actor)] == [problem]

    problem = operations.assess(problem, actor=actor)
    assert problem.owner_id == actor.id
    with pytest.raises(MissingInformation) as told:
        operations.know(problem, actor=actor, cause="Retries pile up")
    assert told.value.extra["missing"] == ["Say the workaround: what helps until it is fixed."]
    with pytest.raises(MissingInformation) as told:
        operations.know(problem, actor=actor)
    assert len(told.value.extra["missing"]) == 2
    problem = operations.know(problem, actor=actor, cause_unknown=True, workaround="Restart the pool")
    assert (problem.status, problem.cause_unknown) == (Status.KNOWN_ERROR, True)

    with pytest.raises(MissingInformation):
        operations.fix(problem, actor=actor)
    change = a_change(service, engineer, status="reviewing")
    problem = operations.fix(problem, actor=actor, change=change.reference)
    assert FixWord.objects.get(problem=problem).by_id == engineer.pk
    with pytest.raises(MissingInformation, match="not closed yet"):
        operations.resolve(problem, actor=actor)
    Change.objects.filter(pk=change.pk).update(status="closed", outcome_code="unsuccessful")
    with pytest.raises(MissingInformation, match="successful"):
        operations.resolve(problem, actor=actor)
    Change.objects.filter(pk=change.pk).update(outcome_code="successful")
    now = timezone.now()
    problem = operations.resolve(problem, actor=actor, at=now)

    due.sweep(now + QUIET - timedelta(seconds=1))
    problem.refresh_from_db()
    assert problem.status == Status.RESOLVED
    due.sweep(now + QUIET)
    problem.refresh_from_db()
    assert (problem.status, problem.close_code) == (Status.CLOSED, "fix_applied")
    last = Entry.objects.filter(record_kind="problem", event="problem.verified").latest("id")
    assert "fourteen quiet days" in str(last.actor_name)


def test_what_came_back_is_not_verified_by_itself(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    problem, now = known(actor, service=a_service()), timezone.now()
    change = a_change(problem.service, engineer, status="closed", outcome_code="successful")
    problem = operations.resolve(operations.fix(problem, actor=actor, change=change.reference), actor=actor, at=now)
    incident = incidents.open_incident(actor=actor, title="Again", at=now + timedelta(days=3))
    operations.connect(problem, actor=actor, to=incident.reference, relation="caused")
    due.sweep(now + QUIET)
    problem.refresh_from_db()
    assert problem.status == Status.RESOLVED
    assert operations.verify(problem, actor=actor).status == Status.CLOSED, "a person may know better"


def test_whoever_owns_it_hears_that_the_change_that_fixes_it_is_over(
    engineer: Any, agent: Any, manager: Any, as_actor: Any
) -> None:
    problem = known(as_actor(agent), service=a_service())
    change = a_change(problem.service, engineer, status="reviewing", outcome_code="successful")
    operations.fix(problem, actor=as_actor(agent), change=change.reference)
    assert [(one.reference, one.is_over) for one in fixes_of(problem)] == [(change.reference, False)]
    close(change, actor=as_actor(manager), outcome_code="successful")
    assert Notification.objects.filter(to=agent, subject__contains=change.reference).count() == 1
    assert [one.succeeded for one in changes_as_fixes([change.pk])] == [True]
    assert Entry.objects.filter(event="problem.fix_closed", record_id=problem.pk).count() == 1


def test_only_who_answers_for_the_service_accepts_a_risk(
    owner: Any, manager: Any, payments: Team, person: Any, as_actor: Any
) -> None:
    service = a_service(team=payments)
    problem = known(as_actor(manager), service=service)
    soon = timezone.now() + timedelta(days=90)
    for stranger in (as_actor(manager), as_actor(person("owner", username="elsewhere")), SYSTEM):
        with pytest.raises(NotPermitted):
            operations.accept_risk(problem, actor=stranger, reason="Rare", risk_review_at=soon)
    theirs = as_actor(person("owner", payments, username="ours"))
    with pytest.raises(MissingInformation) as told:
        operations.accept_risk(problem, actor=theirs)
    assert told.value.extra["missing"] == ["Give a reason.", "Say when the risk is looked at again."]
    for at in (timezone.now(), timezone.now() + timedelta(days=367)):
        with pytest.raises(MissingInformation):
            operations.accept_risk(problem, actor=theirs, reason="Rare", risk_review_at=at)
    problem = operations.accept_risk(problem, actor=theirs, reason="Rare", risk_review_at=soon)
    assert (problem.status, problem.close_code) == (Status.CLOSED, "risk_accepted")

    due.sweep(soon)
    assert Notification.objects.filter(to__username="ours", subject__contains=problem.reference).exists()
    assert Entry.objects.filter(event="problem.review_due").count() == 1


def test_only_managers_analyse_again_and_say_why(manager: Any, engineer: Any, as_actor: Any) -> None:
    problem = operations.cancel(a_problem(as_actor(engineer)), actor=as_actor(engineer), reason="None")
    with pytest.raises(NotPermitted):
        operations.re_analyse(problem, actor=as_actor(engineer), reason="It is one")
    with pytest.raises(MissingInformation):
        operations.re_analyse(problem, actor=as_actor(manager), reason=" ")
    problem = operations.re_analyse(problem, actor=as_actor(manager), reason="It is one")
    assert (problem.status, problem.close_code, problem.closed_at) == (Status.ANALYSING, "", None)


def test_duplicates_make_no_loop_and_take_their_links_along(manager: Any, as_actor: Any) -> None:
    actor = as_actor(manager)
    first, second, third = (a_problem(actor, statement=f"Problem {one}") for one in "abc")
    incident = incidents.open_incident(actor=actor, title="Broken")
    operations.connect(first, actor=actor, to=incident.reference, relation="caused")
    operations.add_task(first, actor=actor, title="Look at the pool", task_kind="analysis")

    first = operations.merge(first, actor=actor, into=second.reference)
    assert (first.status, first.close_code, first.duplicate_of) == (Status.CLOSED, "duplicate", second)
    assert [one.pk for one in waiting_for(second, actor)] == [incident.pk]
    assert [one.title for one in tasks_of(second)] == ["Look at the pool"]
    with pytest.raises(Conflict, match="loop"):
        operations.merge(second, actor=actor, into=first.reference)
    with pytest.raises(Conflict, match="loop"):
        operations.merge(second, actor=actor, into=second.reference)
    operations.merge(second, actor=actor, into=third.reference)
    first.refresh_from_db()
    assert first.duplicate_of == third, "whatever was merged before lives on in the last"
    with pytest.raises(Conflict):
        operations.re_analyse(first, actor=actor, reason="Once more")
    with pytest.raises(InvalidInput):
        operations.merge(third, actor=actor, into="PRB-99999")
    with pytest.raises(DatabaseError), transaction.atomic():
        Problem.objects.filter(pk=third.pk).update(status="closed", close_code="duplicate", duplicate_of=first,
                                                   closed_at=timezone.now())  # fmt: skip


def test_the_database_keeps_what_a_known_error_says(manager: Any, as_actor: Any) -> None:
    problem = known(as_actor(manager))
    for wrong in ({"workaround": ""}, {"cause": ""}, {"status": "closed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Problem.objects.filter(pk=problem.pk).update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(status="resolved")


def test_an_edit_holds_to_what_was_read_and_loses_nothing(manager: Any, as_actor: Any) -> None:
    actor = as_actor(manager)
    problem = known(actor)
    with pytest.raises(VersionRequired):
        operations.edit(problem, actor=actor, version=None, statement="Other")
    with pytest.raises(StaleVersion):
        operations.edit(problem, actor=actor, version=problem.version - 1, statement="Other")
    with pytest.raises(MissingInformation):
        operations.edit(problem, actor=actor, version=problem.version, workaround=" ")
    kept = operations.edit(problem, actor=actor, version=problem.version, statement="Other", cause="Known now")
    assert (kept.statement, kept.cause, kept.workaround) == ("Other", "Known now", "Restart the pool")


def test_of_another_service_no_word_about_a_fix_holds(manager: Any, as_actor: Any) -> None:
    actor = as_actor(manager)
    problem = known(actor, service=a_service(slug="one"))
    change = a_change(problem.service, manager)
    operations.connect(problem, actor=actor, to=change.reference, relation="fixed_by")
    assert FixWord.objects.filter(problem=problem, service=problem.service).count() == 1
    operations.edit(problem, actor=actor, version=problem.version, service=a_service(slug="two"))
    assert not FixWord.objects.exists()


def test_a_link_taken_away_takes_the_words_along(manager: Any, as_actor: Any) -> None:
    actor = as_actor(manager)
    problem = known(actor, service=a_service())
    change = a_change(problem.service, manager)
    linked = operations.connect(problem, actor=actor, to=change.reference, relation="fixed_by")
    operations.disconnect(problem, linked, actor=actor)
    assert not FixWord.objects.exists()


def test_what_lies_in_a_confidential_queue_is_not_there_for_others(
    engineer: Any, person: Any, as_actor: Any, db: None
) -> None:
    hidden = Team.objects.create(slug="hr", name="HR", confidential=True, takes_work=True)
    insider, outsider = as_actor(person("agent", hidden, username="insider")), as_actor(engineer)
    problem = a_problem(insider, team=hidden)
    from incidents.problem import queries

    assert queries.by_reference(insider, problem.reference) == problem
    with pytest.raises(NotFound):
        queries.by_reference(outsider, problem.reference)
    assert not queries.listed(outsider).exists()


@pytest.mark.parametrize("role", ["requester", "auditor", "approver"])
def test_who_does_not_respond_opens_none(role: str, person: Any, as_actor: Any) -> None:
    with pytest.raises(NotPermitted):
        a_problem(as_actor(person(role)))


def test_a_closed_problem_takes_no_new_owner_and_no_task(manager: Any, as_actor: Any) -> None:
    actor = as_actor(manager)
    problem = operations.cancel(a_problem(actor), actor=actor, reason="None")
    with pytest.raises(WrongState):
        operations.edit(problem, actor=actor, version=problem.version, owner=manager)
    with pytest.raises(WrongState):
        operations.add_task(problem, actor=actor, title="More")
    kept = operations.edit(problem, actor=actor, version=problem.version, symptom="Slow")
    assert kept.symptom == "Slow"
