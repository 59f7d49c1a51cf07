"""What a problem tells those who wait: each open incident once for each version of the words, also after a kill."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.incident.queries import notes_on
from incidents.models import BroadcastDelivery, Incident, Problem
from incidents.problem import operations
from incidents.problem.queries import broadcasts_of
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.ui.activity import activity
from itsm.work.models import Note
from tests.factories.slo import a_service

SYSTEM = Actor.system("tests", Door.COMMAND)
WORKAROUND = "Restart the pool"
# Runs in a process of its own: at the 20th note it is killed, after the note is written and before that is kept.
KILLED_AT_20 = """
import os, signal, django
django.setup()
from django.utils import timezone
from incidents.problem.operations import broadcasting

told, settle = [0], broadcasting.settle

def until_killed(row, said, at):
    settle(row, said, at)
    told[0] += 1
    if told[0] == 20:
        os.kill(os.getpid(), signal.SIGKILL)

broadcasting.settle = until_killed
broadcasting.tell_owed(timezone.now())
"""


def with_waiting(actor: Actor, count: int, **said: Any) -> tuple[Problem, list[Incident]]:
    service = a_service()
    problem = operations.open_problem(
        actor=actor, statement="Pool runs dry", workaround=WORKAROUND, service=service, **said
    )
    made = [incidents.open_incident(actor=actor, title=f"502 ({one})", service=service) for one in range(count)]
    for one in made:
        operations.connect(problem, actor=actor, to=one.reference, relation="caused")
    return problem, made


def notes() -> list[tuple[int, bool]]:
    found = Note.objects.filter(record_kind="incident", text__contains=WORKAROUND).order_by("record_id", "private")
    return list(found.values_list("record_id", "private"))


@pytest.mark.django_db
def test_each_open_incident_is_told_once_for_each_version(agent: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem, (first, second, over) = with_waiting(actor, 3, workaround_public=True)
    incidents.resolve(over, actor=actor, resolution="Gone", resolution_code="solved")
    operations.broadcast(problem, actor=actor)
    assert (operations.tell_owed(timezone.now()), operations.tell_owed(timezone.now())) == (2, 0)
    assert notes() == [(first.pk, True), (second.pk, True)]
    operations.broadcast(problem, actor=actor, text=f" {WORKAROUND} ", requesters=True)
    assert operations.tell_owed(timezone.now()) == 2, "the desks have these words; their callers have not"
    assert notes() == [(first.pk, False), (first.pk, True), (second.pk, False), (second.pk, True)]
    operations.broadcast(problem, actor=actor, text=f"{WORKAROUND}, twice")
    assert operations.tell_owed(timezone.now()) == 2
    assert [(one.owed, one.told, one.waiting) for one in broadcasts_of(problem, actor)] == [(2, 2, 0)] * 3


@pytest.mark.django_db
def test_what_is_over_meanwhile_is_left_out_and_says_so(agent: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem, (one,) = with_waiting(actor, 1)
    operations.broadcast(problem, actor=actor)
    incidents.resolve(one, actor=actor, resolution="Gone", resolution_code="solved")
    assert operations.tell_owed(timezone.now()) == 1
    (progress,) = broadcasts_of(problem, actor)
    assert (progress.told, [left.incident for left in progress.left_out]) == (0, [one.reference])


@pytest.mark.django_db
def test_callers_are_told_what_they_could_not_read_in_one_action(agent: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem, (one,) = with_waiting(actor, 1)
    operations.broadcast(problem, actor=actor, requesters=True, workaround_public=True)
    assert operations.tell_owed(timezone.now()) == 2
    assert notes() == [(one.pk, False), (one.pk, True)]
    assert Problem.objects.get(pk=problem.pk).workaround_public


@pytest.mark.django_db
def test_what_the_desk_and_the_caller_are_told_is_one_line_of_the_story(agent: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem, (one,) = with_waiting(actor, 1, workaround_public=True)
    incidents.note(one, actor=actor, text="Looked at it")
    operations.broadcast(problem, actor=actor, requesters=True)
    operations.tell_owed(timezone.now())
    told, desk = (
        [(event.text, event.private) for event in activity(one, timeline(one), notes_on(one, with_private=seen))
         if event.said] for seen in (False, True)
    )  # fmt: skip
    assert told == [(WORKAROUND, False)]
    assert desk == [(f"{problem.reference} says: {WORKAROUND}", False), ("Looked at it", True)]


@pytest.mark.django_db
def test_who_may_not_or_says_nothing_owes_nothing(agent: Any, requester: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem, _waiting = with_waiting(actor, 1)
    with pytest.raises(NotPermitted):
        operations.broadcast(problem, actor=as_actor(requester))
    with pytest.raises(NotPermitted):
        operations.broadcast(problem, actor=SYSTEM)
    with pytest.raises(InvalidInput):
        operations.broadcast(problem, actor=actor, requesters=True)
    silent = operations.open_problem(actor=actor, statement="No words")
    with pytest.raises(MissingInformation):
        operations.broadcast(silent, actor=actor)
    Problem.objects.filter(pk=silent.pk).update(workaround="x")
    proposed = Problem.objects.create(statement="Recurring", status="proposed", opened_at=timezone.now())
    with pytest.raises(WrongState):
        operations.broadcast(proposed, actor=actor, text="x")
    assert not BroadcastDelivery.objects.exists()


@pytest.mark.django_db
def test_an_accepted_risk_is_told_to_those_who_wait(person: Any, payments: Any, as_actor: Any) -> None:
    actor = as_actor(person("owner", payments, username="ours"))
    problem, (one,) = with_waiting(actor, 1)
    Problem.objects.filter(pk=problem.pk).update(status="new")
    problem = operations.assess(problem, actor=actor)
    operations.accept_risk(problem, actor=actor, reason="It is rare", risk_review_at=timezone.now() + timedelta(days=9))
    assert operations.tell_owed(timezone.now()) == 1
    said = Note.objects.get(record_id=one.pk, record_kind="incident")
    assert (said.private, "It is rare" in said.text) == (True, True)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_the_20th_of_50_tells_each_once_all_the_same() -> None:
    actor = actor_for(User.objects.create(username="agent", roles=["agent"]), Door.WEB)
    problem, made = with_waiting(actor, 50)
    operations.broadcast(problem, actor=actor)
    address = _address()
    environment = {**os.environ, "DATABASE_URL": address, "DATABASE_OWNER_URL": address}
    environment["DJANGO_SETTINGS_MODULE"] = "itsm.settings_test"
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_20], env=environment, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr.decode()[-2000:]
    assert BroadcastDelivery.objects.exclude(settled_at=None).count() == 19
    assert len(notes()) == 19, "what was not kept was not told"
    assert operations.tell_owed(timezone.now()) == 31
    assert notes() == [(one.pk, True) for one in made]


def _address() -> str:
    told = connection.settings_dict
    return f"postgresql://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


@pytest.mark.django_db
def test_whom_it_left_out_is_named_to_those_who_see_the_incident(agent: Any, engineer: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem, (one,) = with_waiting(actor, 1)
    operations.broadcast(problem, actor=actor)
    incidents.resolve(one, actor=actor, resolution="Gone", resolution_code="solved")
    operations.tell_owed(timezone.now())
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    Incident.objects.filter(pk=one.pk).update(team=hidden)
    (progress,) = broadcasts_of(problem, as_actor(engineer))
    assert (progress.told, progress.waiting, progress.left_out) == (0, 0, ())
