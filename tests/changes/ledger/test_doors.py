"""What a change cost over REST and as pages, and refunds: two names, no interest, and the run counted again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from changes.change.operations.counting import recount
from changes.ledger.operations import refunding, staleness
from changes.ledger.queries.report import Asked, report_of
from changes.ledger.vocabulary import FailedBy, SumBy
from changes.models import ChangeCost, Debit, History, LedgerDay, Refund
from incidents.incident import operations as incidents
from itsm.accounts.models import Membership, Team
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from tests.changes.ledger.test_following import T, ran_with, service  # noqa: F401
from tests.factories.changes import ask

pytestmark = pytest.mark.django_db
LATER = T + timedelta(hours=2)
WHY = "The load test of another team failed in these minutes."


@pytest.fixture
def costly(service, asker):  # noqa: F811
    return ran_with(service, asker, [0, 20, 40, 45, 40, 40, 40])[0]


def refund(change, actor, events=225, reason=WHY):
    objective = change.service.objectives.get()
    return refunding.ask_refund(change, actor=actor, objective=objective, events=events, reason=reason, at=LATER)


def test_what_it_cost_is_said_over_rest_and_on_its_page(costly, api, web, engineer, requester):
    answer = api(engineer).get(f"/api/v1/changes/{costly.reference}/cost/")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["failed"], said["because"], said["proposed_outcome"]) == (True, "debit", "successful_with_issues")
    [line] = said["objectives"]
    assert (line["debit"], line["counted"], line["reserved"]) == ("225", "events", "0.02")
    assert Decimal(line["share"]) == Debit.objects.get().share
    assert api(requester).get(f"/api/v1/changes/{costly.reference}/cost/").status_code in {403, 404}
    page = web(engineer).get(f"/changes/{costly.reference}/cost/").content.decode()
    assert "225 events" in page
    assert "Counts as failed" in page
    assert "Give back" not in page
    report = web(engineer).get("/changes/reports/cost/?from=2026-03-01&to=2026-03-20")
    assert report.status_code == 200
    assert costly.reference in report.content.decode()
    for by in ("team", "model", "author"):
        assert web(engineer).get(f"/changes/reports/cost/?from=2026-03-01&to=2026-03-20&by={by}").status_code == 200
    assert web(engineer).get("/changes/reports/cost/?by=moon").status_code == 400


def test_an_incident_that_nobody_here_may_see_is_no_reason_that_they_are_told(
    costly, managing, manager, engineer, api, web
):
    change = costly
    secret = Team.objects.create(slug="secret", name="Secret", takes_work=True, confidential=True)
    Membership.objects.create(user=manager, team=secret)
    named = incidents.open_incident(actor=managing, title="Leak", service=change.service, team=secret)
    incidents.connect(named, actor=managing, to=change.reference, relation="caused_by")
    staleness.keep_up(timezone.now())
    assert ChangeCost.objects.get().why == "incident"
    path = f"/api/v1/changes/{change.reference}/cost/"
    told = [(said["failed"], said["because"]) for said in (api(one).get(path).json() for one in (manager, engineer))]
    assert told == [(True, "incident"), (True, "debit")]
    assert str(FailedBy.INCIDENT.label) not in web(engineer).get(f"/changes/{change.reference}/cost/").content.decode()


def test_a_report_that_ends_today_holds_what_went_wrong_today(costly, managing):
    found = report_of(managing, Asked(T - timedelta(days=1), LATER, SumBy.SERVICE))
    assert LedgerDay.objects.get().day == LATER.date()
    assert [one.debited for one in found.books] == [1]


def test_a_refund_takes_two_names_and_counts_the_run_again(costly, managing, owning, asker, as_actor, person):
    assert History.objects.get().recent == [True]
    waiting = refund(costly, managing, events=220)
    assert (Refund.objects.count(), ChangeCost.objects.get().failed) == (0, True)
    second = as_actor(person("manager", username="second"))
    with pytest.raises(NotPermitted):
        confirming.confirm(waiting, actor=managing, at=LATER, version=waiting.version)
    confirming.confirm(waiting, actor=second, at=LATER, version=waiting.version)
    cost = ChangeCost.objects.get()
    assert (cost.failed, cost.proposed) == (False, "successful")
    assert History.objects.get().recent == [False]
    assert costly.deployments.get().watch == "clean"
    assert Debit.objects.get().amount == 225_000  # what was measured stands
    day = LedgerDay.objects.get()
    assert day.excess == day.debited + day.dependency + day.unattributed
    with pytest.raises(WrongState):
        refund(costly, managing, events=6)


def test_a_refund_makes_no_run_clean_that_failed_by_anything_else(service, managing, asker, as_actor, person):  # noqa: F811
    change, _deployment = ran_with(service, asker, [0, 3])
    recount(change, failed=True)  # such as a watch that ended while its service burned
    waiting = refund(change, managing, events=1)
    confirming.confirm(waiting, actor=as_actor(person("manager", username="second")), at=LATER, version=waiting.version)
    assert (Refund.objects.count(), ChangeCost.objects.get().failed) == (1, False)
    assert (History.objects.get().recent, change.deployments.get().watch) == ([True], "unclean")


def test_who_is_judged_by_it_gives_nothing_back(costly, managing, asker, as_actor, person, pipeline):
    mine = as_actor(person("manager", username="boss"))
    ask(costly.service, mine, at=LATER)  # an open change of theirs is judged by this history
    with pytest.raises(NotPermitted, match="interest"):
        refund(costly, mine)
    with pytest.raises(NotPermitted):
        refund(costly, asker)
    with pytest.raises(InvalidInput):
        refund(costly, managing, reason="short")
    with pytest.raises(InvalidInput):
        refund(costly, managing, events=0)


def test_the_page_asks_and_the_second_person_finds_it(costly, web, manager):
    objective = costly.service.objectives.get()
    path = f"/changes/{costly.reference}/cost/refund/{objective.slug}/"
    client = web(manager)
    assert client.get(path).status_code == 200
    assert client.post(path, {"events": "", "reason": "no"}).status_code == 422
    assert client.post(path, {"events": 225, "reason": WHY}).status_code in {200, 202, 302, 303}
    assert Confirmation.objects.get().differences[0]["after"] == "0"
