"""Escalation policies of other systems' files; pages as the report of on-call counts them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import Team
from itsm.oncall import importing, reporting
from itsm.oncall.models import Served
from itsm.paging.models import Escalation, EscalationPolicy, Page
from tests.conftest import SYSTEM
from tests.itsm.oncall.exports import EXPORTS, NOW, PEOPLE

pytestmark = pytest.mark.django_db
Step = tuple[int, list[tuple[str, str]]]

# (seconds to the next, [(kind, whose turn or user name)]) of each step.
WANTED: dict[str, tuple[int, list[Step]]] = {
    "pagerduty": (2, [(300, [("schedule", "now")]), (600, [("person", "ada")])]),
    "oncall": (5, [(300, [("schedule", "now")]), (600, [("person", "ada"), ("person", "ben")])]),
    "opsgenie": (
        1,
        [
            (300, [("schedule", "now"), ("schedule", "now")]),  # two rotations that were on call at once
            (600, [("schedule", "next"), ("schedule", "next")]),
            (300, [("person", "cy")]),
        ],
    ),
}


@pytest.fixture
def team() -> Team:
    made = accounts.add_team(actor=SYSTEM, slug="payments", name="Payments")
    for email in PEOPLE:
        name = email.partition("@")[0]
        accounts.add_user(actor=SYSTEM, username=name, name=name.title(), roles=["engineer"], teams=[made], email=email)
    return made


def said(policy: EscalationPolicy) -> list[Step]:
    return [
        (one.wait_s, [(t.kind_of, t.person.username if t.person else t.which) for t in one.targets.order_by("pk")])
        for one in policy.steps.order_by("position")
    ]


@pytest.mark.parametrize("source", WANTED)
def test_policies_come_along_once_and_are_not_live(team: Team, source: str) -> None:
    document: Any = EXPORTS[source]()
    _found, looked = importing.bring_in(source, document, actor=SYSTEM, at=NOW, team=team, dry_run=True)
    assert "only looked at" in looked[0]
    assert not EscalationPolicy.objects.exists()
    for _time in range(2):
        _found, lines = importing.bring_in(source, document, actor=SYSTEM, at=NOW, team=team)
    policy = EscalationPolicy.objects.get()
    assert (policy.live_at, policy.team) == (None, team)
    assert (policy.repeats, said(policy)) == WANTED[source]
    if source != "pagerduty":
        assert any("not taken over" in line for line in lines)


@pytest.mark.writes_behind("I15")  # an escalation that nobody promised a step
def test_pages_are_counted_for_who_was_called(team: Team) -> None:
    ((made, *_more), _lines) = importing.bring_in("pagerduty", EXPORTS["pagerduty"](), actor=SYSTEM, at=NOW)
    schedule, at = made.schedule, timezone.now()
    assert schedule is not None
    people = {one.username: one for one in team.members.all()}
    hour = {
        "schedule": schedule,
        "starts_at": at - timedelta(hours=3),
        "ends_at": at - timedelta(hours=2),
        "source": "layer",
    }
    for one in people.values():
        Served.objects.create(**hour, person=one)
    escalation = Escalation.objects.create(
        policy=EscalationPolicy.objects.get(), subject_kind="incident", subject_id=1, title="X", path="/", urgency="high",
        team=team, begun_at=at, snapshot={"name": "X", "zone": "UTC", "repeats": 0, "steps": [
            {"wait": 300, "from": None, "to": None, "targets": [{"kind": "schedule", "schedule": schedule.pk}]}
        ]}, next_at=at,
    )  # fmt: skip
    Page.objects.create(
        person=people["ada"], escalation=escalation, round=1, step=1, subject_kind="incident", subject_id=1, title="X",
        path="/", urgency="high", team=team, code="1", begun_at=at - timedelta(minutes=5), state="acknowledged",
        ended_at=at - timedelta(minutes=3), how="page",
    )  # fmt: skip
    report = reporting.report(SYSTEM, at - timedelta(days=1), at + timedelta(seconds=1))
    (row,) = report.rows
    assert row.figures is not None
    assert (row.figures.pages, row.figures.median, row.people, row.fairness) == (1, 120.0, 3, 1.0)
    assert report.singles == []  # the system is nobody's manager
