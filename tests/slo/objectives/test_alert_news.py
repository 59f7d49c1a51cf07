"""What people hear of burn alerts: each piece of news once, to those concerned, however many evaluations run."""

import pytest
from django.db import transaction

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.notifications.models import Delivery, Notification
from slo.models import Budget, BurnAlert, Objective
from slo.objectives import operations
from slo.objectives.operations.alerts import notify_alerts
from slo.objectives.operations.evaluation import EVALUATOR, lock_budgets_for_evaluation
from tests.factories.slo import MEASURER, MINUTE, T0, a_service, an_objective, evaluated, measured, steady
from tests.itsm.rivals import rivals

BURNS = "burns its error budget"


def burning(team: Team | None = None, *, slowly: bool = False) -> Objective:
    """Measured, and failing fast or slowly; not evaluated yet."""
    objective = an_objective(service=a_service(team=team))
    bad, minutes = (4, 1500) if slowly else (500, 60)
    measured(objective.indicator, steady(T0, 4320), T0)
    measured(objective.indicator, steady(T0, minutes, bad=bad), T0)
    return objective


def told() -> list[str]:
    """Who heard that something burns, by name; twice where somebody was told twice."""
    return sorted(Notification.objects.filter(subject__contains=BURNS).values_list("to__username", flat=True))


def noted(event: str) -> int:
    return Entry.objects.filter(event=event).count()


@pytest.fixture
def team(payments: Team) -> Team:
    """Two people and a program; one of the people has left; somebody else is in no team."""
    for name, fields in {
        "pia": {},
        "bot": {"account_type": "service"},
        "gone": {"is_active": False},
        "otto": {},
    }.items():
        owner = User.objects.get(username="pia") if "account_type" in fields else None
        user = User.objects.create(username=name, roles=["engineer"], owner=owner, **fields)
        if name != "otto":
            Membership.objects.create(user=user, team=payments)
    return payments


@pytest.mark.django_db
class TestATicket:
    def test_it_is_told_to_the_people_of_the_services_team(self, team: Team) -> None:
        objective = burning(team, slowly=True)
        assert evaluated(objective, T0).firing == ["1d", "3d"]
        assert told() == ["pia"]
        notice = Notification.objects.get(subject__contains=BURNS)
        assert (notice.subject, notice.path) == (f"{objective.name} {BURNS} slowly", f"/slos/{objective.slug}/")
        assert "1d, 3d" in notice.body
        assert Delivery.objects.filter(key=f"notification-{notice.pk}").exists()  # owed as a mail as well
        assert not Incident.objects.exists()

    def test_and_once_for_as_long_as_it_burns(self, team: Team) -> None:
        objective = burning(team, slowly=True)
        for minute in range(3):
            evaluated(objective, T0 + minute * MINUTE)
        assert told() == ["pia"]
        assert noted("burn_alert.begun") == 1

    def test_without_a_team_it_is_kept_and_nobody_is_told(self, team: Team) -> None:
        evaluated(burning(slowly=True), T0)
        assert told() == []
        assert BurnAlert.objects.get().told == "begun"


@pytest.mark.django_db
class TestTheEnd:
    """The burn is over: the incident that it opened says so."""

    @staticmethod
    def calmed(objective: Objective) -> None:
        later = T0 + 40 * MINUTE
        measured(objective.indicator, steady(later, 40), later)
        evaluated(objective, later)
        assert BurnAlert.objects.get(severity="page").ended_at == later

    def test_the_incident_is_told_that_its_burn_ended(self) -> None:
        objective = burning()
        evaluated(objective, T0)
        incident = Incident.objects.get()
        self.calmed(objective)
        entry = Entry.objects.get(event="incident.burn_ended")
        assert (entry.record_kind, entry.record_id) == ("incident", incident.pk)
        assert entry.remark == "The error budget burns no faster than it may any more."
        evaluated(objective, T0 + 41 * MINUTE)
        assert noted("incident.burn_ended") == noted("burn_alert.ended") == 1
        incident.refresh_from_db()
        assert incident.status == "new"  # people say that it is over

    def test_one_that_people_closed_before_hears_nothing_more(self) -> None:
        objective = burning()
        evaluated(objective, T0)
        incident = incidents.acknowledge(Incident.objects.get(), actor=MEASURER)
        incidents.close(
            incidents.resolve(incident, actor=MEASURER, resolution_code="solved", resolution="Rolled back"),
            actor=MEASURER,
        )
        self.calmed(objective)
        assert (noted("incident.burn_ended"), noted("burn_alert.ended")) == (0, 1)


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    @pytest.mark.parametrize("slowly", [False, True])
    def test_the_news_of_an_alert_are_told_once(self, team: Team, slowly: bool) -> None:
        """Both have read that it is owed; who comes second waits for the first, and has nothing left to say."""
        evaluated(burning(team, slowly=slowly), T0)
        said, heard = noted("burn_alert.begun"), told()
        BurnAlert.objects.update(told="")
        with rivals() as begin:
            with transaction.atomic():
                assert notify_alerts(actor=EVALUATOR, at=T0) == 1
                second = begin(lambda: notify_alerts(actor=EVALUATOR, at=T0))
                assert second.waits()
            assert second.result() == 0
        assert noted("burn_alert.begun") == said + 1
        assert told() == heard * (2 if slowly else 1)  # a page's incident is there already, and told its team then

    def test_evaluations_take_turns(self, team: Team) -> None:
        """The second one waits before it looks: it sees what the first one has written, and begins nothing anew."""
        objective = burning(team)
        with rivals() as begin:
            with transaction.atomic():
                operations.evaluate(at=T0, objectives=[objective.pk])
                second = begin(lambda: operations.evaluate(at=T0, objectives=[objective.pk]))
                assert second.waits()
            assert second.result() == 1
        assert BurnAlert.objects.filter(severity="page").count() == Incident.objects.count() == 1
        assert (noted("burn_alert.begun"), noted("burn_alert.resumed")) == (1, 0)

    def test_also_where_they_evaluate_other_objectives(self) -> None:
        """The turn is one for all: what budgets have in common is read and written by one at a time."""
        first, other = burning(), burning()
        with rivals() as begin:
            with transaction.atomic():
                lock_budgets_for_evaluation([first.pk])
                second = begin(lambda: operations.evaluate(at=T0, objectives=[other.pk]))
                assert second.waits()
            assert second.result() == 1

    def test_who_changes_what_a_budget_is_measured_by_waits_for_the_turn(self) -> None:
        objective = burning()
        with rivals() as begin:
            with transaction.atomic():
                operations.evaluate(at=T0, objectives=[objective.pk])

                def held() -> str:
                    with transaction.atomic():
                        lock_budgets_for_evaluation([objective.pk])
                        return Budget.objects.get(pk=objective.pk).state

                changing = begin(held)
                assert changing.waits()
            assert changing.result() == "burning_fast"
