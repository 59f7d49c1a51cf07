"""What the measurements run against: services with healthy budgets, and records by the hundred thousand.

Everything goes through the operations and the tests' own situations, so that it is as the product makes it. Only the
bulk is INSERT ... SELECT in the application's role, over the columns that the models have today.

As a program it keeps the world of any checkout that comes first in PYTHONPATH, in the database of its environment: each
line on stdin is a command `{"do": "healthy", ...}`, each line on stdout its answer. So this file imports nothing of
`tests.bench`.
"""

import json
import sys
from collections.abc import Callable
from inspect import signature
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

import itertools

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from changes.models import Change
from incidents.models import Incident
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.accounts.sessions import SessionStore
from itsm.kernel.actors import Actor, Door
from slo.models import Objective, Reservation
from tests.factories.catalog import relies_on
from tests.factories.changes import a_measured_service, a_model, stands

OPERATOR = Actor.system("bench", Door.COMMAND)
SERVICES = 200


def people() -> tuple[str, User]:
    """A pipeline's token, and a manager who reads pages."""
    team = accounts.add_team(actor=OPERATOR, slug="bench", name="Bench")
    builder = accounts.add_user(actor=OPERATOR, username="bench-builder", roles=["engineer"])
    # In older checkouts nobody answers for a program.
    answering = {"owner": builder} if "owner" in signature(accounts.add_user).parameters else {}
    pipeline = accounts.add_user(
        actor=OPERATOR, username="bench-ci", roles=["engineer"], account_type="service", **answering
    )
    manager = accounts.add_user(actor=OPERATOR, username="bench-manager", roles=["manager"], teams=[team])
    accounts.add_user(actor=OPERATOR, username="bench-owner", roles=["owner"])
    accounts.add_user(actor=OPERATOR, username="bench-approver", roles=["approver"])
    return accounts.issue_token(pipeline, actor=OPERATOR, name="bench")[1], manager


