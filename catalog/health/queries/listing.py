"""Findings as lists, pages and REST read them: one set of conditions, which the scores count by as well."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from catalog.cmdb.models import CI
from catalog.cmdb.queries import items
from catalog.cmdb.queries.items import visible_items
from catalog.cmdb.vocabulary import Status
from catalog.health.models import Finding
from catalog.health.vocabulary import CORRECT, CORRECTNESS
from itsm.kernel.actors import Actor
from itsm.work.models import Task

if TYPE_CHECKING:
    from catalog.services.models import Service

MOST_SHOWN = 20
KINDS_OF = {CORRECT: [kind.value for kind in CORRECTNESS]}


def living_items(actor: Actor) -> QuerySet[CI]:
    """What scores count: the items that this actor may see, but for those that are retired or live on in another."""
    return visible_items(actor).exclude(status=Status.RETIRED)


def open_now(at: datetime) -> Q:
    """Findings that stand, and that nobody lives with just now."""
    return Q(cleared_at=None) & (Q(accepted_until=None) | Q(accepted_until__lte=at))


def accepted_now(at: datetime) -> Q:
    """Findings that stand, and that somebody lives with for now."""
    return Q(cleared_at=None, accepted_until__gt=at)


def of_measure(measure: str) -> Q:
    """The findings that a measure counts: of its kind, or of all kinds of correctness."""
    return Q(finding_kind__in=KINDS_OF.get(measure, [measure]))


def visible_findings(actor: Actor) -> QuerySet[Finding]:
    """Those that stand of living items that the actor may see, with item, class, team and task; the newest first."""
    rows = Finding.objects.filter(cleared_at=None, ci__in=living_items(actor))
    return rows.select_related("ci__ci_class", "ci__team", "task").order_by("-pk")


def is_confidential(finding: Finding) -> bool:
    """Whether histories of other records leave it out, as they do its item."""
    return items.is_confidential(finding.ci)


def findings_of(item: CI, at: datetime) -> list[Finding]:
    """What stands of one item, which the caller may see; what is accepted comes last."""
    rows = list(Finding.objects.filter(ci=item, cleared_at=None).select_related("task").order_by("pk"))
    return sorted(rows, key=lambda one: one.accepted_until is not None and one.accepted_until > at)


def open_tasks_of(item: CI) -> list[Task]:
    """What is to do on an item, and on what lives on in it, which the caller may see: the oldest first. One query."""
    ids = CI.objects.filter(Q(pk=item.pk) | Q(merged_into=item)).values("pk")
    rows = Task.objects.filter(record_kind=CI.kind, record_id__in=ids, done_at=None)
    return list(rows.select_related("team").order_by("pk")[:MOST_SHOWN])


def open_findings(service: "Service | None", at: datetime) -> int:
    """How many stand at `at`: of the items of a service, or of all."""
    found = Finding.objects.filter(open_now(at))
    return (found.filter(ci=service.pk) if service is not None else found).count()
