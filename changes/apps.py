from functools import partial
from typing import Any

from celery.schedules import crontab
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChangesConfig(AppConfig):
    name = "changes"
    badges = ("changes.change.templatetags.outcome_badges", "changes.calendar.templatetags.repeating")
    enum_names = {
        "EvaluationStatus": "changes.models.Evaluation.Status",
        "MeetingStatus": "changes.boards.vocabulary.MeetingStatus",
        "DoraMeasure": "changes.dora.vocabulary.Measure",
        "DoraFailedBecause": "changes.dora.vocabulary.Because",
        "CabAnswer": "changes.cab_value.rules.ANSWERS",
        "PanelRule": "itsm.approvals.models.PanelRule",
        "BoardPart": "changes.boards.vocabulary.Part",
        "ModelStatus": "changes.change_models.vocabulary.ModelStatus",
        "ModelVersionStatus": "changes.change_models.vocabulary.VersionStatus",
        "PolicyStatus": "changes.policies.vocabulary.PolicyStatus",
        "ChangeTaskKind": "changes.change_models.vocabulary.TaskKind",
        "CalendarWindowStatus": "changes.calendar.workflow.WindowStatus",
        "CalendarWindowKind": "changes.models.CalendarWindow.Kind",
        "DeliveryPlatform": "changes.delivery.vocabulary.Platform",
        "DeliveryStatus": "changes.delivery.vocabulary.DeliveryStatus",
        "PlatformAnswer": "changes.delivery.vocabulary.Answered",
        "DeploymentStanding": "changes.delivery.vocabulary.Standing",
        "DeploymentToldBy": "changes.delivery.vocabulary.ToldBy",
        "DeploymentMatchedBy": "changes.delivery.vocabulary.MatchedBy",
        "DeploymentResult": "changes.delivery.vocabulary.Result",
        "DeploymentRework": "changes.delivery.vocabulary.Rework",
        "AttestationAbout": "changes.models.Attestation.About",
        "RunFailedBecause": "changes.ledger.vocabulary.FailedBy",
        "ChangeOutcome": "changes.change.vocabulary.OutcomeCode",
        "ChangeClass": "changes.change.vocabulary.ChangeClass",
        "CalendarFeedAbout": "changes.feeds.models.CalendarFeed.About",
        "ProposedEventStatus": "changes.feeds.models.ProposedEvent.Status",
        "ExperimentStanding": "changes.chaos.api.STANDINGS",
        "ChaosFinding": "changes.chaos.vocabulary.Finding",
        "ChaosConclusion": "changes.chaos.vocabulary.CONCLUSIONS",
        "BackTestState": "changes.back_tests.vocabulary.RunState",
        "BackTestQuadrant": "changes.back_tests.vocabulary.Quadrant",
    }
    beat = {
        "write down what recurs in the calendar": {
            "task": "changes.calendar.tasks.renew_occurrences",
            "schedule": crontab(hour=1, minute=43),
            "options": {"expires": 3600, "priority": 7},
        },
        "whom new changes would hit": {
            "task": "changes.change.tasks.take_impacts",
            "schedule": 30.0,
            "options": {"expires": 30, "priority": 7},  # behind whatever is due
        },
        "whom open changes would hit": {
            "task": "changes.change.tasks.renew_impacts",
            "schedule": crontab(hour=2, minute=11),
            "options": {"expires": 3600, "priority": 7},
        },
        "what changes cost": {
            "task": "changes.ledger.tasks.keep_up",
            "schedule": 60.0,
            "options": {"expires": 55, "priority": 6},
        },
        "what a failed change costs as a rule": {
            "task": "changes.ledger.tasks.note_typical",
            "schedule": crontab(minute=51),
            "options": {"expires": 3000, "priority": 7},
        },
        "calendars of others": {
            "task": "changes.feeds.tasks.read_calendars",
            "schedule": crontab(minute=37),
            "options": {"expires": 1800, "priority": 7},
        },
        "meetings by the schedules of boards": {
            "task": "changes.boards.tasks.prepare_meetings",
            "schedule": crontab(minute=7),
            "options": {"expires": 3000, "priority": 6},
        },
        "back-tests that are owed": {
            "task": "changes.back_tests.tasks.go_on",
            "schedule": 5.0,
            "options": {"expires": 5, "priority": 6},  # behind whatever is due
        },
        "what the gate would have said of imported deployments": {
            "task": "changes.start_up.tasks.judge_past",
            "schedule": 60.0,
            "options": {"expires": 60, "priority": 7},  # behind whatever is due
        },
        "what shadows would have said": {
            "task": "changes.back_tests.tasks.record_shadows",
            "schedule": 30.0,
            "options": {"expires": 30, "priority": 6},
        },
        "models whose changes caused a P1": {
            "task": "changes.model_review.tasks.watch",
            "schedule": 30.0,
            "options": {"expires": 30, "priority": 5},
        },
        "what models saved and cost": {
            "task": "changes.model_review.tasks.keep_figures",
            "schedule": crontab(minute=23),
            "options": {"expires": 3000, "priority": 7},
        },
        "deployments and their authorisations": {
            "task": "changes.delivery.tasks.reconcile",
            "schedule": 30.0,
            "options": {"expires": 30, "priority": 5},
        },
        "deliveries that are long over": {
            "task": "changes.delivery.tasks.forget",
            "schedule": crontab(hour=3, minute=7),
            "options": {"expires": 3600, "priority": 7},
        },
        "models to be certified again": {
            "task": "changes.model_review.tasks.ask_to_certify",
            "schedule": 24 * 3600.0,
            "options": {"expires": 3600},
        },
        "back-tests that are long over": {
            "task": "changes.back_tests.tasks.forget",
            "schedule": 24 * 3600.0,
            "options": {"expires": 3600},
        },
    }

    def ready(self) -> None:
        _changes()
        _what_is_due()
        _what_follows_a_change()
        _what_they_lead_to()
        _approvals()
        _people()
        _models_and_policies()
        _calendar()
        _boards()
        _delivery()
        _costs()
        _allowances()
        _experiments()
        _webhooks()
        _rights()
        _invariants()
        _agents()


