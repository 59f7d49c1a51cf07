"""What approvals store: asks with their answers, plans of asks, delegations, confirmations by a second person."""

from itsm.approvals.models.ask import ApprovalDecision, ApprovalRequest, PanelRule
from itsm.approvals.models.confirmation import Confirmation, ConfirmationQuerySet
from itsm.approvals.models.delegation import Delegation
from itsm.approvals.models.plan import ApprovalPlan

__all__ = [
    "ApprovalDecision",
    "ApprovalPlan",
    "ApprovalRequest",
    "Confirmation",
    "ConfirmationQuerySet",
    "Delegation",
    "PanelRule",
]
