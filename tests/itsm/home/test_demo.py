"""The demo company: founded once, in the states that are promised, alive the next week."""

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from catalog.health.queries.scores import health
from catalog.health.vocabulary import Kind
from catalog.models import Exhaustion, Finding, Forecast, Improvement, Service
from changes.back_tests.queries import tally
from changes.change.workflow import Status
from changes.model_review.queries import candidates, figures
from changes.models import Allowance, Attestation, BackTest, CalendarWindow, Change, Decision, Meeting
from incidents.incident.workflow import OPEN
from incidents.models import Incident
from incidents.toil.queries import toil, whole_weeks
from itsm.accounts.actors import actor_for
from itsm.accounts.demo_logins import DEMO_LOGINS, DEMO_PASSWORD, founded_logins
from itsm.accounts.models import User
from itsm.agents.models import Agent
from itsm.approvals.models import ApprovalDecision
from itsm.audit.models import Entry
from itsm.clocks.models import Clock
from itsm.home.demo import seeding
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.measuring import record_missing
from itsm.home.tasks import continue_demo
from itsm.kernel.actors import Door
from itsm.proposals.models import Proposal
from itsm.proposals.queries import told
from itsm.work.models import Link
from slo.engine.states import State
from slo.models import Budget, HourCounts
from slo.objectives import operations as slo
from tests import emptied
from tests.databases import Demo

STATES = {
    "storefront-availability": State.HEALTHY,
    "checkout-orders": State.WATCH,
    "checkout-speed": State.HEALTHY,
    "payments-authorised": State.HEALTHY,
    "search-answers": State.BURNING_FAST,
    "catalogue-availability": State.HEALTHY,
    "accounts-sign-in": State.HEALTHY,
    "warehouse-scans": State.NO_DATA,
    "image-cdn-east-delivered": State.HEALTHY,
    "image-cdn-west-delivered": State.CONSTRAINED,
    "status-availability": State.LOW_CONFIDENCE,
    "notifications-delivered": State.EXHAUSTED,
    # By slices in a calendar month, and a composite.
    "storefront-five-minutes": State.HEALTHY,
    "shopping-journey": State.HEALTHY,
}


def hush(words: str) -> None:
    """Progress is for terminals."""


def states() -> dict[str, str]:
    return {budget.objective.slug: budget.state for budget in Budget.objects.select_related("objective")}


def hours() -> list[tuple]:
    return list(HourCounts.objects.order_by("pk").values_list("series", "hour", "valid", "bad", "total"))


