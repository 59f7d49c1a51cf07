"""What another person has approved: minutes that are better than what was recorded are set."""

from datetime import datetime

from django.utils.translation import gettext

from itsm import lifecycle
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from slo.engine.prefix import Counts
from slo.engine.samples import instant_of
from slo.measuring.models import Indicator
from slo.measuring.operations.samples import lock_writers, record_many
from slo.measuring.operations.withholding import stored_counts
from slo.objectives.operations.evaluation import evaluate, lock_budgets_for_evaluation
from slo.objectives.queries.measurers import fed_objectives


def set_better_minutes(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """Set them, and evaluate the budgets anew. Conflict where one of them was measured again since it was proposed."""
    indicator = Indicator.objects.get(pk=confirmation.record_id)
    objectives = [one.pk for one in fed_objectives(indicator.pk)]
    lock_budgets_for_evaluation(objectives)
    lock_writers([indicator.pk])
    rows = {int(minute): row for minute, row in confirmation.payload["minutes"].items()}
    wanted = {minute: Counts(row[0], row[1]) for minute, row in rows.items()}
    stored = stored_counts(indicator, wanted)
    seen = {minute: Counts(row[2], row[3]) for minute, row in rows.items() if row[3] is not None}
    if stored != seen:
        raise Conflict(
            gettext("Some of these minutes were measured again meanwhile; decline this, and let them be sent anew.")
        )
    record_many({indicator.pk: wanted}, at=at)
    changes = {
        "from": [None, instant_of(min(wanted))],
        "to": [None, instant_of(max(wanted) + 1)],
        "minutes": [None, len(wanted)],
        "bad": [sum(one.bad for one in seen.values()), sum(one.bad for one in wanted.values())],
        "total": [sum(one.total for one in seen.values()), sum(one.total for one in wanted.values())],
    }
    lifecycle.announce(indicator, "backfilled", actor=actor, changes=changes, remark=confirmation.reference)
    if objectives:
        evaluate(at=at, objectives=objectives)
