"""A budget as of a past instant, judged anew from what is known today."""

from datetime import datetime

from django.utils.translation import gettext

from itsm.kernel.errors import Conflict, InvalidInput
from slo.engine.samples import epoch_minute, oldest_minute
from slo.objectives.models import Objective
from slo.objectives.queries.evaluate_at import BudgetSnapshot, evaluate_at


def budget_at(objective: Objective, at: datetime, *, now: datetime) -> BudgetSnapshot:
    """With the terms in force then and the corrections of today.

    InvalidInput for the future and the forgotten, Conflict for an objective that is retired by now.
    """
    if at > now:
        raise InvalidInput(gettext("This instant has not come yet."), {"at": [gettext("not after now")]})
    if epoch_minute(at) < oldest_minute(now):
        raise InvalidInput(
            gettext("Measurements are kept for a year; this instant lies before."), {"at": [gettext("within a year")]}
        )
    found = evaluate_at(at, [objective.pk]).get(objective.pk)
    if found is None:
        raise Conflict(gettext("%(objective)s is retired; nothing judges it.") % {"objective": objective.slug})
    return found