def cookie_of(user: User) -> str:
    """A signed-in browser's session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "itsm.accounts.backends.PeopleOnly"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def services(count: int = SERVICES) -> list[str]:
    """Tier 2 and 3 services, each with a healthy gating budget and a deployment model; some depend on the one before."""
    now, team = timezone.now(), Team.objects.get(slug="bench")
    owner = actor_for(User.objects.get(username="bench-owner"), Door.WEB)
    made = [
        a_measured_service(at=now, slug=f"bench-{n}", name=f"Bench {n}", tier=2 + n % 2, team=team)
        for n in range(count)
    ]
    for service in made:
        a_model(service, owner, at=now, rollback_tested=True)
    for lower, upper in list(itertools.pairwise(made))[::4]:
        relies_on(upper, lower)
    healthy()
    return [service.slug for service in made]


def healthy() -> None:
    """Every budget as an evaluation of this minute would leave it, with nothing held."""
    now = timezone.now()
    Reservation.objects.filter(released_at=None).update(released_at=now, reason="bench")
    for objective in Objective.objects.filter(service__slug__startswith="bench-"):
        stands(objective, "healthy", now)


def changes(count: int) -> None:
    """Closed ones mostly, one in a hundred under way in one state or another."""
    fill(Change, _CHANGE, _CHANGES, count)


_CHANGE = {
    "summary": "'Deploy release ' || n || ' of ' || s.slug",
    "service_id": "s.id",
    "environment": "'production'",
    "change_class": "CASE WHEN n %% 3 = 0 THEN 'normal' ELSE 'standard' END",
    "purpose": "'feature'",
    "plan": "'Roll out with the deployment pipeline.'",
    "backout": "'Roll back.'",
    "artifact_digest": "'sha256:' || md5(n::text) || md5(n::text)",
    "artifact_version": "'1.' || n",
    "commit": "md5(n::text)",
    "requested_by_id": "%(asker)s",
    "author_id": "%(asker)s",
    "content_hash": "md5(n::text) || md5(n::text)",
    "status": "status",
    "verdict": "CASE WHEN n %% 3 = 0 THEN 'peer' ELSE 'approved' END",
    "risk": "'low'",
    "outcome_code": "CASE WHEN status <> 'closed' THEN '' WHEN n > 1000 AND n %% 50 = 0 THEN 'unsuccessful'"
    " ELSE 'successful' END",
    "created_at": "%(now)s - n * interval '5 minutes'",
    "started_at": "%(now)s - n * interval '5 minutes'",
    "finished_at": "%(now)s - n * interval '5 minutes'",
    "authorised_until": "CASE WHEN status = 'scheduled' THEN %(now)s + interval '30 minutes' END",
    "version": "3",
}
_CHANGES = """
CROSS JOIN LATERAL (
  SELECT CASE WHEN n / 200 %% 100 <> 0 THEN 'closed'
              ELSE (ARRAY['draft', 'assessing', 'scheduled', 'running', 'reviewing'])[1 + n %% 5] END AS status
) state
"""


def incidents(count: int) -> None:
    """Closed ones mostly, one in two hundred open."""
    fill(Incident, _INCIDENT, _INCIDENTS, count)


def an_incident() -> str:
    """The reference of one of them: whose number it is depends on what this database has seen before."""
    return Incident.objects.order_by("id")[0].reference


_INCIDENT = {
    "title": "'Orders are slow in region ' || n",
    "description": "'Seen by the monitoring.'",
    "service_id": "s.id",
    "priority": "2 + n %% 4",
    "status": "CASE WHEN open THEN 'new' ELSE 'closed' END",
    "resolution": "CASE WHEN open THEN '' ELSE 'Restarted.' END",
    "resolution_code": "CASE WHEN open THEN '' ELSE 'solved' END",
    "opened_at": "%(now)s - n * interval '1 minute'",
    "resolved_at": "CASE WHEN NOT open THEN %(now)s END",
    "opened_by_id": "%(asker)s",
}
_INCIDENTS = "CROSS JOIN LATERAL (SELECT n / 200 %% 200 = 0 AS open) state"

_ROWS = """
INSERT INTO {table} ({columns}) SELECT {values}
FROM generate_series(%(count)s, 1, -1) n
JOIN (
  SELECT slug, id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS places FROM catalog_service
) s ON s.place = n %% s.places
{more}
"""


def fill(model: type[Model], said: dict[str, str], more: str, count: int, given: dict[str, Any] | None = None) -> None:
    """`count` rows: what is said by column (SQL, with what is `given`), and for every other column the model's own
    default."""
    values, defaults = dict(said), {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated or field.has_db_default() or field.attname in said:
            continue
        if not field.null:
            values[field.column] = f"%({field.column})s"
            defaults[field.column] = field.get_db_prep_save(field.get_default(), connection)
    statement = _ROWS.format(
        table=model._meta.db_table, columns=", ".join(f'"{column}"' for column in values), more=more,
        values=", ".join(values.values()),
    )  # fmt: skip
    asker = User.objects.get(username="bench-ci").pk
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling tables is no web request
        cursor.execute(statement, defaults | (given or {}) | {"count": count, "now": timezone.now(), "asker": asker})
        cursor.execute(f"VACUUM {model._meta.db_table}")  # as autovacuum has done on a desk that has stood for a while
        cursor.execute("ANALYZE")


def founded(count: int) -> dict[str, Any]:
    """For another process: the pipeline's token, a manager's cookie and the services."""
    token, manager = people()
    return {"token": token, "cookie": cookie_of(manager), "services": services(count)}


def keep() -> None:
    """One command a line, one answer a line, until stdin ends."""
    known: dict[str, Callable[..., Any]] = {"found": founded, "healthy": healthy, "changes": changes}
    for line in sys.stdin:
        words = json.loads(line)
        sys.stdout.write(json.dumps(known[words.pop("do")](**words)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    keep()
