"""Reads about models: their figures, and kinds of change that could become one. Each a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Q

from catalog.services.queries import every_service
from changes.change.models import Change
from changes.change.queries.history import decayed
from changes.change_models.models import ChangeModel, History
from changes.change_models.queries import CERTIFIED_FOR
from changes.gate.failure_bound import upper_bound
from changes.policies.queries import in_force
from itsm.accounts.models import User

if TYPE_CHECKING:
    from catalog.models import Service

LOOKS_BACK = timedelta(days=365)
USED_LATELY = timedelta(days=90)
RUNS_OF_A_CANDIDATE = 10
NEWEST = 10_000  # changes that are looked at for candidates
_MOST = 200

# What people took to answer about changes of a service, on the average, is what a run without people saved.
_FIGURES = """
WITH waits AS (
  SELECT c.service_id, avg(extract(epoch FROM k.decided_at - k.asked_at) / 60) AS minutes
  FROM approvals_approvalrequest k JOIN changes_change c ON c.id = k.record_id
  WHERE k.record_kind = 'change' AND k.status IN ('approved', 'declined') AND k.decided_at >= %(since)s
  GROUP BY c.service_id
)
SELECT m.id, count(c.id), count(c.id) FILTER (WHERE c.outcome_code = 'unsuccessful'),
  count(c.id) FILTER (WHERE e.decided_by = 'policy'), max(w.minutes), max(c.started_at)
FROM changes_changemodel m
LEFT JOIN changes_change c ON c.model_id = m.id AND c.started_at >= %(since)s
LEFT JOIN LATERAL (
  SELECT e.decided_by FROM changes_deployment p JOIN changes_evaluation e ON e.id = p.evaluation_id
  WHERE p.change_id = c.id ORDER BY p.id DESC LIMIT 1
) e ON true
LEFT JOIN waits w ON w.service_id = m.service_id
WHERE m.status <> 'retired' OR m.figures IS NULL
GROUP BY m.id
"""

# Ten runs of one kind, none of which failed, each approved by people, and no model for it; among the newest that are
# over, so that a page reads no more of a long history than of a short one.
_CANDIDATES = """
SELECT c.service_id, c.environment, coalesce(e.pipeline->>'repository', ''), coalesce(e.pipeline->>'workflow', ''),
  count(*), max(c.finished_at)
FROM (SELECT * FROM changes_change WHERE status = 'closed' ORDER BY id DESC LIMIT %(newest)s) c
JOIN changes_deployment p ON p.change_id = c.id JOIN changes_evaluation e ON e.id = p.evaluation_id
WHERE c.change_class = 'normal' AND c.finished_at >= %(since)s
  AND NOT EXISTS (SELECT FROM changes_changemodel m WHERE m.service_id = c.service_id AND m.status <> 'retired'
    AND (m.repository = '' OR coalesce(e.pipeline->>'repository', '') = ANY (string_to_array(m.repository, ',')))
    AND (m.workflow_name = '' OR coalesce(e.pipeline->>'workflow', '') = ANY (string_to_array(m.workflow_name, ','))))
GROUP BY 1, 2, 3, 4
HAVING count(*) >= %(runs)s AND bool_and(c.outcome_code = 'successful') AND bool_and(p.status = 'succeeded')
  AND bool_and(e.decided_by = 'person')
ORDER BY count(*) DESC, 1, 2, 3, 4 LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Of the 365 days before `as_of`, when they were counted; None where that is still to be done.

    `failure_bound`: what the failure probability hardly exceeds (a ratio; None before a run). `hours_saved`: runs that
    nobody was asked about, times what people take here; None where nobody ever took any.
    """

    model: ChangeModel
    as_of: datetime | None
    runs: int | None
    failures: int | None
    without_people: int | None
    hours_saved: float | None
    failure_bound: Decimal | None
    last_run: datetime | None
    certified_until: datetime
    is_lapsed: bool


class Candidate(NamedTuple):
    """A kind of change that could become a model, with its figures."""

    service: "Service"
    environment: str
    repository: str
    workflow_name: str
    runs: int
    last_run: datetime


def figures(at: datetime) -> list[ModelFigures]:
    """Every model, at most 200, with what it saved and what it cost, as it was counted last: no year is read here."""
    models = list(ChangeModel.objects.select_related("service", "approved_by")[:_MOST])
    bounds = _failure_bounds(models, at)
    return [_figures(one, bounds.get(one.pk), at) for one in models]


def _figures(model: ChangeModel, bound: Decimal | None, at: datetime) -> ModelFigures:
    kept, until = model.figures or {}, model.certified_at + CERTIFIED_FOR
    last = kept.get("last_run")
    return ModelFigures(
        model, model.figures_as_of, kept.get("runs"), kept.get("failures"), kept.get("without_people"),
        kept.get("hours_saved"), bound, datetime.fromisoformat(last) if last else None, until, until <= at,
    )  # fmt: skip


def counted(at: datetime) -> dict[int, dict[str, Any]]:
    """By the model's number, its figures of the last 365 days, counted anew: one statement, over all that ran in them.

    What is retired keeps the figures that it had.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"since": at - LOOKS_BACK})
        rows = cursor.fetchall()
    return {
        pk: {
            "runs": runs,
            "failures": failures,
            "without_people": alone,
            "hours_saved": None if minutes is None else round(float(alone * minutes) / 60, 1),
            "last_run": last.isoformat() if last else None,
        }
        for pk, runs, failures, alone, minutes, last in rows
    }


def _failure_bounds(models: list[ChangeModel], at: datetime) -> dict[int, Decimal]:
    limits = in_force().risk
    runs, failures = defaultdict[int, Decimal](Decimal), defaultdict[int, Decimal](Decimal)
    for row in History.objects.filter(model__in=models, runs__gt=0):
        runs[row.model_id or 0] += decayed(row.weighted_runs, row.as_of, at)
        failures[row.model_id or 0] += decayed(row.weighted_failures, row.as_of, at)
    return {
        pk: upper_bound(
            limits.prior_failures + failures[pk], limits.prior_successes + runs[pk] - failures[pk], limits.bound
        )
        for pk in runs
    }


def candidates(at: datetime) -> list[Candidate]:
    """Kinds of change that ran ten times within a year without a failure and were approved by people each time.

    Of the newest 10,000 that are over: what a page costs is not a matter of the years.
    """
    with connection.cursor() as cursor:
        words = {"runs": RUNS_OF_A_CANDIDATE, "most": _MOST, "newest": NEWEST}
        cursor.execute(_CANDIDATES, {"since": at - LOOKS_BACK, **words})
        rows = cursor.fetchall()
    services = every_service().in_bulk([row[0] for row in rows])
    return [Candidate(services[pk], *rest) for pk, *rest in rows]


def users_of(model: ChangeModel, at: datetime) -> list[User]:
    """The people who used a model within 90 days, for a program the person who owns it, and who approved it."""
    lately = Change.objects.filter(model=model, created_at__gte=at - USED_LATELY).order_by()
    asked = {pk for pk in (*lately.values_list("requested_by", flat=True), model.approved_by_id) if pk is not None}
    theirs = Q(pk__in=asked) | Q(pk__in=User.objects.filter(pk__in=asked).values("owner"))
    return list(User.objects.active_people().filter(theirs))
