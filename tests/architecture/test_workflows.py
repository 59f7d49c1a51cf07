"""The workflow tables crossed: every state with every step, against literal sets; the database says the same."""

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

import catalog.cmdb.vocabulary
import catalog.cmdb.workflow
import catalog.health.vocabulary
import catalog.health.workflow
import catalog.improvement.vocabulary
import catalog.improvement.workflow
import catalog.items.vocabulary
import catalog.items.workflow
import catalog.knowledge.vocabulary
import catalog.knowledge.workflow
import catalog.requests.workflow
import changes.boards.vocabulary
import changes.boards.workflow
import changes.calendar.workflow
import changes.change.workflow
import changes.change_models.workflow
import changes.policies.workflow
import incidents.incident.workflow
import incidents.major.workflow
import incidents.postmortem.workflow
import incidents.problem.workflow
import itsm.approvals.workflow
import itsm.oncall.vocabulary
import itsm.oncall.workflow
import itsm.paging.workflow
import itsm.statuspage.vocabulary
import itsm.statuspage.workflow
import slo.measuring.workflow
import slo.objectives.workflow
from changes.change.workflow import BY_CLASS
from incidents.models import Incident
from itsm.audit.legal_moves import OnlyMoves
from itsm.audit.triggers import declared_by
from itsm.home.management.commands import workflow_tables
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import WrongState
from itsm.kernel.workflow import Step, Workflow
from tests.together import each_of

ROOT = Path(__file__).parents[2]
SYSTEM = Actor.system("tests")
# What takes a natural person, such as to confirm what somebody else saw.
PERSON = Actor(id=1, name="tests", kind=Kind.HUMAN, roles=frozenset(Role), via=Door.WEB)

ESCALATION = {
    ("paging", "acknowledge", "held"),
    ("exhausted", "acknowledge", "held"),
    ("held", "lapse", "paging"),
    *((state, "hand_over", "paging") for state in ("paging", "held", "exhausted")),
    ("paging", "exhaust", "exhausted"),
    *((state, "stop", "stopped") for state in ("paging", "held", "exhausted")),
}
INCIDENT = {
    ("new", "acknowledge", "in_progress"),
    ("new", "resolve", "resolved"),
    ("new", "cancel", "cancelled"),
    ("new", "confirm", "new"),
    ("in_progress", "confirm", "in_progress"),
    ("on_hold", "confirm", "on_hold"),
    ("in_progress", "hold", "on_hold"),
    ("in_progress", "resolve", "resolved"),
    ("in_progress", "cancel", "cancelled"),
    ("on_hold", "hold", "on_hold"),
    ("on_hold", "cancel", "cancelled"),
    ("on_hold", "resume", "in_progress"),
    ("on_hold", "resolve", "resolved"),
    *((state, "escalate", state) for state in ("new", "in_progress", "on_hold")),
    *((state, "merge", "cancelled") for state in ("new", "in_progress", "on_hold")),
    ("cancelled", "split", "in_progress"),
    ("resolved", "reopen", "in_progress"),
    ("resolved", "close", "closed"),
}
PROBLEM = {
    ("proposed", "accept", "new"),
    ("proposed", "dismiss", "dismissed"),
    ("new", "assess", "analysing"),
    ("analysing", "know", "known_error"),
    ("analysing", "fix", "fixing"),
    ("known_error", "fix", "fixing"),
    ("fixing", "resolve", "resolved"),
    ("resolved", "verify", "closed"),
    *((state, "accept_risk", "closed") for state in ("analysing", "known_error", "fixing")),
    *((state, "merge", "closed") for state in ("proposed", "new", "analysing", "known_error", "fixing")),
    *((state, "cancel", "closed") for state in ("new", "analysing", "known_error", "fixing")),
    ("closed", "re_analyse", "analysing"),
}
MAJOR = {
    *((state, "propose", "proposed") for state in ("rejected", "demoted")),
    ("proposed", "accept", "live"),
    ("proposed", "reject", "rejected"),
    *((state, "inform", state) for state in ("live", "mitigated", "resolved")),
    ("live", "mitigate", "mitigated"),
    ("mitigated", "flare_up", "live"),
    *((state, "resolve", "resolved") for state in ("live", "mitigated")),
    ("resolved", "reopen", "live"),
    *((state, "correct_times", state) for state in ("live", "mitigated", "resolved")),
    ("resolved", "conclude", "concluded"),
    *((state, "demote", "demoted") for state in ("proposed", "live", "mitigated")),
}
POSTMORTEM = {
    ("draft", "submit", "review"),
    ("review", "publish", "published"),
    ("review", "send_back", "draft"),
    ("published", "revise", "draft"),
    ("waived", "revise", "draft"),
    ("draft", "discard", "published"),
    ("draft", "refill", "draft"),
    *((state, "ask_waiver", state) for state in ("draft", "review")),
    *((state, "waive", "waived") for state in ("draft", "review")),
    *((state, "refuse_waiver", state) for state in ("draft", "review")),
}
FROM_SCHEDULED_ON = {
    ("scheduled", "revert", "draft"),
    ("scheduled", "hold", "on_hold"),
    ("scheduled", "start", "running"),
    ("scheduled", "cancel", "cancelled"),
    ("on_hold", "revert", "draft"),
    ("on_hold", "cancel", "cancelled"),
    ("running", "finish", "reviewing"),
    ("running", "roll_back", "reviewing"),
    ("reviewing", "review", "reviewing"),
    ("reviewing", "close", "closed"),
}
NORMAL = FROM_SCHEDULED_ON | {
    ("draft", "submit", "assessing"),
    ("draft", "cancel", "cancelled"),
    ("assessing", "authorise", "scheduled"),
    ("assessing", "decline", "draft"),
    ("assessing", "revert", "draft"),
    ("assessing", "hold", "on_hold"),
    ("assessing", "cancel", "cancelled"),
    ("assessing", "treat_as_emergency", "authorising"),
    ("on_hold", "resume", "assessing"),
}
STANDARD = NORMAL | {("reviewing", "auto_close", "closed")}
EMERGENCY = FROM_SCHEDULED_ON | {
    ("draft", "submit", "authorising"),
    ("draft", "cancel", "cancelled"),
    ("authorising", "authorise", "scheduled"),
    ("authorising", "decline", "draft"),
    ("authorising", "revert", "draft"),
    ("authorising", "hold", "on_hold"),
    ("authorising", "cancel", "cancelled"),
    ("authorising", "treat_as_normal", "assessing"),
    ("on_hold", "resume", "authorising"),
}
UNAUTHORISED = {
    ("reviewing", "review", "reviewing"),
    ("reviewing", "close", "closed"),
    ("reviewing", "withdraw", "cancelled"),
}
LIVES = {"standard": STANDARD, "normal": NORMAL, "emergency": EMERGENCY, "unauthorised": UNAUTHORISED}

