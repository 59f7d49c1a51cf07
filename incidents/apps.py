"""The app of incidents, and where each of its parts tells the platform of itself: one function for each."""

from typing import Any

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "incidents"
    settings_pages = (
        ("work", _("Categories"), _("What incidents are about."), "placing:categories"),
        ("work", _("Priority matrix"), _("What impact and urgency make."), "placing:matrix"),
        ("connections", _("Mail that came in"), _("What was made of each mail, and what waits."), "mail_in:list"),
        ("connections", _("Sources of alerts"), _("Who may send alerts, and how they are read."), "alerts:sources"),
    )
    beat = {
        "read what fires": {
            "task": "incidents.alerts_in.tasks.poll_alertmanagers",
            "schedule": 300.0,
            "options": {"expires": 240, "priority": 7},
        },
        "delete old alerts": {
            "task": "incidents.alerts_in.tasks.purge_alerts",
            "schedule": 86_400.0,
            "options": {"expires": 3600, "priority": 9},
        },
        "tell those who wait for problems": {
            "task": "incidents.problem.tasks.tell_waiting",
            "schedule": 5.0,
            "options": {"expires": 5, "priority": 6},  # behind whatever is due
        },
        "find what recurs": {
            "task": "incidents.problem.tasks.find_recurrence",
            "schedule": 900.0,
            "options": {"expires": 600, "priority": 7},
        },
        "find what recurs just now": {
            "task": "incidents.problem.tasks.find_fresh_recurrence",
            "schedule": 60.0,
            "options": {"expires": 60, "priority": 7},
        },
    }
    enum_names = {
        "AlertSourceKind": "incidents.alerts_in.vocabulary.SourceKind",
        "AlertIntakeStatus": "incidents.alerts_in.vocabulary.IntakeStatus",
        "AlertStatus": "incidents.alerts_in.vocabulary.OccurrenceStatus",
        "QuietStatus": "incidents.alerts_in.vocabulary.QuietStatus",
        "ProblemStatus": "incidents.problem.workflow.Status",
        "ProblemTaskKind": "incidents.problem.vocabulary.TASK_KINDS",
        "ProblemOutcome": "incidents.problem.vocabulary.CloseCode",
        "MajorStatus": "incidents.major.workflow.Status",
        "MajorSeverity": "incidents.major.vocabulary.Severity",
        "MajorSource": "incidents.major.vocabulary.Source",
        "CandidateRuleName": "incidents.major.vocabulary.Rule",
        "NoticeFate": "incidents.major.vocabulary.NoticeFate",
        "PostmortemStatus": "incidents.postmortem.workflow.Status",
        "PostmortemActionType": "incidents.postmortem.vocabulary.ActionType",
        "PostmortemSource": "incidents.postmortem.vocabulary.Source",
        "RecurrenceRule": "incidents.problem.vocabulary.Rule",
        "IncidentChannel": "incidents.incident.vocabulary.Channel",
        "IncidentLevel": "incidents.incident.vocabulary.Level",
        "ReportMeasure": "incidents.reports.vocabulary.Measure",
    }

    def ready(self) -> None:
        _people_and_queues()
        _records(self)
        _time()
        _clocks()
        _lists()
        _majors(self)
        _problems()
        _postmortems()
        _actions_and_macros()
        _improvements()
        _satisfaction()
        _proposals()
        _mail()
        _mail_out()
        _webhooks()
        _escalations()
        _alerts()
        _invariants()
        _agents()


def _agents() -> None:
    """What software agents read of incidents and problems, and who is on call."""
    from incidents.answers.agent_tools import FIND_ANSWERS
    from incidents.escalation.agent_tools import TOOL as WHO_IS_ON_CALL
    from incidents.incident.agent_tools import READ_INCIDENT
    from incidents.next_up.agent_tools import MY_QUEUE
    from incidents.postmortem.agent_tools import READ_POSTMORTEM
    from incidents.problem.agent_tools import READ_PROBLEM
    from itsm.agents import tools

    for tool in (READ_INCIDENT, MY_QUEUE, READ_PROBLEM, READ_POSTMORTEM, FIND_ANSWERS, WHO_IS_ON_CALL):
        tools.register(tool)


