"""Which objectives hold: of which services, in which environments, and what of them is measured."""

from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from catalog.environments.queries import production_names
from slo.objectives.models import Budget, Objective, ObjectiveVersion


def gated_environments(service_id: int) -> tuple[str, ...]:
    """The production environments in which a service has a gating objective, by name. One query."""
    gating = Objective.objects.in_force().filter(service=service_id, gating=True, environment__in=production_names())
    return tuple(gating.order_by("environment").values_list("environment", flat=True).distinct())


def window_days_of(versions: Mapping[str, int]) -> dict[str, int]:
    """Slug -> the days of the window in that version of the objective's terms (slug -> its number). One query."""
    rows = ObjectiveVersion.objects.filter(objective__slug__in=versions).values_list(
        "objective__slug", "number", "window_days"
    )
    return {slug: days for slug, number, days in rows if versions[slug] == number}


def in_force_on(services: Collection[int], environments: Collection[str] = ()) -> list[Objective]:
    """Objectives in force of these services, with their service; in these environments only, where any is named."""
    found = Objective.objects.in_force().filter(service__in=services).select_related("service")
    if environments:
        found = found.filter(environment__in=environments)
    return list(found.order_by("pk"))


def in_force() -> QuerySet[Objective]:
    """All objectives that are not retired, with what a list shows of them."""
    return Objective.objects.in_force().select_related("service", "budget", "indicator")


def measured() -> QuerySet[Budget]:
    """The budgets of objectives in force of which something was measured so far."""
    return Budget.objects.filter(objective__retired_at=None, measured_minutes__gt=0)
