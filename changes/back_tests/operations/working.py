"""Working at back-tests: a slice at a time, by as many workers as there are; what was begun and not done is free again.

A slice is taken under a row lock, judged, and written with what was found in one transaction. A worker that is killed
leaves nothing behind, and the next one takes the slice.
"""

import time
from collections import Counter
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.utils import timezone

from changes.back_tests import queries, rules
from changes.back_tests.models import BackTest, BackTestDifference, BackTestSlice
from changes.back_tests.queries import Case
from changes.back_tests.vocabulary import Refusal, RunState
from changes.gate.policy import Policy
from changes.gate.vocabulary import WITHOUT_PEOPLE, Outcome, recognised
from itsm import rows
from itsm.one_by_one import one_by_one

_AT_ONCE = 500  # rows in a statement
AT_A_TIME = 4.0  # seconds, after which whatever else is due has its turn


def go_on(seconds: float = AT_A_TIME) -> int:
    """Judge slices of the runs that are under way, the oldest first, for about so long. Returns how many are left.

    Safe to run twice, and beside others. Raises nothing that a slice holds: one that cannot be judged is left, is
    tried again at the next sweep, and keeps its run from ending, but no other slice from being judged.
    """
    until, seen = time.monotonic() + seconds, set[int]()
    owed = BackTestSlice.objects.filter(counts__isnull=True, run__state=RunState.WORKING).order_by("id")
    while time.monotonic() < until:
        number = owed.exclude(pk__in=seen).values_list("pk", flat=True).first()
        if number is None:
            break
        seen.add(number)
        one_by_one([number], _judge, what="back-tests that are owed")
    runs = list(BackTest.objects.filter(state=RunState.WORKING).order_by("id").values_list("pk", flat=True))
    one_by_one(runs, lambda run: _finish(run, timezone.now()), what="back-tests that end")
    return owed.exclude(pk__in=seen).count()


@transaction.atomic
def _judge(number: int) -> bool:
    """Judge this slice, where nobody is at it and it is owed still."""
    free = BackTestSlice.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    part = free.filter(pk=number, counts__isnull=True, run__state=RunState.WORKING).select_related("run").first()
    if part is None:
        return False
    run = part.run
    part.counts = dict(_judged(run, queries.cases(part.first, part.last, run.since, run.until)))
    part.save(update_fields=["counts"])
    return True


def _judged(run: BackTest, found: list[Case]) -> Counter[str]:
    policy, counts, differing = _policy(run.pk, run.content_hash), Counter[str](), []
    for case in found:
        evidence = rules.evidence_of(case.evidence, case.decided_at, case.evidence_hash, case.policy_hash)
        counts["changes"] += 1
        said = evidence if isinstance(evidence, Refusal) else rules.said_of(evidence, policy)
        if isinstance(said, Refusal):
            counts[said.value] += 1
            continue
        quadrant = rules.quadrant(said, ran=case.ran, failed=case.failed)
        counts[quadrant.value] += 1
        counts.update(_waiting(case, said))
        if said != case.outcome:
            counts["differing"] += 1
            differing.append(
                BackTestDifference(
                    run=run, decision_id=case.decision_id, outcome_then=case.outcome, outcome_now=said.value,
                    quadrant=quadrant, waited_minutes=case.waited_minutes,
                )
            )  # fmt: skip
    for begin in range(0, len(differing), _AT_ONCE):
        rows.insert_all(differing[begin : begin + _AT_ONCE])
    return counts


def _waiting(case: Case, said: Outcome) -> dict[str, int]:
    """How long people took, and whether the draft spares that or asks them anew."""
    then, waited, found = recognised(Outcome, case.outcome), case.waited_minutes, dict[str, int]()
    if waited is not None and then in rules.PEOPLE:
        found |= {"answered": 1, "answered_minutes": waited}
        if said in WITHOUT_PEOPLE:
            found["spared_minutes"] = waited
    if then in WITHOUT_PEOPLE and said in rules.PEOPLE:
        found["asked_anew"] = 1
    return found


@lru_cache(maxsize=8)
def _policy(run_id: int, _content_hash: str) -> Policy:
    return queries.policy_of(BackTest.objects.get(pk=run_id))


def _finish(run_id: int, at: datetime) -> int:
    """Say that nothing is left, once nothing is."""
    left = BackTestSlice.objects.filter(run=run_id, counts__isnull=True)
    if left.exists():
        return 0
    return BackTest.objects.filter(pk=run_id, state=RunState.WORKING).update(state=RunState.DONE, finished_at=at)