def _mail() -> None:
    """What comes in by mail and answers nothing becomes an incident; answers are heard on theirs."""
    from incidents.incident import queries
    from incidents.incident.models import Incident
    from incidents.mail_in import operations
    from itsm.mail import handing, record_queues

    record_queues.register(Incident.kind, lambda teams: Incident.objects.filter(team__in=teams))
    handing.opens(operations.open_by_mail)
    handing.register(
        Incident.kind,
        handing.Handler(
            operations.find, operations.takes_part, queries.is_confidential, operations.hear,
            operations.note_automatic, operations.note_bounce,
        ),
        prefix="INC",
    )  # fmt: skip
    _mail_of_learning()


def _mail_of_learning() -> None:
    """Problems and postmortems hear answers too, as words for those who work on them."""
    from django.db.models import Q

    from incidents.mail_in import operations
    from incidents.postmortem import queries as postmortems
    from incidents.postmortem.models import Postmortem
    from incidents.problem import queries as problems
    from incidents.problem.models import Problem
    from itsm.mail import handing, record_queues, subjects

    handing.register(Problem.kind, operations.handler_of_problems(problems.is_confidential), prefix="PRB")
    handing.register(Postmortem.kind, operations.handler_of_postmortems(postmortems.is_confidential), prefix="PM")
    subjects.register(Problem.kind, operations.problem_as_mailed)
    subjects.register(Postmortem.kind, operations.postmortem_as_mailed)
    record_queues.register(Problem.kind, lambda teams: Problem.objects.filter(team__in=teams))
    record_queues.register(
        Postmortem.kind,
        lambda teams: Postmortem.objects.filter(Q(incident__team__in=teams) | Q(problem__team__in=teams)),
    )


def _people_and_queues() -> None:
    """What roles may do, what people leave behind, and what follows a queue that is merged."""
    from django.utils.translation import gettext_lazy as _

    from incidents.incident import news, operations, queries
    from incidents.incident.models import Incident
    from incidents.incident.operations import same_person
    from incidents.incident.workflow import WORKFLOW
    from incidents.reports.models import SavedReport
    from incidents.reports.queries import saved as reports
    from incidents.sla import news as sla_news
    from itsm.accounts import duties, person_references, rights, team_references
    from itsm.accounts.naming import names_people
    from itsm.accounts.operations import triage_id
    from itsm.approvals.confirming import confirms
    from itsm.notifications import rules, sight
    from itsm.notifications.pushing import messages
    from itsm.work import category_references

    rights.register(
        Incident.kind,
        Incident._meta.verbose_name,
        WORKFLOW,
        # Where nobody has said whose queue it is, it is in the one that takes what nothing else places.
        lambda at: Incident(caller_id=at.whose, opened_by_id=at.whose, team_id=at.team or triage_id()),
    )
    duties.register(
        "incidents", queries.assigned_to, operations.reassign, held=lambda person: [queries.lying_with(person)]
    )
    person_references.register(
        "incidents",
        Incident._meta.verbose_name_plural,
        count=same_person.count_of_person,
        follow=same_person.follow_person,
    )
    team_references.register("incidents.incident.team", find=queries.lying_in, follow=operations.follow_team)
    team_references.register(
        "incidents.category.team", find=queries.placed_by, follow=operations.follow_team_of_categories
    )
    rules.register(*news.RULES, *sla_news.RULES)
    rules.says_why("saved_report.mailed", _("You get this because you have this report mailed to you."))
    sight.register(Incident.kind, queries.still_read)
    messages.keeps(Incident, queries.is_confidential, by=("team",))
    sight.register(SavedReport.kind, reports.still_read)
    category_references.register("incidents.savedreport", category_references.of_query(SavedReport))
    names_people("incidents_importedevent", "by", "changes")
    names_people("incidents_alertoccurrence", "acknowledged_by")
    confirms(operations.EDIT, operations.edit_as_confirmed)
    confirms(operations.CANCEL, operations.cancel_as_confirmed)


