"""The database still refuses what it was made to refuse: rights, triggers, constraints, against the models. I18."""

import textwrap
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.audit.triggers import declared_by
from itsm.invariants.known import Found, Invariant, Question

# Enabled for ordinary sessions; the body as it was shipped.
_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled IN ('O', 'A'), p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""
_CONSTRAINTS = """
SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND convalidated
UNION
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = current_schema()::regnamespace AND i.indisvalid
"""
_RIGHTS = """
SELECT t.name, r.word
FROM unnest(%(tables)s::text[]) AS t (name), unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS r (word)
JOIN pg_roles role ON role.rolname = %(role)s
WHERE has_table_privilege(%(role)s, t.name, r.word)
"""
_READS_ONLY = """
SELECT c.relname, r.word
FROM pg_class c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS r (word)
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND current_user = %(role)s AND has_table_privilege(%(role)s, c.oid, r.word)
LIMIT 20
"""


@cache
def shipped_triggers() -> dict[tuple[str, str], str]:
    """(table, trigger) -> the body that its function was shipped with."""
    found: dict[tuple[str, str], str] = {}
    for model in apps.get_models():
        for trigger in declared_by(model):
            made: Any = trigger.compile(model)  # type: ignore[arg-type]  # a class is what it takes
            found[made.terms["table"], f"{made.terms['table']}_{made.name}"] = _plain("\n".join(made.terms["func"]))
    return found


@cache
def shipped_constraints() -> tuple[tuple[str, str], ...]:
    """(table, name) of each check, each uniqueness that the models declare."""
    found = [
        (model._meta.db_table, constraint.name)
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and not model._meta.abstract
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint)
    ]
    return tuple(sorted(found))


def _plain(body: str) -> str:
    """Without what says nothing: indentation and blank lines."""
    return "\n".join(line.strip() for line in textwrap.dedent(body).splitlines() if line.strip())


def triggers_missing(at: datetime) -> Iterator[Found]:
    """Triggers that are not there, are switched off, or do something else."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        there = {(table, name): (enabled, _plain(body)) for table, name, enabled, body in cursor.fetchall()}
    for (table, name), body in sorted(shipped_triggers().items()):
        enabled, found = there.get((table, name), (None, ""))
        if enabled is None:
            yield Found("table", table, f"{name}: missing")
        elif not enabled:
            yield Found("table", table, f"{name}: switched off")
        elif body not in found:
            yield Found("table", table, f"{name}: altered")


def constraints_missing(at: datetime) -> Iterator[Found]:
    """Checks and uniquenesses that are not there, or hold for new rows only."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS)
        there = {name for (name,) in cursor.fetchall()}
    for table, name in shipped_constraints():
        if name[:63] not in there:
            yield Found("table", table, f"{name}: missing")


def rights_too_wide(at: datetime) -> Iterator[Found]:
    """What the application may change although it only grows; nothing where one role is everything to the database."""
    role = settings.DATABASES["default"].get("USER", "")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_class WHERE relname = 'audit_entry' AND pg_get_userbyid(relowner) = %s", [role]
        )
        if cursor.fetchone() is not None:
            return
        cursor.execute(_RIGHTS, {"tables": append_only.tables(), "role": role})
        yield from (Found("table", table, word) for table, word in cursor.fetchall())
        cursor.execute(_READS_ONLY, {"role": settings.AUDITOR_DATABASE.get("USER", "")})
        yield from (Found("table", table, f"auditor: {word}") for table, word in cursor.fetchall())


CATALOGUE = Invariant(
    "I18",
    _("The database refuses what it was made to refuse"),
    _("Rules of the application can be gone round; those of the database hold, as long as nobody switches them off."),
    (
        Question("triggers", _("A trigger of %(reference)s is not as it was shipped: %(detail)s."), triggers_missing),
        Question("constraints", _("A constraint of %(reference)s is not there: %(detail)s."), constraints_missing),
        Question("rights", _("Rights on %(reference)s are too wide: %(detail)s."), rights_too_wide),
    ),
    closes_gate=True,
)
