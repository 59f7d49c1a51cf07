"""What objectives promise for later, re-derived from their records: I15."""

from itsm.invariants.platform.promised import promises
from slo.objectives.operations.corrections import EXPIRES


def register() -> None:
    """Called once, at start."""
    promises(
        EXPIRES,
        "SELECT 'correction', c.id, 'correction ' || c.id, c.expires_at FROM slo_correction c"
        " WHERE c.status IN ('proposed', 'approved')",
        until=True,
    )
