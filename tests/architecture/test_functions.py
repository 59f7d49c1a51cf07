"""Functions of the database find their tables whatever the session's search_path is: in a restore it is empty."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.api.world import World

pytestmark = pytest.mark.django_db

# Of extensions, PostgreSQL knows for itself. Bodies in BEGIN ATOMIC are bound to their tables when they are made.
_OURS = """
SELECT p.proname, p.prosqlbody IS NOT NULL OR EXISTS (
         SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%%')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def test_every_function_names_where_it_looks() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OURS.replace("%%", "%"))
        found = dict(cursor.fetchall())
    assert {
        "audit_entry_is_kept",
        "approvals_approvaldecision_four_eyes",
        "changes_change_moves_legally",
        "slo_counted",
    } <= set(found)
    forgotten = sorted(name for name, bound in found.items() if not bound)
    assert not forgotten, f"Give these SET search_path FROM CURRENT, or BEGIN ATOMIC: {forgotten}"


def test_triggers_and_sums_work_where_nothing_is_on_the_path(world: World) -> None:
    change = world.pending.change
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute("SELECT count(*) FROM public.slo_series s, LATERAL public.slo_prefix(s.id, 30000000) p")
        cursor.execute("SELECT first FROM public.slo_period(30000000, 'month', 1, NULL, 'UTC')")
        cursor.execute("SELECT due FROM public.slo_counted(1, 30000000, 29000000, 1, 'bad', 1)")
        cursor.execute("UPDATE public.changes_change SET status = 'cancelled' WHERE id = %s", [change.pk])
        with pytest.raises(DatabaseError, match="does not move"), transaction.atomic():
            cursor.execute("UPDATE public.changes_change SET status = 'running' WHERE id = %s", [change.pk])
        cursor.execute("SELECT ask.id FROM public.approvals_approvalrequest ask LIMIT 1")
        ask = cursor.fetchone()[0]
        with pytest.raises(DatabaseError, match="settled or about other content"), transaction.atomic():
            cursor.execute(
                "INSERT INTO public.approvals_approvaldecision (ask_id, by_id, decision, comment, content_hash, at)"
                " VALUES (%s, %s, 'approve', '', 'other', now())",
                [ask, world.people["approver"].pk],
            )
