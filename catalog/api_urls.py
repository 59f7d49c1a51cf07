"""The catalog's part of the API."""

from catalog.agreements import api as agreements
from catalog.capacity import api as capacity
from catalog.cmdb import api as cmdb
from catalog.environments import api as environments
from catalog.health import api as health
from catalog.improvement import api as improvement
from catalog.items import api as items
from catalog.knowledge.api import urls as knowledge
from catalog.reconciliation import api as reconciliation
from catalog.requests import api as requests
from catalog.service_import import api as service_import
from catalog.services.api.viewsets import ServiceViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("services", ServiceViewSet, basename="service")
    environments.register(router)
    reconciliation.register(router)  # before the items: `cis/bulk` is no reference
    cmdb.register(router)
    agreements.register(router)
    knowledge.register(router)
    items.register(router)
    requests.register(router)
    improvement.register(router)
    capacity.register(router)
    health.register(router)
    service_import.register(router)
