"""Who measures what: which objectives an indicator feeds, and which are measured by interested people alone."""

from datetime import datetime, timedelta

from django.db.models import Q

from itsm.accounts.interest import accounts_of, persons_ever_behind
from itsm.kernel.actors import Actor
from slo.measuring.models import Indicator, Measurer, QuarantinedSample
from slo.measuring.models.measurers import QuarantineQuerySet

# Who sent nothing for so long is no witness beside those who did.
SILENT_AFTER = timedelta(days=1)


def persons_behind_indicator(indicator_id: int) -> frozenset[int]:
    """The natural persons behind the measurers of an indicator, of a program whoever owned it as well."""
    return persons_ever_behind(Measurer.objects.filter(indicator=indicator_id).values_list("account", flat=True))


def others_measure(indicator_id: int, actor: Actor, at: datetime) -> bool:
    """Whether another natural person, or a program of one, sent something of this indicator within the last day.

    A program that this actor's person, or an account merged into theirs, owns or owned before is no other one's.
    """
    lately = Measurer.objects.filter(indicator=indicator_id, last_sent_at__gte=at - SILENT_AFTER)
    mine = accounts_of([actor.person_id])
    return lately.exclude(Q(account__in=mine) | Q(account__former_owners__overlap=sorted(mine))).exists()


def may_send(indicator: Indicator, actor: Actor) -> bool:
    """Whether this account is named as a measurer."""
    return actor.id is not None and Measurer.objects.filter(indicator=indicator, account=actor.id).exists()


def quarantined(actor: Actor) -> QuarantineQuerySet:
    """Samples in quarantine, or that were, as far as this actor may see them."""
    return QuarantinedSample.objects.visible_to(actor).select_related("indicator", "decided_by")
