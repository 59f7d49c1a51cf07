"""Adding a field and changing what may change of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.fields import kinds, queries, rules, values
from itsm.fields.models import Field, FieldSet, FieldValue
from itsm.fields.operations.checking import (
    refuse_odd,
    require_administrator,
    require_free,
    require_known_names,
    require_possible,
    require_room,
    require_something_left,
)
from itsm.fields.operations.options import labels_of, set_options
from itsm.fields.owners import owner_of
from itsm.fields.references import reference_of
from itsm.fields.vocabulary import REFERENCES, WIDENS, WITH_OPTIONS, Type
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState

_EDITABLE = frozenset(
    {"label", "help", "position", "section", "required", "recommended", "requester_sees", "requester_fills",
     "personal", "filterable", "default", "rules", "type"}
)  # fmt: skip


@transaction.atomic
def add_field(
    *, actor: Actor, owner: str, key: str, type: str, label: str, options: Sequence[Any] = (), **more: Any
) -> Field:
    """Add a field to a type of record; it is in its form, facts, REST and lists at once.

    `options`: {key, label} of a choice, in order. `more`: help, position (last), section, required, recommended,
    requester_sees, requester_fills, personal, filterable, default, rules. Raises NotPermitted, InvalidInput, and
    Conflict (the key is taken, also by a retired field or a related set; 64 live fields).
    """
    require_administrator(actor)
    owner_of(owner)
    refuse_odd(more, _EDITABLE - {"type", "label"})
    FieldSet.objects.get_or_create(owner=owner)
    own = FieldSet.objects.select_for_update(no_key=True).get(owner=owner)
    require_room(own)
    require_free(own, key)
    if type in REFERENCES and reference_of(type) is None:
        raise InvalidInput.about("type", _("There is nothing of this type to point to."))
    more.setdefault("position", _last(own))
    field = Field(set=own, key=key, type=type, label=label, **{**more, "default": None})
    require_possible(field)
    require_known_names(type, field.rules, {})
    field.save(force_insert=True)
    set_options(field, options)
    field = _again(field)
    if more.get("default") is not None:
        field.default = _default(field, more["default"], actor)
        field.save(update_fields=["default"])
    queries.forget(owner, actor)
    changes: dict[str, list[Any]] = {"key": [None, key], "type": [None, type], "label": [None, label]}
    if field.type in WITH_OPTIONS:
        changes["options"] = [None, labels_of(field)]
    return lifecycle.created(field, actor=actor, changes=changes)


def _last(own: FieldSet) -> int:
    return min(
        32_000,
        (Field.objects.filter(set=own).order_by("-position").values_list("position", flat=True).first() or 0) + 10,
    )


def _default(field: Field, raw: Any, actor: Actor) -> Any:
    if field.type in REFERENCES:
        raise InvalidInput.about("default", _("A field that points to a record has no default."))
    try:
        kinds.refuse_as_default(field.type, raw)
        return values.judged(field, raw, actor=actor)
    except ValueError as error:
        raise InvalidInput.about("default", str(error)) from error


def _again(field: Field) -> Field:
    return Field.objects.select_related("set").prefetch_related("options").get(pk=field.pk)


def edit_field(
    field: Field, *, actor: Actor, version: int | None, options: Sequence[Any] | None = None, **sent: Any
) -> Field:
    """Change what may change of a field: everything but its key; its type only from text to long, whole to decimal.

    `options`: all of them in their order; those not named are retired, and still read. Values that stand are not judged
    by new rules until somebody touches them. Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired, and
    WrongState for a retired one.
    """
    require_administrator(actor)
    refuse_odd(sent, _EDITABLE)
    with transaction.atomic():
        FieldSet.objects.select_for_update(no_key=True).get(pk=field.set_id)  # who mirrors values shares it
        current = lifecycle.locked(field)
        lifecycle.check_version(current, version, required=True)
        if current.retired_at is not None:
            raise WrongState(_("%(label)s is retired; bring it back first.") % {"label": current.label})
        before, was_mirrored = _picture(current), current.is_mirrored
        default = sent.pop("default", current.default)
        _retype(current, sent)
        for name, value in sent.items():
            setattr(current, name, value)
        require_possible(current)
        require_known_names(current.type, current.rules, before["rules"])
        if options is not None:
            set_options(current, options)
        current = _with_options(current)
        same = default == before["default"] and current.type == before["type"] and options is None
        current.default = default if same or default is None else _default(current, default, actor)
        saved = _saved(current, before, was_mirrored, actor)
        require_something_left(saved)
        return saved


def _picture(field: Field) -> dict[str, Any]:
    return {**{name: getattr(field, name) for name in _EDITABLE}, "options": labels_of(field)}


def _with_options(field: Field) -> Field:
    """The field as it is in memory, with its options as they stand now."""
    field._prefetched_objects_cache = {}  # type: ignore[attr-defined]  # Django's own
    return field


def _retype(field: Field, sent: Mapping[str, Any]) -> None:
    type_ = sent.get("type", field.type)
    if type_ != field.type and WIDENS.get(field.type) != type_:
        words = _("A type never changes, but text becomes long and a whole number decimal; add another field.")
        raise InvalidInput.about("type", words)
    if type_ == Type.LONG and field.type == Type.TEXT and "rules" not in sent:
        field.rules = {name: rule for name, rule in field.rules.items() if name in rules.known(type_)}


def _saved(field: Field, before: Mapping[str, Any], was_mirrored: bool, actor: Actor) -> Field:
    after = _picture(field)
    changes = {name: [before[name], value] for name, value in after.items() if value != before[name]}
    if not changes:
        return field
    field.version += 1
    field.save()
    if field.is_mirrored and not was_mirrored:
        values.mirror_all(field, owner_of(field.set.owner).records(field.set.owner))
    elif was_mirrored and not field.is_mirrored:
        FieldValue.objects.filter(field=field).delete()
    queries.forget(field.set.owner, actor)
    lifecycle.announce(field, "edited", actor=actor, changes=changes)
    return field
