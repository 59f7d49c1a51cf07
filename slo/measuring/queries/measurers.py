"""Who measures what: which objectives an indicator feeds, and which are measured by interested people alone."""

from datetime import datetime, timedelta

from itsm.accounts.interest import natural_persons
from itsm.kernel.actors import Actor
from slo.measuring.models import Indicator, Measurer, QuarantinedSample
from slo.measuring.models.measurers import QuarantineQuerySet

# Who sent nothing for so long is no witness beside those who did.
SILENT_AFTER = timedelta(days=1)


def persons_behind_indicator(indicator_id: int) -> frozenset[int]:
    """The natural persons behind the measurers of an indicator."""
    return natural_persons(Measurer.objects.filter(indicator=indicator_id).values_list("account", flat=True))


def others_measure(indicator_id: int, actor: Actor, at: datetime) -> bool:
    """Whether another natural person, or a program of one, sent something of this indicator within the last day."""
    lately = Measurer.objects.filter(indicator=indicator_id, last_sent_at__gte=at - SILENT_AFTER)
    return bool(natural_persons(lately.values_list("account", flat=True)) - {actor.person_id})


def may_send(indicator: Indicator, actor: Actor) -> bool:
    """Whether this account is named as a measurer."""
    return actor.id is not None and Measurer.objects.filter(indicator=indicator, account=actor.id).exists()


def quarantined(actor: Actor) -> QuarantineQuerySet:
    """Samples in quarantine, or that were, as far as this actor may see them."""
    return QuarantinedSample.objects.visible_to(actor).select_related("indicator", "decided_by")
