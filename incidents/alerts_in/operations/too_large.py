"""What is too large is not taken: its beginning is kept where administrators see it, and they are told."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.operations.bodies import keep
from incidents.alerts_in.vocabulary import IntakeStatus
from itsm.accounts.models import User
from itsm.kernel.actors import Role
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell

HEAD = 4_000
EVERY = timedelta(hours=1)


@transaction.atomic
def park_head(source: AlertSource, raw: bytes, *, at: datetime) -> AlertIntake:
    """Keep its first 4,000 bytes, and tell administrators, once an hour of each source. Raises nothing."""
    lately = AlertIntake.objects.filter(source=source, status=IntakeStatus.PARKED, received_at__gt=at - EVERY)
    was_told = lately.filter(alerts=0).exists()
    why = gettext("Too large: bodies end at 8 MB and 5,000 alerts. Set max_alerts: 500 at the sender.")
    kept = keep(source, raw[:HEAD], at=at, parked=why)
    if not was_told:
        admins = User.objects.filter(roles__contains=[Role.ADMIN.value])
        tell(
            "alerts.too_large", {"owner": admins.values_list("pk", flat=True)},
            _("%(source)s sends more alerts at once than are taken") % {"source": source.name},
            by=None, path=reverse("alerts:parked"), at=at,
        )  # fmt: skip
    return kept
