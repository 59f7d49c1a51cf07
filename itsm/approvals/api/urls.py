"""This app's part of the API."""

from itsm.api.routing import Router
from itsm.approvals.api.delegations import DelegationViewSet
from itsm.approvals.api.viewsets import ConfirmationViewSet
from itsm.approvals.api.waiting import ApprovalViewSet


def register(router: Router) -> None:
    router.register("approvals", ApprovalViewSet, basename="approval")
    router.register("confirmations", ConfirmationViewSet, basename="confirmation")
    router.register("delegations", DelegationViewSet, basename="delegation")
