"""Agreements and offerings over REST."""

from catalog.agreements.api.agreements import AgreementViewSet
from catalog.agreements.api.offerings import OfferingViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("agreements", AgreementViewSet, basename="agreement")
    router.register("offerings", OfferingViewSet, basename="offering")
