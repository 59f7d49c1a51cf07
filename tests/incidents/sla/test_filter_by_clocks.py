"""The term `sla`: which incidents have a clock that stands so."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident.filters import Reading, narrowed, terms_of
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.clocks.models import Clock
from itsm.kernel.errors import InvalidInput
from itsm.work.grammar import pairs_of
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clocked() -> None:
    """Six incidents, each named by how its clock stands; `free` has a clock without a target."""
    now = timezone.now()
    hour = timedelta(hours=1)
    stands: dict[str, dict[str, Any]] = {
        "over": {"state": "running", "running_since": now - hour, "due_at": now - hour / 2},
        "warned": {"state": "running", "running_since": now - hour, "due_at": now + hour, "told": ["warn_50"]},
        "fresh": {"state": "running", "running_since": now, "due_at": now + hour},
        "held": {"state": "paused"},
        "met": {"state": "stopped", "outcome": "met", "outcome_at": now, "name": "first_response"},
        "late": {"state": "stopped", "outcome": "breached", "outcome_at": now, "late_s": 9},
        "free": {"state": "running", "running_since": now, "target_s": None},
    }
    for title, said in stands.items():
        one = Incident.objects.create(title=title, opened_at=now)
        Clock.objects.create(record_kind="incident", record_id=one.pk, **{"name": "resolve", "target_s": 3600, **said})


@each_of(
    ("query", "found"),
    [
        ("sla=breached", "over late"),
        ("sla=warned", "warned"),
        ("sla=running", "over warned fresh"),
        ("sla=paused", "held"),
        ("sla=met", "met"),
        ("sla=none", "free"),
        ("sla=met,paused", "met held"),
        ("sla=resolve:breached", "over late"),
        ("sla=first_response:met", "met"),
        ("sla=first_response:breached", ""),
        ("sla=resolve:none", "met free"),
        ("not.sla=breached,none", "warned fresh held met"),
    ],
)
def test_clocks_that_stand_so_are_found(query: str, found: str, clocked: None, agent: User, as_actor: Any) -> None:
    rows = narrowed(Incident.objects.all(), terms_of(pairs_of(query)), Reading.by(as_actor(agent)))
    assert {one.title for one in rows} == set(found.split())


def test_a_requester_is_told_nothing_of_clocks(clocked: None, requester: User, as_actor: Any) -> None:
    with pytest.raises(InvalidInput, match="no such field"):
        narrowed(Incident.objects.all(), terms_of([("sla", "met")]), Reading.by(as_actor(requester)))
