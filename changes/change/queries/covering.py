"""Which change covers an edit of a configuration item: asked by the catalog, which knows no changes."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from catalog.environments.queries import production_names
from changes.change.models import Change
from itsm.kernel.references import number_in

STILL_COVERS = timedelta(hours=24)


def covering(services: Collection[int], at: datetime, named: str) -> str:
    """The reference of a change in production that ran at that instant, or had ended within the day before.

    The named one, of whatever service; else the newest of these services and items. "" where there is none. One query.
    """
    ran = Change.objects.filter(
        Q(finished_at=None) | Q(finished_at__gte=at - STILL_COVERS),
        started_at__lte=at,
        environment__in=production_names(),
    )
    number = number_in(named, "CHG") if named else None
    if named:
        found = ran.filter(pk=number).first() if number is not None else None
    else:
        of_these = Q(service__in=services) | Q(items__overlap=list(services))
        found = ran.filter(of_these).order_by("-started_at", "-pk").first()
    return found.reference if found is not None else ""
