"""What is counted of a source, by day."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from incidents.alerts_in.models import AlertSource
from incidents.alerts_in.vocabulary import Counted

_ADD = """
INSERT INTO incidents_alerttally (source_id, day, what, count) VALUES (%s, %s, %s, %s)
ON CONFLICT (source_id, day, what) DO UPDATE SET count = incidents_alerttally.count + EXCLUDED.count
"""


def add(source: AlertSource, counts: Mapping[Counted, int], *, at: datetime) -> None:
    """Add to the counts of the day. Raises nothing."""
    with connection.cursor() as cursor:
        for what in sorted(counts):
            if counts[what] > 0:
                cursor.execute(_ADD, [source.pk, at.date(), what.value, counts[what]])
