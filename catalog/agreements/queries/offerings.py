"""What services offer, and to whom."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import QuerySet

from catalog.agreements.models import Offering
from catalog.services.queries import visible_services
from catalog.services.queries.offered import Offered
from itsm.accounts import audiences
from itsm.kernel.actors import Actor
from itsm.search import offers


def visible_offerings(actor: Actor) -> QuerySet[Offering]:
    """What this actor may see, with service and agreement, by service and name."""
    seen = Offering.objects.visible_to(actor).filter(service__in=visible_services(actor).order_by())
    return seen.select_related("service", "agreement").order_by("service__name", "name", "id")


def offered(actor: Actor, services: Collection[int]) -> Mapping[int, Sequence[Offered]]:
    """What each of these services offers to this actor now, by name. One query."""
    rows = Offering.objects.living().visible_to(actor).filter(service__in=services).order_by("name", "id")
    found: dict[int, list[Offered]] = {}
    for service, pk, name, description in rows.values_list("service", "pk", "name", "description"):
        found.setdefault(service, []).append(Offered(pk, name, description))
    return found


def as_found(offering: Offering) -> offers.Entry:
    """How an offering is found: by its audience, which lies within that of its service, while it is offered."""
    return offers.Entry(
        offering.name,
        offering.get_absolute_url(),
        offering.description,
        audience=(offers.STAFF,) if offering.retired_at else audiences.for_search(offering.audience),
        about=offers.service(offering.service_id),
        is_over=offering.retired_at is not None,
    )
