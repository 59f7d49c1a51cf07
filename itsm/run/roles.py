"""Three database roles: the owner makes and changes tables, the application uses them, the auditor reads them.

What is append-only stays so because the application's role has no right to change it; that
is granted table by table after each migration (`manage.py grant_application_rights`).
"""

import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import extensions as pg
from psycopg2 import sql

from itsm.run import passwords
from itsm.run.postgres import SUPERUSER, Postgres
from itsm.run.say import say

OWNER = "headroom_owner"
APPLICATION = "headroom"
AUDITOR = "headroom_auditor"
DATABASE = "headroom"


def make_ours(server: Postgres) -> tuple[str, str]:
    """Roles and database on the embedded server: (application's URL, owner's URL)."""
    secrets = {role: passwords.kept(server.folder / f"{role}.password") for role in (OWNER, APPLICATION)}
    connection = psycopg2.connect(server.url(SUPERUSER, server.password, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        ensure_role(cursor, OWNER, secrets[OWNER], createdb=server.throw_away)
        ensure_role(cursor, APPLICATION, secrets[APPLICATION])
        # The owner may act as the application, never the other way round: tests use it.
        cursor.execute(statement("GRANT {} TO {}", APPLICATION, OWNER))
        ensure_database(cursor)
    connection.close()
    application, owner = (server.url(role, secrets[role], DATABASE) for role in (APPLICATION, OWNER))
    return application, owner


def make_auditor(server: Postgres) -> str:
    """The role that the auditor of invariants asks as, on the embedded server: its URL. What it reads is granted after
    each migration."""
    secret = passwords.kept(server.folder / f"{AUDITOR}.password")
    connection = psycopg2.connect(server.url(SUPERUSER, server.password, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        ensure_role(cursor, AUDITOR, secret)
        cursor.execute(statement("ALTER ROLE {} SET default_transaction_read_only = on", AUDITOR))
        cursor.execute(statement("GRANT CONNECT ON DATABASE {} TO {}", DATABASE, AUDITOR))
    connection.close()
    return server.url(AUDITOR, secret, DATABASE)


def ensure_role(cursor: pg.cursor, role: str, password: str, createdb: bool = False) -> None:
    if not exists(cursor, "pg_roles", "rolname", role):
        cursor.execute(statement("CREATE ROLE {} LOGIN", role))
    # Nothing about CREATEDB unless it is wanted: an owner without it may not even take it away.
    right = " CREATEDB" if createdb else ""
    change = statement(f"ALTER ROLE {{}} LOGIN{right}", role)
    cursor.execute(change + sql.SQL(" PASSWORD {}").format(sql.Literal(password)))


def ensure_database(cursor: pg.cursor) -> None:
    if not exists(cursor, "pg_database", "datname", DATABASE):
        cursor.execute(statement("CREATE DATABASE {} OWNER {}", DATABASE, OWNER))
    cursor.execute(statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", DATABASE))
    cursor.execute(statement("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", DATABASE, APPLICATION))


def beside_owner(owner_url: str, folder: Path, suffix: str = "application") -> str | None:
    """An application's (or auditor's) role on the user's own server; None, with a word why, where that fails."""
    parts = urlsplit(owner_url)
    database = unquote(parts.path.lstrip("/"))
    role = f"{re.sub(r'[^a-z0-9_]', '_', database.lower())}_{suffix}"
    password = passwords.kept(folder / f"{role}.password")
    try:
        connection = psycopg2.connect(owner_url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            ensure_role(cursor, role, password)
            right = "CONNECT" if suffix == "auditor" else "CONNECT, TEMPORARY"
            cursor.execute(statement(f"GRANT {right} ON DATABASE {{}} TO {{}}", database, role))
        connection.close()
    except psycopg2.Error as error:
        say(f"one database role for everything, because: {str(error).strip().splitlines()[0]}")
        return None
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password)}@{place}"))


def exists(cursor: pg.cursor, table: str, column: str, name: str) -> bool:
    question = statement("SELECT 1 FROM {} WHERE {} = ", table, column) + sql.SQL("%s")
    cursor.execute(question, [name])
    return cursor.fetchone() is not None


def statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*(sql.Identifier(name) for name in names))
