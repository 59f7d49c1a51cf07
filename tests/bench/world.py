"""What the measurements run against: services with healthy budgets, and records by the hundred thousand.

Bulk rows come from INSERT ... SELECT, in the application's own role. Everything else through the operations.
"""

from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from catalog.models import Service
from changes.models import ChangeModel
from itsm.accounts import operations as accounts
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Door
from slo.models import Indicator, Objective

OPERATOR = Actor.system("bench", Door.COMMAND)
SERVICES = 200


def people() -> tuple[str, User]:
    """A pipeline's token, and a manager who reads pages."""
    team = accounts.add_team(actor=OPERATOR, slug="bench", name="Bench")
    builder = accounts.add_user(actor=OPERATOR, username="bench-builder", roles=["engineer"])
    pipeline = accounts.add_user(
        actor=OPERATOR, username="bench-ci", roles=["engineer"], nature="service", owner=builder
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


def services() -> list[str]:
    """Tier 2 and 3 services, each with a healthy gating budget, a deployment model and one that it depends on."""
    team, owner = Team.objects.get(slug="bench"), User.objects.get(username="bench-owner")
    made = Service.objects.bulk_create(
        Service(slug=f"bench-{n}", name=f"Bench {n}", tier=2 + n % 2, team=team) for n in range(SERVICES)
    )
    indicators = Indicator.objects.bulk_create(
        Indicator(slug=f"bench-{n}", name=f"Bench {n}", source="push") for n in range(SERVICES)
    )
    Objective.objects.bulk_create(
        Objective(slug=f"bench-{n}", name=f"Bench {n}", service=made[n], indicator=indicators[n], target="0.999")
        for n in range(SERVICES)
    )
    ChangeModel.objects.bulk_create(
        ChangeModel(
            slug=f"bench-{n}", service=made[n], approved_by=owner, certified_at=timezone.now(),
            progressive=True, rollback_tested=True,
        )
        for n in range(SERVICES)
    )  # fmt: skip
    _execute(
        "INSERT INTO catalog_dependency (service_id, on_id, redundancy, needs)"
        " SELECT a.id, b.id, '', 1 FROM catalog_service a JOIN catalog_service b"
        " ON a.slug = 'bench-' || (substr(b.slug, 7)::int + 1) AND substr(b.slug, 7)::int %% 4 = %s",
        [0],
    )
    healthy()
    return [service.slug for service in made]


def healthy() -> None:
    """Every budget as an evaluation of this minute would leave it, with nothing held."""
    _execute(_HEALTHY, {"now": timezone.now(), "zeros": [0] * 7})
    _execute("UPDATE slo_reservation SET released_at = now(), reason = 'bench' WHERE released_at IS NULL", None)


_HEALTHY = """
INSERT INTO slo_budget (
  objective_id, evaluated_at, watermark, terms_version, window_days, remaining, reserved, headroom, coverage, allowed,
  bad_in_window, total_in_window, burn, bad, total, firing, flags, level, level_since, state, state_since,
  announced_state
)
SELECT id, %(now)s, %(now)s, 1, 28, 0.97, 0, 0.97, 1, 50000, 1, 1000000, %(zeros)s, %(zeros)s, %(zeros)s, '{}', '{}',
       'healthy', %(now)s, 'healthy', %(now)s, 'healthy'
FROM slo_objective
ON CONFLICT (objective_id) DO UPDATE SET evaluated_at = %(now)s, watermark = %(now)s
"""


def changes(count: int) -> None:
    """Closed ones mostly, one in a hundred under way in one state or another."""
    _execute(_CHANGES, {"count": count, "now": timezone.now(), "asker": _asker()})
    _execute("ANALYZE", None)


_CHANGES = """
INSERT INTO changes_change (
  summary, service_id, environment, change_class, purpose, plan, backout, artifact_digest, artifact_version, commit,
  requested_by_id, author_id, content_hash, status, verdict, risk, outcome_code, outcome_note, created_at, started_at,
  finished_at, authorised_until, version
)
SELECT 'Deploy release ' || n || ' of ' || s.slug, s.id, 'production', CASE WHEN n %% 3 = 0 THEN 'normal' ELSE
       'standard' END, 'feature', 'Roll out with the deployment pipeline.', 'Roll back.', 'sha256:' || md5(n::text),
       '1.' || n, md5(n::text), %(asker)s, %(asker)s, md5(n::text) || md5(n::text), status,
       CASE WHEN n %% 3 = 0 THEN 'peer' ELSE 'approved' END, 'low',
       CASE WHEN status <> 'closed' THEN '' WHEN n > 1000 AND n %% 50 = 0 THEN 'unsuccessful' ELSE 'successful' END,
       '', %(now)s - n * interval '5 minutes', %(now)s - n * interval '5 minutes', %(now)s - n * interval '5 minutes',
       CASE WHEN status = 'scheduled' THEN %(now)s + interval '30 minutes' END, 3
FROM generate_series(%(count)s, 1, -1) n
JOIN (SELECT slug, id, row_number() OVER (ORDER BY id) - 1 AS place FROM catalog_service) s ON s.place = n %% 200
CROSS JOIN LATERAL (
  SELECT CASE WHEN n / 200 %% 100 <> 0 THEN 'closed'
              ELSE (ARRAY['draft', 'assessing', 'scheduled', 'running', 'reviewing'])[1 + n %% 5] END AS status
) state
"""


def incidents(count: int) -> None:
    """Closed ones mostly, one in two hundred open."""
    _execute(_INCIDENTS, {"count": count, "now": timezone.now(), "asker": _asker()})
    _execute("ANALYZE", None)


_INCIDENTS = """
INSERT INTO incidents_incident (
  title, description, service_id, priority, major, status, reason, resolution, opened_at, resolved_at, reported_by_id,
  version
)
SELECT 'Orders are slow in region ' || n, 'Seen by the monitoring.', s.id, 2 + n %% 4, false,
       CASE WHEN open THEN 'new' ELSE 'closed' END, '', CASE WHEN open THEN '' ELSE 'Restarted.' END,
       %(now)s - n * interval '1 minute', CASE WHEN NOT open THEN %(now)s END, %(asker)s, 1
FROM generate_series(%(count)s, 1, -1) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM catalog_service) s ON s.place = n %% 200
CROSS JOIN LATERAL (SELECT n / 200 %% 200 = 0 AS open) state
"""


def _asker() -> int:
    return User.objects.get(username="bench-ci").pk


def _execute(statement: str, parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling tables is no web request
        cursor.execute(statement, parameters)
