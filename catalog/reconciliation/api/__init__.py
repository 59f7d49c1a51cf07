"""Reconciliation over REST."""

from catalog.reconciliation.api.claims import ClaimViewSet, MergeViewSet, SplitViewSet
from catalog.reconciliation.api.documents import BulkViewSet
from catalog.reconciliation.api.imports import ImportViewSet
from catalog.reconciliation.api.sources import ConflictViewSet, PrecedenceViewSet, SourceViewSet
from itsm.api.routing import Router

_ITEM = r"cis/(?P<reference>[A-Za-z]{2}-[0-9]{1,12})"


def register(router: Router) -> None:
    router.register("imports", ImportViewSet, basename="import")
    router.register("sources", SourceViewSet, basename="source")
    router.register("precedence", PrecedenceViewSet, basename="precedence")
    router.register("conflicts", ConflictViewSet, basename="conflict")
    router.register("cis/bulk", BulkViewSet, basename="ci-bulk")
    router.register(f"{_ITEM}/claims", ClaimViewSet, basename="ci-claim")
    router.register(f"{_ITEM}/merge", MergeViewSet, basename="ci-merge")
    router.register(f"{_ITEM}/split", SplitViewSet, basename="ci-split")
