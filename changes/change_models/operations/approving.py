"""Change models: what makes a change standard. Only somebody without interest makes or renews one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all
from changes.change_models.models import ChangeModel
from changes.change_models.permissions import model_writers
from changes.change_models.rules.bounds import as_kept
from changes.change_models.rules.soundness import require_sound
from changes.change_models.vocabulary import VersionStatus
from changes.change_models.workflow import MODEL
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted

if TYPE_CHECKING:
    from catalog.models import Service

HEADROOM = Actor.system("default models")


@transaction.atomic
def propose_model(
    *,
    actor: Actor,
    service: "Service",
    slug: str,
    at: datetime,
    environments: list[str] | None = None,
    **bounds: Any,
) -> ChangeModel:
    """Write version 1: it makes nothing standard before a service owner or administrator, another person, approves it.

    Raises NotPermitted, InvalidInput, UnknownEnvironment, and Conflict where the slug is taken.
    """
    if not model_writers(actor):
        raise NotPermitted(gettext("Engineers, service owners and change managers, people, propose change models."))
    model = ChangeModel(
        slug=slug, service=service, environments=canonical_all(environments or []), certified_at=at,
        status=ChangeModel.Status.PROPOSED, proposed_by_id=actor.id, **bounds,
    )  # fmt: skip
    require_sound(model)
    try:
        with transaction.atomic():
            model.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(gettext("There is already a change model called %(slug)s.") % {"slug": slug}) from error
    model.versions.create(
        number=1,
        bounds=as_kept(model),
        written_by_id=actor.id,
        written_at=at,
        writers=[] if actor.id is None else [actor.id],
    )
    return lifecycle.created(model, actor=actor, changes={"proposed_by": [None, actor.name]})


@transaction.atomic
def approve_deployments(service: "Service", *, actor: Actor, at: datetime) -> ChangeModel:
    """The default model of a service whose owner calls its deployments standard: progressive, any pipeline.

    Headroom proposes it, the same to everybody; the owner approves it. Raises NotPermitted, Conflict.
    """
    proposed = propose_model(
        actor=HEADROOM, service=service, slug=f"{service.slug}-deployment", at=at, progressive=True
    )
    return approve_proposed(proposed, actor=actor, version=proposed.version, at=at)


@MODEL.takes("suspend")
@transaction.atomic
def suspend_model(model: ChangeModel, *, actor: Actor, version: int | None, because: str) -> ChangeModel:
    """Stop it: deployments that rely on it are normal changes until it is certified again.

    Raises NotPermitted, StaleVersion, VersionRequired, WrongState (it is retired, or was never approved).
    """
    with _read_and_stepped(model, "suspend", actor=actor, version=version) as current:
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


@MODEL.takes("retire")
@transaction.atomic
def retire_model(model: ChangeModel, *, actor: Actor, version: int | None) -> ChangeModel:
    """It is over, for good: what would come back is another model.

    Raises NotPermitted, StaleVersion, VersionRequired, WrongState.
    """
    with _read_and_stepped(model, "retire", actor=actor, version=version) as current:
        pass
    return current


@MODEL.takes("certify")
@transaction.atomic
def certify_model(model: ChangeModel, *, actor: Actor, version: int | None, at: datetime) -> ChangeModel:
    """Certify again for 180 days; lifts a suspension.

    Raises NotPermitted, StaleVersion, VersionRequired, WrongState (it is retired, or was never approved).
    """
    with _read_and_stepped(model, "certify", actor=actor, version=version) as current:
        require_no_interest(actor, _services(current), doing=gettext("certify a change model"))
        current.certified_at = at
        current.suspended_because = ""
        current.approved_by_id = actor.id
    return current


@MODEL.takes("approve")
@transaction.atomic
def approve_proposed(model: ChangeModel, *, actor: Actor, version: int | None, at: datetime) -> ChangeModel:
    """Approve what somebody else proposed, certified from now on.

    Raises NotPermitted (also who proposed it, or has a stake), StaleVersion, VersionRequired, WrongState.
    """
    with _read_and_stepped(model, "approve", actor=actor, version=version) as current:
        require_no_interest(actor, _services(current), doing=gettext("approve a change model"))
        current.approved_by_id, current.certified_at = actor.id, at
    first = current.versions.select_for_update(no_key=True).get(number=current.number)
    first.state, first.approved_by_id, first.approved_at = VersionStatus.APPROVED, actor.id, at
    first.save(update_fields=["state", "approved_by", "approved_at"])
    return current


@contextmanager
def _read_and_stepped(model: ChangeModel, action: str, *, actor: Actor, version: int | None) -> Iterator[ChangeModel]:
    with lifecycle.step(model, action, actor=actor) as current:
        lifecycle.check_version(current, version, required=True)
        yield current


def _services(model: ChangeModel) -> list[int]:
    return [model.service_id, *model.also_services]
