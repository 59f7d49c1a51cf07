"""The workflow tables crossed: every state with every step, against literal sets; the database says the same."""

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection

import changes.change.workflow
import incidents.incident.workflow
import itsm.approvals.workflow
import slo.measuring.workflow
import slo.objectives.workflow
from changes.models import Change
from incidents.models import Incident
from itsm.approvals.models import Confirmation
from itsm.audit import legal_moves
from itsm.home.management.commands import workflow_tables
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.kernel.workflow import Workflow
from slo.models import QuarantinedSample

ROOT = Path(__file__).parents[2]
SYSTEM = Actor.system("tests")

INCIDENT = {
    ("new", "acknowledge", "in_progress"),
    ("new", "cancel", "cancelled"),
    ("in_progress", "hold", "on_hold"),
    ("in_progress", "resolve", "resolved"),
    ("in_progress", "cancel", "cancelled"),
    ("on_hold", "resume", "in_progress"),
    ("on_hold", "resolve", "resolved"),
    ("resolved", "reopen", "in_progress"),
    ("resolved", "close", "closed"),
}
NORMAL = {
    ("draft", "submit", "assessing"),
    ("draft", "cancel", "cancelled"),
    ("assessing", "authorise", "scheduled"),
    ("assessing", "decline", "draft"),
    ("assessing", "return", "draft"),
    ("assessing", "cancel", "cancelled"),
    ("scheduled", "return", "draft"),
    ("scheduled", "start", "running"),
    ("scheduled", "cancel", "cancelled"),
    ("running", "finish", "reviewing"),
    ("running", "roll_back", "reviewing"),
    ("reviewing", "close", "closed"),
}
STANDARD = NORMAL | {("reviewing", "auto_close", "closed")}

CONFIRMATION = {
    ("proposed", "confirm", "confirmed"),
    ("proposed", "decline", "declined"),
    ("proposed", "withdraw", "withdrawn"),
    ("proposed", "expire", "expired"),
}
QUARANTINE = {("quarantined", "release", "released"), ("quarantined", "discard", "discarded")}

TABLES = {
    "incident": (incidents.incident.workflow.WORKFLOW, incidents.incident.workflow.Status, INCIDENT),
    "normal change": (changes.change.workflow.NORMAL, changes.change.workflow.Status, NORMAL),
    "standard change": (changes.change.workflow.STANDARD, changes.change.workflow.Status, STANDARD),
}


def crossed(workflow: Workflow, states: list[str]) -> set[tuple[str, str, str]]:
    """What the table lets Headroom itself do, by trying every pair."""
    found = set()
    for state in states:
        for action in workflow.steps:
            record = SimpleNamespace(status=state, reference="X-1")
            try:
                step = workflow.begin(action, SYSTEM, record)
            except WrongState:
                continue
            found.add((state, action, step.leads_to(state)))
    return found


@pytest.mark.parametrize("name", TABLES)
def test_exactly_the_legal_steps_are_open(name: str) -> None:
    workflow, states, legal = TABLES[name]
    assert crossed(workflow, list(states.values)) == legal


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached_and_a_refusal_names_what_is_open(name: str) -> None:
    workflow, states, legal = TABLES[name]
    begins = {"new", "draft"}
    assert {target for _, _, target in legal} | begins >= set(states.values)
    with pytest.raises(WrongState) as refused:
        workflow.begin("sing", SYSTEM, SimpleNamespace(status=states.values[0], reference="X-1"))
    assert refused.value.extra["available"] == sorted(workflow.steps)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "legal"),
    [
        ("incidents_incident", INCIDENT),
        ("changes_change", STANDARD),
        ("approvals_confirmation", CONFIRMATION),
        ("slo_quarantinedsample", QUARANTINE),
    ],
)
def test_the_database_moves_along_the_same_pairs(table: str, legal: set[tuple[str, str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"{table}_moves_legally"])
        source = cursor.fetchone()[0]
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = %s", [f"{table}_moves_legally"])
        assert cursor.fetchone() == ("O",)
    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", source)) == {(before, after) for before, _, after in legal}


@pytest.mark.parametrize(
    ("workflow", "legal"),
    [(itsm.approvals.workflow.CONFIRMATION, CONFIRMATION), (slo.measuring.workflow.QUARANTINE, QUARANTINE)],
)
def test_what_people_alone_decide_has_exactly_these_steps(workflow: Workflow, legal: set[tuple[str, str, str]]) -> None:
    steps = workflow.steps.values()
    assert {(source, one.action, one.leads_to(source)) for one in steps for source in one.sources} == legal


def test_the_tables_of_the_database_are_all_there_are() -> None:
    moved = (Incident, Change, Confirmation, QuarantinedSample)
    sources = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("itsm/*/migrations/*.py")]
    guarded = {found for path in sources for found in re.findall(r'only_moves\(\s*"(\w+)"', path.read_text())}
    assert guarded == {model._meta.db_table for model in moved}
    assert legal_moves.only_moves("t", [("a", "b")]).reversible


def test_the_printed_tables_name_every_step() -> None:
    out = io.StringIO()
    call_command("workflow_tables", stdout=out)
    for workflow, _, _ in TABLES.values():
        for step in workflow.steps.values():
            assert f"| {step.action.replace('_', ' ')} |" in out.getvalue()


def test_the_architecture_shows_the_tables_as_they_are() -> None:
    page = ROOT / "ARCHITECTURE.md"
    shown = re.search(r"<!-- workflows -->(.*?)<!-- /workflows -->", page.read_text(), re.S) if page.exists() else None
    if shown is None:
        return  # the page has no such section yet
    assert shown[1].strip() == workflow_tables.tables().strip(), "Paste what ./manage.py workflow_tables prints."
