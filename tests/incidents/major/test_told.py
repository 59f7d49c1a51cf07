"""What others tell a war room: a deployment on its service, also as a suspect, and who was paged."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.major import operations, queries
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.notifications.lanes import Lane
from tests.factories.changes import a_measured_service, a_model, ask, change_of, start
from tests.incidents.major.situations import live

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_a_deployment_before_it_is_suspected_and_told_and_one_elsewhere_is_not(
    agent: User, manager: User, owner: User, engineer: User, as_actor: Any, web: Any
) -> None:
    now, asking = timezone.now(), as_actor(engineer)
    here, elsewhere = a_measured_service(at=now), a_measured_service(at=now)
    for service in (here, elsewhere):
        a_model(service, as_actor(owner), at=now)
        start(change_of(ask(service, asking, at=now, change_class="standard")), asking, now)
    major = live(as_actor(agent), as_actor(manager), service=here)
    (suspect,) = queries.suspects_of(major, as_actor(agent), timezone.now())
    assert (suspect.on, suspect.reference[:4]) == (here.slug, "CHG-")
    told = [
        one for one in queries.timeline_of(major, as_actor(agent), now=timezone.now()).lines if one.source == "change"
    ]
    assert [one.text.split(":")[0] for one in told] == [f"Deployment of {suspect.reference} began"]
    page = web(agent).get(major.get_absolute_url()).content.decode()
    assert suspect.url in page


def test_who_was_paged_stands_in_it(agent: User, manager: User, as_actor: Any) -> None:
    major = live(as_actor(agent), as_actor(manager))
    assert major.next_update_at is not None
    due.sweep(major.next_update_at + 5 * MINUTE, lanes=(Lane.PAGING,))
    told = queries.timeline_of(major, Actor.system("tests"), now=timezone.now()).lines
    pages = [one.text for one in told if one.source == "page"]
    assert pages == ["manager is paged (an update is overdue)", "manager is paged (No route says whom it pages.)"]
    assert operations.count_forgotten(major.next_update_at + 5 * MINUTE) == 0
