"""What a verdict leaves behind: on the change, with people, and for the instants to come; of one place alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from changes.calendar.operations import windows
from changes.change.operations import evaluating
from changes.change.operations import people_decide as deciding
from changes.change.operations.content import content_hash
from changes.change.workflow import Status
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.gate.table import Cell
from changes.gate.vocabulary import Column, Outcome, Row
from changes.models import Change, Decision, Deployment, Evaluation, History
from changes.policies import operations as policies
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalRequest
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.errors import Held, WrongState
from itsm.notifications.models import Notification
from slo.objectives.operations.evaluation import EVALUATOR
from slo.objectives.operations.state_changes import announce_changes
from tests.factories.changes import (
    a_measured_service,
    a_model,
    an_artifact,
    ask,
    attested,
    change_of,
    restate,
    stands,
    start,
)
from tests.factories.slo import T0, an_objective

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def test_the_hash_of_a_content_is_the_same_in_every_version_of_headroom():
    """What was authorised before an update is good after it: so these bytes are pinned."""
    change = Change(
        summary="Größere Körbe", service_id=7, environment="production", purpose="feature", plan="Roll out.",
        backout="Roll back.", artifact_digest="sha256:1", artifact_version="1.7", commit="abc", model_id=3,
        model_version=2, implementer_id=5, test_plan="Look.", communication_plan="Mail.", no_backout_because="None.",
        outage_minutes=10, outage_services=[7, 8], items=[9],
        window_start=datetime(2026, 3, 2, 12, tzinfo=UTC), window_end=datetime(2026, 3, 2, 14, tzinfo=UTC),
    )  # fmt: skip
    assert content_hash(change) == "3aaf8e2a630757e1a6c3c6f312e3573fbe983d17430772a9701465e281b15863"


@pytest.mark.django_db
class TestWhatIsLeft:
    """On the change itself, and in what people read."""

    def test_a_change_that_is_blocked_says_so_in_lists(self, asker):
        service = a_measured_service("exhausted")
        History.objects.create(
            service=service, environment="production", runs=20, weighted_runs=20, weighted_failures=19, as_of=T0,
            recent=[True] * 20,
        )  # fmt: skip
        evaluation = ask(service, asker)
        change = change_of(evaluation)
        assert (evaluation.outcome, evaluation.status, change.status) == ("blocked", "rejected", Status.DRAFT)
        assert (change.verdict, change.risk) == ("blocked", "high")

    def test_who_has_left_does_not_hear_that_it_timed_out(self, engineer, as_actor, approver):
        ask(a_measured_service(), as_actor(engineer))
        User.objects.filter(pk=engineer.pk).update(is_active=False)
        due.sweep(ApprovalRequest.objects.get().due_at)
        assert not Notification.objects.filter(to=engineer).exists()

    def test_who_hears_of_a_time_out_is_led_to_the_change_and_told_what_to_do(self, asker, approver, pipeline):
        change = change_of(ask(a_measured_service(), asker))
        due.sweep(ApprovalRequest.objects.get().due_at)
        told = Notification.objects.get(to=pipeline.owner_id, subject__contains="nobody decided in time")
        assert (told.path, told.body) == (change.get_absolute_url(), "To go, it has to be asked for again.")


@pytest.mark.django_db
class TestPeopleWhoAreAsked:
    """Once for the same question, by whoever decides it; no more where time decides."""

    @pytest.mark.parametrize("with_team", [False, True])
    def test_judged_again_to_the_same_end_they_keep_their_ask(self, asker, approver, payments, with_team):
        evaluation = ask(a_measured_service(team=payments if with_team else None), asker)
        before = ApprovalRequest.objects.values().get()
        assert (before["team_id"] is not None) is with_team
        evaluating.evaluate(evaluation, at=T0 + MINUTE)
        assert ApprovalRequest.objects.values().get() == before
        assert Due.objects.get(name="changes.people_in_time").at == before["due_at"]

    def test_where_another_team_owns_the_service_by_now_that_one_is_asked(self, asker, approver, payments):
        evaluation = ask(a_measured_service(), asker)
        service = evaluation.change.service
        service.team = payments
        service.save()
        evaluating.evaluate(evaluation, at=T0 + MINUTE)
        assert [one.team for one in ApprovalRequest.objects.order_by("pk")] == [None, payments]

    def test_what_is_postponed_asks_nobody_any_more(self, asker, owning, approver):
        service = a_measured_service("no_data")
        a_model(service, owning)
        evaluation = ask(service, asker, change_class="standard")
        assert ApprovalRequest.objects.get().status == "open"
        restate(service, "burning_fast", T0 + MINUTE)
        assert evaluating.evaluate(evaluation, at=T0 + MINUTE).outcome == "postponed"
        asked = ApprovalRequest.objects.get()
        assert (asked.status, asked.ended_because) == ("withdrawn", "postponed")


@pytest.mark.django_db
class TestJudgedAgain:
    """What waits, where it waits, and as long as it waits."""

    def test_an_answer_of_seconds_ago_does_not_outlive_the_window(self, asker, approver):
        window = (T0, T0 + 5 * SECOND)
        change = change_of(ask(a_measured_service(), asker, window=window))
        assert evaluating.evaluate_now(change, actor=asker, at=window[1] - SECOND).status == "pending"
        assert evaluating.evaluate_now(change, actor=asker, at=window[1]).status == "expired"

    def test_what_was_never_judged_is_judged_when_somebody_asks(self, asker, approver):
        evaluation = ask(a_measured_service(), asker)
        Evaluation.objects.update(decision=None)
        assert evaluating.evaluate_now(change_of(evaluation), actor=asker, at=T0).decision is not None

    def test_a_late_sweeper_judges_neither_what_people_are_asked_about_nor_what_has_ended(self, asker, approver):
        asked, ended = (ask(a_measured_service(), asker) for _ in range(2))
        deciding.cancel(change_of(ended), actor=asker, at=T0)
        for evaluation in (asked, ended):
            evaluating.evaluate_again(evaluation.change_id, T0 + MINUTE)
        assert Decision.objects.count() == 2

    def test_a_budget_of_another_environment_is_no_news_for_what_waits(self, asker, owning):
        service = a_measured_service("burning_fast")
        staging = an_objective(service=service, environment="staging")
        stands(staging, "healthy", T0)
        a_model(service, owning)
        evaluation = ask(service, asker, change_class="standard")
        there = ask(service, asker, change_class="standard", environment="staging")  # so the news is acted upon
        announce_changes(actor=EVALUATOR)
        due_at = Due.objects.get(name="changes.evaluate_again", done_at=None).at
        stands(staging, "exhausted", T0)
        assert announce_changes(actor=EVALUATOR) == 1
        there.refresh_from_db()
        assert (evaluation.outcome, there.status) == ("postponed", "expired")
        assert Due.objects.get(name="changes.evaluate_again", done_at=None).at == due_at

    def test_a_draft_is_taken_back_to_draft_by_nobody(self, asker):
        change = change_of(ask(a_measured_service(), asker))
        change = deciding.revert(change, actor=asker, at=T0)
        with pytest.raises(WrongState):
            deciding.revert(change, actor=asker, at=T0)


@pytest.mark.django_db
def test_a_closure_that_leaves_people_no_say_any_more_holds_what_they_approved_in_it(
    asker, owning, approver, managing, admin, as_actor
):
    """They knew of the freeze, and the policy let them decide; by the policy of now nobody may."""
    ends_at = T0 + 2 * HOUR
    windows.add_window(
        actor=managing, window_type="freeze", name="Year end", starts_at=T0, ends_at=ends_at, reason="Books.", at=T0
    )
    service, fix = a_measured_service(), an_artifact("fix")
    attested(service, fix, approver, about=["scans"])
    proven = {"purpose": "security_fix", "exception": {"cve": "CVE-2026-1"}, "artifact_digest": fix}
    change = change_of(ask(service, asker, **proven))
    change = deciding.decide_by_person(change, actor=owning, decision="approve", comment="", at=T0)
    adopt_stricter(managing, as_actor(admin))
    with pytest.raises(Held, match="Year end"):
        start(change, asker, T0 + MINUTE)
    due.sweep(T0 + 2 * MINUTE)
    assert change_of(change.evaluations.get()).evaluations.get().held
    assert not Deployment.objects.exists()
    restate(change.service, "healthy", ends_at)
    due.sweep(ends_at)
    assert start(change, asker, ends_at)


def adopt_stricter(proposer, approver):
    """During a freeze a security fix waits as everything else."""
    policy = default_policy(version=2)
    table = {
        **policy.table,
        Row.SECURITY_FIX: {**policy.table[Row.SECURITY_FIX], Column.FREEZE: Cell(Outcome.POSTPONED)},
    }
    version = policies.propose(policy_to_json(replace(policy, table=table)), actor=proposer, at=T0)
    policies.decide(version, actor=approver, decision="approve", comment="Read.", at=T0)
