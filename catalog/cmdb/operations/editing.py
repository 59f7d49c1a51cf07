"""What is said of an item, changed: only what is touched is written, each key with its history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.models import CI
from catalog.cmdb.operations.histories import BY_HAND, Origin, record
from catalog.cmdb.operations.opening import require_usable
from catalog.environments.queries import canonical
from catalog.services.models import Service
from itsm import lifecycle
from itsm.accounts.operations import require_standing
from itsm.fields import values
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

EDITABLE = ("name", "environment", "team", "support_team", "description", "confidential", "ci_class")
_THE_SERVICES = frozenset({"name", "team", "support_team", "description", "ci_class", "confidential"})


def edit_item(
    item: CI,
    *,
    actor: Actor,
    version: int | None,
    attributes: Mapping[str, Any] | None = None,
    origin: Origin = BY_HAND,
    at: datetime | None = None,
    version_required: bool = True,
    **fields: Any,
) -> CI:
    """Change fields (name, environment, team, support_team, description, confidential, ci_class) and, by key, values of
    its class's fields; null takes a value away, what is not named stays.

    Raises NotPermitted, InvalidInput, WrongState (retired, or it lives on in another), Conflict (a retired team),
    StaleVersion and VersionRequired.
    """
    require_editor(item, actor)
    at, sent = at or timezone.now(), dict(attributes or {})
    _require_not_the_services(item, fields)
    with lifecycle.edit(item, actor=actor, version=version, version_required=version_required) as current:
        require_living(current)
        before = _picture(current)
        _set(current, fields, actor)
        if sent:
            current.attributes = values.changed(
                current.ci_class.owner, current.attributes, sent, actor=actor, works_here=True
            )
        after = _picture(current)
        edits = {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys()}
        edits = {key: pair for key, pair in sorted(edits.items()) if pair[0] != pair[1]}
        record(current, edits, actor=actor, at=at, origin=origin)
        touched = [key for key in sent if f"attributes.{key}" in edits]
        values.mirror(current.ci_class.owner, current.pk, current.attributes, touched)
    return current


def require_editor(item: CI, actor: Actor) -> None:
    """NotPermitted for who may not edit this item."""
    if not permissions.item_editors(actor, item):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(reference)s; its owner team may.")
            % {"actor_name": actor.name, "reference": item.reference}
        )


def require_living(item: CI) -> None:
    """WrongState for an item that lives on in another."""
    if item.merged_into_id is not None:
        raise WrongState(gettext("%(reference)s lives on in another item.") % {"reference": item.reference})


def _require_not_the_services(item: CI, fields: Mapping[str, Any]) -> None:
    odd = sorted(_THE_SERVICES & fields.keys())
    if odd and Service.objects.filter(pk=item.pk).exists():
        words = gettext("It is a service, which says this itself: edit the service.")
        raise InvalidInput(words, {name: [words] for name in odd})


def _set(item: CI, fields: Mapping[str, Any], actor: Actor) -> None:
    for name in ("team", "support_team"):
        if fields.get(name) is not None and fields[name].pk != getattr(item, f"{name}_id"):
            require_standing(fields[name])
    if "ci_class" in fields and fields["ci_class"].pk != item.ci_class_id:
        require_usable(fields["ci_class"])
    for name, value in fields.items():
        setattr(item, name, canonical(value) if name == "environment" and value else value)


def _picture(item: CI) -> dict[str, Any]:
    """What its history tells of it, as plain values: names of teams and classes, values of fields by key."""
    return {
        "name": item.name,
        "environment": item.environment,
        "ci_class": item.ci_class.slug,
        "team": item.team.slug if item.team else None,
        "support_team": item.support_team.slug if item.support_team else None,
        "description": item.description,
        "confidential": item.confidential,
        **{f"attributes.{key}": value for key, value in item.attributes.items()},
    }