PUBLIC_INCIDENT = {
    *((state, "investigate", "investigating") for state in ("identified", "monitoring", "resolved")),
    *((state, "identify", "identified") for state in ("investigating", "monitoring", "resolved")),
    *((state, "monitor", "monitoring") for state in ("investigating", "identified", "resolved")),
    *((state, "resolve", "resolved") for state in ("investigating", "identified", "monitoring")),
    *((state, "update", state) for state in ("investigating", "identified", "monitoring", "resolved")),
}
PUBLIC_MAINTENANCE = {
    ("scheduled", "begin", "in_progress"),
    ("in_progress", "verify", "verifying"),
    *((state, "complete", "completed") for state in ("in_progress", "verifying")),
    *((state, "cancel", "cancelled") for state in ("scheduled", "in_progress", "verifying")),
    *((state, "update", state) for state in ("scheduled", "in_progress", "verifying")),
}
CONFIRMATION = {
    ("proposed", "confirm", "confirmed"),
    ("proposed", "decline", "declined"),
    ("proposed", "withdraw", "withdrawn"),
    ("proposed", "expire", "expired"),
}
CORRECTION = {
    ("proposed", "approve", "approved"),
    ("proposed", "decline", "declined"),
    ("proposed", "withdraw", "withdrawn"),
    ("proposed", "expire", "expired"),
    ("approved", "withdraw", "withdrawn"),
    ("approved", "expire", "expired"),
}
QUARANTINE = {("quarantined", "release", "released"), ("quarantined", "discard", "discarded")}

ITEM = {
    ("planned", "order", "stock"),
    *((state, "build", "building") for state in ("planned", "stock")),
    *((state, "put_into_service", "active") for state in ("planned", "stock", "building", "maintenance")),
    ("active", "take_out", "maintenance"),
    *((state, "retire", "retired") for state in ("planned", "stock", "building", "active", "maintenance")),
    ("retired", "revive", "planned"),
}

