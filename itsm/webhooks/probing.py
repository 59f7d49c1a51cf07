"""A message a week to flows of Teams that were told nothing else: one whose owner left is switched off, and says so to
who asks it alone. What fails is tried, shown as failing, and told its owner as any other message is.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from itsm.webhooks import events
from itsm.webhooks.models import WebhookEndpoint, WebhookEvent
from itsm.webhooks.vocabulary import PROBE, Form

QUIET = timedelta(days=7)


def probe(at: datetime) -> int:
    """Owe the message where the last success, or the beginning, is a week ago. How many. Safe to run twice: once in a
    week for each."""
    before = at - QUIET
    quiet = Q(last_ok_at__lte=before) | Q(last_ok_at=None, created_at__lte=before)
    found = WebhookEndpoint.objects.on().filter(quiet, form=Form.TEAMS)
    return sum(_owed(one, at) for one in found.order_by("pk"))


@transaction.atomic
def _owed(endpoint: WebhookEndpoint, at: datetime) -> int:
    year, week, _day = at.isocalendar()
    data = {"endpoint": endpoint.name, "says": "This is the weekly check: nothing happened."}
    event, is_new = WebhookEvent.objects.get_or_create(
        key=f"probe_{endpoint.pk}_{year}w{week}",
        defaults={
            "type": PROBE, "at": at, "reference": endpoint.name, "title": endpoint.name,
            "path": endpoint.get_absolute_url(), "body": events.written(PROBE, at, data),
        },
    )  # fmt: skip
    return len(events.send(event, [endpoint])) if is_new else 0
