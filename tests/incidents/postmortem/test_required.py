"""When a postmortem is required, until when, and what is not closed without one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.incident.workflow import Status as IncidentStatus
from incidents.major import operations as majors
from incidents.models import Postmortem
from incidents.postmortem import operations
from incidents.postmortem.operations import require_for_outage, require_for_rollback
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.errors import Conflict
from itsm.notifications.models import Notification
from tests.incidents.postmortem.situations import a_draft, an_incident, published, resolved, waived

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)


def decided(manager: Any, severity: int, **said: Any) -> Any:
    """The same of an incident about which a manager decided: this severe, or (0) no major one."""
    incident = an_incident(manager, **said)
    major = majors.propose_incident(incident, actor=manager)
    if not severity:
        majors.reject(major, actor=manager, reason="One till")
        return incidents.resolve(incident, actor=manager, resolution="Rolled back", resolution_code="solved")
    majors.accept(major, actor=manager, severity=severity, at=timezone.now())
    return incidents.resolve(incident, actor=manager, resolution="Rolled back", resolution_code="solved")


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        ({"priority": 1}, ["severity"]),
        ({"priority": 2}, []),
        ({"priority": 4, "severity": 2}, ["severity"]),
        ({"priority": 4, "severity": 3}, []),
        ({"priority": 1, "severity": 4}, []),  # who decided looked at the harm
        ({"priority": 1, "severity": 0}, []),  # it was turned down, with a reason
        ({"priority": 5, "data_loss": True}, ["data_loss"]),
        ({"priority": 1, "data_loss": True}, ["severity", "data_loss"]),
    ],
)
def test_what_is_resolved_may_require_one(said: Any, reasons: list[str], manager: Any, as_actor: Any) -> None:
    actor, severity = as_actor(manager), said.pop("severity", None)
    incident = resolved(actor, at=FRIDAY, **said) if severity is None else decided(actor, severity, **said)
    found = Postmortem.objects.filter(incident=incident).first()
    if not reasons:
        assert found is None
        return
    assert found is not None
    assert [one["reason"] for one in found.required_because] == reasons
    if severity is None:
        assert found.due_at == datetime(2026, 12, 4, 17, 0, tzinfo=UTC), "five working days after the resolution"
    assert found.events.filter(text__startswith="Opened").exists(), "filled from the record"


def test_found_graver_after_it_was_resolved_it_is_required_too(manager: Any, as_actor: Any) -> None:
    incident = resolved(as_actor(manager))
    incidents.edit(incident, actor=as_actor(manager), version=incident.version, priority=1)
    assert Postmortem.objects.get(incident=incident).is_required


@pytest.mark.parametrize(("share", "is_required"), [("0.2", True), ("0.199999", False), ("3", True)])
def test_a_dear_outage_requires_one(share: str, is_required: bool, agent: Any, as_actor: Any) -> None:
    incident = an_incident(as_actor(agent))
    found = require_for_outage(incident.pk, Decimal(share), "checkout lost 20 % of its budget")
    assert (found is not None) is is_required
    if found is not None:
        again = require_for_outage(incident.pk, Decimal("0.5"), "more by now")
        assert again is not None
        assert [one["reason"] for one in again.required_because] == ["budget"], "the same reason counts once"
    assert require_for_outage(10**9, Decimal(1), "") is None


def test_a_rolled_back_emergency_change_requires_one(agent: Any, as_actor: Any) -> None:
    incident = an_incident(as_actor(agent))
    found = require_for_rollback(incident.pk, "CHG-00007 was rolled back")
    assert found is not None
    assert found.reasons[0][1] == "CHG-00007 was rolled back"


def test_overdue_is_told_once_to_who_leads(manager: Any, agent: Any, as_actor: Any) -> None:
    incident = resolved(as_actor(agent), at=FRIDAY, priority=1)
    postmortem = Postmortem.objects.get(incident=incident)
    assert postmortem.due_at is not None
    due.sweep(postmortem.due_at - timedelta(seconds=1))
    told = Notification.objects.filter(subject__contains="is overdue")
    assert not told.exists()
    due.sweep(postmortem.due_at)
    due.sweep(postmortem.due_at + timedelta(days=1))
    assert told.filter(to=manager).count() == 1


def test_a_grave_incident_is_not_closed_without_one(manager: Any, engineer: Any, owner: Any, as_actor: Any) -> None:
    for incident in (resolved(as_actor(engineer), priority=1), decided(as_actor(manager), 1, priority=3)):
        postmortem = Postmortem.objects.get(incident=incident)
        with pytest.raises(Conflict, match=f"{postmortem.reference}.*ask for a waiver"):
            incidents.close(incident, actor=as_actor(manager))
        published(as_actor(engineer), as_actor(manager), postmortem)
        assert incidents.close(incident, actor=as_actor(manager)).status == IncidentStatus.CLOSED
    incident = resolved(as_actor(engineer), priority=1)
    waived(as_actor(manager), as_actor(owner), Postmortem.objects.get(incident=incident))
    assert incidents.close(incident, actor=as_actor(manager)).status == IncidentStatus.CLOSED


def test_what_is_not_grave_closes_as_before(manager: Any, as_actor: Any) -> None:
    incident = resolved(as_actor(manager), priority=2)
    assert incidents.close(incident, actor=as_actor(manager)).status == IncidentStatus.CLOSED
    taught = a_draft(as_actor(manager), incident=resolved(as_actor(manager)))
    assert taught.incident is not None
    assert incidents.close(taught.incident, actor=as_actor(manager)).status == IncidentStatus.CLOSED


def test_closing_by_itself_waits_tells_once_and_goes_on(manager: Any, engineer: Any, as_actor: Any) -> None:
    incident = resolved(as_actor(engineer), at=FRIDAY, priority=1)
    later = FRIDAY + timedelta(days=30)
    for day in range(3):
        due.sweep(later + timedelta(days=day))
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.RESOLVED
    assert Entry.objects.filter(event="incident.closing_waits", record_id=incident.pk).count() == 1
    assert Notification.objects.filter(to=engineer, subject__contains="cannot be closed").count() == 1
    published(as_actor(engineer), as_actor(manager), Postmortem.objects.get(incident=incident))
    due.sweep(later + timedelta(days=3))
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.CLOSED


def test_a_postmortem_of_the_problem_behind_it_is_enough(manager: Any, engineer: Any, as_actor: Any) -> None:
    from incidents.problem import operations as problems

    incident = resolved(as_actor(engineer), priority=1)
    problem = problems.open_problem(
        actor=as_actor(engineer), statement="Retries pile up", raised_from=[incident.reference]
    )
    draft = operations.open_postmortem(actor=as_actor(engineer), problem=problem)
    assert draft.events.filter(text__startswith="Opened").exists()
    with pytest.raises(Conflict):
        incidents.close(incident, actor=as_actor(manager))
    published(as_actor(engineer), as_actor(manager), draft)
    assert incidents.close(incident, actor=as_actor(manager)).status == IncidentStatus.CLOSED


def test_what_was_grave_as_it_was_resolved_waits_whatever_it_is_called_afterwards(
    manager: Any, engineer: Any, as_actor: Any
) -> None:
    incident = resolved(as_actor(engineer), priority=1)
    lowered = incidents.edit(incident, actor=as_actor(engineer), version=incident.version, priority=4)
    assert lowered.priority == 4
    with pytest.raises(Conflict, match="ask for a waiver"):
        incidents.close(lowered, actor=as_actor(manager))
    published(as_actor(engineer), as_actor(manager), Postmortem.objects.get(incident=incident))
    assert incidents.close(lowered, actor=as_actor(manager)).status == IncidentStatus.CLOSED


def test_what_was_published_before_it_began_says_nothing_of_it(manager: Any, engineer: Any, as_actor: Any) -> None:
    """Else one person closes it alone, by a link to any problem that was learnt from once."""
    from incidents.problem import operations as problems

    problem = problems.open_problem(actor=as_actor(engineer), statement="Retries pile up")
    old = published(
        as_actor(engineer), as_actor(manager), operations.open_postmortem(actor=as_actor(engineer), problem=problem)
    )
    incident = resolved(as_actor(engineer), priority=1)
    problems.connect(problem, actor=as_actor(engineer), to=incident.reference, relation="caused")
    with pytest.raises(Conflict, match="ask for a waiver"):
        incidents.close(incident, actor=as_actor(manager))
    draft = operations.submit(operations.revise(old, actor=as_actor(engineer)), actor=as_actor(engineer))
    operations.publish(draft, actor=as_actor(manager))
    assert incidents.close(incident, actor=as_actor(manager)).status == IncidentStatus.CLOSED
