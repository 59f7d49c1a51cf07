"""A back-test is asked for, cut into slices, cancelled, forgotten."""

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext

from changes.back_tests.models import BackTest
from changes.back_tests.vocabulary import RunState
from changes.calendar.rules.bounds import EARLIEST, LATEST
from changes.policies import permissions
from changes.policies.models import GatePolicy
from changes.policies.queries import content_hash
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState

SLICE = 500  # changes: half a second of work, and what a killed worker loses
LONGEST = timedelta(days=5 * 366)
KEPT_FOR = timedelta(days=90)

# Whatever was decided in the period; which of its answers counts, each slice finds out.
_CUT = """
WITH decided AS MATERIALIZED (
  SELECT DISTINCT change_id FROM changes_decision WHERE decided_at >= %(since)s AND decided_at < %(until)s
), numbered AS (
  SELECT c.id, (row_number() OVER (ORDER BY c.id) - 1) / %(size)s AS slice
  FROM decided JOIN changes_change c ON c.id = decided.change_id WHERE c.status IN ('closed', 'cancelled')
)
INSERT INTO changes_backtestslice (run_id, first, last)
SELECT %(run)s, min(id), max(id) FROM numbered GROUP BY slice ORDER BY slice
"""


@transaction.atomic
def ask(policy: GatePolicy, *, actor: Actor, since: datetime, until: datetime, at: datetime) -> BackTest:
    """Owe a back-test of this policy, as it stands now, on the changes decided in [since, until) that are over.

    Workers do it; without a change it is done at once. Raises NotPermitted, InvalidInput (no period, more than five
    years, or of another age), Conflict (one of this policy is under way).
    """
    if not permissions.policy_keepers(actor) or actor.id is None:
        raise NotPermitted(gettext("Change managers, people, test policies on past changes."))
    if since < EARLIEST or until > LATEST:
        raise InvalidInput.about("since", gettext("Ask for a time between the years 2000 and 2199."))
    if not since < until or until - since > LONGEST:
        raise InvalidInput.about("until", gettext("Choose a period that ends after it begins, of at most five years."))
    run = BackTest(
        policy=policy, content=policy.content, content_hash=content_hash(policy), since=since, until=until,
        asked_by_id=actor.id, asked_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(gettext("A back-test of this policy is under way; wait for it, or cancel it.")) from error
    with connection.cursor() as cursor:
        cursor.execute(_CUT, {"run": run.pk, "since": since, "until": until, "size": SLICE})
        if not cursor.rowcount:
            run.state, run.finished_at = RunState.DONE, at
            run.save(update_fields=["state", "finished_at"])
    record_event("back_test.asked", run, actor=actor, changes={"policy": [None, policy.reference]})
    return run


@transaction.atomic
def cancel(run: BackTest, *, actor: Actor, at: datetime) -> BackTest:
    """Stop; what was found stays. Raises NotPermitted, WrongState (it is over)."""
    if not permissions.policy_keepers(actor):
        raise NotPermitted(gettext("Change managers, people, test policies on past changes."))
    current = BackTest.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    if current.state != RunState.WORKING:
        raise WrongState(gettext("This back-test is over."), state=current.state)
    current.state, current.finished_at = RunState.CANCELLED, at
    current.save(update_fields=["state", "finished_at"])
    record_event("back_test.cancelled", current, actor=actor)
    return current


def forget(at: datetime) -> int:
    """Drop back-tests that were asked for over 90 days ago and are over. Returns how many."""
    old = BackTest.objects.filter(asked_at__lt=at - KEPT_FOR).exclude(state=RunState.WORKING)
    count = old.count()
    old.delete()
    return count