MODEL = {
    ("proposed", "approve", "approved"),
    ("approved", "certify", "approved"),
    ("suspended", "certify", "approved"),
    ("approved", "suspend", "suspended"),
    ("suspended", "suspend", "suspended"),
    ("proposed", "retire", "retired"),
    ("approved", "retire", "retired"),
    ("suspended", "retire", "retired"),
}
POLICY = {
    ("draft", "propose", "proposed"),
    ("draft", "discard", "discarded"),
    ("proposed", "approve", "approved"),
    ("proposed", "decline", "draft"),
    ("proposed", "withdraw", "draft"),
    ("approved", "withdraw", "draft"),
    ("approved", "activate", "ruling"),
    ("ruling", "supersede", "superseded"),
}

ARTICLE = {
    ("draft", "propose", "review"),
    ("review", "publish", "published"),
    ("review", "return", "draft"),
    ("published", "revise", "draft"),
    ("retired", "revise", "draft"),
    ("draft", "discard", "published"),
    ("published", "confirm", "published"),
    *((state, "retire", "retired") for state in ("draft", "review", "published")),
}
CATALOG_ITEM = {
    ("draft", "propose", "proposed"),
    *((state, "publish", "published") for state in ("draft", "proposed")),
    ("proposed", "return", "draft"),
    *((state, "revise", "draft") for state in ("published", "retired")),
    ("draft", "discard", "published"),
    *((state, "retire", "retired") for state in ("draft", "proposed", "published")),
}
IMPROVEMENT = {
    ("idea", "accept", "accepted"),
    ("accepted", "start", "doing"),
    ("doing", "finish", "measuring"),
    ("measuring", "conclude", "done"),
    *((state, "drop", "dropped") for state in ("idea", "accepted", "doing", "measuring")),
}
SWAP = {
    ("asked", "take", "taken"),
    ("asked", "take_over", "taken"),
    ("taken", "give_back", "given_back"),
    ("asked", "withdraw", "void"),
    *((state, "void", "void") for state in ("asked", "taken")),
}
ROUND = {
    ("draft", "open", "open"),
    ("open", "close", "closed"),
    *((state, "cancel", "cancelled") for state in ("draft", "open")),
}

MEETING = {
    ("planned", "open", "in_session"),
    ("in_session", "close", "closed"),
    *((state, "cancel", "cancelled") for state in ("planned", "in_session")),
}

LOCKDOWN = {
    ("draft", "submit", "awaiting_approval"),
    ("awaiting_approval", "approve", "enforced"),
    ("awaiting_approval", "decline", "draft"),
    ("awaiting_approval", "revert", "draft"),
    *((state, "cancel", "cancelled") for state in ("draft", "awaiting_approval")),
    *((state, "lift", "lifted") for state in ("enforced", "lifted")),
}

REQUEST = {
    ("draft", "submit", "approving"),
    ("approving", "begin", "fulfilling"),
    *((state, "close", "done") for state in ("approving", "fulfilling")),
    *((state, "decline", "declined") for state in ("approving", "fulfilling")),
    *((state, action, "cancelled") for state in ("approving", "fulfilling") for action in ("cancel", "call_off")),
    ("done", "confirm", "done"),
    *((state, "resume", "fulfilling") for state in ("done", "declined", "cancelled")),
}

REQUESTED = {
    ("draft", "submit", "approving"),
    ("approving", "approve", "fulfilling"),
    ("approving", "decline", "declined"),
    ("fulfilling", "wait", "waiting"),
    ("waiting", "go_on", "fulfilling"),
    ("fulfilling", "fulfil", "done"),
    *((state, "fulfil_in_part", "incomplete") for state in ("fulfilling", "waiting")),
    *((state, "skip", "skipped") for state in ("approving", "fulfilling", "waiting")),
    *((state, "cancel", "cancelled") for state in ("approving", "fulfilling", "waiting")),
    *((state, "reopen", "fulfilling") for state in ("done", "incomplete")),
}

