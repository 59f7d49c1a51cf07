"""Every write to the catalog."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext

from catalog.services import permissions
from catalog.services.models import Dependency, Service
from catalog.services.queries import read_by_changes_of
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_standing
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted

EDIT = "catalog: change a service"
_RECORDS = ("team", "owner")  # fields that name another record


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
    owner: User | None = None,
    description: str = "",
    depends_on: Sequence[Reliance] = (),
    standard_deployments: bool = False,
    needs_owner: bool = False,
) -> Service:
    """A new service with its dependencies. `owner`: the person who answers for it. Conflict where the slug is taken.

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
        try:
            with transaction.atomic():
                service = Service.objects.create(
                    slug=slug, name=name, tier=tier, team=team, owner=owner, description=description,
                    created_by_id=actor.id, needs_owner=needs_owner and team is None,
                )  # fmt: skip
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
    seconded: Confirmation | None = None,
    **fields: Any,
) -> Service:
    """Change fields (name, tier, team, owner, description) and, where given, replace the dependencies.

    A lower tier, fewer dependencies, or an owner for a service that needs one could let changes through that now wait:
    that is for people without an interest in an open change, and a second person confirms it first (`seconded`);
    until then nothing changes, and the answer `awaits` that confirmation.

    Raises NotPermitted, InvalidInput, Conflict (a retired team), StaleVersion and VersionRequired.
    """
    if not permissions.service_editors(actor, service):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(service_slug)s; its owner team may.")
            % {"actor_name": actor.name, "service_slug": service.slug}
        )
    with lifecycle.edit(service, actor=actor, version=version) as current:
        owned = current.needs_owner and fields.get("team") is not None
        relaxes = fields.get("tier", current.tier) > current.tier or owned or _leaves_out(current, depends_on)
        if relaxes and seconded is None and not actor.is_system:
            current.awaits = _proposed_edit(current, fields, depends_on, actor)
            return current
        if fields.get("team") is not None and fields["team"].pk != current.team_id:
            require_standing(fields["team"])
        for field, value in fields.items():
            setattr(current, field, value)
        current.needs_owner = current.needs_owner and current.team_id is None
        if depends_on is not None:
            before = _dependency_slugs(current)
            _set_dependencies(current, depends_on)
            after = _dependency_slugs(current)
            if before != after:
                lifecycle.announce(current, "rewired", actor=actor, changes={"depends_on": [before, after]})
                current.version += 1  # the arrows are part of what a reader's ETag stands for
                current.save(update_fields=["version"])
    return current


def services_follow(old: Team, new: Team, actor: Actor) -> int:
    """The services of a team that is merged belong to the other one, in the merge's transaction. How many.

    Raises nothing.
    """
    services = list(Service.objects.filter(team=old).order_by("pk"))
    for service in services:
        with lifecycle.edit(service, actor=actor, version=None, version_required=False) as current:
            current.team = new
    return len(services)


def edit_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The edit that a second person confirmed; StaleVersion where the service has changed since."""
    service, kept = Service.objects.get(pk=confirmation.record_id), confirmation.payload
    depends_on: list[Reliance] | None = None
    if kept["depends_on"] is not None:
        known = Service.objects.in_bulk([pk for one in kept["depends_on"] for pk in one["any_of"]])
        depends_on = [
            {"any_of": [known[pk] for pk in one["any_of"]], "needs": one["needs"]} for one in kept["depends_on"]
        ]
    edit_service(
        service, actor=actor, version=kept["version"], depends_on=depends_on, seconded=confirmation, **kept["fields"]
    )


def _arrows(depends_on: Sequence[Reliance]) -> set[tuple[int, frozenset[int], int]]:
    """Each provider with the group that it is one of, and how many of that are needed."""
    return {
        (one.pk, frozenset(each.pk for each in reliance["any_of"]), reliance["needs"])
        for reliance in depends_on
        for one in reliance["any_of"]
    }


def _leaves_out(service: Service, depends_on: Sequence[Reliance] | None) -> bool:
    """Whether an arrow that stands now would be gone, or be in another group."""
    if depends_on is None:
        return False
    groups: dict[str, list[Dependency]] = defaultdict(list)
    for arrow in service.dependencies.all():
        groups[arrow.redundancy or f"alone {arrow.on_id}"].append(arrow)
    stands = {
        (arrow.on_id, frozenset(each.on_id for each in those), arrow.needs)
        for those in groups.values()
        for arrow in those
    }
    return bool(stands - _arrows(depends_on))


def _proposed_edit(
    service: Service, fields: Mapping[str, Any], depends_on: Sequence[Reliance] | None, actor: Actor
) -> Confirmation:
    services = read_by_changes_of([service.pk])
    interest.require_no_interest(
        actor,
        services,
        doing=gettext("lower a tier, take dependencies away or say who owns a service that needs an owner"),
    )
    wanted = {f"{name}_id" if name in _RECORDS else name: getattr(value, "pk", value) for name, value in fields.items()}
    changed = {name: value for name, value in wanted.items() if getattr(service, name) != value}
    differences = [_difference(service, name, value) for name, value in changed.items()]
    if depends_on is not None:
        after = sorted(one.slug for reliance in depends_on for one in reliance["any_of"])
        before = ", ".join(_dependency_slugs(service))
        differences.append(Difference(gettext("Depends on"), before or "–", ", ".join(after) or "–"))
    plain: Any = None
    if depends_on is not None:
        plain = [{"any_of": [one.pk for one in each["any_of"]], "needs": each["needs"]} for each in depends_on]
    return propose(
        service,
        actor=actor,
        at=timezone.now(),
        action=EDIT,
        subject=gettext("Change the service %(service)s") % {"service": service.name},
        payload={"version": service.version, "fields": changed, "depends_on": plain},
        differences=differences,
        services=services,
    )


def _difference(service: Service, name: str, value: Any) -> Difference:
    field: Any = Service._meta.get_field(name.removesuffix("_id"))
    label = str(field.verbose_name).capitalize()
    after = Service(**{name: value})
    if name == "tier":
        return Difference(label, service.get_tier_display(), after.get_tier_display())
    shown = name.removesuffix("_id")
    return Difference(label, str(getattr(service, shown) or "–"), str(getattr(after, shown) or "–"))


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
            if current.dependents.exists():
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
