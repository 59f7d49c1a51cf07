"""From the proposal to the conclusion: who decides, what changes see of it, and in which transaction."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.incident.models.standing import NOT_ONE
from incidents.major import operations
from incidents.major.workflow import ACCEPTED, Status
from incidents.models import Incident, Major, Postmortem
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.notifications.models import Notification
from itsm.paging.models import Page
from tests.factories.changes import a_measured_service, a_model, ask
from tests.incidents.major.situations import an_incident, fresh, live, proposed, resolved
from tests.incidents.postmortem.situations import waived

pytestmark = pytest.mark.django_db
NOW = timezone.now
MINUTE = timedelta(minutes=1)


@pytest.fixture
def agenting(agent: User, as_actor: Any) -> Any:
    return as_actor(agent)


@pytest.fixture
def managing(manager: User, as_actor: Any) -> Any:
    return as_actor(manager)


@pytest.fixture
def owning(owner: User, as_actor: Any) -> Any:
    return as_actor(owner)


def test_changes_wait_from_the_acceptance_to_the_demotion(
    agenting: Any, managing: Any, owning: Any, engineer: User, as_actor: Any
) -> None:
    service, asking = a_measured_service(), as_actor(engineer)
    a_model(service, owning)

    def answer() -> str:
        return ask(service, asking, change_class="standard").outcome

    major = proposed(agenting, service=service)
    assert (answer(), fresh(major.incident).major) == ("approved", False), "a proposal holds nothing"
    led = operations.accept(major, actor=managing, severity=2, at=NOW())
    assert (led.status, led.commander_id, led.incident.major) == ("live", managing.id, True)
    assert answer() == "postponed"
    waits = operations.demote(led, actor=managing, reason="One till", notice_fate="none").awaits
    assert waits is not None
    assert (fresh(major).status, answer()) == ("live", "postponed"), "nothing changes before a second person confirms"
    with pytest.raises(NotPermitted, match="Four eyes"):
        confirming.confirm(waits, actor=managing, at=NOW(), version=1)
    confirming.confirm(waits, actor=owning, at=NOW(), version=1)
    assert (fresh(major).status, fresh(major.incident).major, answer()) == ("demoted", False, "approved")


def test_who_waits_for_it_makes_it_no_kinder(agenting: Any, managing: Any, person: Any, as_actor: Any) -> None:
    service, asker = a_measured_service(), as_actor(person("manager", username="asker"))
    ask(service, asker)
    turned = proposed(agenting, service=service)
    with pytest.raises(NotPermitted, match="has an interest in CHG-"):
        operations.reject(turned, actor=asker, reason="It is nothing")
    with pytest.raises(NotPermitted, match="has an interest in CHG-"):
        operations.demote(turned, actor=asker, reason="It is nothing", notice_fate="none")
    led = operations.accept(turned, actor=managing, severity=1, commander="asker", at=NOW())
    with pytest.raises(NotPermitted, match="has an interest in CHG-"):
        operations.demote(led, actor=asker, reason="It is nothing", notice_fate="none")
    with pytest.raises(NotPermitted, match="has an interest in CHG-"):
        resolved(led, asker)
    with pytest.raises(InvalidInput, match="demote it there"):
        incidents.edit(led.incident, actor=asker, version=led.incident.version, major=False)
    assert (fresh(led).status, fresh(led.incident).major, fresh(led.incident).status) == ("live", True, "new")


def test_a_proposal_is_not_taken_away_by_a_side_door(agenting: Any, managing: Any, person: Any, as_actor: Any) -> None:
    """Who may not reject it may not cancel or merge its incident instead."""
    service, asker = a_measured_service(), as_actor(person("manager", username="asker"))
    ask(service, asker)
    other = an_incident(agenting)
    turned = proposed(agenting, service=service)
    with pytest.raises(NotPermitted, match="has an interest in CHG-"), transaction.atomic():
        incidents.cancel(fresh(turned.incident), actor=asker, cancel_code="not_an_incident", reason="It is nothing")
    with pytest.raises(NotPermitted, match="has an interest in CHG-"), transaction.atomic():
        incidents.merge(fresh(turned.incident), actor=asker, into=other.reference, consent=True)
    assert (fresh(turned).status, fresh(turned.incident).status) == ("proposed", "new")
    incidents.merge(fresh(turned.incident), actor=managing, into=other.reference, consent=True)
    assert fresh(turned).status == "demoted"


def test_a_proposal_outlives_its_incident_where_who_resolved_it_could_not_reject_it(
    agenting: Any, managing: Any, person: Any, as_actor: Any
) -> None:
    service, asker = a_measured_service(), as_actor(person("manager", username="asker"))
    ask(service, asker)
    theirs, others = proposed(agenting, service=service), proposed(agenting, service=service)
    said = {"resolution": "Gone by itself", "resolution_code": "solved"}
    incidents.resolve(fresh(others.incident), actor=managing, **said)
    assert fresh(others).status == "rejected"
    over = incidents.resolve(fresh(theirs.incident), actor=asker, **said)
    assert (over.status, fresh(theirs).status) == ("resolved", "proposed")
    operations.unanswered_when_due(theirs.pk, theirs.proposed_at + 5 * MINUTE)
    told = Notification.objects.filter(subject__contains="Nobody has decided", to=managing.id)
    assert (told.count(), Page.objects.count()) == (1, 0), "told, not woken: what burned is over"
    with pytest.raises(Conflict, match="somebody without an interest rejects that"):
        incidents.close(over, actor=managing)
    operations.reject(fresh(theirs), actor=managing, reason="One till")
    assert incidents.close(fresh(over), actor=managing).status == "closed"


def test_nobody_goes_live_without_a_severity_a_commander_and_a_decider(agenting: Any, managing: Any) -> None:
    major = proposed(agenting)
    with pytest.raises(NotPermitted):
        operations.accept(major, actor=agenting, severity=1, at=NOW())
    with pytest.raises(InvalidInput, match="1, 2, 3 or 4"):
        operations.accept(major, actor=managing, severity=5, at=NOW())
    with pytest.raises(InvalidInput, match="no account"):
        operations.accept(major, actor=managing, severity=1, commander="nobody", at=NOW())
    with pytest.raises(IntegrityError, match="has_severity_and_commander"), transaction.atomic():
        Major.objects.filter(pk=major.pk).update(status="live", severity=1, accepted_at=NOW())
    assert fresh(major).status == "proposed"


def test_the_second_who_accepts_finds_it_accepted(agenting: Any, managing: Any, owning: Any) -> None:
    major = proposed(agenting)
    operations.accept(major, actor=managing, severity=1, at=NOW())
    with pytest.raises(WrongState) as refused:
        operations.accept(major, actor=owning, severity=2, at=NOW())
    assert (refused.value.status, fresh(major).severity) == (409, 1)


def test_only_who_commands_it_says_that_it_is_mitigated_or_over(
    agenting: Any, managing: Any, owning: Any, agent: User
) -> None:
    major = live(agenting, managing, commander=agent.username)
    with pytest.raises(NotPermitted):
        operations.mitigate(major, actor=managing, at=NOW())
    assert operations.mitigate(major, actor=agenting, at=NOW()).status == "mitigated"
    again = operations.flare_up(major, actor=agenting)
    assert (again.status, again.mitigated_at) == ("live", None)
    over = resolved(major, agenting)
    assert (over.status, over.mitigated_at, over.next_update_at) == ("resolved", over.resolved_at, None)
    assert fresh(major.incident).resolved_at == over.resolved_at, "the incident is resolved with it, as of then"
    operations.reopen(major, actor=agenting, reason="It came back", at=NOW())
    assert (fresh(major).status, fresh(major.incident).status) == ("live", "in_progress")


TIMES = ("started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at")


@pytest.mark.parametrize(
    ("name", "minutes", "words"),
    [
        ("detected_at", -90, "lies before “The harm began”"),
        ("acknowledged_at", -70, "lies before “It was seen”"),
        ("started_at", -20, "lies before “The harm began”"),
        ("mitigated_at", -61, "lies before “The harm began”"),
        ("resolved_at", -10, "not resolved yet"),
        ("detected_at", 6, "lies in the future"),
    ],
)
def test_times_out_of_order_or_ahead_are_refused(
    name: str, minutes: int, words: str, agenting: Any, managing: Any
) -> None:
    now = NOW()
    major = live(agenting, managing)
    in_order = {"started_at": -60, "detected_at": -50, "acknowledged_at": -40}
    said = {which: now + n * MINUTE for which, n in in_order.items()}
    operations.correct_times(major, actor=managing, reason="By the logs", **said)
    operations.mitigate(major, actor=managing, at=now, mitigated_at=now - 20 * MINUTE)
    with pytest.raises(MissingInformation, match=words):
        operations.correct_times(major, actor=managing, reason="By the logs", **{name: now + minutes * MINUTE})
    assert fresh(major).detected_at == said["detected_at"]


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("detected_at = started_at - interval '1 second'", "major_times_are_in_order"),
        ("resolved_at = mitigated_at - interval '1 second'", "major_times_are_in_order"),
        ("acknowledged_at = now() + interval '6 minutes'", "major_times_are_not_ahead"),
        ("status = 'concluded'", "does not move from"),
        ("severity = 5", "major_severity_is_1_to_4"),
        ("gravest = severity + 1", "accepted_major_keeps_how_grave_it_was"),
    ],
)
def test_raw_sql_is_refused_what_the_operations_refuse(sql: str, constraint: str, agenting: Any, managing: Any) -> None:
    major = live(agenting, managing)
    operations.mitigate(major, actor=managing, at=NOW())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE incidents_major SET {sql} WHERE id = %s", [major.pk])


def test_times_are_corrected_with_a_reason_only(agenting: Any, managing: Any) -> None:
    major = live(agenting, managing)
    earlier = fresh(major).started_at - MINUTE
    with pytest.raises(MissingInformation, match="Give a reason"):
        operations.correct_times(major, actor=managing, reason=" ", started_at=earlier)
    assert (
        operations.correct_times(major, actor=managing, reason="By the logs", started_at=earlier).started_at == earlier
    )


def test_what_ends_the_incident_ends_it_too(agenting: Any, managing: Any) -> None:
    by_resolving, by_cancelling = live(agenting, managing), live(agenting, managing, severity=3)
    incidents.resolve(by_resolving.incident, actor=agenting, resolution="Restarted", resolution_code="solved")
    assert (fresh(by_resolving).status, fresh(by_resolving).next_update_at) == ("resolved", None)
    incidents.reopen(fresh(by_resolving.incident), actor=agenting, reason="Again")
    assert fresh(by_resolving).status == "live"
    gone = incidents.cancel(by_cancelling.incident, actor=agenting, cancel_code="not_an_incident", reason="A drill")
    assert (fresh(by_cancelling).status, fresh(by_cancelling).reason) == ("demoted", "A drill")
    assert (gone.major, gone.version) == (False, fresh(gone).version)


def test_what_was_turned_down_is_proposed_again_by_people_at_once(agenting: Any, managing: Any) -> None:
    major = operations.reject(proposed(agenting), actor=managing, reason="One till")
    again = operations.propose(major, actor=agenting, reason="All tills")
    assert (again.status, again.reason, Major.objects.count()) == ("proposed", "All tills", 1)
    over = incidents.resolve(an_incident(agenting), actor=agenting, resolution="Done", resolution_code="solved")
    with pytest.raises(WrongState, match="reopen it first"):
        operations.propose_incident(over, actor=agenting)


def test_saying_major_on_an_incident_proposes(agenting: Any, managing: Any, requester: User, as_actor: Any) -> None:
    opened = an_incident(agenting, major=True)
    edited = incidents.edit(an_incident(agenting), actor=agenting, version=1, major=True)
    assert (opened.major, edited.major) == (False, False)
    assert {*Major.objects.values_list("incident", "status")} == {(opened.pk, "proposed"), (edited.pk, "proposed")}
    assert not Major.objects.filter(incident=an_incident(as_actor(requester), major=True)).exists()
    incidents.edit(fresh(edited), actor=agenting, version=1, major=True)
    assert Incident.objects.get(pk=edited.pk).version == 1


def test_it_is_concluded_once_its_postmortem_is_settled(agenting: Any, managing: Any, owning: Any) -> None:
    grave, small = (resolved(live(agenting, managing, severity=one), managing) for one in (2, 3))
    with pytest.raises(Conflict, match="postmortem"):
        operations.conclude(grave, actor=managing)
    assert (operations.conclude(small, actor=managing).status, fresh(small.incident).status) == ("concluded", "closed")
    waived(agenting, owning, Postmortem.objects.get(incident=grave.incident))
    assert (operations.conclude(grave, actor=managing).status, fresh(grave.incident).status) == ("concluded", "closed")


def test_who_leads_it_does_not_talk_its_postmortem_away(agenting: Any, managing: Any, owning: Any) -> None:
    major = live(agenting, managing, severity=2)
    said = operations.edit(major, actor=managing, version=major.version, severity=4)
    assert (said.severity, said.gravest) == (4, 2)
    over = resolved(said, managing)
    with pytest.raises(Conflict, match="postmortem"):
        operations.conclude(over, actor=managing)
    waived(agenting, owning, Postmortem.objects.get(incident=over.incident))
    assert operations.conclude(over, actor=managing).status == "concluded"


def test_nor_by_calling_it_none_alone_where_no_change_waits(agenting: Any, managing: Any, owning: Any) -> None:
    major = live(agenting, managing, severity=1)
    assert operations.edit(major, actor=managing, version=major.version, severity=3).gravest == 1
    with pytest.raises(Conflict, match="demote it first"):
        incidents.cancel(fresh(major.incident), actor=managing, cancel_code="not_an_incident", reason="A drill")
    asked = operations.demote(fresh(major), actor=managing, reason="A drill", notice_fate="none").awaits
    assert asked is not None
    assert (fresh(major).status, asked.subject.split(", ")[1]) == ("live", "a major incident that owes a postmortem")
    confirming.confirm(asked, actor=owning, at=NOW(), version=asked.version)
    assert fresh(major).status == "demoted"
    again = operations.accept(
        operations.propose(fresh(major), actor=agenting, reason="A few"), actor=managing, severity=3, at=NOW()
    )
    assert again.gravest == 3, "what was called none owes nothing any more"


@pytest.mark.parametrize(
    ("sql", "of"),
    [
        ("UPDATE incidents_incident SET major = NOT major WHERE id = %s", "live"),
        ("UPDATE incidents_incident SET major = NOT major WHERE id = %s", "proposed"),
        ("UPDATE incidents_incident SET major = NOT major WHERE id = %s", "ordinary"),
        ("UPDATE incidents_major SET status = 'demoted', reason = 'By hand' WHERE incident_id = %s", "live"),
        (
            "UPDATE incidents_major SET status = 'live', severity = 1, gravest = 1, commander_id = proposed_by_id,"
            " accepted_at = now() WHERE incident_id = %s",
            "proposed",
        ),
        ("DELETE FROM incidents_major WHERE incident_id = %s", "live"),
        (
            'INSERT INTO incidents_incident SELECT (jsonb_populate_record(one, \'{"id": 999999, "major": true}\')).*'
            " FROM incidents_incident one WHERE id = %s",
            "ordinary",
        ),
    ],
)
def test_the_database_keeps_incident_and_major_incident_together(
    sql: str, of: str, agenting: Any, managing: Any
) -> None:
    kinds = {"live": lambda: live(agenting, managing).incident, "proposed": lambda: proposed(agenting).incident}
    incident = kinds.get(of, lambda: an_incident(agenting))()
    connection.check_constraints()
    with pytest.raises(IntegrityError, match="stands as a major one exactly while"):
        _by_hand(sql, incident)


def _by_hand(sql: str, incident: Incident) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql, [incident.pk])
            assert cursor.rowcount == 1
        connection.check_constraints()


def test_the_database_and_the_workflow_agree_on_what_is_a_major_incident() -> None:
    assert {*NOT_ONE} == {*Status.values} - {*ACCEPTED}
