"""Forgetting hours that no window reaches any more."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from slo.engine.samples import oldest_minute

SPARE_DAYS = 10

# The newest of the old hours stays: its running sums are where the oldest window begins.
_FORGET = """
DELETE FROM slo_slicehour h
USING (SELECT indicator_id, max(hour) AS hour FROM slo_slicehour WHERE hour <= %(cut)s GROUP BY indicator_id) anchor
WHERE h.indicator_id = anchor.indicator_id AND h.hour < anchor.hour
"""


def forget_old_hours(*, actor: Actor, at: datetime) -> int:
    """Delete what lies more than 100 days back. Returns the number of hours. Safe to run twice."""
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom itself forgets measurements."))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"cut": oldest_minute(at) // 60 - SPARE_DAYS * 24})
        return int(cursor.rowcount)
