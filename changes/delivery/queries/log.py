"""What pages show of deliveries: the log, and what waits for somebody to say which service it is."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from catalog.environments.queries import UnknownEnvironment, canonical
from catalog.services.queries import every_service
from changes.delivery.models import DeliverySource, DeploymentRoute, PlatformDelivery, PlatformQuestion
from changes.delivery.vocabulary import DeliveryStatus

MOST_GROUPS = 100


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Deliveries that are alike. `service`, `ours`: what their names suggest, for the boxes to begin with."""

    source: DeliverySource
    repository: str
    workflow: str
    theirs: str
    count: int
    newest_at: datetime
    newest: int
    service: int | None
    ours: str


def log(tab: str = "") -> QuerySet[PlatformDelivery]:
    """The newest first, without their bodies. `tab`: a state; all of them without."""
    rows = PlatformDelivery.objects.select_related("source", "deployment__change").defer("body").order_by("-id")
    return rows.filter(status=tab) if tab in DeliveryStatus.values else rows


def counts() -> dict[str, int]:
    """How many wait for a mapping, and how many cannot be read; up to a hundred each. Two queries."""
    rows = PlatformDelivery.objects.order_by()
    return {
        "unmapped": rows.filter(status=DeliveryStatus.UNMAPPED)[:100].count(),
        "parked": rows.filter(status=DeliveryStatus.PARKED)[:100].count(),
    }


def unmapped() -> list[Unmapped]:
    """What waits, alike in source, repository, workflow and environment; the newest first. Four queries at most."""
    rows = PlatformDelivery.objects.filter(status=DeliveryStatus.UNMAPPED).order_by()
    groups = list(
        rows.values("source", "repository", "workflow", "environment")
        .annotate(count=Count("pk"), newest_at=Max("received_at"), newest=Max("pk"))
        .order_by("-newest")[:MOST_GROUPS]
    )
    sources = DeliverySource.objects.in_bulk({one["source"] for one in groups})
    slugs = {_guess(one["repository"], one["workflow"]) for one in groups}
    services = dict(every_service().filter(slug__in=slugs).values_list("slug", "pk"))
    return [
        Unmapped(
            sources[one["source"]], one["repository"], one["workflow"], one["environment"], one["count"],
            one["newest_at"], one["newest"], services.get(_guess(one["repository"], one["workflow"])),
            _ours(one["environment"]),
        )
        for one in groups
    ]  # fmt: skip


def _guess(repository: str, workflow: str) -> str:
    """A repository is often called as its service."""
    return (repository.rpartition("/")[2] or workflow).lower()[:63]


def _ours(theirs: str) -> str:
    try:
        return canonical(theirs)
    except UnknownEnvironment:
        return "production"


def routes() -> QuerySet[DeploymentRoute]:
    """What is mapped, with its source and service."""
    return DeploymentRoute.objects.select_related("source", "service").order_by("repository", "workflow", "theirs")


def questions(source: DeliverySource) -> QuerySet[PlatformQuestion]:
    """The newest of what a platform asked."""
    return PlatformQuestion.objects.filter(source=source).select_related("change").order_by("-id")
