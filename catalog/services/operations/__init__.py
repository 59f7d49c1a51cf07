"""Every write to the catalog of services."""

from catalog.services.operations.creating import create_service, remove_service
from catalog.services.operations.dependencies import Reliance
from catalog.services.operations.editing import EDIT, edit_as_confirmed, edit_service, services_follow

__all__ = [
    "EDIT",
    "Reliance",
    "create_service",
    "edit_as_confirmed",
    "edit_service",
    "remove_service",
    "services_follow",
]
