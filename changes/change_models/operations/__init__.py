"""Every write of change models: proposed, approved, certified, suspended, retired; and of their versions."""

from changes.change_models.operations.approving import (
    approve_deployments,
    approve_proposed,
    certify_model,
    propose_model,
    retire_model,
    suspend_by_headroom,
    suspend_model,
)
from changes.change_models.operations.versioning import approve_version, discard_version, write_version

__all__ = [
    "approve_deployments",
    "approve_proposed",
    "approve_version",
    "certify_model",
    "discard_version",
    "propose_model",
    "retire_model",
    "suspend_by_headroom",
    "suspend_model",
    "write_version",
]
