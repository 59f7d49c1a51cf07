"""History only grows: the database refuses to change or remove it, from its owner and from the application."""

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from catalog.models import Agreement, Explanation, History
from changes.models import Evaluation, Meeting, Minutes, Override, Refund
from incidents.alerts_in.operations import routings
from incidents.incident.operations import placing
from incidents.incident.operations.matrices import renew_matrix
from incidents.models import Incident, MajorUpdate
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.audit import append_only
from itsm.clocks.models import Calendar, Clock
from itsm.continuity.models import ContinuityRun
from itsm.oncall.models import Schedule, Served
from itsm.paging.models import AttemptOutcome, AttemptReport, Page, PageAttempt
from itsm.paging.vocabulary import Channel, ReportStatus
from itsm.statuspage.models import PublicUpdate, WithdrawnUpdate
from tests import locks
from tests.api.world import World, founded

pytestmark = pytest.mark.django_db

KEPT = {
    "assignment_routing",
    "approvals_approvaldecision",
    "audit_anchor",
    "audit_entry",
    "catalog_agreementversion",
    "catalog_explanation",
    "catalog_history",
    "changes_allowanceentry",
    "changes_attestation",
    "continuity_continuityrun",
    "changes_decision",
    "changes_minutes",
    "changes_override",
    "changes_refund",
    "changes_policyactivation",
    "changes_policyversion",
    "clocks_calendarversion",
    "clocks_clockevent",
    "incidents_majorupdate",
    "incidents_matrix",
    "incidents_postmortemversion",
    "incidents_routingversion",
    "oncall_served",
    "paging_attemptoutcome",
    "paging_attemptreport",
    "paging_escalationtaken",
    "paging_pageattempt",
    "slo_objectiveversion",
    "slo_versionmember",
    "statuspage_publicupdate",
    "statuspage_withdrawnupdate",
}
# The launcher's throw-away servers have the role that the product runs as; elsewhere the test makes one.
LAUNCHED, OWN = "headroom", "headroom_tested_application"


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def a_clock() -> None:
    """With an event, and a calendar with a version."""
    at = timezone.now()
    clock = Clock.objects.create(record_kind="thing", record_id=1, name="resolve", running_since=at)
    clock.events.create(happened="started", at=at, noted_at=at, terms={})
    calendar = Calendar.objects.create(name="Oslo", zone="Europe/Berlin")
    calendar.versions.create(number=1, valid_from=at, at=at, week={}, by_name="tests")
    edit = History.objects.create(ci_id=1, key="name", at=at, actor_name="tests", accounted=False)
    Explanation.objects.create(history=edit, at=at, actor_name="tests", why="Moved.")
    agreement = Agreement.objects.create(name="Bronze")
    agreement.versions.create(number=1, targets={}, by_name="tests", at=at)
    judged, (one, two) = Evaluation.objects.all()[0], User.objects.all()[:2]
    Override.objects.create(
        evaluation=judged, change=judged.change, team=judged.change.service.team, asked_by=one, seconded_by=two,
        reason="The shop is closed until this is out.", quarter=at.date(), number=1, at=at, review_due_at=at,
    )  # fmt: skip
    Refund.objects.create(
        change=judged.change, objective=judged.change.service.objectives.all()[0], amount=1000, asked_by=one,
        confirmed_by=two, reason="The load test of another team failed then.", at=at,
    )  # fmt: skip
    page = Page.objects.all()[0]
    attempt = PageAttempt.objects.create(page=page, channel=Channel.VOICE, key="k", number=1, begun_at=at)
    AttemptOutcome.objects.create(attempt=attempt, at=at, ok=True, ms=40)
    AttemptReport.objects.create(attempt=attempt, at=at, status=ReportStatus.DELIVERED)
    Served.objects.create(schedule=Schedule.objects.all()[0], starts_at=at, ends_at=at + timedelta(hours=1))
    WithdrawnUpdate.objects.create(update=PublicUpdate.objects.all()[0], reason="A name stood in it", at=at)
    Minutes.objects.create(meeting=Meeting.objects.all()[0], facts={}, text="", written_at=at)