def _records(config: AppConfig) -> None:
    """What an incident is to the platform: found, linked, read aloud, with fields, files and rules that place it."""
    from django.db.models.signals import post_migrate

    from catalog.knowledge.queries import origins
    from catalog.services.queries import states
    from incidents.answers.operations import begun_from
    from incidents.imports.operations import purging
    from incidents.imports.vocabulary import HISTORY as IMPORTED
    from incidents.incident import queries
    from incidents.incident.api import placed_by_rules
    from incidents.incident.models import Incident
    from incidents.incident.operations.placing import seed
    from incidents.incident.workflow import HISTORY, WORKFLOW
    from itsm.assignment import kinds
    from itsm.fields import owners
    from itsm.files import readers
    from itsm.search import offers
    from itsm.ui import event_texts
    from itsm.work import linkable, retention

    post_migrate.connect(seed, sender=config, dispatch_uid="incidents: priority matrix")
    owners.register(Incident.kind, owners.Owner(Incident, lambda _owner: Incident._meta.verbose_name_plural))
    linkable.register(Incident.kind, "INC", Incident.objects.visible_to, discreet=queries.is_confidential)
    readers.register(Incident.kind, queries.reading_of_files)
    origins.register(Incident.kind, begun_from)
    event_texts.tells(Incident.kind, WORKFLOW, events={**HISTORY, **IMPORTED})
    offers.offers(Incident, queries.as_found)
    states.come_from("incidents", queries.in_trouble)
    kinds.register(Incident.kind, placed_by_rules.KIND)
    retention.offers(Incident.kind, purging.KEPT)


def _time() -> None:
    """What happens when its time has come."""
    from incidents.incident import operations
    from incidents.reports import operations as reports
    from itsm.clocks import due

    due.register(operations.HOLD_ENDS, operations.resume_when_due)
    due.register(operations.CLOSING, operations.close_when_due)
    due.register(reports.SENDING, reports.send_when_due)


def _clocks() -> None:
    """Clocks of agreements: whose they are, what moves them, and why they stand as they do."""
    from incidents.incident.models import Incident
    from incidents.incident.operations import closing
    from incidents.sla import event_texts, operations, receivers
    from itsm.clocks import explain, owners, rederiving

    owners.register(Incident.kind, operations.OWNER)
    rederiving.register(closing.rederive_closings)
    explain.tells(event_texts.WHY)
    receivers.listen()


def _lists() -> None:
    """Terms of the filter that sub-domains above add, and what a saved view may say."""
    from incidents.incident import filters
    from incidents.incident.models import Incident
    from incidents.incident.views import columns
    from incidents.reports import filters as reports
    from incidents.sla import filters as sla
    from itsm.work import saved_views

    filters.register_term("measure", reports.TERM, reports.measured)
    filters.register_term("sla", sla.SLA, sla.stands)
    saved_views.lists(
        Incident.kind, saved_views.Lists(filters.check, filters.SORTS, columns.columns_for, filters.GROUPS)
    )


def _actions_and_macros() -> None:
    """What macros, rules and bulk may do to it."""
    from incidents.incident.api import actions as sent
    from incidents.incident.models import Incident
    from incidents.incident.operations.actions import carry_out, possible
    from incidents.incident.operations.putting_back import put_back
    from incidents.macros import api, queries
    from itsm.macros import owners, placeholders
    from itsm.work import actions

    actions.register(
        Incident.kind,
        actions.Actions(Incident, Incident.objects.visible_to, sent.read, carry_out, possible, put_back, sent.describe),
    )
    owners.register(Incident.kind, api.OWNER)
    placeholders.gives(Incident.kind, queries.placeholder_values)


def _majors(config: AppConfig) -> None:
    """What a major incident is to the platform: proposed, decided by people, led by them, and never forgotten."""
    from django.db.models.signals import post_migrate

    from incidents.incident.models import Incident
    from incidents.incident.operations.closing import closes_only_if
    from incidents.incident.operations.majors import proposals_are_taken_by
    from incidents.incident.permissions import notes_are_written_too_by
    from incidents.major import news, operations, permissions, queries, receivers
    from incidents.major.models import Major
    from incidents.major.workflow import HISTORY, WORKFLOW
    from itsm.accounts import duties, rights
    from itsm.accounts.operations import triage_id
    from itsm.approvals.confirming import confirms
    from itsm.clocks import due, late
    from itsm.notifications import rules, sight
    from itsm.notifications.lanes import Lane
    from itsm.notifications.pushing import messages
    from itsm.ui import event_texts

    rights.register(
        Major.kind,
        Major._meta.verbose_name,
        WORKFLOW,
        lambda at: Major(incident=Incident(team_id=at.team or triage_id()), commander_id=at.whose),
    )
    duties.register(
        "major incidents", queries.parts_of, operations.hand_over, held=lambda person: [queries.playing(person)]
    )
    permissions.duty_is(queries.duty_managers)
    proposals_are_taken_by(operations.propose_incident)
    closes_only_if(operations.what_closing_waits_for)
    notes_are_written_too_by(queries.leads)
    confirms(operations.DEMOTE, operations.demote_as_confirmed)
    rules.register(*news.RULES)
    sight.register(Major.kind, queries.still_read)
    messages.keeps(Major, queries.is_confidential)
    event_texts.tells(Major.kind, WORKFLOW, events=HISTORY)
    due.register(operations.UNANSWERED_DUE, operations.unanswered_when_due, lane=Lane.PAGING)
    due.register(operations.COMMUNICATIONS_DUE, operations.overdue_when_due, lane=Lane.PAGING)
    due.register(operations.COMMANDER_DUE, operations.overdue_when_due, lane=Lane.PAGING)
    late.register("majors", operations.count_forgotten, operations.page_forgotten)
    post_migrate.connect(operations.seed, sender=config, dispatch_uid="incidents: candidate rules")
    receivers.listen()


