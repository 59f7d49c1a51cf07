"""Versions of a model: an edit is a draft of the next one, and holds once a second person approved it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all
from changes.change_models.models import ChangeModel, ModelVersion
from changes.change_models.permissions import model_writers, standard_authorisers, version_deciders
from changes.change_models.rules.bounds import BOUNDS, as_kept
from changes.change_models.rules.soundness import require_sound
from changes.change_models.vocabulary import VersionStatus
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, NotPermitted, WrongState


@transaction.atomic
def write_version(
    model: ChangeModel, *, actor: Actor, version: int | None, at: datetime, **bounds: Any
) -> ModelVersion:
    """Write the next version, or go on with its draft. What is not given stays as it holds, or as it was drafted.

    Raises NotPermitted, InvalidInput, UnknownEnvironment, WrongState (retired, or not approved yet), StaleVersion and
    VersionRequired.
    """
    if not model_writers(actor) or actor.id is None:
        raise NotPermitted(gettext("Engineers, service owners and change managers, people, propose change models."))
    current = lifecycle.locked(model)
    lifecycle.check_version(current, version, required=True)
    if current.status not in (ChangeModel.Status.APPROVED, ChangeModel.Status.SUSPENDED):
        raise WrongState(
            gettext("%(model)s is %(state)s; only what was approved gets another version.")
            % {"model": current.slug, "state": current.status},
            state=current.status,
        )
    draft = current.versions.filter(state=VersionStatus.DRAFT).first() or ModelVersion(
        model=current, number=_next_number(current), bounds=as_kept(current), written_at=at
    )
    if "environments" in bounds:
        bounds["environments"] = canonical_all(bounds["environments"])
    made = ChangeModel(**draft.bounds | bounds)
    require_sound(made)
    before, draft.bounds = draft.bounds, as_kept(made)
    draft.written_by_id, draft.written_at = actor.id, at
    draft.writers = sorted({*draft.writers, actor.id})
    draft.save()
    moved = {name: [before[name], draft.bounds[name]] for name in BOUNDS if before[name] != draft.bounds[name]}
    moved["number"] = [current.number, draft.number]
    record_event("change_model.edited", current, actor=actor, changes=moved)
    _outdate(current)
    return draft


@transaction.atomic
def approve_version(model: ChangeModel, number: int, *, actor: Actor, version: int | None, at: datetime) -> ChangeModel:
    """Its bounds hold from now on, and the model is certified anew.

    Raises NotPermitted (its writer, who has a stake, no owner), NotFound, WrongState, StaleVersion, VersionRequired.
    """
    refusal = gettext("A service owner or an administrator who did not write this version approves it.")
    if not standard_authorisers(actor):  # before its version is looked at: who may not is not told what to read first
        raise NotPermitted(refusal)
    with lifecycle.edit(model, actor=actor, version=version, event="version_approved") as current:
        draft = _draft(current, number)
        if not version_deciders(actor, draft):
            raise NotPermitted(refusal)
        kept = draft.bounds
        concerned = [current.service_id, *current.also_services, *kept["also_services"]]
        require_no_interest(actor, concerned, doing=gettext("approve a change model"))
        draft.state, draft.approved_by_id, draft.approved_at = VersionStatus.APPROVED, actor.id, at
        draft.save(update_fields=["state", "approved_by", "approved_at"])
        for name, value in kept.items():
            setattr(current, name, value)
        current.number, current.approved_by_id, current.certified_at = number, actor.id, at
    return current


@transaction.atomic
def discard_version(model: ChangeModel, number: int, *, actor: Actor, version: int | None) -> ChangeModel:
    """A draft that is not wanted; its number is not used again.

    Raises NotPermitted, NotFound, WrongState (it is decided), StaleVersion, VersionRequired.
    """
    if not model_writers(actor):
        raise NotPermitted(gettext("Engineers, service owners and change managers, people, propose change models."))
    current = lifecycle.locked(model)
    lifecycle.check_version(current, version, required=True)
    draft = _draft(current, number)
    draft.state = VersionStatus.DISCARDED
    draft.save(update_fields=["state"])
    record_event("change_model.version_discarded", current, actor=actor, changes={"number": [number, None]})
    _outdate(current)
    return current


def _outdate(model: ChangeModel) -> None:
    """Whoever read the model, and its draft, before this approves nothing unread."""
    model.version += 1
    model.save(update_fields=["version"])


def _next_number(model: ChangeModel) -> int:
    newest = model.versions.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def _draft(model: ChangeModel, number: int) -> ModelVersion:
    found = model.versions.select_for_update(no_key=True).filter(number=number).first()
    if found is None:
        raise NotFound(gettext("%(model)s has no version %(number)s.") % {"model": model.slug, "number": number})
    if found.state != VersionStatus.DRAFT or number <= model.number:
        raise WrongState(gettext("This version is decided; it never changes."), state=found.state)
    return found
