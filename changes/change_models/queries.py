"""Reads of change models."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from changes.change_models.models import ChangeModel, History
from itsm import rows

if TYPE_CHECKING:
    from catalog.models import Service


def of_service(service: "Service") -> ChangeModel | None:
    """What a standard change of this service is held against when it names no model: approved before suspended."""
    retired = ChangeModel.Status.RETIRED.value
    return rows.first(ChangeModel, "service_id = %s AND status <> %s ORDER BY status, id", [service.pk, retired])


_MAX_ROWS = 200
CERTIFIED_FOR = timedelta(days=180)


def models(at: datetime) -> list[dict[str, Any]]:
    """Each model with how its last runs went and when it must be certified again."""
    rows = list(ChangeModel.objects.select_related("service", "approved_by")[:_MAX_ROWS])
    runs: dict[int, list[bool]] = defaultdict(list)
    for one in History.objects.filter(model__in=rows):
        runs[one.model_id or 0] += one.recent
    return [
        {
            "model": row,
            "runs": len(runs[row.pk]),
            "failures": sum(runs[row.pk]),
            "certified_until": row.certified_at + CERTIFIED_FOR,
            "lapsed": row.certified_at + CERTIFIED_FOR <= at,
        }
        for row in rows
    ]