def _problems() -> None:
    """What a problem is to the platform: found, linked, read aloud, owned by people, and what is due of it."""
    from incidents.problem import news, operations, queries
    from incidents.problem.models import Problem
    from incidents.problem.workflow import HISTORY, WORKFLOW
    from itsm.accounts import duties, rights, team_references
    from itsm.accounts.operations import triage_id
    from itsm.clocks import due
    from itsm.notifications import rules, sight
    from itsm.notifications.pushing import messages
    from itsm.search import offers
    from itsm.ui import event_texts
    from itsm.work import linkable

    rights.register(
        Problem.kind,
        Problem._meta.verbose_name,
        WORKFLOW,
        lambda at: Problem(opened_by_id=at.whose, owner_id=at.whose, team_id=at.team or triage_id()),
    )
    duties.register(
        "problems", queries.owned_by, operations.hand_over, held=lambda person: [queries.lying_with(person)]
    )
    team_references.register("incidents.problem.team", find=queries.lying_in, follow=operations.follow_team)
    rules.register(*news.RULES)
    sight.register(Problem.kind, queries.still_read)
    messages.keeps(Problem, queries.is_confidential)
    linkable.register(Problem.kind, "PRB", Problem.objects.visible_to, discreet=queries.is_confidential)
    event_texts.tells(Problem.kind, WORKFLOW, events=HISTORY)
    offers.offers(Problem, queries.as_found)
    due.register(operations.VERIFYING, operations.verify_when_due)
    due.register(operations.REVIEW, operations.review_when_due)


def _improvements() -> None:
    """By what of incidents one sees that an improvement helped."""
    from django.utils.translation import gettext_lazy as _

    from catalog.improvement.queries import Measure, Source, comes_from, register
    from incidents.incident.queries import improving
    from incidents.postmortem import queries as postmortems
    from incidents.postmortem.models import Postmortem
    from incidents.problem import queries as problems
    from incidents.problem.models import Problem
    from incidents.toil.queries import minutes_in_28_days

    unit = _("incidents in 28 days")
    register(Measure("incidents_28_days", _("Incidents"), unit, improving.opened_in_28_days))
    register(Measure("pressing_28_days", _("Pressing incidents (P1, P2, major)"), unit, improving.pressing_in_28_days))
    register(
        Measure(
            "toil_4_weeks", _("Minutes of toil"), _("minutes in four weeks"), minutes_in_28_days,
            read_at="/reports/toil/",
        )
    )  # fmt: skip
    register(Measure("reopened_28_days", _("Incidents that were reopened"), unit, improving.reopened_in_28_days))
    comes_from(Problem.kind, Source(_("Problems"), problems.worth_improving, lambda service: Q(service=service)))
    comes_from(
        Postmortem.kind,
        Source(
            _("Postmortems"), postmortems.worth_improving,
            lambda service: Q(incident__service=service) | Q(problem__service=service),
        ),
    )  # fmt: skip


