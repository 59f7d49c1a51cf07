"""Every write to offerings. An offering is never shown to whom its service is not."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.agreements.models import Agreement, Offering
from catalog.agreements.permissions import agreement_keepers, offering_keepers
from itsm import lifecycle
from itsm.accounts import audiences
from itsm.accounts.models import Team
from itsm.alike import told_apart
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import read_alike

if TYPE_CHECKING:
    from catalog.services.models import Service


def create_offering(
    *,
    actor: Actor,
    service: "Service",
    name: str,
    description: str = "",
    audience: Collection[str] | None = None,
    agreement: Agreement | None = None,
) -> Offering:
    """What people may ask for under a service; without an `audience` the service's.

    Raises NotPermitted (it is the service's editors who offer, administrators who name an agreement), InvalidInput (an
    audience wider than the service's, an agreement that cannot be meant), Conflict (the name is taken there).
    """
    with transaction.atomic():
        held = lifecycle.locked(service)
        _keeper(actor, held)
        wanted = held.audience if audience is None else audiences.normal(audience)
        offering = Offering(service=held, name=name.strip(), description=description, audience=wanted)
        if agreement is not None:
            _name_agreement(offering, agreement, actor)
        _within(offering, held)
        _keep(offering)
        changes = {"service": [None, held.slug], "name": [None, offering.name], "audience": [None, offering.audience]}
        return lifecycle.created(offering, actor=actor, changes=changes)


def edit_offering(offering: Offering, *, actor: Actor, version: int | None, **said: Any) -> Offering:
    """Change name, description, audience or agreement (None: it names none any more).

    Raises NotPermitted, InvalidInput, Conflict, StaleVersion, VersionRequired.
    """
    with transaction.atomic():
        service = lifecycle.locked(offering.service)
        _keeper(actor, service)
        kept = Offering(service=service, name=said.get("name", offering.name).strip())
        with (
            told_apart(lambda: _taken(kept)),
            lifecycle.edit(offering, actor=actor, version=version) as current,
        ):
            if "audience" in said and set(said["audience"]) != set(current.audience):
                current.audience = audiences.normal(said["audience"])
            current.name = said.get("name", current.name).strip()
            current.description = said.get("description", current.description)
            if "agreement" in said and getattr(said["agreement"], "pk", None) != current.agreement_id:
                _name_agreement(current, said["agreement"], actor)
            _within(current, service)
            _refuse_taken(current)
    return current


def retire_offering(offering: Offering, *, actor: Actor, version: int | None, at: datetime) -> Offering:
    """It is offered no more. Raises NotPermitted, StaleVersion, VersionRequired."""
    with transaction.atomic():
        _keeper(actor, lifecycle.locked(offering.service))
        with lifecycle.edit(offering, actor=actor, version=version, event="retired") as current:
            current.retired_at = current.retired_at or at
    return current


def revive_offering(offering: Offering, *, actor: Actor, version: int | None) -> Offering:
    """It is offered again. Raises NotPermitted, StaleVersion, VersionRequired."""
    with transaction.atomic():
        _keeper(actor, lifecycle.locked(offering.service))
        with lifecycle.edit(offering, actor=actor, version=version, event="revived") as current:
            current.retired_at = None
    return current


def keep_within(service: "Service", *, actor: Actor) -> int:
    """Narrow what is offered to the audience of its service, in the transaction that changed it. How many.

    Raises nothing.
    """
    wider = [
        one for one in Offering.objects.filter(service=service).order_by("pk")
        if not audiences.lies_within(one.audience, service.audience)
    ]  # fmt: skip
    for offering in wider:
        with lifecycle.edit(offering, actor=actor, version=None, version_required=False) as current:
            current.audience = service.audience
    return len(wider)


def offerings_follow(old: Team, new: Team, actor: Actor) -> int:
    """What is offered to a team that is merged is offered to the other one, in the merge's transaction. How many.

    Raises nothing.
    """
    found = list(Offering.objects.filter(audience__contains=[f"team:{old.pk}"]).order_by("pk"))
    for offering in found:
        with lifecycle.edit(offering, actor=actor, version=None, version_required=False) as current:
            current.audience = audiences.without_team(current.audience, old, new)
    return len(found)


def _keeper(actor: Actor, service: "Service") -> None:
    if not offering_keepers(actor, service):
        raise NotPermitted(
            gettext("%(actor_name)s may not say what %(service)s offers; its owner team may.")
            % {"actor_name": actor.name, "service": service.slug}
        )


def _name_agreement(offering: Offering, agreement: Agreement | None, actor: Actor) -> None:
    """Whoever keeps a promise does not choose which one it is."""
    if not agreement_keepers(actor):
        raise NotPermitted(gettext("Administrators say which agreement an offering has."))
    if agreement is not None and not _can_promise(agreement, offering):
        sentence = gettext("%(name)s is retired, stands behind others, or is for something else.")
        raise InvalidInput.about("agreement", sentence % {"name": agreement.name})
    offering.agreement = agreement


def _can_promise(agreement: Agreement, offering: Offering) -> bool:
    return (
        agreement.retired_at is None
        and agreement.agreement_type == Agreement.Type.SLA
        and agreement.service_id in (None, offering.service_id)
        and agreement.offering_id in (None, offering.pk)
    )


def _within(offering: Offering, service: "Service") -> None:
    if not audiences.lies_within(offering.audience, service.audience):
        sentence = gettext("%(service)s is not shown to all of them: widen its audience first.")
        raise InvalidInput.about("audience", sentence % {"service": service.name})


def _keep(offering: Offering) -> None:
    _refuse_taken(offering)
    with told_apart(lambda: _taken(offering)):
        offering.save(force_insert=True)


def _refuse_taken(offering: Offering) -> None:
    there = Offering.objects.filter(service=offering.service_id, name_key=read_alike(offering.name))
    if there.exclude(pk=offering.pk).exists():
        raise _taken(offering)


def _taken(offering: Offering) -> Conflict:
    return Conflict(
        gettext("%(service)s offers %(name)s already.") % {"service": offering.service.name, "name": offering.name}
    )