def _changes() -> None:
    """What a change is to the platform: found, linked, answered by mail, told in the news and in its history."""
    from changes.change import news
    from changes.change.models import Change
    from changes.change.operations import (  # noqa: F401 -- the tables find their steps
        callbacks,
        pausing,
        reviewing,
    )
    from changes.change.queries import listing
    from changes.change.queries.stakes import stakes
    from changes.change.workflow import BY_CLASS, HISTORY
    from changes.chaos.event_texts import EVENTS as EXPERIMENTS
    from itsm.accounts import interest
    from itsm.mail import asks, handing
    from itsm.notifications import outbox, rules
    from itsm.notifications.lanes import Lane
    from itsm.search import offers
    from itsm.ui import event_texts
    from itsm.webhooks.slash.records import Heard, hears
    from itsm.work import linkable

    rules.register(*news.RULES)
    linkable.register(Change.kind, "CHG", Change.objects.visible_to)
    event_texts.tells(Change.kind, *BY_CLASS.values(), events=HISTORY | EXPERIMENTS)
    offers.offers(Change, listing.as_found)
    handing.register(Change.kind, asks.handler_for(Change))
    hears(Heard("CHG", Change.objects.visible_to))
    interest.register(stakes)
    outbox.register(
        callbacks.CHANNEL, callbacks.deliver, lane=Lane.WEBHOOK, at_once=callbacks.AT_ONCE, died=callbacks.died
    )


