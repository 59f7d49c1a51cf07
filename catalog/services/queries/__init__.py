"""Reads of the catalog, shaped for pages, the API and the gate."""

from collections.abc import Collection

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext

from catalog.services.models import Service
from catalog.services.queries.dependencies import Dependency, dependencies_of
from catalog.services.queries.reach import (
    REACH_DEPTH,
    Reached,
    next_below,
    reached_and_run_on,
    reached_from,
    read_by_changes_of,
    run_on,
)
from itsm import rows
from itsm.accounts import audiences
from itsm.accounts.duties import Duty
from itsm.accounts.models import Membership, Team, User
from itsm.accounts.permissions import staff
from itsm.fields.references import Reference
from itsm.kernel.actors import Actor
from itsm.prepared import Prepared
from itsm.search import offers

__all__ = [
    "CHOOSABLE",
    "REACH_DEPTH",
    "Dependency",
    "Reached",
    "arrows_among",
    "as_found",
    "called",
    "dependencies_of",
    "detailed",
    "every_service",
    "left_alone_by",
    "listed",
    "names_of",
    "names_seen",
    "owned_by",
    "providers_of",
    "reached_and_run_on",
    "reached_from",
    "read_by_changes_of",
    "run_on",
    "visible_services",
    "with_teams",
]


def as_found(service: Service) -> offers.Entry:
    """How a service is found: by its audience and who works here, with the records that are about it."""
    return offers.Entry(
        service.name,
        f"/services/{service.slug}/",
        f"{service.slug} {service.description}",
        audience=audiences.for_search(service.audience),
        about=offers.team(service.team_id),
    )


def visible_services(actor: Actor) -> QuerySet[Service]:
    """The services that this actor may see, by name, as they are stored."""
    return Service.objects.visible_to(actor)


def called(slug: str, actor: Actor) -> Service | None:
    """The service of this slug with its team; None where there is none, or this actor may not see it. One query."""
    found = rows.joined(Service, ("team",), "it.slug = %s", [slug[:64].replace("\0", "")])
    return found if found is not None and audiences.sees(actor, found.audience) else None


_NAMES = Prepared("services_by_name", "SELECT id, name FROM catalog_service ORDER BY name LIMIT 300")


def names_seen(actor: Actor) -> list[tuple[int, str]]:
    """Ids and names of the first 300 of them, to choose from."""
    if not staff(actor):
        return list(visible_services(actor).values_list("pk", "name")[:300])
    with connection.cursor() as cursor:
        _NAMES.run(cursor, {})
        found: list[tuple[int, str]] = cursor.fetchall()
        return found


# A field may point to a service that its writer sees.
CHOOSABLE = Reference(lambda actor, rules: visible_services(actor).order_by("name"), visible_services, "slug")


def every_service() -> QuerySet[Service]:
    """All services, whoever asks: for what holds of them all."""
    return Service.objects.all()


def with_teams(ids: Collection[int]) -> dict[int, Service]:
    """The services of these ids, each with its team. One query, none where there are no ids."""
    return {one.pk: one for one in Service.objects.filter(pk__in=ids).select_related("team")} if ids else {}


def names_of(slugs: Collection[str]) -> dict[str, str]:
    """Slug -> name, of those that are still there. One query."""
    return dict(Service.objects.filter(slug__in=slugs).values_list("slug", "name"))


def arrows_among(slugs: Collection[str]) -> list[tuple[str, str]]:
    """(slug, slug of what it rests on next) where both are among these, through whatever lies between. Two queries."""
    known = dict(Service.objects.filter(slug__in=slugs).values_list("pk", "slug"))
    below = next_below(known)
    return [(known[one], known[other]) for one in known for other in sorted(below[one] & known.keys())]


def providers_of(service_id: int) -> list[int]:
    """The services that this one rests on next, through whatever lies between. One query."""
    return sorted(next_below([service_id])[service_id])


def listed(actor: Actor) -> QuerySet[Service]:
    """The services that this actor may see, with team and owner."""
    return Service.objects.visible_to(actor).select_related("team", "owner")


def detailed(actor: Actor) -> QuerySet[Service]:
    """The services that this actor may see, with teams and owner."""
    return Service.objects.visible_to(actor).select_related("team", "support_team", "owner")


def of_team(team_id: int) -> list[int]:
    """The ids of the services that a team owns."""
    return list(Service.objects.filter(team=team_id).values_list("pk", flat=True))


def owned_by(team: Team) -> list[Duty]:
    """Services of a team, for who wants to merge or retire it."""
    return [_as_duty(one, gettext("stays with a retired team")) for one in team.services.order_by("slug")]


def supported_by(team: Team) -> list[Duty]:
    """Services that a team supports without owning them, for who wants to merge or retire it."""
    found = team.supported_services.exclude(team=team).order_by("slug")
    return [_as_duty(one, gettext("is supported by a retired team")) for one in found]


def of_member(person: int) -> QuerySet[Service]:
    """Services of the teams that a person is in."""
    return Service.objects.filter(team__memberships__user=person)


def left_alone_by(person: User) -> list[Duty]:
    """Services in whose team nobody active would be left."""
    others = Membership.objects.filter(user__is_active=True, user__account_type=User.AccountType.HUMAN).exclude(
        user=person
    )
    services = of_member(person.pk).exclude(team__in=others.values("team"))
    return [_as_duty(one, gettext("has nobody left in its team")) for one in services.order_by("slug")]


def _as_duty(service: Service, otherwise: str) -> Duty:
    return Duty(gettext("service"), service.slug, service.name, service.get_absolute_url(), otherwise)
