"""What approvals store: asks with their answers, delegations, confirmations by a second person."""

from itsm.approvals.models.ask import ApprovalDecision, ApprovalRequest, PanelRule
from itsm.approvals.models.confirmation import Confirmation, ConfirmationQuerySet
from itsm.approvals.models.delegation import Delegation

__all__ = ["ApprovalDecision", "ApprovalRequest", "Confirmation", "ConfirmationQuerySet", "Delegation", "PanelRule"]