def _what_is_due() -> None:
    """What happens to changes and lockdowns when its time has come."""
    from catalog.requests import operations as requests
    from changes.change.operations import (
        deploying,
        evaluating,
        evaluations,
        holding,
        lasting,
        lockdowns,
        overriding,
        requested,
        review_reminders,
        shadowing,
    )
    from itsm.clocks import due

    due.register(requests.ENDED, requested.follow_ended)
    due.register(evaluations.EXPIRES, evaluations.expire)
    due.register(lasting.HELD, holding.look_again)
    due.register(lockdowns.BEGINS, lockdowns.begins)
    due.register(lockdowns.ENDS, lockdowns.ends)
    due.register(lockdowns.RETURNS, lockdowns.returns)
    due.register(lasting.ENDS_SOON, evaluations.ends_soon)
    due.register(evaluations.PEOPLE_IN_TIME, evaluations.people_in_time)
    due.register(evaluations.EVALUATE_AGAIN, evaluating.evaluate_again)
    due.register(overriding.REVIEW, overriding.remind_of_review)
    due.register(shadowing.RULES_SOON, shadowing.rules_soon)
    due.register(review_reminders.AHEAD, review_reminders.remind_ahead)
    due.register(review_reminders.OVERDUE, review_reminders.remind_overdue)
    due.register(evaluations.WATCH_OVER, deploying.watch_over)


def _what_follows_a_change() -> None:
    """What changes do when they, or what they rest on, move."""
    from catalog.models import Service
    from changes.calendar.models import CalendarWindow
    from changes.change import receivers
    from changes.change.models import Change
    from changes.quieting import receivers as quieting
    from itsm.lifecycle import record_changed
    from itsm.work.models import Task
    from slo.models import Budget

    record_changed.connect(
        receivers.emergency_rolled_back,
        sender=Change,
        dispatch_uid="changes: an emergency was rolled back",
        acts_on=receivers.rolled_back_emergencies,
    )
    record_changed.connect(
        receivers.fix_is_over, sender=Change, dispatch_uid="changes: a fix is over", acts_on=receivers.endings
    )
    record_changed.connect(
        receivers.change_wanted, sender=Task, dispatch_uid="changes: wanted by requests", acts_on=receivers.wishes
    )
    record_changed.connect(
        receivers.requested_change_moved,
        sender=Change,
        dispatch_uid="changes: requests wait for them",
        acts_on=receivers.halts_and_ends,
    )
    record_changed.connect(
        receivers.service_created,
        sender=Service,
        dispatch_uid="changes: service created",
        acts_on=receivers.births_of_services,
    )
    record_changed.connect(
        receivers.budget_state_changed,
        sender=Budget,
        dispatch_uid="changes: budget state changed",
        acts_on=receivers.where_some_wait,
    )
    record_changed.connect(
        quieting.change_moved, sender=Change, dispatch_uid="changes: what is kept quiet", acts_on=quieting.moves
    )
    record_changed.connect(receivers.calendar_moved, sender=CalendarWindow, dispatch_uid="changes: calendar moved")


def _what_they_lead_to() -> None:
    """What those below show of changes: as fixes, candidate causes, what was deployed, what covers an item, toil."""
    from catalog.cmdb.queries import covers
    from catalog.environments.queries import used_by
    from catalog.requests.queries import changes_come_from
    from changes.change import permissions
    from changes.change.queries import majors
    from changes.change.queries.candidate_causes import deployed
    from changes.change.queries.covering import covering
    from changes.change.queries.fixes import fixes
    from changes.change.queries.postmortems import deployed as deployments_told
    from changes.change.queries.requested import progress
    from changes.change.queries.standing import changes_in
    from changes.change.queries.toil import approved_by_policy, approving
    from incidents.major.queries import suspects_come_from, timeline_sources
    from incidents.postmortem.queries import filled_from
    from incidents.problem.queries import fixes_come_from
    from incidents.toil.queries import automatic_approvals_come_from, minutes_come_from
    from slo.objectives.queries import candidate_causes

    fixes_come_from(fixes, permissions.askers)
    filled_from(deployments_told)
    timeline_sources.register(deployments_told)
    timeline_sources.register(majors.deployed_around)
    suspects_come_from(majors.began_near)
    minutes_come_from(approving)
    automatic_approvals_come_from(approved_by_policy)
    changes_come_from(progress)
    used_by(changes_in)
    covers.come_from(covering)
    candidate_causes.register_source(deployed)