def _postmortems() -> None:
    """What a postmortem is to the platform; what requires one, what is due of it, and what is not closed without."""
    from catalog.knowledge.queries import origins
    from incidents.incident.models import Incident
    from incidents.incident.operations.closing import closes_only_if
    from incidents.postmortem import news, operations, queries, receivers
    from incidents.postmortem.models import Postmortem
    from incidents.postmortem.workflow import HISTORY, WORKFLOW
    from incidents.problem.models import Problem
    from itsm.accounts import duties, person_references, rights
    from itsm.accounts.operations import triage_id
    from itsm.clocks import due
    from itsm.lifecycle import record_changed
    from itsm.notifications import rules, sight
    from itsm.notifications.pushing import messages
    from itsm.search import offers
    from itsm.ui import event_texts
    from itsm.work import linkable

    for field in ("writers", "waiver_person"):
        person_references.keeps_from_deciding(Postmortem, field)
    rights.register(
        Postmortem.kind,
        Postmortem._meta.verbose_name,
        WORKFLOW,
        lambda at: Postmortem(
            incident=Incident(team_id=at.team or triage_id()), writers=[at.whose], waiver_person_id=at.whose
        ),
    )
    duties.register(
        "postmortem actions",
        queries.actions_of,
        operations.hand_over,
        held=lambda person: [queries.still_open_of(person)],
    )
    rules.register(*news.RULES)
    sight.register(Postmortem.kind, queries.still_read)
    messages.keeps(Postmortem, queries.is_confidential)
    linkable.register(Postmortem.kind, "PM", Postmortem.objects.visible_to, discreet=queries.is_confidential)
    event_texts.tells(Postmortem.kind, WORKFLOW, events=HISTORY)
    offers.offers(Postmortem, queries.as_found)
    due.register(operations.OVERDUE, operations.overdue_when_due)
    due.register(operations.SOON, operations.soon_when_due)
    due.register(operations.LATE, operations.late_when_due)
    origins.register(Postmortem.kind, queries.article_begun)
    origins.register(Problem.kind, queries.article_of_problem)
    closes_only_if(operations.what_closing_waits_for)
    record_changed.connect(
        receivers.incident_moved, sender=Incident, dispatch_uid="postmortems: incidents", acts_on=receivers.acted_on
    )
    record_changed.connect(
        receivers.problem_moved, sender=Problem, dispatch_uid="postmortems: problems", acts_on=receivers.acted_on
    )


def _proposals() -> None:
    """What software agents may propose, and the tools by which they do."""
    from incidents.proposed import agent_tools, kinds

    kinds.register_all()
    agent_tools.register_all()


def _satisfaction() -> None:
    """Whoever reported one is asked how it was handled, once it is resolved."""
    from incidents.incident import receivers
    from incidents.incident.models import Incident
    from itsm.accounts.scopes import INCIDENTS_WRITE
    from itsm.kernel.references import reference
    from itsm.satisfaction import mailing, owners

    owner = owners.Owner(receivers.whose, lambda number: reference("INC", number), INCIDENTS_WRITE)
    owners.register(Incident.kind, owner)
    mailing.ask_below("incident.resolved")
    receivers.listen()


def _mail_out() -> None:
    """How mails about one are called."""
    from incidents.incident import queries
    from incidents.incident.models import Incident
    from itsm.mail import subjects

    subjects.register(Incident.kind, queries.as_mailed)


def _webhooks() -> None:
    """What other systems may hear, and which records commands of chats may name."""
    from incidents.incident import operations, queries
    from incidents.incident.models import Incident
    from incidents.incident.workflow import WORKFLOW
    from incidents.postmortem.models import Postmortem
    from incidents.postmortem.workflow import WORKFLOW as POSTMORTEM
    from incidents.problem import queries as problems
    from incidents.problem.models import Problem
    from incidents.problem.queries import ranked_at
    from incidents.problem.workflow import WORKFLOW as PROBLEM
    from itsm.webhooks.pictures import as_api, pictured
    from itsm.webhooks.slash.records import Heard, hears
    from itsm.work.operations import is_of_private_note

    hears(Heard("INC", Incident.objects.visible_to, queries.is_confidential, operations.note, operations.acknowledge))
    hears(Heard("PRB", Problem.objects.visible_to, problems.is_confidential))

    # Serializers are read where a picture is drawn: most programs never draw one.
    def incident(record: Any) -> dict[str, Any]:
        from incidents.incident.api.serializers import IncidentShown

        return as_api(IncidentShown, record)

    def problem(record: Any) -> dict[str, Any]:
        from incidents.problem.api.serializers import ProblemShown

        return as_api(ProblemShown, record, ranked_at=ranked_at())

    def postmortem(record: Any) -> dict[str, Any]:
        from incidents.postmortem.api.serializers import PostmortemShown

        return as_api(PostmortemShown, record)

    pictured(
        Incident,
        incident,
        title=Incident._meta.verbose_name,
        queues=lambda incident: [incident.team],
        workflows=[WORKFLOW],
        events=("noted", "linked", "took_in", "let_go"),
        discreet=is_of_private_note,
    )
    pictured(
        Problem,
        problem,
        title=Problem._meta.verbose_name,
        queues=lambda problem: [problem.team],
        workflows=[PROBLEM],
        events=("recurred", "took_in", "broadcast", "fix_closed", "review_due"),
    )
    pictured(
        Postmortem,
        postmortem,
        title=Postmortem._meta.verbose_name,
        queues=lambda postmortem: [postmortem.about.team],
        workflows=[POSTMORTEM],
        events=("overdue", "action_added", "action_done"),
    )


