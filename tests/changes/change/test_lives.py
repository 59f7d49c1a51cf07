"""Four lives: what each class of change walks, how the derived class takes the place of the claimed one, and holds."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from changes.change.operations import asking, editing, evaluating, people_decide
from changes.change.operations.pausing import put_on_hold, resume
from changes.change.operations.unauthorised import record_unauthorised, withdraw_unauthorised
from changes.change.queries.turns import place_of
from changes.change.queries.verdicts import of_decision
from changes.change.workflow import Status
from changes.models import Change, Evaluation
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalRequest
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.notifications.models import Notification
from slo.models import Reservation
from tests.factories.changes import OPERATOR, a_measured_service, a_model, ask, change_of, question, restate, start
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

LATER = T0 + timedelta(minutes=5)


@pytest.fixture
def responding(agent: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(agent)


@pytest.fixture
def burning(responding: Actor) -> Incident:
    """A P1 that nobody else has seen yet."""
    return incidents.open_incident(actor=responding, title="Down", service=a_measured_service(), priority=1, at=T0)


def urgently(burning: Incident, asker: Actor) -> Evaluation:
    return ask(burning.service, asker, change_class="emergency", exception={"incident": burning.reference})


def classes(change: Change) -> list[object]:
    """What the history says about its class and state, step by step."""
    kept = Entry.objects.filter(record_kind="change", record_id=change.pk).order_by("pk")
    return [one.event.removeprefix("change.") for one in kept]


class TestAnEmergency:
    def test_waits_for_an_authority_and_for_no_assessment(self, burning, asker, responding, managing) -> None:
        incidents.confirm(burning, actor=managing)
        change = change_of(urgently(burning, asker))
        assert (change.change_class, change.status) == ("emergency", Status.AUTHORISING)
        assert "found_no_emergency" not in classes(change)
        assert [one.action for one in change.workflow.open_to(managing, change)] == [
            "authorise", "decline", "hold", "cancel",
        ]  # fmt: skip
        people_decide.decide_by_person(change, actor=managing, decision="approve", comment="", at=T0)
        assert change_of(change.evaluations.get()).status == Status.SCHEDULED

    def test_that_is_none_is_assessed_and_its_history_says_why(self, burning, asker) -> None:
        change = change_of(urgently(burning, asker))
        assert (change.change_class, change.status) == ("normal", Status.ASSESSING)
        kept = Entry.objects.get(event="change.found_no_emergency")
        assert kept.changes["status"] == ["authorising", "assessing"]
        assert kept.changes["change_class"] == ["emergency", "normal"]
        assert "Not an emergency" in kept.remark

    def test_is_one_as_soon_as_somebody_else_confirms_it_and_none_once_it_is_over(
        self, burning, asker, responding, managing
    ) -> None:
        evaluation = urgently(burning, asker)
        incidents.confirm(burning, actor=managing)
        evaluating.evaluate_now(change_of(evaluation), actor=asker, at=LATER)
        change = change_of(evaluation)
        assert (change.change_class, change.status) == ("emergency", Status.AUTHORISING)
        assert ApprovalRequest.objects.get(status="open").authority == "emergency authority"
        incidents.resolve(burning, actor=responding, resolution="A full disk.", resolution_code="solved")
        evaluating.evaluate_now(change, actor=asker, at=LATER + timedelta(minutes=1))
        change = change_of(evaluation)
        assert (change.change_class, change.status) == ("normal", Status.ASSESSING)
        assert classes(change).count("found_no_emergency") == 2

    def test_waiting_is_no_state_of_another_class(self, burning, asker) -> None:
        change = change_of(urgently(burning, asker))
        for fields in ({"change_class": "emergency"}, {"status": "authorising"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Change.objects.filter(pk=change.pk).update(**fields)


def test_a_standard_claim_that_is_refused_tells_the_class_that_was_found(asker) -> None:
    change = change_of(ask(a_measured_service(), asker, change_class="standard"))
    assert (change.change_class, change.status) == ("normal", Status.ASSESSING)
    assert Entry.objects.get(event="change.evaluated").changes["change_class"] == ["standard", "normal"]


class TestOnHold:
    @pytest.fixture
    def waiting(self, asker: Actor, approver: User) -> Change:
        return change_of(ask(a_measured_service(), asker))

    @pytest.fixture
    def going(self, asker: Actor, owning: Actor) -> Change:
        service = a_measured_service()
        a_model(service, owning)
        return change_of(ask(service, asker, change_class="standard"))

    def test_what_may_go_gives_its_share_back_and_is_asked_for_anew(self, going, asker) -> None:
        assert (going.status, Reservation.objects.filter(released_at=None).count()) == (Status.SCHEDULED, 1)
        held = put_on_hold(going, actor=asker, at=LATER, hold_reason="The vendor answers on Monday")
        assert (held.status, held.hold_reason, held.held_at) == (Status.ON_HOLD, "The vendor answers on Monday", LATER)
        assert not Reservation.objects.filter(released_at=None).exists()
        assert not Due.objects.filter(done_at=None).exists()
        first = going.evaluations.get()
        assert (first.status, first.ended_because) == ("cancelled", "put on hold: The vendor answers on Monday")
        with pytest.raises(WrongState):
            start(held, asker, LATER)

        restate(going.service, "burning_fast", LATER)
        resumed = resume(held, actor=asker, at=LATER)
        assert (resumed.status, resumed.hold_reason, resumed.held_at) == (Status.ASSESSING, "", None)
        assert [one.outcome for one in going.evaluations.order_by("asked_at")] == ["approved", "postponed"]

    def test_what_people_were_asked_is_withdrawn_and_they_are_asked_again(self, waiting, asker) -> None:
        held = put_on_hold(waiting, actor=asker, at=T0, hold_reason="Tests are red")
        assert ApprovalRequest.objects.get().status == "withdrawn"
        resume(held, actor=asker, at=LATER)
        assert ApprovalRequest.objects.get(status="open").content_hash == waiting.content_hash

    def test_it_keeps_its_place_among_those_of_its_asker_who_wait(self, asker, owning) -> None:
        service = a_measured_service("constrained")
        restate(service, "constrained", T0, remaining=Decimal("0.09"))
        a_model(service, owning, rollback_tested=True)
        _, _, first, second = (ask(service, asker, change_class="standard").change for _ in range(4))

        def places() -> list[tuple[int, int] | None]:
            newest = [one.evaluations.select_related("decision").order_by("-asked_at")[0] for one in (first, second)]
            return [place_of(one, of_decision(one.decision)) for one in newest]

        assert places() == [(1, 2), (2, 2)]
        held = put_on_hold(first, actor=asker, at=LATER, hold_reason="Tests are red")
        assert places() == [None, (1, 1)]
        resume(held, actor=asker, at=LATER)
        assert places() == [(1, 2), (2, 2)]

    def test_it_says_what_it_waits_for(self, waiting, asker) -> None:
        with pytest.raises(MissingInformation, match="what it waits for"):
            put_on_hold(waiting, actor=asker, at=T0, hold_reason=" ")
        assert change_of(waiting.evaluations.get()).status == Status.ASSESSING
        with pytest.raises(IntegrityError), transaction.atomic():
            Change.objects.filter(pk=waiting.pk).update(status="on_hold", held_at=T0)

    def test_of_somebody_else_its_asker_is_told(self, engineer, as_actor, managing) -> None:
        change = change_of(ask(a_measured_service(), as_actor(engineer)))
        put_on_hold(change, actor=managing, at=T0, hold_reason="A lockdown comes")
        told = Notification.objects.get(to=engineer, subject__contains="on hold")
        assert (told.body, managing.name in told.subject) == ("A lockdown comes", True)

    def test_who_waits_beside_it_holds_nobody_elses(self, waiting, person, as_actor) -> None:
        rival = as_actor(person("manager", username="rival"))
        ask(waiting.service, rival)
        with pytest.raises(NotPermitted):
            put_on_hold(waiting, actor=rival, at=T0, hold_reason="Mine first")
        assert change_of(waiting.evaluations.get()).status == Status.ASSESSING

    def test_the_same_content_is_not_asked_about_past_the_hold(self, asker, approver) -> None:
        asked = question(a_measured_service())
        change = asking.ask_gate(asked, actor=asker, at=T0).change
        put_on_hold(change, actor=asker, at=T0, hold_reason="Tests are red")
        with pytest.raises(Conflict, match="on hold"):
            asking.ask_gate(asked, actor=asker, at=LATER)
        assert Change.objects.count() == 1

    def test_its_content_may_be_written_anew_and_its_window_must_be_to_come(self, asker, approver) -> None:
        window = (T0 + timedelta(hours=1), T0 + timedelta(hours=2))
        change = change_of(ask(a_measured_service(), asker, window=window))
        held = put_on_hold(change, actor=asker, at=T0, hold_reason="Tests are red")
        at = T0 + timedelta(hours=3)
        with pytest.raises(InvalidInput, match="window ended"):
            resume(held, actor=asker, at=at)
        edited = editing.edit(
            held, actor=asker, version=held.version, at=at, window_start=at, window_end=at + timedelta(hours=1)
        )
        assert edited.status == Status.ON_HOLD
        assert resume(edited, actor=asker, at=at).status == Status.ASSESSING

    def test_what_a_person_asked_for_says_its_way_back_as_when_it_left_their_hands(
        self, engineer, approver, as_actor, web, api
    ) -> None:
        by = as_actor(engineer)
        change = change_of(ask(a_measured_service("no_data"), by, backout="Deploy the last version."))
        held = put_on_hold(change, actor=by, at=T0, hold_reason="Tests are red")
        bare = editing.edit(held, actor=by, version=held.version, at=T0, backout="")
        with pytest.raises(MissingInformation, match="Say how to get back"):
            resume(bare, actor=by, at=LATER)
        answer = api(engineer).post(f"/api/v1/changes/{change.reference}/resume/", {}, format="json")
        assert (answer.status_code, answer.json()["missing"][0][:19]) == (422, "Say how to get back")
        page = web(engineer).post(f"{change.get_absolute_url()}resume/")
        assert (page.status_code, "Say how to get back" in page.content.decode()) == (422, True)
        why = editing.edit(bare, actor=by, version=bare.version, at=T0, no_backout_because="Nothing is kept.")
        assert resume(why, actor=by, at=LATER).status == Status.ASSESSING

    def test_of_a_programs_way_back_the_gate_finds_that_it_is_missing(self, waiting, asker, managing) -> None:
        held = put_on_hold(waiting, actor=asker, at=T0, hold_reason="Tests are red")
        held = editing.edit(held, actor=asker, version=held.version, at=T0, backout="")
        assert resume(held, actor=managing, at=LATER).status == Status.ASSESSING

    def test_it_may_be_taken_back_and_called_off(self, waiting, asker) -> None:
        held = put_on_hold(waiting, actor=asker, at=T0, hold_reason="Tests are red")
        back = people_decide.revert(held, actor=asker, at=T0)
        assert back.status == Status.DRAFT
        again = put_on_hold(asking.submit(back, actor=asker, at=LATER), actor=asker, at=LATER, hold_reason="Still red")
        assert people_decide.cancel(again, actor=asker, at=LATER).status == Status.CANCELLED

    def test_what_runs_is_neither_held_nor_called_off(self, going, asker) -> None:
        start(going, asker)
        for act in (
            lambda: put_on_hold(going, actor=asker, at=LATER, hold_reason="Wait"),
            lambda: people_decide.cancel(going, actor=asker, at=LATER),
        ):
            with pytest.raises(WrongState):
                act()


class TestAnUnauthorisedOne:
    @pytest.fixture
    def found(self) -> Change:
        return record_unauthorised(
            actor=OPERATOR, service=a_measured_service(), environment="production", summary="Deployed 4.7.1",
            artifact_digest=f"sha256:{7:064x}", started_at=T0, finished_at=T0, at=LATER,
        )  # fmt: skip

    def test_is_in_review_and_leads_nowhere_else(self, found, managing, asker) -> None:
        assert (found.change_class, found.status) == ("unauthorised", Status.REVIEWING)
        assert [one.action for one in found.workflow.open_to(managing, found)] == ["review", "close"]
        for act in (
            lambda: people_decide.cancel(found, actor=managing, at=LATER),
            lambda: put_on_hold(found, actor=managing, at=LATER, hold_reason="Wait"),
            lambda: asking.submit(found, actor=managing, at=LATER),
        ):
            with pytest.raises(WrongState, match="no step called"):
                act()

    def test_is_never_claimed(self, asker) -> None:
        change = change_of(ask(a_measured_service(), asker, change_class="unauthorised"))
        assert change.change_class == "normal"

    def test_has_a_page_and_its_steps_are_no_errors(self, found, manager, web) -> None:
        client = web(manager)
        assert b"Unauthorised" in client.get(found.get_absolute_url()).content
        for action in ("cancel", "hold", "start", "submit"):
            assert client.post(f"/changes/{found.reference}/{action}/", {"hold_reason": "x"}).status_code in {403, 409}

    def test_is_withdrawn_by_headroom_alone(self, found, managing) -> None:
        with pytest.raises(NotPermitted):
            withdraw_unauthorised(found, actor=managing, why="I say so")
        withdrawn = withdraw_unauthorised(found, actor=OPERATOR, why="It is the deployment of CHG-1.")
        assert (withdrawn.status, withdrawn.review_due_at) == ("cancelled", None)
        assert not Due.objects.filter(record_kind="change", record_id=found.pk, done_at=None).exists()

    def test_the_database_keeps_it_there(self, found) -> None:
        for status in ("draft", "scheduled"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE changes_change SET status = %s WHERE id = %s", [status, found.pk])
