"""Triggers are declared on the model, in `Meta.triggers`: `makemigrations` sees a new one, a new step, a new body.

django-pgtrigger's own triggers can be switched off by whoever may set `pgtrigger.ignore`, which is every session, and
look for their tables wherever the session looks. These cannot, and look where they looked when they were made.
"""

import textwrap
from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler


class GuardSql(compiler.UpsertTriggerSql):
    """A trigger and the function of the same name. Migrations stand on this template: add to it, never change it."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
            {declare}
            BEGIN
            {func}
            END $$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid} {when} {operation} ON {table} {timing} {referencing}
              FOR EACH {level} {condition} EXECUTE FUNCTION {pgid}();
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class CompiledGuard(compiler.Trigger):
    """A trigger as a migration holds it: flat, its body by lines, so that a person can fold a change of it by hand."""

    def __init__(self, *, name: str, table: str, func: Sequence[str], **terms: str) -> None:
        self.terms = {"table": table, "func": list(func), **terms}
        super().__init__(name=name, sql=GuardSql(pgid=f"{table}_{name}", table=table, func="\n".join(func), **terms))

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__name__}", [], {"name": self.name, **self.terms}

    @property
    def uninstall_sql(self) -> str:
        return f"{super().uninstall_sql} DROP FUNCTION IF EXISTS {self.sql.pgid}();"


class Guard(pgtrigger.Trigger):
    """A trigger that refuses. `name` says what it holds; in the database it is `<table>_<name>`."""

    def get_pgid(self, model: Any) -> str:
        return f"{model._meta.db_table}_{self.name}"

    def compile(self, model: Any) -> CompiledGuard:
        terms = {
            "when": str(self.when),
            "operation": str(self.operation),
            "level": str(self.level),
            "condition": self.render_condition(model),
            "referencing": str(self.referencing or ""),
            "declare": self.render_declare(model),
            "constraint": "CONSTRAINT" if self.timing else "",
            "timing": f"DEFERRABLE INITIALLY {self.timing}" if self.timing else "",
        }
        lines = [line for line in textwrap.dedent(self.render_func(model)).splitlines() if line]
        given = {name: value for name, value in terms.items() if value}
        return CompiledGuard(name=str(self.name), table=model._meta.db_table, func=lines, **given)


def declared_by(model: type[models.Model]) -> list[pgtrigger.Trigger]:
    """The triggers of a model."""
    return list(getattr(model._meta, "triggers", []))
