"""Reads of change models."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from catalog.services.queries import every_service
from changes.change_models.models import ChangeModel, History
from changes.change_models.vocabulary import TaskKind
from itsm import rows
from itsm.accounts.models import User
from itsm.kernel.errors import NotFound

if TYPE_CHECKING:
    from catalog.models import Service


def of_service(service: "Service") -> ChangeModel | None:
    """What a standard change of this service is held against when it names no model: approved before suspended."""
    of_use = (ChangeModel.Status.APPROVED.value, ChangeModel.Status.SUSPENDED.value)
    found = "(service_id = %s OR %s = ANY (also_services)) AND status IN (%s, %s) ORDER BY status, id"
    return rows.first(ChangeModel, found, [service.pk, service.pk, *of_use])


def names_of_usable() -> dict[str, str]:
    """Slug -> words of the approved models, for who names one without opening a change. One query."""
    rows = ChangeModel.objects.filter(status=ChangeModel.Status.APPROVED).select_related("service").order_by("slug")
    return {one.slug: f"{one.slug} ({one.service.name})" for one in rows}


def approved_by_slug(slug: str) -> ChangeModel:
    """The approved model of this slug, with who vouches for it. Raises NotFound."""
    approved = ChangeModel.objects.filter(slug=slug, status=ChangeModel.Status.APPROVED)
    found = approved.select_related("service", "proposed_by", "approved_by").first()
    if found is None:
        raise NotFound(gettext("There is no approved change model %(slug)s.") % {"slug": slug[:80]})
    return found


def names_of_bounds(model: ChangeModel, bounds: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The slugs of the other services and the user names that these bounds hold by their ids. Two queries."""
    services = every_service().filter(pk__in=bounds["also_services"]).order_by("slug")
    users = User.objects.filter(pk__in=bounds["users"]).order_by("username")
    return list(services.values_list("slug", flat=True)), list(users.values_list("username", flat=True))


def names_of_all(models: Sequence[ChangeModel]) -> tuple[dict[int, str], dict[int, str]]:
    """By id, the slugs of the other services and the user names in the bounds of these models. Two queries at most."""
    services = {pk for model in models for pk in model.also_services}
    users = {pk for model in models for pk in model.users}
    return (
        dict(every_service().filter(pk__in=services).order_by().values_list("pk", "slug")) if services else {},
        dict(User.objects.filter(pk__in=users).order_by().values_list("pk", "username")) if users else {},
    )


def bounds_in_words(model: ChangeModel, bounds: dict[str, Any]) -> list[tuple[str, str]]:
    """(bound, what it is) for people, of those that are set; at most two queries."""
    services, users = names_of_bounds(model, bounds)
    hours = ""
    if bounds["hours_from"]:
        hours = f"{bounds['hours_from']}–{bounds['hours_until']} {bounds['zone']}"
    told = {
        gettext("Services"): ", ".join([model.service.slug, *services]),
        gettext("Environments"): ", ".join(bounds["environments"]),
        gettext("Repositories"): bounds["repository"],
        gettext("Workflows"): bounds["workflow_name"],
        gettext("Paths"): ", ".join(bounds["paths"]),
        gettext("Most commits"): "" if bounds["most_commits"] is None else str(bounds["most_commits"]),
        gettext("Days"): ", ".join(bounds["days"]),
        gettext("Hours"): hours,
        gettext("Who may use it"): ", ".join(users),
        gettext("Risk"): bounds["risk"],
        gettext("Migrations"): gettext("allowed") if bounds["allows_migration"] else gettext("none"),
        gettext("Always progressive"): _yes_or_no(bounds["progressive"]),
        gettext("Rollback tested"): _yes_or_no(bounds["rollback_tested"]),
        gettext("Tasks"): _tasks_in_words(bounds["tasks"]) or gettext("none"),
    }
    return [(name, said or gettext("any")) for name, said in told.items()]


def _yes_or_no(said: bool) -> str:
    return gettext("yes") if said else gettext("no")


def _tasks_in_words(tasks: list[dict[str, Any]]) -> str:
    """What its changes begin with, in order."""
    optional = gettext("optional")
    kinds = dict(TaskKind.choices)
    return "; ".join(
        f"{one['title']} ({kinds[one['kind']]}{'' if one['mandatory'] else f', {optional}'})" for one in tasks
    )


_MAX_ROWS = 200
CERTIFIED_FOR = timedelta(days=180)


def models(at: datetime) -> list[dict[str, Any]]:
    """Each model with how its last runs went and when it must be certified again."""
    rows = list(ChangeModel.objects.select_related("service", "approved_by")[:_MAX_ROWS])
    runs: dict[int, list[bool]] = defaultdict(list)
    for one in History.objects.filter(model__in=rows):
        runs[one.model_id or 0] += one.recent
    return [
        {
            "model": row,
            "runs": len(runs[row.pk]),
            "failures": sum(runs[row.pk]),
            "certified_until": row.certified_at + CERTIFIED_FOR,
            "lapsed": row.certified_at + CERTIFIED_FOR <= at,
        }
        for row in rows
    ]
