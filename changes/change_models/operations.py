"""Change models: what makes a change standard. Only somebody without interest makes or renews one."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all
from catalog.services.permissions import standard_authorisers
from changes.change_models.models import ChangeModel
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted, WrongState

if TYPE_CHECKING:
    from catalog.models import Service


@transaction.atomic
def approve_model(
    *,
    actor: Actor,
    service: "Service",
    slug: str,
    at: datetime,
    environments: list[str] | None = None,
    **bounds: Any,
) -> ChangeModel:
    """Make deployments within these bounds standard changes, on a service owner's or administrator's name.

    Raises NotPermitted, InvalidInput, UnknownEnvironment, and Conflict where the slug is taken.
    """
    if not standard_authorisers(actor) or actor.id is None:
        raise NotPermitted(gettext("Only a service owner or an administrator, a person, approves a change model."))
    require_no_interest(actor, [service.pk], doing=gettext("approve a change model"))
    try:
        with transaction.atomic():
            model = ChangeModel.objects.create(
                slug=slug,
                service=service,
                environments=canonical_all(environments or []),
                approved_by_id=actor.id,
                certified_at=at,
                **bounds,
            )
    except IntegrityError as error:
        raise Conflict(gettext("There is already a change model called %(slug)s.") % {"slug": slug}) from error
    return lifecycle.created(model, actor=actor, changes={"approved_by": [None, actor.name]})


def approve_deployments(service: "Service", *, actor: Actor, at: datetime) -> ChangeModel:
    """The default model of a service whose owner calls its deployments standard: progressive, any pipeline.

    Raises what `approve_model` raises: NotPermitted, Conflict, InvalidInput.
    """
    return approve_model(actor=actor, service=service, slug=f"{service.slug}-deployment", at=at, progressive=True)


@transaction.atomic
def suspend_model(model: ChangeModel, *, actor: Actor, version: int | None, because: str) -> ChangeModel:
    """Stop it: deployments that rely on it are normal changes until it is certified again.

    Raises NotPermitted, StaleVersion, WrongState (it is retired).
    """
    _require_authoriser(actor)
    with lifecycle.edit(model, actor=actor, version=version, event="suspended") as current:
        _refuse_retired(current)
        current.status = ChangeModel.Status.SUSPENDED
        current.suspended_because = because.strip()[:200]
    return current


def suspend_by_headroom(model: ChangeModel, *, actor: Actor, because: str) -> bool:
    """The same, by what Headroom has seen. False where it is no longer approved. Raises nothing."""
    with lifecycle.edit(model, actor=actor, version=None, version_required=False, event="suspended") as current:
        was_approved = current.status == ChangeModel.Status.APPROVED
        if was_approved:
            current.status = ChangeModel.Status.SUSPENDED
            current.suspended_because = because[:200]
    return bool(was_approved)


@transaction.atomic
def retire_model(model: ChangeModel, *, actor: Actor, version: int | None) -> ChangeModel:
    """It is over, for good: what would come back is another model. Raises NotPermitted, StaleVersion, WrongState."""
    _require_authoriser(actor)
    with lifecycle.edit(model, actor=actor, version=version, event="retired") as current:
        _refuse_retired(current)
        current.status = ChangeModel.Status.RETIRED
    return current


def _require_authoriser(actor: Actor) -> None:
    if not standard_authorisers(actor):
        raise NotPermitted(gettext("Only a service owner or an administrator stops a change model."))


def _refuse_retired(model: ChangeModel) -> None:
    if model.status == ChangeModel.Status.RETIRED:
        raise WrongState(gettext("%(model)s is retired.") % {"model": model.slug}, state=model.status)


@transaction.atomic
def certify_model(model: ChangeModel, *, actor: Actor, version: int | None, at: datetime) -> ChangeModel:
    """Certify again for 180 days; lifts a suspension. Raises NotPermitted, StaleVersion, WrongState (it is retired)."""
    if not standard_authorisers(actor):
        raise NotPermitted(gettext("Only a service owner or an administrator certifies a change model."))
    require_no_interest(actor, [model.service_id], doing=gettext("certify a change model"))
    with lifecycle.edit(model, actor=actor, version=version, event="certified") as current:
        _refuse_retired(current)
        current.certified_at = at
        current.status = ChangeModel.Status.APPROVED
        current.suspended_because = ""
        current.approved_by_id = actor.id
    return current
