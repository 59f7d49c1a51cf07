"""Every write to the catalog."""

from collections.abc import Sequence
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog import policies
from catalog.models import Dependency, Service
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted


class Reliance(TypedDict):
    """What a service depends on: any `needs` of the services `any_of` (one of one: a plain dependency)."""

    any_of: list[Service]
    needs: int


def create_service(
    *,
    actor: Actor,
    slug: str,
    name: str,
    tier: int,
    team: Team | None = None,
    description: str = "",
    depends_on: Sequence[Reliance] = (),
    standard_deployments: bool = False,
) -> Service:
    """A new service with its dependencies. Conflict where the slug is taken.

    `standard_deployments` is a service owner's word that deployments are standard changes here: the
    news of the creation carries it, and changes makes the deployment model from it.
    """
    if not policies.service_authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not add services.") % {"actor_name": actor.name})
    if standard_deployments and not policies.standard_authorisers(actor):
        raise NotPermitted(
            gettext("Only a service owner or an administrator, a person, makes deployments standard changes.")
        )
    with transaction.atomic():
        try:
            with transaction.atomic():
                service = Service.objects.create(
                    slug=slug, name=name, tier=tier, team=team, description=description, created_by_id=actor.id
                )
        except IntegrityError as error:
            raise Conflict(gettext("There is already a service called %(slug)s.") % {"slug": slug}) from error
        _set_dependencies(service, depends_on)
        names = [provider.slug for reliance in depends_on for provider in reliance["any_of"]]
        changes = {
            "tier": [None, tier],
            "depends_on": [[], names],
            "standard_deployments": [None, standard_deployments],
        }
        return lifecycle.created(service, actor=actor, changes=changes)


def edit_service(
    service: Service,
    *,
    actor: Actor,
    version: int | None,
    depends_on: Sequence[Reliance] | None = None,
    **fields: Any,
) -> Service:
    """Change fields (name, tier, team, description) and, where given, replace the dependencies."""
    if not policies.service_editors(actor, service):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(service_slug)s; its owner team may.")
            % {"actor_name": actor.name, "service_slug": service.slug}
        )
    with lifecycle.edit(service, actor=actor, version=version) as current:
        for field, value in fields.items():
            setattr(current, field, value)
        if depends_on is not None:
            before = _dependency_slugs(current)
            _set_dependencies(current, depends_on)
            after = _dependency_slugs(current)
            if before != after:
                lifecycle.announce(current, "rewired", actor=actor, changes={"depends_on": [before, after]})
                current.version += 1  # the arrows are part of what a reader's ETag stands for
                current.save(update_fields=["version"])
    return current


def _dependency_slugs(service: Service) -> list[str]:
    return sorted(service.dependencies.values_list("on__slug", flat=True))


def _set_dependencies(service: Service, depends_on: Sequence[Reliance]) -> None:
    wanted: list[Dependency] = []
    for number, reliance in enumerate(depends_on, start=1):
        providers = reliance["any_of"]
        group = f"group-{number}" if len(providers) > 1 else ""
        if not 1 <= reliance["needs"] <= len(providers):
            raise InvalidInput(
                gettext("A group needs at least one and at most all of its services."), {"depends_on": ["needs"]}
            )
        wanted += [Dependency(service=service, on=one, redundancy=group, needs=reliance["needs"]) for one in providers]
    if len({arrow.on_id for arrow in wanted}) != len(wanted) or any(arrow.on_id == service.pk for arrow in wanted):
        raise InvalidInput(
            gettext("A service depends on others, on each of them once."), {"depends_on": ["repeated or itself"]}
        )
    service.dependencies.all().delete()
    Dependency.objects.bulk_create(wanted)
