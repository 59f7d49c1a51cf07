"""Health over REST."""

from catalog.health.api.findings import FindingViewSet
from catalog.health.api.rounds import RoundViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("findings", FindingViewSet, basename="finding")
    router.register("rounds", RoundViewSet, basename="round")