TABLES = {
    "request": (catalog.requests.workflow.REQUEST, catalog.requests.workflow.Status, REQUEST),
    "requested item": (catalog.requests.workflow.ITEM, catalog.requests.workflow.ItemStatus, REQUESTED),
    "lockdown": (changes.calendar.workflow.LOCKDOWN, changes.calendar.workflow.WindowStatus, LOCKDOWN),
    "meeting": (changes.boards.workflow.MEETING, changes.boards.vocabulary.MeetingStatus, MEETING),
    "article": (catalog.knowledge.workflow.WORKFLOW, catalog.knowledge.vocabulary.Status, ARTICLE),
    "catalog_item": (catalog.items.workflow.WORKFLOW, catalog.items.vocabulary.Status, CATALOG_ITEM),
    "improvement": (catalog.improvement.workflow.WORKFLOW, catalog.improvement.vocabulary.Status, IMPROVEMENT),
    "swap": (itsm.oncall.workflow.WORKFLOW, itsm.oncall.vocabulary.SwapStatus, SWAP),
    "round": (catalog.health.workflow.WORKFLOW, catalog.health.vocabulary.RoundState, ROUND),
    "item": (catalog.cmdb.workflow.WORKFLOW, catalog.cmdb.vocabulary.Status, ITEM),
    "incident": (incidents.incident.workflow.WORKFLOW, incidents.incident.workflow.Status, INCIDENT),
    "problem": (incidents.problem.workflow.WORKFLOW, incidents.problem.workflow.Status, PROBLEM),
    "escalation": (itsm.paging.workflow.WORKFLOW, itsm.paging.workflow.Status, ESCALATION),
    "public_incident": (
        itsm.statuspage.workflow.INCIDENT,
        itsm.statuspage.vocabulary.IncidentStatus,
        PUBLIC_INCIDENT,
    ),
    "public_maintenance": (
        itsm.statuspage.workflow.MAINTENANCE,
        itsm.statuspage.vocabulary.MaintenanceStatus,
        PUBLIC_MAINTENANCE,
    ),
    "major": (incidents.major.workflow.WORKFLOW, incidents.major.workflow.Status, MAJOR),
    "postmortem": (incidents.postmortem.workflow.WORKFLOW, incidents.postmortem.workflow.Status, POSTMORTEM),
    **{f"{name} change": (BY_CLASS[name], changes.change.workflow.Status, life) for name, life in LIVES.items()},
}


def crossed(workflow: Workflow, states: list[str]) -> set[tuple[str, str, str]]:
    """What the table lets Headroom itself do, or a person where it takes one, by trying every pair."""
    found = set()
    for state in states:
        for action in workflow.steps:
            record = SimpleNamespace(
                status=state, pk=None, reference="X-1", confirmed=False, team_id=None, caller_id=None, opened_by_id=None,
                merged_into_id=None, duplicate_of_id=None, chair_ids=(), writers=(), needs_second=False, owner_id=None, live=None, waiver_person_id=None, published=0, proposed_by_id=None, requested_by=None, requested_by_id=None, is_authorised=False, created_by_id=None, author_id=None, implementer_id=None,
                service=SimpleNamespace(team_id=None), by_id=PERSON.id, requested_for_id=PERSON.id, teams=(), began_at=None, confirmed_at=None, ended_at=None, open_tasks=(), failed_tasks=(), out_person_id=None, in_person_id=PERSON.id,
                schedule=SimpleNamespace(team_id=None, includes=lambda person: True),
            )  # fmt: skip
            actor = SYSTEM if workflow.steps[action].who(SYSTEM, record) else PERSON
            try:
                step = workflow.begin(action, actor, record)
            except WrongState:
                continue
            found.add((state, action, step.leads_to(state)))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("name", TABLES)
def test_exactly_the_legal_steps_are_open(name: str) -> None:
    workflow, states, legal = TABLES[name]
    assert crossed(workflow, list(states.values)) == legal


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached_and_a_refusal_names_what_is_open(name: str) -> None:
    workflow, states, legal = TABLES[name]
    begins = {"new", "draft", "planned", "proposed", "idea", "scheduled", "asked"}
    reached = {target for _, _, target in legal} | begins
    assert reached >= (
        set(states.values) if name.removesuffix(" change") not in LIVES else workflow.states() - {"reviewing"}
    )
    with pytest.raises(WrongState) as refused:
        workflow.begin("sing", SYSTEM, SimpleNamespace(status=states.values[0], reference="X-1", confirmed=False))
    assert refused.value.extra["available"] == sorted(workflow.steps)


