"""What is said has an effect: it tells the other side, resumes, reopens and begins anew."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations
from incidents.incident.workflow import Status
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation
from itsm.notifications.models import Notification
from itsm.work.models import Link
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(person: Any) -> User:
    return person("requester", username="bo")


@pytest.fixture
def incident(bo: User, agent: User, as_actor: Any) -> Incident:
    opened = operations.open_incident(actor=as_actor(bo), title="Cannot print")
    return operations.acknowledge(opened, actor=as_actor(agent))


def told(person: User) -> list[str]:
    return list(Notification.objects.filter(to=person).order_by("id").values_list("subject", flat=True))


def held_for_the_caller(incident: Incident, actor: Actor, **more: Any) -> Incident:
    operations.reply(incident, actor=actor, text="Which printer?")
    return operations.hold(incident, actor=actor, hold_reason="caller", reason="Asked which printer", **more)


class TestReplies:
    def test_a_reply_tells_the_caller_and_counts_as_first_response(
        self, incident: Incident, bo: User, agent: User, as_actor: Any
    ) -> None:
        operations.reply(incident, actor=as_actor(agent), text="Which printer?")
        incident.refresh_from_db()
        assert incident.first_response_at is not None
        assert told(bo) == [f"Answer on {incident.reference}: Cannot print"]
        assert told(agent) == [], "nobody hears of their own deed"

    def test_the_caller_waits_once_they_spoke_after_they_reported_it_and_nobody_answered(
        self, incident: Incident, bo: User, agent: User, as_actor: Any
    ) -> None:
        assert not incident.caller_waits, "a new ticket says so by being new"
        for actor, waits in ((bo, True), (agent, False), (bo, True)):
            operations.reply(incident, actor=as_actor(actor), text="Hm")
            incident.refresh_from_db()
            assert incident.caller_waits is waits

    def test_a_program_may_say_what_it_had_read(
        self, incident: Incident, bo: User, agent: User, api: Any, as_actor: Any
    ) -> None:
        where, said = f"/api/v1/incidents/{incident.reference}/notes/", {"text": "Done", "private": False, "seen": 0}
        newest = operations.reply(incident, actor=as_actor(bo), text="Still broken").pk
        refused = api(agent).post(where, said, format="json")
        assert (refused.status_code, refused.json()["type"].strip("/").rpartition("/")[2]) == (
            409,
            "answered-meanwhile",
        )
        assert api(agent).post(where, said | {"seen": newest}, format="json").status_code == 201

    def test_who_took_the_call_speaks_for_the_desk(self, bo: User, agent: User, as_actor: Any) -> None:
        phoned = operations.open_incident(
            actor=as_actor(agent), title="Badge does not open", caller=bo, channel="phone"
        )
        operations.reply(phoned, actor=as_actor(agent), text="Which number stands on it?")
        phoned.refresh_from_db()
        assert phoned.first_response_at is not None
        assert told(bo) == [f"Answer on {phoned.reference}: Badge does not open"]

    def test_a_note_tells_no_caller(self, incident: Incident, bo: User, agent: User, as_actor: Any) -> None:
        operations.note(incident, actor=as_actor(agent), text="Odd.")
        incident.refresh_from_db()
        assert (told(bo), incident.first_response_at) == ([], None)

    def test_an_answer_tells_who_works_on_it(self, incident: Incident, bo: User, agent: User, as_actor: Any) -> None:
        operations.reply(incident, actor=as_actor(bo), text="Still broken")
        assert told(agent) == [f"Answer on {incident.reference}: Cannot print"]

    def test_a_word_lets_no_open_edit_go_stale(self, incident: Incident, bo: User, agent: User, as_actor: Any) -> None:
        operations.reply(incident, actor=as_actor(bo), text="Floor 3")
        operations.edit(incident, actor=as_actor(agent), version=incident.version, title="Cannot print on floor 3")

    def test_the_callers_answer_resumes_what_waited_for_it(
        self, incident: Incident, bo: User, agent: User, as_actor: Any
    ) -> None:
        held = held_for_the_caller(incident, as_actor(agent))
        operations.reply(held, actor=as_actor(bo), text="The one on floor 3")
        held.refresh_from_db()
        assert (held.status, held.hold_reason) == (Status.IN_PROGRESS, "")

    def test_other_holds_stay(self, incident: Incident, bo: User, agent: User, as_actor: Any) -> None:
        held = operations.hold(incident, actor=as_actor(agent), hold_reason="vendor", reason="A part is ordered")
        operations.reply(held, actor=as_actor(bo), text="Any news?")
        held.refresh_from_db()
        assert held.status == Status.ON_HOLD
        assert held.caller_spoke_at is not None

    def test_an_answer_on_one_that_is_over_begins_another(
        self, incident: Incident, bo: User, agent: User, as_actor: Any
    ) -> None:
        operations.resolve(incident, actor=as_actor(agent), resolution="Toner.", resolution_code="solved")
        operations.close(incident, actor=as_actor(bo))
        said = operations.reply(incident, actor=as_actor(bo), text="Again today")
        made = Incident.objects.get(pk=said.record_id)
        assert (made.pk != incident.pk, made.caller, made.team_id) == (True, bo, incident.team_id)
        assert Link.objects.filter(from_id=made.pk, to_id=incident.pk, meaning="follows").count() == 1


class TestHolding:
    def test_for_the_caller_it_waits_only_once_they_were_asked(
        self, incident: Incident, bo: User, agent: User, as_actor: Any
    ) -> None:
        with pytest.raises(MissingInformation, match="Ask first"):
            operations.hold(incident, actor=as_actor(agent), hold_reason="caller", reason="x")
        operations.reply(incident, actor=as_actor(agent), text="Which?")
        operations.reply(incident, actor=as_actor(bo), text="That one")
        with pytest.raises(MissingInformation, match="Ask first"):
            operations.hold(incident, actor=as_actor(agent), hold_reason="caller", reason="x")

    def test_it_resumes_by_itself_at_the_instant_that_was_said(
        self, incident: Incident, agent: User, as_actor: Any
    ) -> None:
        until = timezone.now() + timedelta(hours=1)
        operations.hold(incident, actor=as_actor(agent), hold_reason="vendor", reason="x", hold_until=until)
        due.sweep(until - timedelta(seconds=1))
        incident.refresh_from_db()
        assert incident.status == Status.ON_HOLD
        due.sweep(until)
        due.sweep(until + timedelta(minutes=1))
        incident.refresh_from_db()
        assert (incident.status, incident.hold_until) == (Status.IN_PROGRESS, None)

    def test_resuming_takes_the_promise_back(self, incident: Incident, agent: User, as_actor: Any) -> None:
        until = timezone.now() + timedelta(hours=1)
        held = operations.hold(incident, actor=as_actor(agent), hold_reason="vendor", reason="x", hold_until=until)
        operations.resume(held, actor=as_actor(agent))
        assert not Due.objects.filter(name=operations.HOLD_ENDS, done_at=None, given_up_at=None).exists()


class TestClosing:
    def test_what_is_resolved_closes_by_itself_unless_somebody_reopens(
        self, incident: Incident, bo: User, agent: User, as_actor: Any
    ) -> None:
        operations.resolve(incident, actor=as_actor(agent), resolution="Toner.", resolution_code="solved")
        promised = Due.objects.get(name=operations.CLOSING, done_at=None)
        due.sweep(promised.at - timedelta(seconds=1))
        incident.refresh_from_db()
        assert incident.status == Status.RESOLVED
        due.sweep(promised.at)
        incident.refresh_from_db()
        assert incident.status == Status.CLOSED
        assert incident.closed_at is not None

    def test_a_reopened_one_is_not_closed(self, incident: Incident, bo: User, agent: User, as_actor: Any) -> None:
        operations.resolve(incident, actor=as_actor(agent), resolution="Toner.", resolution_code="solved")
        operations.reopen(incident, actor=as_actor(bo), reason="Still broken")
        incident.refresh_from_db()
        assert (incident.reopened, incident.resolved_at, incident.resolution_code) == (1, None, "")
        due.sweep(timezone.now() + timedelta(days=30))
        incident.refresh_from_db()
        assert incident.status == Status.IN_PROGRESS
        assert f"{incident.reference} was reopened: Cannot print" in told(agent)


class TestPriority:
    def test_the_matrix_says_it_and_says_why(self, agent: User, as_actor: Any) -> None:
        made = operations.open_incident(actor=as_actor(agent), title="Slow", impact=1, urgency=2)
        assert (made.priority, made.priority_why) == (2, "P2 = impact high x urgency medium (matrix 1)")

    def test_a_person_overrides_it_and_takes_it_back(self, agent: User, as_actor: Any) -> None:
        made = operations.open_incident(actor=as_actor(agent), title="Slow", impact=2, urgency=3)
        over = operations.edit(made, actor=as_actor(agent), version=1, priority=2, priority_why="Payroll tonight")
        assert (over.priority, over.priority_by, over.priority_why) == (2, "person", "Payroll tonight")
        kept = operations.edit(over, actor=as_actor(agent), version=over.version, impact=3)
        assert kept.priority == 2, "a person's word stands"
        back = operations.edit(kept, actor=as_actor(agent), version=kept.version, priority=None)
        assert (back.priority, back.priority_by) == (5, "matrix")

    def test_who_only_asks_makes_nothing_critical(self, bo: User, as_actor: Any) -> None:
        service = a_service(tier=1)
        made = operations.open_incident(actor=as_actor(bo), title="All is down", service=service, urgency=1, priority=1)
        assert made.priority == 2
        assert not made.holds_changes
