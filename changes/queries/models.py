"""Reads of change models."""

from catalog.models import Service
from changes.models import ChangeModel


def of_service(service: Service) -> ChangeModel | None:
    """What a standard change of this service is held against when it names no model: approved before suspended."""
    models = ChangeModel.objects.filter(service=service).exclude(status=ChangeModel.Status.RETIRED)
    return models.order_by("status", "id").first()
