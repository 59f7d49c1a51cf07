"""What the gate decided without people: that it failed closed, can be decided again, and promised no budget twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from django.utils.translation import gettext_lazy as _

from changes.change.models import Decision
from changes.change.operations.invariants.allowed import ON_ITS_OWN, SHARED_OUT
from changes.change.queries.replaying import differences
from itsm.invariants import Found, Invariant, Question

_BLIND = """
SELECT 'decision', 'decision-' || d.id, d.evidence #>> '{change,service}'
FROM changes_decision d
WHERE d.id > %(after)s AND d.id <= %(upto)s AND d.outcome = 'approved' AND (
  NOT d.all_fresh OR d.evidence ? 'unsafe' OR d.evidence #>> '{change,content_hash}' = ''
  OR d.evidence #>> '{reach,value}' IS NULL OR d.evidence #>> '{calendar,value}' IS NULL
  OR d.evidence #>> '{incidents,value}' IS NULL
  OR NOT EXISTS (SELECT FROM changes_policyversion p WHERE p.id = d.policy_id AND p.hash = d.verdict ->> 'policy_hash')
)
"""
_WITHOUT_DECISION = """
SELECT 'change', 'CHG-' || lpad(e.change_id::text, 5, '0'), e.id::text
FROM changes_evaluation e LEFT JOIN changes_decision d ON d.id = e.decision_id
WHERE e.status = 'approved' AND e.used_at IS NULL AND e.decided_by = 'policy'
  AND (d.id IS NULL OR d.evaluation_id <> e.id OR d.outcome NOT IN ('approved', 'exception'))
"""
FAILS_CLOSED = Invariant(
    "I5",
    _("The policy approves only what it saw whole and fresh"),
    _("Missing or stale evidence leads to people. An approval by policy without it is a gate that failed open."),
    (
        Question(
            "blind",
            _("%(reference)s approved a change of %(detail)s without all that an approval rests on."),
            _BLIND,
            walks="changes_decision",
        ),
        Question(
            "undecided",
            _("%(reference)s goes by policy, and no decision of the gate lets it (%(detail)s)."),
            _WITHOUT_DECISION,
        ),
        ON_ITS_OWN,
    ),
    closes_gate=True,
)

_LATELY = timedelta(minutes=5)
_TODAY = timedelta(days=1)
_MOST = 20
_MOST_OF_A_DAY = 2_000
_SAMPLED = 200
_IN_HUNDRED = 1


def replayed_lately(at: datetime) -> Iterator[Found]:
    """The newest decisions of the last minutes, decided again."""
    lately = Decision.objects.filter(decided_at__gt=at - _LATELY)
    yield from _unlike(lately.select_related(None).order_by("-decided_at")[:_MOST].iterator())


def replayed_of_the_day(at: datetime) -> Iterator[Found]:
    """Those of the day, and one in a hundred of all before, other ones each time."""
    today = Decision.objects.filter(decided_at__gt=at - _TODAY).order_by("-decided_at")[:_MOST_OF_A_DAY]
    table = Decision._meta.db_table
    sample = f"SELECT * FROM {table} TABLESAMPLE SYSTEM ({_IN_HUNDRED}) ORDER BY random() LIMIT {_SAMPLED}"  # noqa: S608 - our own
    yield from _unlike(chain(today.select_related(None).iterator(chunk_size=100), Decision.objects.raw(sample)))


def _unlike(decisions: Iterator[Decision]) -> Iterator[Found]:
    for decision in decisions:
        if differing := ", ".join(differences(decision)):
            yield Found("decision", decision.reference, differing)


REPLAYS = Invariant(
    "I6",
    _("Every decision can be decided again from what is kept of it"),
    _("A verdict is explained by its evidence and policy. Where these give another one, it cannot be explained."),
    (
        Question("lately", _("%(reference)s, decided again, differs in its %(detail)s."), replayed_lately),
        Question("day", _("%(reference)s, decided again, differs in its %(detail)s."), replayed_of_the_day, heavy=True),
    ),
    closes_gate=True,
)

# The share that an approval took, with what was held before it then, against what was free by its own evidence. In the
# order of the budget's lock, which is that of the ids; what was given back while it waited for that lock is none of it.
_COMMITTED = """
SELECT 'change', mine.holder, o.slug
FROM slo_reservation mine
JOIN slo_objective o ON o.id = mine.objective_id
JOIN changes_change c ON c.id = substring(mine.holder FROM '^CHG-0*([0-9]{1,18})$')::bigint
JOIN changes_decision d ON d.change_id = c.id AND d.decided_at = mine.held_at AND d.outcome = 'approved'
CROSS JOIN LATERAL (
  SELECT (b.value #>> '{value,remaining}')::numeric AS remaining, (b.value #>> '{value,reserved}')::numeric AS reserved
  FROM jsonb_array_elements(d.evidence #> '{reach,value,direct}') AS s, jsonb_each(s -> 'budgets') AS b
  WHERE b.key = o.slug AND b.value #>> '{value,remaining}' IS NOT NULL LIMIT 1
) AS seen
CROSS JOIN LATERAL (
  SELECT coalesce(sum(r.ratio), 0) AS ratio FROM slo_reservation r
  WHERE r.objective_id = mine.objective_id AND r.id < mine.id AND r.expires_at > mine.held_at
    AND r.held_at <= mine.held_at
    AND (r.released_at IS NULL OR r.released_at > mine.held_at + interval '5 seconds')
) AS others
WHERE mine.id > %(after)s AND mine.id <= %(upto)s
  AND (seen.remaining - others.ratio < mine.ratio OR others.ratio > seen.reserved)
"""
COMMITTED = Invariant(
    "I7",
    _("No budget is promised twice"),
    _("What approvals by policy may burn together is at most what was left when they were given."),
    (
        Question(
            "over",
            _("%(reference)s was let go on a share of %(detail)s that others held already."),
            _COMMITTED,
            walks="slo_reservation",
        ),
        SHARED_OUT,
    ),
    closes_gate=True,
)
