"""What is too large is not taken: its beginning is kept where administrators see it, and they are told."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.operations.bodies import keep
from incidents.alerts_in.operations.parked_news import tell_too_large

HEAD = 4_000


@transaction.atomic
def park_head(source: AlertSource, raw: bytes, *, at: datetime) -> AlertIntake:
    """Keep its first 4,000 bytes, and tell administrators, once an hour of each source. Raises nothing."""
    why = gettext("Too large: bodies end at 8 MB and 5,000 alerts. Set max_alerts: 500 at the sender.")
    kept = keep(source, raw[:HEAD], at=at, parked=why)
    tell_too_large(source, at=at)
    return kept
