"""An agent's changes draw on its allowance while they hold budget; runs that are verified refill it, failures shrink it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.allowances import operations
from changes.allowances.queries import binding
from changes.change.operations import counting, deploying
from changes.change.queries.probing import probe
from changes.change.queries.replaying import differences
from changes.models import Allowance, Evaluation
from itsm.kernel.errors import AuthorisationRevoked
from itsm.notifications.models import Notification
from slo.models import Reservation
from tests.factories.allowances import acting, an_agent, given
from tests.factories.changes import a_measured_service, a_model, ask, change_of, ran, restate, start
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(payments, owning):
    service = a_measured_service(team=payments)
    a_model(service, owning, rollback_tested=True)
    return service


@pytest.fixture
def agent(engineer):
    return an_agent(engineer)


def asked(service, agent, at=T0, **words) -> Evaluation:
    return ask(service, acting(agent), at, **{"change_class": "standard", **words})


def reasons(evaluation):
    return [one["code"] for one in evaluation.decision.verdict["reasons"] if one["code"].startswith("allowance_")]


def ledger(allowance):
    return [(one.what, one.amount, one.left, one.change_reference) for one in allowance.entries.order_by("id")]


def said(allowance):
    return [one.what for one in allowance.entries.order_by("id")]


def share_left(allowance):
    allowance.refresh_from_db()
    return allowance.left


def test_without_one_people_decide_and_are_told_who_gives_it(service, agent):
    evaluation = asked(service, agent)
    assert (evaluation.outcome, reasons(evaluation)) == ("peer", ["allowance_missing"])
    helps = evaluation.decision.verdict["what_would_help"]
    # Its budget is at 90 %, and 2 % are reserved.
    assert helps[0]["code"] == "allowance_given"
    assert helps[0]["values"] == {
        "holder": "agent:coding-agent", "more": "0.023", "service": service.slug, "team": "payments",
    }  # fmt: skip
    assert not list(differences(evaluation.decision))


def test_following_the_help_leads_to_the_answer_that_it_names(service, agent, managing):
    allowance = given(service, agent, managing, "0.023")
    evaluation = asked(service, agent)
    change = change_of(evaluation).reference
    assert (evaluation.outcome, evaluation.decision.verdict["draws"]) == ("approved", {allowance.reference: "0.02"})
    assert ledger(allowance)[1:] == [("drawn", Decimal("0.02"), Decimal("0.023"), change)]
    assert not list(differences(evaluation.decision))
    full = asked(service, agent)
    assert (full.outcome, reasons(full)) == ("peer", ["allowance_spent"])
    assert not list(differences(full.decision))


def test_people_and_pipelines_are_judged_as_ever(service, agent, asker, managing):
    given(service, agent, managing, "0.5")
    evaluation = ask(service, asker, change_class="standard")
    assert evaluation.outcome == "approved"
    assert "allowances" not in evaluation.decision.evidence
    assert "draws" not in evaluation.decision.verdict


def test_asking_costs_who_has_none_no_query_more(service, agent, asker, managing):
    def queries(evaluated):
        with CaptureQueriesContext(connection) as captured:
            assert ask(service, evaluated, change_class="standard").outcome == "approved"
        return len(
            [one for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "INSERT INTO search"))]
        )

    for _ in range(2):
        ask(service, asker, change_class="standard")
    before = queries(asker)
    given(service, agent, managing, "0.9")
    assert queries(asker) == before
    assert queries(acting(agent)) == before + 2  # the allowance is looked up, and what it draws is noted


def test_the_team_of_its_person_binds_it_too(service, agent, engineer, payments, managing):
    given(service, agent, managing, "0.5")
    bound = given(service, payments, managing, "0.02")
    assert asked(service, agent).outcome == "approved"
    payments.memberships.create(user=engineer)
    evaluation = asked(service, agent)
    assert (evaluation.outcome, reasons(evaluation)) == ("peer", ["allowance_spent"])
    assert [one.pk for one in binding(service.pk, [agent.pk])][-1] == bound.pk


def test_who_gave_it_and_comes_to_want_a_change_gave_nothing(service, agent, managing, manager):
    given(service, agent, managing, "0.5")
    evaluation = asked(service, agent, implementer=manager)
    assert (evaluation.outcome, reasons(evaluation)) == ("peer", ["allowance_self_given"])


def test_a_verified_run_gives_back_what_it_drew_and_refills(service, agent, managing):
    allowance = given(service, agent, managing, "0.5")
    Allowance.objects.update(left=Decimal("0.2"))
    change = change_of(asked(service, agent))
    ran(change, acting(agent))
    assert ledger(allowance)[1:] == [
        ("drawn", Decimal("0.02"), Decimal("0.2"), change.reference),
        ("refilled", Decimal("0.05"), Decimal("0.25"), change.reference),
        ("returned", Decimal("0.02"), Decimal("0.25"), change.reference),
    ]
    assert not Reservation.objects.filter(released_at=None).exists()
    for _ in range(7):
        operations.follow_run(
            service_id=service.pk, accounts=[agent.pk], change="CHG-9", run=_, failed=False, at=T0
        )  # fmt: skip
    assert share_left(allowance) == Decimal("0.5")  # never more than was given


def test_a_failed_run_shrinks_until_it_is_empty(service, agent, managing):
    allowance = given(service, agent, managing, "0.4")
    ran(change_of(asked(service, agent)), acting(agent), status="failed", clean=False)
    assert share_left(allowance) == Decimal("0.2")
    for number in range(4):
        operations.follow_run(
            service_id=service.pk, accounts=[agent.pk], change="CHG-9", run=number, failed=True, at=T0
        )  # fmt: skip
    assert share_left(allowance) == 0
    restate(service, "healthy", T0 + MINUTE)
    evaluation = asked(service, agent, T0 + timedelta(days=2))
    assert "allowance_empty" in reasons(evaluation)


def test_a_run_moves_it_once_however_often_it_is_told_and_back_where_it_is_told_otherwise(service, agent, managing):
    allowance = given(service, agent, managing, "0.4")
    change = change_of(asked(service, agent))
    run = ran(change, acting(agent))
    words = {"service_id": service.pk, "accounts": [agent.pk], "change": change.reference, "run": run.pk, "at": T0}
    operations.follow_run(**words, failed=False)
    assert said(allowance).count("refilled") == 1
    for failed, left in ((True, "0.2"), (True, "0.2"), (False, "0.4"), (True, "0.2")):
        operations.follow_run(**words, failed=failed)
        assert share_left(allowance) == Decimal(left)
    assert counting.recount(change, failed=True)
    assert share_left(allowance) == Decimal("0.2")  # it was told so already


def test_in_other_environments_runs_count_neither_way(service, agent, managing):
    allowance = given(service, agent, managing, "0.4")
    change = change_of(asked(service, agent))
    run = start(change, acting(agent))
    change.environment = "staging"
    counting.end_watch(run, change, clean=False, at=T0)
    assert share_left(allowance) == Decimal("0.4")


def test_taken_back_it_lets_nothing_start_that_it_let_go(service, agent, managing):
    allowance = given(service, agent, managing, "0.5")
    change = change_of(asked(service, agent))
    operations.take_back(allowance, actor=managing, version=allowance.version, at=T0)
    with pytest.raises(AuthorisationRevoked, match="no allowance"):
        start(change, acting(agent), T0 + MINUTE)
    assert said(allowance) == ["given", "drawn", "taken_back", "returned"]


def test_what_was_let_go_starts_although_others_drew_since(service, agent, managing):
    given(service, agent, managing, "0.05")
    first, second = (change_of(asked(service, agent)) for _ in range(2))
    restate(service, "healthy", T0, remaining=Decimal("0.6"))  # of less headroom, both are more than the share
    assert start(first, acting(agent)).status == "started"
    assert second.status == "scheduled"


def test_what_ends_unused_comes_back(service, agent, managing):
    allowance = given(service, agent, managing, "0.023")
    change = change_of(asked(service, agent))
    from changes.change.operations.evaluations import expire

    expire(change.pk, T0 + timedelta(hours=2))
    assert said(allowance) == ["given", "drawn", "returned"]
    restate(service, "healthy", T0 + timedelta(hours=2))
    assert asked(service, agent, T0 + timedelta(hours=2)).outcome == "approved"


def test_teams_that_are_merged_share_one(service, payments, managing, system, person):
    from itsm.accounts.models import Team

    old = Team.objects.create(slug="cards", name="Cards")
    alone, both = a_measured_service(slug="alone"), service
    for where, whose, share in ((alone, old, "0.3"), (both, old, "0.3"), (both, payments, "0.2")):
        given(where, whose, managing, share)
    assert operations.team_merged(old, payments, managing) == 2
    found = {one.service_id: one.share for one in Allowance.objects.standing().filter(team=payments)}
    assert found == {alone.pk: Decimal("0.3"), both.pk: Decimal("0.5")}
    assert not Allowance.objects.standing().filter(team=old).exists()
    assert deploying.WATCH


def test_rest_and_the_page_say_what_it_draws_on(service, agent, managing, api, web, auditor, engineer):
    given(service, agent, managing, "0.5")
    evaluation = asked(service, agent)
    told = api(auditor).get(f"/api/v1/gate-evaluations/{evaluation.pk}/").json()
    assert told["allowances"] == [{"holder": "agent:coding-agent", "share": "0.500000", "left": "0.500000"}]
    page = web(auditor).get(change_of(evaluation).get_absolute_url()).content.decode()
    assert "drawn on the allowance of software agent coding-agent: 50.0" in page
    without = asked(service, an_agent(engineer, "another-agent"))
    told = api(auditor).get(f"/api/v1/gate-evaluations/{without.pk}/").json()
    assert told["allowances"] == [{"holder": "agent:another-agent", "share": None, "left": None}]


def test_the_probe_says_what_the_question_would(service, agent, managing):
    for allowed in ("", "0.5"):
        if allowed:
            given(service, agent, managing, allowed)
        said = probe(
            service, actor=acting(agent), at=T0, environment="production", change_class="standard", purpose="feature"
        )
        evaluation = asked(service, agent)
        codes = [one.code for one in said.verdict.reasons if one.code.startswith("allowance_")]
        assert codes == reasons(evaluation)
        assert ("agent:coding-agent" in str(said.verdict.what_would_help)) != bool(allowed)


def test_who_holds_it_and_who_gives_it_are_told_once_each_time_it_runs_empty(
    service, payments, agent, engineer, owner, managing, person
):
    person("owner", payments)
    allowance = given(service, agent, managing, "0.1")

    def news():
        told = Notification.objects.filter(event="allowance.emptied").order_by("to__username")
        return [(one.to.username, one.relation) for one in told]

    def run(number, failed):
        operations.follow_run(
            service_id=service.pk, accounts=[agent.pk], change=f"CHG-0000{number}", run=number, failed=failed, at=T0
        )
        return share_left(allowance)

    for number in range(1, 5):
        assert run(number, True)
    assert news() == []
    assert run(5, True) == 0
    both = [("engineer", "owner"), ("owner", "approver")]
    assert news() == both
    said = Notification.objects.filter(to=engineer, event="allowance.emptied").get()
    assert "coding-agent" in said.subject
    assert "CHG-00005" in said.body
    assert "people decide" in said.body
    assert said.path == allowance.get_absolute_url()
    assert run(5, True) == run(6, True) == 0
    assert news() == both, "it was empty already"
    assert run(7, False)
    assert run(8, True)
    while share_left(allowance):
        run(Allowance.objects.get().entries.count() + 10, True)
    assert len(news()) == 4, "it ran empty once more"


def test_leads_of_a_team_hear_of_its_share_and_change_managers_where_nobody_owns_the_service(
    payments, managing, manager, person
):
    lead = person("engineer", username="lena")
    payments.memberships.create(user=lead, lead=True)
    service = a_measured_service(team=None)
    allowance = given(service, payments, managing, "0.1")
    Allowance.objects.filter(pk=allowance.pk).update(left=Decimal("0.005"))
    operations.follow_run(service_id=service.pk, accounts=[lead.pk], change="CHG-00001", run=1, failed=True, at=T0)
    told = Notification.objects.filter(event="allowance.emptied").values_list("to__username", "relation")
    assert set(told) == {("lena", "lead"), (manager.username, "approver")}


def test_the_page_of_an_empty_one_says_what_next(service, payments, agent, managing, web, engineer, person):
    owner = person("owner", payments)
    allowance = given(service, agent, managing, "0.1")
    assert "Each run of them that is verified" not in web(engineer).get(allowance.get_absolute_url()).content.decode()
    Allowance.objects.filter(pk=allowance.pk).update(left=0)
    page = web(engineer).get(allowance.get_absolute_url()).content.decode()
    assert "Each run of them that is verified gives 10" in page
    assert "An owner of the service or a change manager may make it larger." in page
    assert "You may make it larger here" in web(owner).get(allowance.get_absolute_url()).content.decode()
