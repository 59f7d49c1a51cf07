"""This app's part of the API."""

from itsm.api.routing import Router
from slo.measuring.api.indicators import IndicatorViewSet
from slo.measuring.api.sources import SourceViewSet
from slo.objectives.api.corrections import CorrectionViewSet, OutageViewSet
from slo.objectives.api.quarantine import QuarantinedViewSet
from slo.objectives.api.viewsets import ObjectiveViewSet
from slo.openslo.api import OpenSloViewSet


def register(router: Router) -> None:
    router.register("slos", ObjectiveViewSet, basename="slo")
    router.register("data-sources", SourceViewSet, basename="data-source")
    router.register("corrections", CorrectionViewSet, basename="correction")
    router.register("outages", OutageViewSet, basename="outage")
    router.register("quarantined-samples", QuarantinedViewSet, basename="quarantined-sample")
    router.register("slis", IndicatorViewSet, basename="sli")
    router.register("openslo", OpenSloViewSet, basename="openslo")
