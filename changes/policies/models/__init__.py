"""What is kept of policies: versions, what made them rule, and the life of each from draft to superseded."""

from changes.policies.models.lives import GatePolicy
from changes.policies.models.versions import PolicyActivation, PolicyVersion

__all__ = ["GatePolicy", "PolicyActivation", "PolicyVersion"]
