"""Give the application's database role what it needs, and nothing on what only grows."""

import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg2 import sql

from itsm.audit import append_only


class Command(BaseCommand):
    help = "Grant the application's role its rights; append-only tables stay without UPDATE, DELETE, TRUNCATE."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, help="the database role that web and workers use")
        parser.add_argument("--auditor", help="the database role that the auditor of invariants reads as")
        # A process of its own for each of the two takes as long again to begin as it works.
        parser.add_argument("--migrate", action="store_true", help="bring the tables up to date first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"]:
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        self._grant(options)

    @transaction.atomic
    def _grant(self, options: dict[str, Any]) -> None:
        role = sql.Identifier(options["role"])
        kept = [sql.Identifier(table) for table in append_only.tables()]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [options["role"]])
            if cursor.fetchone() is None:
                raise CommandError(f"There is no database role {options['role']!r}.")
            for statement in (
                "GRANT USAGE ON SCHEMA public TO {}",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
                "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}",
            ):
                cursor.execute(sql.SQL(statement).format(role))
            if options["auditor"]:
                self._let_read(cursor, sql.Identifier(options["auditor"]))
            for table in kept:
                cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(table, role))
            for table in map(sql.Identifier, append_only.written_by_the_database()):
                cursor.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(table, role))
        self.stdout.write(json.dumps({"role": options["role"], "append_only": append_only.tables()}))

    def _let_read(self, cursor: Any, auditor: sql.Identifier) -> None:
        """SELECT, and nothing else, whatever it was granted before."""
        for statement in (
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}",
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}",
        ):
            cursor.execute(sql.SQL(statement).format(auditor))