@pytest.mark.django_db
class TestTheCompany:
    """Founded once for all of these; each one's traces are undone."""

    @pytest.fixture(autouse=True)
    def company(self, demo: Demo) -> None:
        self.now, self.told = demo.founded_at, demo.told

    def test_every_budget_is_in_its_promised_state(self):
        assert states() == STATES
        assert not Service.objects.get(slug="data-platform").objectives.exists()
        assert min(Budget.objects.values_list("coverage", flat=True)) > 0.9

    def test_changes_are_in_every_state_and_under_every_verdict(self):
        # An emergency waits for minutes, and none is on.
        assert set(Change.objects.values_list("status", flat=True)) == set(Status.values) - {"authorising"}
        verdicts = {"approved", "peer", "cab", "postponed", "blocked"}
        asked = Change.objects.exclude(change_class="unauthorised")  # of what went past the gate it said nothing
        assert set(asked.values_list("verdict", flat=True)) == verdicts
        assert Change.objects.filter(change_class="unauthorised").exists()
        assert {"successful", "successful_with_issues", "unsuccessful"} <= set(
            Change.objects.filter(status=Status.CLOSED).values_list("outcome_code", flat=True)
        )
        waiting = Change.objects.filter(status=Status.ASSESSING).values_list("verdict", flat=True)
        assert {"peer", "cab", "postponed"} <= set(waiting)
        assert Attestation.objects.filter(by__username="code-host").exists()

    def test_the_back_test_of_its_draft_judges_every_change_and_finds_some_that_differ(self):
        counted = tally(BackTest.objects.get())
        assert (counted.not_judged, counted.judged) == (0, counted.changes)
        assert counted.counts["smooth"] > counted.differing > 0

    def test_one_software_agent_ships_on_its_allowance_and_one_proposes(self):
        assert set(Agent.objects.values_list("account__owner__username", flat=True)) == {"engineer", "agent"}
        calls = Entry.objects.filter(event="agent.called")
        assert calls.count() >= 15
        assert {one.changes["answer"][1] for one in calls} == {"answered"}
        spent = Allowance.objects.get()
        assert {"given", "drawn", "refilled"} <= set(spent.entries.values_list("what", flat=True))
        assert spent.share == Decimal("0.2")
        waiting = Proposal.objects.filter(state=Proposal.State.WAITING)
        assert (waiting.count(), Proposal.objects.count()) == (4, 5)
        lines = told(list(waiting), actor_for(User.objects.get(username="agent"), Door.WEB))
        assert [one.is_stale for one in lines] == [False] * 4

    def test_one_kind_of_change_could_become_a_model_and_every_model_has_its_figures(self):
        now = timezone.now()
        assert [(one.service.slug, one.repository) for one in candidates(now)] == [("status", "larkspur/status")]
        assert all(one.as_of is not None for one in figures(now))
        assert any(one.runs for one in figures(now))

    def test_incidents_are_over_or_open_and_the_alert_opened_its_own(self):
        by_hand = Incident.objects.filter(source_key=None)
        assert by_hand.exclude(status__in=OPEN).count() == 46
        assert by_hand.filter(status__in=OPEN, opened_by__username="agent").count() == 5
        alert = Incident.objects.get(source_key__startswith="burn:")
        assert (alert.service.slug, alert.status) == ("search", "new")

    def test_its_past_is_told_at_its_own_time_so_that_toil_and_what_helped_against_it_show(self):
        told = Entry.objects.filter(record_kind="incident").values_list("record_id", "at")
        opened = dict(Incident.objects.values_list("pk", "opened_at"))
        assert all(at >= opened[pk] - timedelta(seconds=1) for pk, at in told)
        assert not Entry.objects.filter(at__gt=timezone.now()).exists(), "nothing is told before it happens"
        assert sum(at < self.now - timedelta(days=28) for _pk, at in told) > 100
        first, last = whole_weeks(None, self.now, self.now)
        report = toil(first - timedelta(weeks=6), last).report
        assert {(row.service, row.cause) for row in report.rows} >= {("payments", "page"), ("search", "page")}
        helped = Improvement.objects.get(measure="toil_4_weeks", status="done")
        # On a Monday the week that is over holds what the company lives through now as well.
        assert 0 < helped.after < helped.before * 3 / 4
        linked = Link.objects.filter(from_kind="improvement").values_list("to_kind", flat=True)
        assert {"problem", "finding", "postmortem"} <= set(linked)

    def test_reports_have_something_to_show_a_ticket_and_what_the_alert_opened_are_overdue(self):
        overdue = Incident.objects.still_open().filter(next_due__lt=self.now).exclude(source_key__startswith="burn:")
        assert {one.title for one in overdue} == {
            "VPN drops every ten minutes in the Lisbon office",
            "Tills in the Leiden shop do not start",  # a major one, which its war room leads
        }
        alert = Incident.objects.get(source_key__startswith="burn:")
        assert alert.opened_at < self.now - timedelta(minutes=30)
        # Founded at night or on a Tuesday afternoon: what counts office hours alone is in time even if all were some.
        still = Incident.objects.still_open().values("pk")
        counts = Clock.objects.filter(record_kind="incident", record_id__in=still, state="running")
        since = {(one.record_id, one.name): (self.now - one.running_since).total_seconds() + one.counted_s
                 for one in counts.exclude(calendar=None).exclude(target_s=None)}  # fmt: skip
        assert since
        targets = {(one.record_id, one.name): one.target_s for one in counts}
        assert {key for key, seconds in since.items() if seconds >= targets[key]} == set()
        outcomes = Clock.objects.filter(record_kind="incident", name="resolve")
        met, late = (outcomes.filter(outcome=said).count() for said in ("met", "breached"))
        assert 0 < late < met / 2
        assert Incident.objects.filter(first_contact=True).count() > 5

    def test_one_queue_is_confidential_and_one_ticket_waits_for_its_caller(self):
        hidden = Incident.objects.get(team__confidential=True, status="new")
        seen = {
            name: Incident.objects.visible_to(actor_for(User.objects.get(username=name), Door.WEB))
            .filter(pk=hidden.pk)
            .exists()
            for name in ("agent", "manager", "engineer", "owner", "admin", "requester")
        }
        assert seen == {
            "agent": True,
            "manager": True,
            "engineer": True,
            "owner": False,
            "admin": False,
            "requester": False,
        }
        assert Incident.objects.get(hold_reason="caller").agent_spoke_at is not None

    def test_the_calendar_holds_a_lifted_freeze_a_coming_one_and_a_night_every_week(self):
        assert CalendarWindow.objects.exclude(lifted_at=None).count() == 1
        freeze, lockdown = CalendarWindow.objects.filter(lifted_at=None, rrule="").order_by("starts_at")
        assert freeze.starts_at > self.now
        assert (lockdown.status, lockdown.occurrences.count()) == ("awaiting_approval", 0)
        assert CalendarWindow.objects.get(rrule="FREQ=WEEKLY").occurrences.count() > 50

    def test_a_board_has_met_and_meets_again_with_votes_cast_already(self):
        closed = Meeting.objects.get(status="closed")
        settled = [(item["outcome"], item["before_the_meeting"]) for item in closed.minutes.facts["items"]]
        assert settled == [("approved", True), ("declined", False)]
        assert closed.board.meetings.filter(status="planned").count() >= 4
        cast = ApprovalDecision.objects.filter(ask__status="open", ask__panel_id=closed.board_id)
        assert set(cast.values_list("decision", flat=True)) == {"approve", "discuss"}

    def test_of_every_kind_two_items_are_not_as_they_should_be_and_most_of_the_rest_are(self):
        found = Counter(Finding.objects.filter(cleared_at=None).values_list("finding_kind", flat=True))
        assert set(found) == set(Kind.values)
        assert min(found.values()) >= 2
        assert (health(FOUNDER, self.now).whole.correctness or 0) > 40

    def test_one_disk_runs_out_one_memory_has_room_and_of_licences_too_little_is_known(self):
        made = {one.measure.name: one for one in Forecast.objects.select_related("measure")}
        warned = [one.measure.name for one in Exhaustion.objects.filter(ended_at=None)]
        assert warned == ["Disk used"]
        assert made["Memory used"].soonest is None
        assert made["Licences used"].too_little

    def test_every_role_signs_in_and_programs_do_not(self):
        assert founded_logins() == list(DEMO_LOGINS)
        for login in DEMO_LOGINS:
            user = User.objects.get(username=login.username)
            assert user.roles == [login.username]
            assert user.check_password(DEMO_PASSWORD)
        assert not User.objects.get(username="pipeline").has_usable_password()

    def test_catching_up_at_once_changes_nothing(self):
        before, entries = hours(), Change.objects.count() + Incident.objects.count() + Decision.objects.count()
        assert seeding.is_founded()
        assert seeding.catch_up(self.now, say=hush) == {"minutes": 0, "asked_again": 0}
        assert hours() == before
        assert Change.objects.count() + Incident.objects.count() + Decision.objects.count() == entries
        assert states() == STATES

    def test_two_days_later_the_gap_is_filled_and_nothing_new_was_opened(self):
        changes, incidents = Change.objects.count(), Incident.objects.count()
        later = self.now + timedelta(days=2, minutes=7)
        told = seeding.catch_up(later, say=hush)
        assert told["minutes"] == 11 * (2 * 1440 + 7)
        assert states() == STATES
        budgets = Budget.objects.exclude(objective__slug="warehouse-scans")
        assert min(budgets.values_list("coverage", flat=True)) > 0.9
        assert (Change.objects.count(), Incident.objects.count()) == (changes, incidents)
        waiting = Change.objects.filter(status=Status.ASSESSING).values_list("verdict", flat=True)
        assert {"peer", "cab", "postponed"} <= set(waiting)

    def test_a_minute_each_is_the_same_as_all_at_once(self):
        for minute in range(1, 4):
            record_missing(self.now + timedelta(minutes=minute))
        stepwise = hours()
        record_missing(self.now + timedelta(minutes=3))
        assert hours() == stepwise

    def test_after_two_weeks_it_burns_under_the_same_incident(self):
        later = self.now + timedelta(days=14)
        record_missing(later)
        slo.evaluate(at=later)
        assert states() == STATES
        assert Incident.objects.filter(source_key__startswith="burn:").count() == 1

    def test_the_command_on_a_founded_desk_only_catches_up(self):
        out = StringIO()
        with override_settings(DEMO=True):
            call_command("seed_demo", stdout=out, stderr=StringIO())
        said = json.loads(out.getvalue())
        assert said["founded"] is False
        assert said["asked_again"] == 0
        people = User.objects.exclude(account_type="agent").exclude(username__contains="@")
        assert people.count() == self.told["people"] == 12, "beside a guest by mail"

    def test_a_visitors_edits_do_not_keep_the_desk_from_starting(self):
        User.objects.filter(username="engineer").update(roles=["requester"])
        assert seeding.catch_up(self.now + timedelta(days=3), say=hush)["asked_again"] < 8

    def test_the_task_measures_up_to_now(self):
        now = timezone.now()  # standing still: how long the company took to found says nothing
        with patch.object(timezone, "now", lambda: now):
            continue_demo()
            assert continue_demo() == 0
        with patch.object(timezone, "now", lambda: now + timedelta(minutes=1)):
            assert 0 < continue_demo() <= 11

    def test_every_decision_replays(self):
        out = StringIO()
        call_command("replay_decisions", stdout=out)
        said = json.loads(out.getvalue())
        assert said == {"replayed": Decision.objects.count(), "same": said["replayed"], "different": []}

    def test_a_decision_that_was_tampered_with_is_named(self):
        with connection.cursor() as cursor:
            cursor.execute("""
                INSERT INTO changes_decision (evaluation_id, change_id, decided_at, outcome, policy_id, evidence,
                  evidence_hash, verdict, verdict_hash, all_fresh, objectives)
                SELECT evaluation_id, change_id, decided_at, outcome, policy_id, evidence, evidence_hash,
                  jsonb_set(verdict, '{outcome}', '"approved"'), verdict_hash, all_fresh, objectives
                FROM changes_decision WHERE outcome = 'blocked' LIMIT 1 RETURNING id""")
            (forged,) = cursor.fetchone()
        out, progress = StringIO(), StringIO()
        with pytest.raises(CommandError) as refusal:
            call_command("replay_decisions", stdout=out, stderr=progress)
        assert refusal.value.returncode == 1
        assert json.loads(out.getvalue())["different"] == [forged]
        assert f"decision-{forged}" in progress.getvalue()
        call_command("replay_decisions", limit=0, stdout=StringIO())


@pytest.mark.django_db
def test_outside_demo_mode_the_command_refuses():
    with override_settings(DEMO=False), pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_desk_with_people_of_its_own_is_left_alone(engineer):
    out = StringIO()
    with override_settings(DEMO=True):
        call_command("seed_demo", stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue()) == {"founded": False}
    assert User.objects.get() == engineer
    assert continue_demo() == 0


@pytest.mark.parametrize("round_", range(2))
@pytest.mark.django_db(transaction=True)
def test_whoever_asks_for_the_company_finds_it_whole_whatever_was_done_to_it(demo: Demo, round_: int) -> None:
    found = Service.objects.count()
    emptied.empty()
    assert (found, Service.objects.count()) == (demo.told["services"], 0)


@pytest.mark.django_db
def test_who_does_not_ask_for_it_finds_nobody() -> None:
    assert not Service.objects.exists()
