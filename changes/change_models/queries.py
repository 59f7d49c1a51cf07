"""Reads of change models."""

from catalog.models import Service
from changes.change_models.models import ChangeModel
from itsm import rows


def of_service(service: Service) -> ChangeModel | None:
    """What a standard change of this service is held against when it names no model: approved before suspended."""
    retired = ChangeModel.Status.RETIRED.value
    return rows.first(ChangeModel, "service_id = %s AND status <> %s ORDER BY status, id", [service.pk, retired])