def _approvals() -> None:
    """Who decides about changes and policies, where they are told what waits, and what a second person confirms."""
    from changes.boards.views.waiting import shows_changes
    from changes.change import permissions
    from changes.change.models import Change
    from changes.change.operations import overriding, shadowing
    from changes.change.queries import pre_reads
    from changes.policies.models import PolicyVersion
    from itsm.approvals import asked, confirming, waiting

    asked.decides(Change.kind, permissions.ANSWERS, Change._meta.verbose_name_plural, pre_read=pre_reads.pre_read_of)
    asked.decides(PolicyVersion.kind, permissions.ANSWERS, PolicyVersion._meta.verbose_name_plural)
    waiting.shows(Change.kind, shows_changes())
    confirming.confirms(shadowing.SHADOW, shadowing.shadow_as_confirmed)
    confirming.confirms(overriding.OVERRIDE, overriding.override_as_confirmed, weighs=_("confirm an override"))


def _people() -> None:
    """What people and teams leave behind in changes, and what a hash proves as it was."""
    from changes.allowances import operations as allowances
    from changes.calendar.operations import windows
    from changes.change.operations import same_person
    from changes.change.queries.duties import open_changes_of, taking_part
    from changes.change_models.models import ChangeModel, ModelVersion
    from changes.change_models.vocabulary import ModelStatus, VersionStatus
    from changes.policies.operations.same_person import keep_what_rules
    from itsm.accounts import duties, person_references, team_references
    from itsm.accounts.naming import names_people, sealed

    names_people("changes_deploymentevent", "who")
    duties.register("changes", open_changes_of, held=lambda person: [taking_part(person)])
    person_references.register("interest in changes", "", count=lambda person: 0, follow=same_person.interest_follows)
    person_references.forbids(keep_what_rules)
    person_references.keeps_from_deciding(ChangeModel, "proposed_by", status=ModelStatus.PROPOSED)
    person_references.keeps_from_deciding(ModelVersion, "writers", state=VersionStatus.DRAFT)
    team_references.register("changes.allowance.team", find=lambda team: (), follow=allowances.team_merged)
    # History names the team whose token it was.
    team_references.register("changes.override.team", find=lambda team: (), follow=lambda old, new, actor: 0)
    team_references.register("changes.calendarwindow_teams.team", find=lambda team: (), follow=windows.windows_follow)
    proven = _("Evidence of decisions and versions of policies, which a hash proves as they were.")
    for table in ("changes_decision", "changes_policyversion"):
        sealed(table, proven)
    sealed("changes_minutes", _("Minutes, which say who decided and are written once."))


def _models_and_policies() -> None:
    """Models of standard changes, and the policy of the gate."""
    from catalog.items.queries import change_models_come_from
    from changes.change.queries import listing
    from changes.change_models.models import ChangeModel
    from changes.change_models.queries import names_of_usable
    from changes.change_models.workflow import HISTORY as MODELS
    from changes.change_models.workflow import MODEL
    from changes.model_review import receivers as models_reviewed
    from changes.policies.models import GatePolicy
    from changes.policies.workflow import HISTORY as POLICIES
    from changes.policies.workflow import POLICY
    from itsm.accounts import rights
    from itsm.lifecycle import record_changed
    from itsm.search import offers
    from itsm.ui import event_texts

    record_changed.connect(models_reviewed.model_changed, sender=ChangeModel, dispatch_uid="changes: model suspended")
    change_models_come_from(names_of_usable)
    event_texts.tells(ChangeModel.kind, MODEL, events=MODELS)
    rights.register(ChangeModel.kind, ChangeModel._meta.verbose_name, MODEL, lambda at: ChangeModel())
    offers.offers(ChangeModel, listing.model_as_found)
    event_texts.tells(GatePolicy.kind, POLICY, events=POLICIES)
    rights.register(GatePolicy.kind, GatePolicy._meta.verbose_name, POLICY, lambda at: GatePolicy())