def _escalations() -> None:
    """Which incidents page whom: begun and ended with them."""
    from incidents.escalation import operations, queries, receivers
    from incidents.escalation.event_texts import HISTORY
    from incidents.escalation.models import EscalationRoute
    from incidents.incident.models import Incident
    from incidents.major.queries import timeline_sources
    from itsm.accounts import team_references
    from itsm.clocks import due
    from itsm.notifications.lanes import Lane
    from itsm.oncall.queries.listing import by_service
    from itsm.paging.operations.policies import used_by
    from itsm.paging.queries import subjects
    from itsm.ui import event_texts

    subjects.register(
        Incident.kind,
        subjects.SubjectKind(
            is_over=operations.is_over,
            lock=operations.lock,
            on_acknowledged=operations.work_begins,
            on_exhausted=operations.exhausted,
            discreet=queries.is_discreet,
            progressed_at=operations.progressed_at,
        ),
    )
    due.register(operations.JOINED, operations.joined_when_due, lane=Lane.PAGING)
    used_by(queries.needing)
    by_service(queries.schedules_of_service)
    team_references.register("incidents.escalationroute.team", find=queries.of_queue, follow=operations.follow_routes)
    event_texts.tells(EscalationRoute.kind, events=HISTORY)
    timeline_sources.register(queries.pages_told)
    receivers.listen()


def _alerts() -> None:
    """What is due of alerts, who hears of them, and how new rules of routing come to hold."""
    from incidents.alerts_in import news
    from incidents.alerts_in.operations import applying, ending, polling, quiets, routings, silences, storms
    from incidents.alerts_in.queries import stream
    from incidents.major.queries import timeline_sources
    from itsm.approvals.confirming import confirms
    from itsm.clocks import due, late
    from itsm.notifications import outbox, rules
    from itsm.notifications.lanes import Lane

    timeline_sources.register(stream.told_around)
    due.register(applying.APPLYING, applying.apply_when_due, lane=Lane.INTAKE)
    due.register(ending.SETTLING, ending.resolve_when_settled)
    due.register(storms.TELLING, storms.tell_when_due, lane=Lane.INTAKE)
    late.register("alert_bodies", applying.left_before, applying.apply_left)
    due.register(quiets.RENEWING, quiets.renew_when_due, lane=Lane.INTAKE)
    due.register(quiets.ENDING, quiets.end_when_due, lane=Lane.INTAKE)
    late.register("quiets", quiets.overdue, quiets.end_overdue)
    outbox.register(polling.CHANNEL, polling.deliver, lane=Lane.INTAKE)
    outbox.register(silences.CHANNEL, silences.deliver, lane=Lane.INTAKE)
    confirms(routings.ROUTING, routings.route_as_confirmed)
    rules.register(*news.RULES)


def _invariants() -> None:
    """A violation of what must always hold is a P1; confidential incidents and problems are what strangers ask for."""
    from incidents.incident.models import Incident
    from incidents.incident.operations import promised, violated
    from incidents.problem.models import Problem
    from itsm.invariants import opens
    from itsm.invariants.platform.scope import canaries

    opens(violated.open_one)
    for model in (Incident, Problem):
        hidden = model.objects.filter(team__confidential=True).order_by("-id")
        canaries(model.kind, lambda hidden=hidden: hidden.values_list("pk", flat=True)[:50])  # type: ignore[misc]
    violated.register_promises()
    promised.register()