@pytest.fixture
def application(db: None) -> Iterator[None]:
    """Everything in this test is done by the application's own database role, which is gone with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [LAUNCHED])
        role = LAUNCHED if cursor.fetchone()[0] else OWN
    if role == OWN:
        run(f"CREATE ROLE {OWN}")
    call_command("grant_application_rights", role=role, stdout=io.StringIO())
    run(f"SET LOCAL ROLE {role}")
    yield
    run("RESET ROLE")


def test_these_tables_only_grow() -> None:
    assert set(append_only.tables()) == KEPT


def not_refused(said: str, *statements: str) -> list[str]:
    """The statements that the database does not refuse with these words; what they did is undone."""
    return [one for one in statements if not re.search(said, _refusal(one))]


def _refusal(statement: str) -> str:
    try:
        with transaction.atomic():
            run(statement)
            transaction.set_rollback(True)
    except DatabaseError as refused:
        return str(refused)
    return ""


def _other_rows(at: datetime) -> None:
    """One in each table that the company of the tests leaves empty."""
    run(
        "INSERT INTO slo_versionmember (version_id, place, indicator_id, target, weight) "
        "SELECT v.id, 1, v.indicator_id, 0.9, 1 FROM slo_objectiveversion v"
    )
    run(
        "INSERT INTO incidents_postmortemversion"
        " (postmortem_id, number, content, writers, published_by_id, published_at) "
        "SELECT id, 1, '{}', '{}', (SELECT min(id) FROM accounts_user), now() FROM incidents_postmortem"
    )
    run(
        "INSERT INTO incidents_majorupdate (major_id, text, at, told) SELECT id, 'We roll back', now(), 0 FROM incidents_major"
    )
    a_clock()
    run("INSERT INTO audit_anchor (number, at, line, digest) VALUES (4711, now(), '{}', 'x')")
    ContinuityRun.objects.create(what="backup", passed=True, began_at=at, ended_at=at, of_at=at)


def test_their_rows_are_neither_changed_nor_removed(world: World) -> None:
    """All tables after one another: what takes long is the rows."""
    _other_rows(timezone.now())
    done = []
    for table in sorted(KEPT):
        # The library's own switch: not for these.
        run(f"SET LOCAL pgtrigger.ignore = '{{{table}_rows_are_kept}}'")
        done += not_refused("only grows", f"UPDATE {table} SET id = id", f"DELETE FROM {table}")
    assert done == []


def test_they_are_not_emptied_either() -> None:
    assert not_refused("only grows", *(f"TRUNCATE {table} CASCADE" for table in sorted(KEPT))) == []


def test_the_application_has_no_right_to_try(application: None) -> None:
    verbs = ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE")
    tried = [verb.format(table) for table in sorted(KEPT) for verb in verbs]
    assert not_refused("permission denied", *tried) == []


def test_the_application_cannot_switch_the_guard_off(application: None) -> None:
    for table in sorted(KEPT):
        tried = (
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TRIGGER {table}_rows_are_kept ON {table}",
            "SET LOCAL session_replication_role = replica",
            f"CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_rows_are_kept()",
            f"CREATE OR REPLACE FUNCTION {table}_rows_are_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "DELETE FROM django_migrations",
        )
        assert not_refused("permission denied|must be owner", *tried) == []


def test_the_application_can_do_its_work(application: None) -> None:
    founded()
    run("SELECT count(*) FROM audit_entry")


def test_the_application_makes_the_next_priority_matrix(application: None, admin: User, as_actor: Any) -> None:
    held = placing.matrix()
    cells = [6 - one for one in held.cells]
    assert renew_matrix(actor=as_actor(admin), cells=cells, version=held.version).version == held.version + 1


def test_the_application_lets_new_routing_of_alerts_hold(
    application: None, admin: User, manager: User, as_actor: Any
) -> None:
    at = timezone.now()
    rules = [
        {"name": "Tests", "when": [{"label": "environment", "is": "equals", "value": "test"}], "then": {"drop": True}}
    ]
    held, asked = routings.propose_rules(
        actor=as_actor(manager), rules=rules, reason="Tests wake nobody.", version=routings.held(at=at).version, at=at
    )
    confirming.confirm(asked, actor=as_actor(admin), at=at, version=asked.version)
    assert routings.held(at=at).version == held.version + 1


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ('SELECT * FROM "audit_entry" WHERE id = 1 FOR NO KEY UPDATE', {"audit_entry"}),
        ('SELECT 1 FROM "paging_page" INNER JOIN "audit_entry" ON true FOR UPDATE OF "paging_page"', {"paging_page"}),
        ("SELECT 1 FROM a JOIN b ON true FOR SHARE", {"a", "b"}),
        ("SELECT 1 FROM a WHERE id IN (SELECT record_id FROM audit_entry) FOR UPDATE", {"a"}),
        ("WITH w AS (SELECT id FROM a FOR SHARE) INSERT INTO b SELECT id FROM c, w RETURNING id", {"a"}),
        ("LOCK TABLE audit_entry IN SHARE ROW EXCLUSIVE MODE", {"audit_entry"}),
        ("SELECT substring(name FOR 3) FROM accounts_user", set()),
    ],
)
def test_the_tables_that_a_statement_locks_are_found(statement: str, tables: set[str]) -> None:
    assert locks.locked_by(statement) == tables


@pytest.mark.django_db
def test_no_test_locks_what_only_grows_as_the_application_may_not() -> None:
    """Each statement of every test is looked at: owners of tables, as tests are, would not notice."""
    with pytest.raises(AssertionError, match="may not lock incidents_majorupdate"):
        list(MajorUpdate.objects.select_for_update(no_key=True))
    list(Incident.objects.select_for_update(no_key=True))