@pytest.mark.django_db
@each_of(
    ("table", "legal"),
    [
        ("incidents_incident", INCIDENT),
        ("incidents_problem", PROBLEM),
        ("incidents_major", MAJOR),
        ("incidents_postmortem", POSTMORTEM),
        ("approvals_confirmation", CONFIRMATION),
        ("changes_meeting", MEETING),
        ("slo_correction", CORRECTION),
        ("slo_quarantinedsample", QUARANTINE),
        ("changes_gatepolicy", POLICY),
        ("changes_changemodel", MODEL),
        ("catalog_article", ARTICLE),
        ("catalog_improvement", IMPROVEMENT),
        ("oncall_swap", SWAP),
        ("catalog_catalogitem", CATALOG_ITEM),
        ("catalog_request", REQUEST),
        ("catalog_requestitem", REQUESTED),
        ("paging_escalation", ESCALATION),
        ("statuspage_publicincident", PUBLIC_INCIDENT),
        ("statuspage_maintenance", PUBLIC_MAINTENANCE),
    ],
)
def test_the_database_moves_along_the_same_pairs(table: str, legal: set[tuple[str, str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"{table}_moves_legally"])
        source = cursor.fetchone()[0]
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = %s", [f"{table}_moves_legally"])
        assert cursor.fetchone() == ("O",)
    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", source)) == {
        (before, after) for before, _, after in legal if before != after
    }


@pytest.mark.django_db
def test_the_database_moves_each_class_of_change_along_its_own_pairs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'changes_change_moves_legally'")
        source = cursor.fetchone()[0]
    assert "(OLD.change_class, OLD.status, NEW.status)" in source
    assert set(re.findall(r"\('(\w+)', '(\w+)', '(\w+)'\)", source)) == {
        (name, before, after) for name, life in LIVES.items() for before, _, after in life if before != after
    }


def test_every_state_of_a_change_belongs_to_some_life() -> None:
    assert set().union(*(table.states() for table in BY_CLASS.values())) == set(changes.change.workflow.Status.values)


@pytest.mark.parametrize(
    ("workflow", "legal"),
    [
        (itsm.approvals.workflow.CONFIRMATION, CONFIRMATION),
        (slo.objectives.workflow.CORRECTION, CORRECTION),
        (slo.measuring.workflow.QUARANTINE, QUARANTINE),
        (changes.policies.workflow.POLICY, POLICY),
        (changes.change_models.workflow.MODEL, MODEL),
    ],
)
def test_what_people_alone_decide_has_exactly_these_steps(workflow: Workflow, legal: set[tuple[str, str, str]]) -> None:
    steps = workflow.steps.values()
    assert {(source, one.action, one.leads_to(source)) for one in steps for source in one.sources} == legal


@pytest.mark.parametrize(
    "workflow",
    [
        incidents.incident.workflow.WORKFLOW,
        incidents.problem.workflow.WORKFLOW,
        incidents.major.workflow.WORKFLOW,
        incidents.postmortem.workflow.WORKFLOW,
        itsm.approvals.workflow.CONFIRMATION,
        slo.objectives.workflow.CORRECTION,
        slo.measuring.workflow.QUARANTINE,
        changes.policies.workflow.POLICY,
        changes.change_models.workflow.MODEL,
        catalog.knowledge.workflow.WORKFLOW,
        catalog.items.workflow.WORKFLOW,
        catalog.improvement.workflow.WORKFLOW,
    ],
)
def test_every_row_that_people_take_has_an_operation(workflow: Workflow) -> None:
    taken = {name for name, step in workflow.steps.items() if step.who.__name__ != "the_system"}
    assert taken == set(workflow.operations)


def test_every_row_says_what_its_button_and_its_history_read() -> None:
    walking = [*(table for table, _, _ in TABLES.values()), itsm.approvals.workflow.CONFIRMATION]
    walking += [slo.objectives.workflow.CORRECTION, slo.measuring.workflow.QUARANTINE, changes.policies.workflow.POLICY]
    walking += [changes.change_models.workflow.MODEL]
    silent = [step.action for table in walking for step in table.steps.values() if not step.history]
    assert not silent
    unnamed = {step.action for table in walking for step in table.steps.values() if not step.label}
    # Of a confirmation, and of requests, which are born submitted and moved by their items and approvals: nobody takes it.
    assert unnamed == {"expire", "submit", "begin", "close", "decline", "call_off", "resume", "approve"}