def _calendar() -> None:
    """Windows of the calendar; lockdowns among them have a life."""
    from changes.calendar.models import CalendarWindow
    from changes.calendar.operations import lockdowns  # noqa: F401 -- the table finds its steps
    from changes.calendar.workflow import HISTORY, LOCKDOWN
    from changes.change.queries import listing
    from itsm.accounts import rights
    from itsm.search import offers
    from itsm.ui import event_texts

    event_texts.tells(CalendarWindow.kind, LOCKDOWN, events=HISTORY)
    rights.register(
        CalendarWindow.kind,
        _("lockdown"),
        LOCKDOWN,
        lambda at: CalendarWindow(created_by_id=at.whose, window_type=CalendarWindow.Kind.LOCKDOWN),
    )
    offers.offers(CalendarWindow, listing.window_as_found)


def _boards() -> None:
    """Boards and their meetings: who sits in them, which of them a change is asked of, when they meet."""
    from changes.boards import permissions as of_boards
    from changes.boards.models import Board, Meeting
    from changes.boards.operations import departures
    from changes.boards.queries import seats
    from changes.boards.queries.planned import in_calendar
    from changes.boards.queries.routing import emergency_board_of, panel_for
    from changes.boards.workflow import BOARD_HISTORY, HISTORY, MEETING
    from changes.change import permissions
    from changes.change.operations import asked_boards
    from changes.change.queries import besides
    from itsm.accounts import duties, rights, team_references
    from itsm.approvals import panels
    from itsm.ui import event_texts

    panels.seats(
        seats.KIND,
        panels.Seats(
            seats.sitting_of, seats.with_above, seats.voting_in, seats.above, seats.boards_of, of_boards.KEEPERS
        ),
    )
    asked_boards.come_from(panel_for)
    permissions.ecab_comes_from(emergency_board_of)
    besides.come_from(in_calendar)
    event_texts.tells(Meeting.kind, MEETING, events=HISTORY)
    event_texts.tells(Board.kind, events=BOARD_HISTORY)
    rights.register(Meeting.kind, Meeting._meta.verbose_name, MEETING, lambda at: Meeting(board=Board()))
    duties.register("boards", departures.seats_of, departures.leave_seats, held=departures.any_seat)
    team_references.register(
        "changes.board_teams.team", find=departures.boards_of_team, follow=departures.boards_follow
    )


def _delivery() -> None:
    """Deployments: the gate's own as they run, what platforms tell of them, and what platforms are answered."""
    from changes.change.models import Change
    from changes.change.operations import deploying
    from changes.delivery import receivers
    from changes.delivery.event_texts import EVENTS
    from changes.delivery.models import (
        DeliverySource,
        DeploymentEvent,
        DeploymentRoute,
        PlatformDelivery,
        PlatformQuestion,
    )
    from changes.delivery.operations import answering, applying, follow_run, matching, questions, receiving
    from incidents.alerts_in.operations import elsewhere
    from itsm.clocks import due, late
    from itsm.lifecycle import record_changed
    from itsm.notifications import outbox
    from itsm.notifications.lanes import Lane
    from itsm.ui import event_texts

    deploying.deployments_are_followed_by(follow_run)
    due.register(receiving.APPLYING, applying.apply_when_due, lane=Lane.INTAKE)
    outbox.register(
        questions.CHANNEL, answering.deliver, lane=Lane.WEBHOOK, at_once=answering.AT_ONCE, died=answering.died
    )
    late.register("platform_deliveries", applying.left_before, applying.apply_left)
    late.register("unmatched_deployments", matching.overdue, matching.reconcile)
    elsewhere.events_go_to(receivers.event_came)
    record_changed.connect(
        receivers.change_moved,
        sender=Change,
        dispatch_uid="changes: platforms hear of their questions",
        acts_on=receivers.moves,
    )
    for told_of in (DeploymentEvent, DeliverySource, DeploymentRoute, PlatformDelivery, PlatformQuestion):
        event_texts.tells(told_of.kind, events=EVENTS[told_of.kind])


