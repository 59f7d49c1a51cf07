"""Reads of back-tests and shadows: the cases of a slice, the counts of a run, both verdicts side by side."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from changes.back_tests.models import BackTest, BackTestDifference, ShadowAnswer
from changes.back_tests.rules import evidence_of
from changes.back_tests.vocabulary import Quadrant, Refusal
from changes.change.models import Decision
from changes.change.queries.past_runs import DECIDED, FAILED, WAITED
from changes.change.queries.verdicts import Explained, explained, of_decision
from changes.gate.decide import decide
from changes.gate.policy import Policy, policy_from_json
from changes.policies.models import GatePolicy
from itsm.kernel.errors import NotFound

# Later facts (how it was closed, rolled back, an incident that people linked as caused by it) say how it went; they are
# no part of the evidence.
_CASES = f"""
SELECT d.id, d.outcome, d.decided_at, d.evidence::text, d.evidence_hash, v.hash,
  c.started_at IS NOT NULL, {FAILED}, floor(extract(epoch FROM w.took) / 60)::int
FROM changes_change c
  {DECIDED}
JOIN changes_policyversion v ON v.id = d.policy_id
  {WAITED}
WHERE c.id BETWEEN %(first)s AND %(last)s AND c.status IN ('closed', 'cancelled')
  AND d.decided_at >= %(since)s AND d.decided_at < %(until)s
ORDER BY c.id
"""  # noqa: S608 - all of it is written in our own modules


class Case(NamedTuple):
    """A change that is over: its decision and the evidence of it as text, how it went, how long people took."""

    decision_id: int
    outcome: str
    decided_at: datetime
    evidence: str
    evidence_hash: str
    policy_hash: str
    ran: bool
    failed: bool
    waited_minutes: int | None


def cases(first: int, last: int, since: datetime, until: datetime) -> list[Case]:
    """The cases among the changes from `first` to `last`, by id. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CASES, {"first": first, "last": last, "since": since, "until": until})
        return [Case(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run has found so far. `refused` by the reason; hours are of people's waiting.

    `hours_added` is reckoned: as often as the draft asks people anew, as long as they took on the average.
    """

    counts: dict[str, int]
    refused: dict[str, int]
    changes: int
    differing: int
    hours_spared: float
    hours_added: float
    slices: int
    slices_done: int

    @property
    def hours_saved(self) -> float:
        """Below zero where the draft makes people wait longer than before."""
        return round(self.hours_spared - self.hours_added, 1)

    @property
    def not_judged(self) -> int:
        """Changes whose evidence may not be judged; they stand in no quadrant."""
        return sum(self.refused.values())

    @property
    def judged(self) -> int:
        """Changes that stand in a quadrant."""
        return self.changes - self.not_judged

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        return 100 * self.slices_done // self.slices if self.slices else 100


def tally(run: BackTest) -> Tally:
    """The sums of the slices that are done. One query."""
    kept = list(run.slices.values_list("counts", flat=True))
    found: Counter[str] = Counter()
    for counts in kept:
        found.update(counts or {})
    answered = found["answered"]
    mean = found["answered_minutes"] / answered if answered else 0.0
    return Tally(
        counts={name: found[name] for name in Quadrant.values},
        refused={name: found[name] for name in Refusal.values},
        changes=found["changes"],
        differing=found["differing"],
        hours_spared=round(found["spared_minutes"] / 60, 1),
        hours_added=round(found["asked_anew"] * mean / 60, 1),
        slices=len(kept),
        slices_done=sum(counts is not None for counts in kept),
    )


def latest(policy: GatePolicy) -> BackTest | None:
    """The newest back-test of a policy, None before the first one."""
    return BackTest.objects.filter(policy=policy).select_related("asked_by", "policy").first()


def differences(run: BackTest) -> QuerySet[BackTestDifference]:
    """The answers that differ, what escapes first."""
    return BackTestDifference.objects.filter(run=run).select_related("decision__change").order_by("quadrant", "id")


class Pair(NamedTuple):
    """Two verdicts on the same evidence, in the reader's words."""

    decision: Decision
    then: Explained
    now: Explained


def side_by_side(decision: Decision, policy: Policy) -> Pair:
    """What was said, and what this policy says of the same evidence. NotFound where the evidence is not judged."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.evidence::text, v.hash FROM changes_decision d JOIN changes_policyversion v ON v.id = d.policy_id"
            " WHERE d.id = %s",
            [decision.pk],
        )
        text, policy_hash = cursor.fetchone()
    evidence = evidence_of(text, decision.decided_at, decision.evidence_hash, policy_hash)
    if isinstance(evidence, Refusal):
        raise NotFound(gettext("The evidence of this decision is not judged: it %(why)s.") % {"why": evidence.label})
    return Pair(decision, of_decision(decision), explained(decide(evidence, policy)))


def policy_of(run: BackTest) -> Policy:
    """The policy that a run judges by, as it was asked for."""
    return policy_from_json(run.content)


def shadow_answers(policy: GatePolicy) -> QuerySet[ShadowAnswer]:
    """Where a shadow differs from what was said, the newest first."""
    return (
        ShadowAnswer.objects.filter(policy=policy, differs=True)
        .select_related("decision__change", "decision__policy")
        .order_by("-id")
    )


def shadow_counts(policy: GatePolicy) -> list[tuple[str, str, int]]:
    """(what was said, what the shadow would have said, how often), the most frequent first."""
    rows: Any = ShadowAnswer.objects.filter(policy=policy).order_by().values_list("decision__outcome", "outcome")
    return sorted(rows.annotate(Count("pk")), key=lambda row: -row[2])