def test_every_record_that_walks_a_table_is_guarded_by_the_database() -> None:
    walking = {
        model for model in apps.get_models() if isinstance(getattr(model, "workflow", None), Workflow | property)
    }
    guarded = {model for model in apps.get_models() if any(isinstance(one, OnlyMoves) for one in declared_by(model))}
    assert walking == guarded
    assert {model._meta.label for model in walking} == {
        "approvals.Confirmation",
        "catalog.Article",
        "catalog.CatalogItem",
        "catalog.CI",
        "catalog.Improvement",
        "catalog.Request",
        "catalog.RequestItem",
        "catalog.Round",
        "changes.CalendarWindow",
        "changes.Change",
        "changes.ChangeModel",
        "changes.GatePolicy",
        "changes.Meeting",
        "incidents.Incident",
        "incidents.Major",
        "incidents.Postmortem",
        "incidents.Problem",
        "oncall.Swap",
        "paging.Escalation",
        "slo.Correction",
        "slo.QuarantinedSample",
        "statuspage.Maintenance",
        "statuspage.PublicIncident",
    }


@pytest.mark.django_db
def test_makemigrations_sees_a_new_step(monkeypatch: pytest.MonkeyPatch) -> None:
    table = incidents.incident.workflow.WORKFLOW
    forgotten = Step("abandon", ("closed",), "cancelled", who=lambda actor, record: True, done="abandoned")
    more = OnlyMoves(table, Workflow(forgotten))
    others = [one for one in Incident._meta.triggers if not isinstance(one, OnlyMoves)]  # type: ignore[attr-defined]
    monkeypatch.setattr(Incident._meta, "triggers", [more, *others])
    monkeypatch.setitem(Incident._meta.original_attrs, "triggers", [more, *others])
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("makemigrations", "--check", "--dry-run", "-v3", stdout=out)
    assert "'closed', 'cancelled'" in out.getvalue()


def every_workflow() -> list[Workflow]:
    """Of every record that has one, and those of the classes of change."""
    found = [model.workflow for model in apps.get_models() if isinstance(getattr(model, "workflow", None), Workflow)]
    return [*found, *BY_CLASS.values()]


def test_no_workflow_is_left_out_of_the_tables_above() -> None:
    crossed_here = [workflow for workflow, _, _ in TABLES.values()]
    crossed_here += [
        itsm.approvals.workflow.CONFIRMATION,
        slo.objectives.workflow.CORRECTION,
        slo.measuring.workflow.QUARANTINE,
        changes.policies.workflow.POLICY,
        changes.change_models.workflow.MODEL,
    ]
    assert [workflow for workflow in every_workflow() if workflow not in crossed_here] == []
    assert len(every_workflow()) > len(TABLES)


def test_the_printed_tables_name_every_step() -> None:
    out = io.StringIO()
    call_command("workflow_tables", stdout=out)
    printed = out.getvalue()
    for workflow in every_workflow():
        for step in workflow.steps.values():
            begins, ends = f"| {step.action} | {', '.join(step.sources)} |", f"| {step.done} |"
            rows = [row for row in printed.splitlines() if row.startswith(begins.replace("_", " "))]
            assert any(ends.replace("_", " ") in row for row in rows), f"{step.action} is not among the printed tables"


def test_the_architecture_shows_the_tables_as_they_are() -> None:
    page = ROOT / "ARCHITECTURE.md"
    shown = re.search(r"<!-- workflows -->(.*?)<!-- /workflows -->", page.read_text(), re.S)
    assert shown is not None
    assert shown[1].strip() == workflow_tables.tables().strip(), "Renew it: make tables."


def test_the_command_renews_the_tables_and_nothing_else(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    page = (ROOT / "ARCHITECTURE.md").read_text()
    stale = re.sub(r"(<!-- workflows -->).*(<!-- /workflows -->)", r"\1 gone \2", page, flags=re.S)
    (tmp_path / "ARCHITECTURE.md").write_text(stale)
    call_command("workflow_tables", "--write")
    assert (tmp_path / "ARCHITECTURE.md").read_text() == page


@pytest.mark.parametrize("workflow", [catalog.requests.workflow.REQUEST, catalog.requests.workflow.ITEM])
def test_every_row_of_requests_that_people_take_has_an_operation_but_their_birth(workflow: Workflow) -> None:
    taken = {name for name, step in workflow.steps.items() if step.who.__name__ != "the_system"}
    assert taken - {"submit"} == set(workflow.operations)
