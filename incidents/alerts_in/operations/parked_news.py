"""Administrators hear of what could not be taken or read: once an hour of what is too large, once a day of the rest."""

from datetime import datetime, timedelta

from django.urls import reverse

from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.vocabulary import IntakeStatus
from itsm.accounts.models import User
from itsm.notifications.sayings import Saying
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def tell_too_large(source: AlertSource, *, at: datetime) -> None:
    """A body was parked just now that no one takes whole. In its transaction. Raises nothing."""
    said = _("%(source)s sends more alerts at once than are taken")
    _tell("alerts.too_large", source, said, at, nothing_since=HOUR, alerts=0)


def tell_unread(source: AlertSource, *, at: datetime) -> None:
    """A body, or an alert of one, was parked just now because it cannot be read. In its transaction. Raises nothing."""
    said = _("%(source)s sends alerts that cannot be read")
    _tell("alerts.unread", source, said, at, nothing_since=DAY, alerts__gt=0)


def _tell(
    event: str, source: AlertSource, said: Saying, at: datetime, *, nothing_since: timedelta, **which: int
) -> None:
    lately = AlertIntake.objects.filter(
        source=source, status=IntakeStatus.PARKED, received_at__gt=at - nothing_since, **which
    )
    if lately.order_by()[:2].count() > 1:  # the first of them was told
        return
    admins = User.objects.administrators().values_list("pk", flat=True)
    tell(event, {"owner": admins}, said % {"source": source.name}, by=None, path=reverse("alerts:parked"), at=at)
