"""What is said of a service, changed; what could let changes through is confirmed by a second person first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from catalog.services import permissions
from catalog.services.models import Service
from catalog.services.operations.dependencies import (
    Reliance,
    dependency_slugs,
    leaves_out,
    require_sound,
    set_dependencies,
)
from catalog.services.queries import read_by_changes_of
from itsm import lifecycle
from itsm.accounts import audiences, interest
from itsm.accounts.models import Team
from itsm.accounts.operations import require_standing
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted

EDIT = "catalog: change a service"

_RECORDS = ("team", "support_team", "owner")  # fields that name another record


def edit_service(
    service: Service,
    *,
    actor: Actor,
    version: int | None,
    depends_on: Sequence[Reliance] | None = None,
    seconded: Confirmation | None = None,
    **fields: Any,
) -> Service:
    """Change fields (name, tier, service_type, audience, team, support_team, owner, description) and, where given,
    replace the dependencies.

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
        _require_possible(current, fields, depends_on)  # a second person is asked about nothing that cannot be
        if "audience" in fields:
            fields["audience"] = _audience(current, fields["audience"])
        owned = current.needs_owner and fields.get("team") is not None
        relaxes = fields.get("tier", current.tier) > current.tier or owned or leaves_out(current, depends_on)
        if relaxes and seconded is None and not actor.is_system:
            current.awaits = _proposed_edit(current, fields, depends_on, actor)
            return current
        for field, value in fields.items():
            setattr(current, field, value)
        current.needs_owner = current.needs_owner and current.team_id is None
        if depends_on is not None:
            before = dependency_slugs(current)
            set_dependencies(current, depends_on, actor)
            after = dependency_slugs(current)
            if before != after:
                lifecycle.announce(current, "rewired", actor=actor, changes={"depends_on": [before, after]})
                current.version += 1  # the arrows are part of what a reader's ETag stands for
                current.save(update_fields=["version"])
    return current


def services_follow(old: Team, new: Team, actor: Actor) -> int:
    """What a team that is merged owned, supported or saw of services is the other one's, in the merge's transaction.
    How many services.

    Raises nothing.
    """
    theirs = Q(team=old) | Q(support_team=old) | Q(audience__contains=[f"team:{old.pk}"])
    services = list(Service.objects.filter(theirs).order_by("pk"))
    for service in services:
        with lifecycle.edit(service, actor=actor, version=None, version_required=False) as current:
            current.team_id = new.pk if current.team_id == old.pk else current.team_id
            current.support_team_id = new.pk if current.support_team_id == old.pk else current.support_team_id
            current.audience = audiences.without_team(current.audience, old, new)
    return len(services)


def _require_possible(service: Service, fields: Mapping[str, Any], depends_on: Sequence[Reliance] | None) -> None:
    require_sound(service, depends_on)
    for name in ("team", "support_team"):
        if fields.get(name) is not None and fields[name].pk != getattr(service, f"{name}_id"):
            require_standing(fields[name])


def _audience(service: Service, said: Collection[str]) -> list[str]:
    """As it is kept; what stands there already may stay, also where a team of it has been retired since."""
    return service.audience if set(said) == set(service.audience) else audiences.normal(said)


def edit_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The edit that a second person confirmed. StaleVersion where the service has changed since, Conflict where a
    team was retired."""
    service, kept = Service.objects.get(pk=confirmation.record_id), confirmation.payload
    teams = {kept["fields"].get("team_id"), kept["fields"].get("support_team_id")} - {None}
    for team in Team.objects.filter(pk__in=teams).order_by("pk"):
        require_standing(team)
    depends_on: list[Reliance] | None = None
    if kept["depends_on"] is not None:
        known = Service.objects.in_bulk([pk for one in kept["depends_on"] for pk in one["any_of"]])
        depends_on = [
            {"any_of": [known[pk] for pk in one["any_of"]], "needs": one["needs"]} for one in kept["depends_on"]
        ]
    edit_service(
        service, actor=actor, version=kept["version"], depends_on=depends_on, seconded=confirmation, **kept["fields"]
    )


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
        before = ", ".join(dependency_slugs(service))
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
    if name == "audience":
        return Difference(label, audiences.in_words(service.audience), audiences.in_words(after.audience))
    if name == "service_type":
        return Difference(label, service.get_service_type_display(), after.get_service_type_display())
    shown = name.removesuffix("_id")
    return Difference(label, str(getattr(service, shown) or "–"), str(getattr(after, shown) or "–"))
