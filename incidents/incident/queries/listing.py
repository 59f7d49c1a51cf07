"""Incidents as rows of a list."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from catalog.services.queries import visible_services
from incidents.incident import permissions
from incidents.incident.models import LABELLED, Incident
from itsm.kernel.actors import Actor

SOON = timedelta(hours=1)
_LINE = (
    "title", "status", "hold_reason", "priority", "major", "next_due", "opened_at", "updated_at", "caller_spoke_at",
    "agent_spoke_at", "version", "service__name", "service__slug", "team__name", "team__slug", "assigned_to__name",
    "assigned_to__username",
)  # fmt: skip
RELATED = ("team", "category", "caller", "opened_by", "assigned_to")
_MOST_LABELLED = 2000
_MOST_SUGGESTED = 100


def listed(actor: Actor) -> QuerySet[Incident]:
    """The incidents that this actor may see, with what a reader of each is told.

    Few have a parent or a survivor: two tables more in the join took the planner 25 ms of each reading.
    """
    found = Incident.objects.visible_to(actor).select_related(*RELATED)
    return with_seen_services(found.prefetch_related("parent", "merged_into"), actor)


def with_seen_services(found: QuerySet[Incident], actor: Actor) -> QuerySet[Incident]:
    """Each with its service; with none where the reader may not see that one. A query more for who only asks."""
    if permissions.staff(actor):
        return found.select_related("service")
    return found.prefetch_related(Prefetch("service", visible_services(actor)))


def for_list(actor: Actor, more: Collection[str] = ()) -> QuerySet[Incident]:
    """The incidents that this actor may see, with what one line of a list says and no long text; `more`: columns that
    it says beside the usual ones, also of other tables (caller__name)."""
    tables = {name.partition("__")[0] for name in more if "__" in name} - {"service"}
    lines = Incident.objects.visible_to(actor).select_related("team", "assigned_to", *sorted(tables))
    columns = (*_LINE, *more) if permissions.staff(actor) else ("service", *_without_service((*_LINE, *more)))
    return with_seen_services(lines, actor).only(*columns)


def _without_service(columns: Collection[str]) -> list[str]:
    """What is read of the service comes by itself."""
    return [one for one in columns if not one.startswith("service__")]


def soon() -> datetime:
    """Until when what is due counts as breaching."""
    return timezone.now() + SOON


def labels_seen(actor: Actor, begin: str = "") -> list[str]:
    """Labels that are on records which the actor sees, those of late that most have first; `begin`: how they begin."""
    if "\0" in begin:
        return []
    on_late = Incident.objects.visible_to(actor).filter(LABELLED).order_by("-id").values("labels")[:_MOST_LABELLED]
    begins = begin.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    rows, parameters = on_late.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT label FROM ({rows}) late, unnest(late.labels) label WHERE label LIKE %s"  # noqa: S608 - made by Django
            " GROUP BY label ORDER BY count(*) DESC, label LIMIT %s",
            [*parameters, f"{begins}%", _MOST_SUGGESTED],
        )
        return [label for (label,) in cursor.fetchall()]
