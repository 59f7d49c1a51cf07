"""Services are added, and taken back where nothing stands on them yet."""

from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext

from catalog.services import permissions
from catalog.services.models import Service
from catalog.services.operations.dependencies import Reliance, set_dependencies
from catalog.services.queries.dependencies import is_relied_on
from catalog.services.vocabulary import ServiceType
from itsm import lifecycle
from itsm.accounts import audiences
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_standing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted


def create_service(
    *,
    actor: Actor,
    slug: str,
    name: str,
    tier: int,
    service_type: str = ServiceType.TECHNICAL,
    audience: Collection[str] = (audiences.ALL,),
    team: Team | None = None,
    support_team: Team | None = None,
    owner: User | None = None,
    description: str = "",
    depends_on: Sequence[Reliance] = (),
    standard_deployments: bool = False,
    needs_owner: bool = False,
) -> Service:
    """A new service with its dependencies. `owner`: the person who answers for it; `audience`: who may see it.

    Raises NotPermitted, InvalidInput (an audience or dependencies that cannot be meant), Conflict (the slug is taken, a
    team is retired).

    `needs_owner`: nobody said whose it is, and people decide about its changes until somebody does (without `team`).

    `standard_deployments` is a service owner's word that deployments are standard changes here: the
    news of the creation carries it, and changes makes the deployment model from it.
    """
    if not permissions.service_authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not add services.") % {"actor_name": actor.name})
    if standard_deployments and not permissions.standard_authorisers(actor):
        raise NotPermitted(
            gettext("Only a service owner or an administrator, a person, makes deployments standard changes.")
        )
    with transaction.atomic():
        require_standing(team)
        require_standing(support_team)
        try:
            with transaction.atomic():
                service = Service.objects.create(
                    slug=slug, name=name, tier=tier, team=team, owner=owner, description=description,
                    created_by_id=actor.id, needs_owner=needs_owner and team is None, service_type=service_type,
                    audience=audiences.normal(audience), support_team=support_team,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(gettext("There is already a service called %(slug)s.") % {"slug": slug}) from error
        set_dependencies(service, depends_on, actor)
        names = [provider.slug for reliance in depends_on for provider in reliance["any_of"]]
        changes = {
            "tier": [None, tier],
            "depends_on": [[], names],
            "standard_deployments": [None, standard_deployments],
        }
        return lifecycle.created(service, actor=actor, changes=changes)


def remove_service(service: Service, *, actor: Actor, version: int | None) -> None:
    """Take back a service that nothing stands on yet: made by mistake, or only to try.

    Raises NotPermitted, StaleVersion, VersionRequired, Conflict (something stands on it, which keeps it).
    """
    if not permissions.service_editors(actor, service):
        raise NotPermitted(
            gettext("%(actor_name)s may not remove %(service_slug)s; its owner team may.")
            % {"actor_name": actor.name, "service_slug": service.slug}
        )
    try:
        with transaction.atomic(), lifecycle.edit(service, actor=actor, version=version) as current:
            if is_relied_on(current.pk):
                raise _kept(current)
            lifecycle.announce(current, "removed", actor=actor, changes={"slug": [current.slug, None]})
            service.delete()
    except (ProtectedError, IntegrityError) as error:
        raise _kept(service) from error


def _kept(service: Service) -> Conflict:
    return Conflict(
        gettext("%(service)s stays: an objective, a change, an incident or another service stands on it.")
        % {"service": service.slug}
    )