def _costs() -> None:
    """The ledger: what changes cost follows outages, corrections and objectives, and is refunded on two names."""
    from changes.change.operations import costing
    from changes.ledger import receivers
    from changes.ledger.operations import following, refunding, unlinking
    from itsm.approvals import confirming
    from itsm.lifecycle import record_changed
    from itsm.work import linking
    from slo.models import Correction, Objective, Outage

    record_changed.connect(receivers.cause_decided, sender=Outage, dispatch_uid="changes: what is not their cost")
    record_changed.connect(
        receivers.correction_moved, sender=Correction, dispatch_uid="changes: minutes that cost nothing"
    )
    record_changed.connect(receivers.terms_moved, sender=Objective, dispatch_uid="changes: what counts as cost")
    costing.come_from(following.told)
    confirming.confirms(refunding.REFUND, refunding.refund_as_confirmed)
    linking.guarded_by(unlinking.unlinking)


def _allowances() -> None:
    """Shares of headroom: how their history reads, and who hears of them."""
    from changes.allowances import news
    from changes.allowances.event_texts import EVENTS
    from changes.allowances.models import Allowance
    from itsm.notifications import rules
    from itsm.ui import event_texts

    event_texts.tells(Allowance.kind, events=EVENTS)
    rules.register(*news.RULES)


def _experiments() -> None:
    """Chaos experiments are watched and stopped in the lane that wakes people."""
    from changes.change.operations import deploying
    from changes.chaos import operations
    from changes.chaos.models import ChaosAbort, ChaosExperiment
    from itsm.clocks import due
    from itsm.notifications import outbox
    from itsm.notifications.lanes import Lane
    from itsm.paging.queries import subjects

    deploying.deployments_are_followed_by(operations.follow_run)
    due.register(operations.WATCH, operations.watch, lane=Lane.PAGING)
    due.register(operations.UNCONFIRMED, operations.page_unconfirmed, lane=Lane.PAGING)
    outbox.register(operations.CHANNEL, operations.call_hook, lane=Lane.PAGING)
    subjects.register(
        ChaosExperiment.kind,
        subjects.SubjectKind(
            is_over=lambda number: ChaosAbort.objects.filter(experiment=number, stopped_at__isnull=False).exists()
        ),
    )


def _webhooks() -> None:
    """What other systems are shown of a change."""
    from changes.change.models import Change
    from changes.change.workflow import BY_CLASS
    from itsm.webhooks import pictures

    def drawn(change: Any) -> dict[str, Any]:
        from changes.change.api.serializers import ChangeShown

        return pictures.as_api(ChangeShown, change)

    pictures.pictured(
        Change,
        drawn,
        title=Change._meta.verbose_name,
        workflows=BY_CLASS.values(),
        events=("judged", "held", "let_go", "overridden", "answered", "roll_back_called", "stage_judged"),
    )


def _rights() -> None:
    """Whom the tables of changes let take which step. A standard change's holds all of a normal one's."""
    from catalog.models import Service
    from changes.change.models import Change
    from changes.change.vocabulary import ChangeClass
    from changes.change.workflow import EMERGENCY, STANDARD, UNAUTHORISED
    from itsm.accounts import rights
    from itsm.accounts.models import User

    def pictured(of_class: str, at: rights.Standing) -> Change:
        asked_by = User(pk=at.whose)
        return Change(requested_by=asked_by, author=asked_by, service=Service(team_id=at.team), change_class=of_class)

    for record, title, life, of_class in (
        (Change.kind, Change._meta.verbose_name, STANDARD, ChangeClass.STANDARD),
        ("emergency_change", _("emergency change"), EMERGENCY, ChangeClass.EMERGENCY),
        ("unauthorised_change", _("unauthorised change"), UNAUTHORISED, ChangeClass.UNAUTHORISED),
    ):
        rights.register(record, title, life, partial(pictured, of_class))


def _invariants() -> None:
    """What must always hold of changes, asked by the auditor."""
    from changes.change.operations import invariants
    from changes.change.operations.invariants import concerned, promised
    from itsm.invariants import register

    for one in invariants.ALL:
        register(one)
    promised.register()
    concerned.register()


def _agents() -> None:
    """What software agents can do here."""
    from changes.change import agent_tools
    from changes.delivery.agent_tools import TOOL as WHAT_CHANGED
    from itsm.agents import tools

    agent_tools.register()
    tools.register(WHAT_CHANGED)
