"""Configuration items over REST."""

from catalog.cmdb.api.classes import CIClassViewSet, RelationTypeViewSet
from catalog.cmdb.api.items import CIViewSet
from catalog.cmdb.api.relations import GroupViewSet, RelationViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("cis", CIViewSet, basename="ci")
    router.register("ci-classes", CIClassViewSet, basename="ci-class")
    router.register("ci-groups", GroupViewSet, basename="ci-group")
    router.register("relations", RelationViewSet, basename="relation")
    router.register("relation-types", RelationTypeViewSet, basename="relation-type")
