"""Bodies as they came, compressed."""

import hashlib
import zlib
from datetime import datetime

from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.vocabulary import IntakeStatus


def keep(source: AlertSource, raw: bytes, *, at: datetime, alerts: int = 0, parked: str = "") -> AlertIntake:
    """Store a body as it came; `parked`: why nothing is made of it. Raises nothing."""
    return AlertIntake.objects.create(
        source=source, body=zlib.compress(raw, 1), sha256=hashlib.sha256(raw).hexdigest(), size=len(raw),
        received_at=at, alerts=alerts, status=IntakeStatus.PARKED if parked else IntakeStatus.NEW, reason=parked[:500],
    )  # fmt: skip


def body_of(intake: AlertIntake) -> bytes:
    """The body as it came."""
    return zlib.decompress(bytes(intake.body))
