"""Catalog items over REST."""

from catalog.items.api.viewsets import CatalogItemViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("catalog-items", CatalogItemViewSet, basename="catalog-item")
