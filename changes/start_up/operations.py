"""Past deployments are judged as the gate would have judged them: some at a time, anew when another policy rules.

Promise: what is kept is an answer about the past and no decision: no change, no authorisation and no evidence of the
gate comes of it.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import DataError, transaction
from django.db.models import Q, QuerySet

from catalog.environments.queries import production_names
from changes.back_tests.rules import quadrant
from changes.back_tests.vocabulary import Quadrant
from changes.delivery.models import DeploymentEvent
from changes.delivery.vocabulary import Result, ToldBy
from changes.gate.decide import decide
from changes.gate.evidence import Budget
from changes.gate.policy import Policy
from changes.policies import operations as policies
from changes.policies import queries as policy_queries
from changes.policies.models import PolicyVersion
from changes.start_up.models import PastAnswer
from changes.start_up.rules import LOOKED_BACK, PastDeployment, PastRun, evidence_as_it_was
from slo.objectives.queries.as_it_was import PastBudget, budgets_as_they_were

logger = logging.getLogger(__name__)

AT_ONCE = 200
NOT_JUDGED = "cannot be judged"
TRUSTED = Decimal(1)
_FAILED = (Result.FAILED, Result.ROLLED_BACK)
_RAN = (Result.SUCCEEDED, *_FAILED)


@transaction.atomic
def judge_past(at: datetime, *, most: int = AT_ONCE) -> int:
    """Judge imported deployments of the last 90 days that the ruling policy has not judged yet. Returns how many.

    Safe to run twice and beside others: each has one answer, of the policy that ruled last. Raises nothing.
    """
    version = policies.ruling(at)
    owed = list(_owed(version, at)[:most])
    policy = policy_queries.parsed(version.pk)
    runs = _runs_of({one.service_id for one in owed}, at)
    answers = [_answer_or_why(one, version, policy, runs[one.service_id], at) for one in owed]
    PastAnswer.objects.bulk_create(
        answers, update_conflicts=True, unique_fields=["event"],
        update_fields=["policy", "outcome", "because", "quadrant", "judged_at"],
    )  # fmt: skip
    return len(answers)


def _owed(version: PolicyVersion, at: datetime) -> QuerySet[DeploymentEvent]:
    past = DeploymentEvent.objects.told_once().filter(
        told_by=ToldBy.IMPORT, environment__in=production_names(), started_at__gte=at - LOOKED_BACK, started_at__lt=at
    )
    unjudged = Q(past_answer=None) | ~Q(past_answer__policy=version)
    return past.filter(unjudged).exclude(result=Result.STARTED).select_related("service").order_by("started_at", "id")


def _runs_of(services: set[int], at: datetime) -> dict[int, list[PastRun]]:
    """Service -> how its deployments in production went, oldest first."""
    ended = DeploymentEvent.objects.told_once().filter(
        service__in=services, environment__in=production_names(), result__in=_RAN, finished_at__lte=at
    )
    found: dict[int, list[PastRun]] = defaultdict(list)
    for service, finished_at, result in ended.order_by("finished_at").values_list("service", "finished_at", "result"):
        if finished_at is not None:
            found[service].append(PastRun(finished_at, result in _FAILED))
    return found


def _answer_or_why(
    event: DeploymentEvent, version: PolicyVersion, policy: Policy, runs: Sequence[PastRun], at: datetime
) -> PastAnswer:
    """One that cannot be judged says so, and keeps none after it from being judged."""
    try:
        with transaction.atomic():
            return _answer(event, version, policy, runs, at)
    except (ValueError, ArithmeticError, LookupError, TypeError, DataError):
        logger.exception("the past deployment %s cannot be judged", event.pk)
        return PastAnswer(
            event=event, policy=version, outcome="", quadrant=Quadrant.UNKNOWN, judged_at=at, because=NOT_JUDGED
        )


def _answer(
    event: DeploymentEvent, version: PolicyVersion, policy: Policy, runs: Sequence[PastRun], at: datetime
) -> PastAnswer:
    past = PastDeployment(
        at=event.started_at,
        service=event.service.slug,
        tier=event.service.tier,
        environment=event.environment,
        artifact=event.artifact_digest or event.commit or event.version or event.external_id,
        budgets={
            one.objective: _budget(one)
            for one in budgets_as_they_were(event.service_id, event.environment, event.started_at)
        },
        runs=runs,
    )
    verdict = decide(evidence_as_it_was(past), policy, what_would_help=False)
    went = quadrant(verdict.outcome, ran=event.result in _RAN, failed=event.result in _FAILED)
    return PastAnswer(
        event=event, policy=version, outcome=verdict.outcome.value, quadrant=went, judged_at=at,
        because=verdict.reasons[0].code[:60] if verdict.reasons else "",
    )  # fmt: skip


def _budget(one: PastBudget) -> Budget:
    """Nobody judged the measurements of then: they are taken as they are."""
    return Budget(
        objective_version=one.version,
        remaining=one.remaining,
        coverage=one.coverage,
        allowed_failures=one.allowed,
        watermark=one.watermark,
        measured_minutes=one.measured_minutes,
        burns=one.burn,
        flags=one.flags,
        stored_level=one.level,
        trust=None if one.watermark is None else TRUSTED,
    )
