"""Reading endpoints and their log."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.notifications.models import Attempt, Delivery
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint


def endpoints(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """Those that the actor keeps."""
    return WebhookEndpoint.objects.visible_to(actor).select_related("team", "owner")


def log_of(endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    """What was sent to it, the newest first; `put_on` adds how each stands."""
    return endpoint.deliveries.select_related("event", "endpoint")


def put_on(deliveries: Iterable[WebhookDelivery]) -> None:
    """Give each its row of the outbox and its attempts: two queries, however many they are."""
    deliveries = list(deliveries)
    owed = {one.key: one for one in Delivery.objects.filter(key__in=[one.key for one in deliveries])}
    tries: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(delivery__in=owed.values()).select_related("delivery"):
        tries[attempt.delivery.key].append(attempt)
    for one in deliveries:
        one.owed, one.tries = owed.get(one.key), tries[one.key]


def waiting(of: Collection[WebhookEndpoint]) -> dict[int, int]:
    """How many messages each of these is owed."""
    counts = dict.fromkeys((one.pk for one in of), 0)
    for endpoint in counts:
        open_ones = Delivery.objects.filter(
            aggregate__startswith=f"webhook-{endpoint}:", delivered_at=None, dead_at=None
        )
        counts[endpoint] = open_ones.count()
    return counts


def of_team(team: Team) -> list[Duty]:
    """Endpoints that are told what lies with a team."""
    found = WebhookEndpoint.objects.filter(team=team)
    return [_as_duty(one, _("is told of the other team")) for one in found]


def told_to(person: User) -> list[Duty]:
    """Endpoints whose failures somebody is told."""
    found = WebhookEndpoint.objects.filter(owner=person)
    return [_as_duty(one, _("whoever deactivates them is told of its failures")) for one in found]


def _as_duty(endpoint: WebhookEndpoint, otherwise: str) -> Duty:
    return Duty(_("webhook"), endpoint.name, endpoint.name, endpoint.get_absolute_url(), otherwise, passes=True)
