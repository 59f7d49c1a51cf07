"""Catalog items over REST."""

from catalog.items.api.pictures import CatalogItemPictureViewSet
from catalog.items.api.viewsets import CatalogItemViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("catalog-items", CatalogItemViewSet, basename="catalog-item")
    router.register(
        "catalog-items/(?P<slug>[a-z0-9][a-z0-9-]{0,62})/picture", CatalogItemPictureViewSet,
        basename="catalog-item-picture",
    )  # fmt: skip
