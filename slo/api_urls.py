"""This app's part of the API."""

from itsm.api.routing import Router
from slo.measuring.api.measurers import QuarantinedViewSet
from slo.objectives.api.register import CorrectionViewSet, OutageViewSet, SourceViewSet
from slo.objectives.api.viewsets import IndicatorViewSet, ObjectiveViewSet
from slo.openslo.api import OpenSloViewSet


def register(router: Router) -> None:
    router.register("slos", ObjectiveViewSet, basename="slo")
    router.register("data-sources", SourceViewSet, basename="data-source")
    router.register("corrections", CorrectionViewSet, basename="correction")
    router.register("outages", OutageViewSet, basename="outage")
    router.register("quarantined-samples", QuarantinedViewSet, basename="quarantined-sample")
    router.register("slis", IndicatorViewSet, basename="sli")
    router.register("openslo", OpenSloViewSet, basename="openslo")
