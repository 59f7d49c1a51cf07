"""Who waits for the gate's answer, looked after together."""

from collections.abc import Collection, Mapping
from typing import Any

from changes.change.models import Evaluation
from itsm.api.waiting import Waiting


def _statuses(keys: Collection[Any]) -> Mapping[Any, Any]:
    return dict(Evaluation.objects.filter(pk__in=keys).order_by().values_list("pk", "status"))


for_answers = Waiting(_statuses)
