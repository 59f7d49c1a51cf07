"""Every write to definitions of fields. Administrators alone; each is one entry of the history."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.permissions import administrators
from itsm.api.nearest import did_you_mean
from itsm.clocks import due
from itsm.fields import queries, rules, values
from itsm.fields.models import Field, FieldSet, FieldValue, Option
from itsm.fields.owners import owner_of
from itsm.fields.references import reference_of
from itsm.fields.vocabulary import REFERENCES, WIDENS, WITH_OPTIONS, Type
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState

PURGE = "fields_purge"
MAX_LIVE = 64
MAX_OPTIONS = 200
_BATCH = 500
_EDITABLE = frozenset(
    {"label", "help", "position", "section", "required", "requester_sees", "requester_fills", "filterable", "default",
     "rules", "type"}
)  # fmt: skip


def _require_administrator(actor: Actor) -> None:
    if not administrators(actor):
        raise NotPermitted(_("%(actor_name)s may not change fields.") % {"actor_name": actor.name})


@transaction.atomic
def add_field(
    *, actor: Actor, owner: str, key: str, type: str, label: str, options: Sequence[Any] = (), **more: Any
) -> Field:
    """Add a field to a type of record; it is in its form, facts, REST and lists at once.

    `options`: {key, label} of a choice, in order. `more`: help, position (last), section, required, requester_sees,
    requester_fills, filterable, default, rules. Raises NotPermitted, InvalidInput, and Conflict (the key is taken, also
    by a retired field or a related set; 64 live fields).
    """
    _require_administrator(actor)
    owner_of(owner)
    _refuse_odd(more, _EDITABLE - {"type", "label"})
    FieldSet.objects.get_or_create(owner=owner)
    own = FieldSet.objects.select_for_update(no_key=True).get(owner=owner)
    _require_room(own)
    _require_free(own, key)
    if type in REFERENCES and reference_of(type) is None:
        raise InvalidInput(_("There is nothing of this type to point to."), {"type": ["unknown"]})
    more.setdefault("position", _last(own))
    field = Field(set=own, key=key, type=type, label=label, **{**more, "default": None})
    _check(field)
    field.save(force_insert=True)
    _set_options(field, options)
    field = _again(field)
    if more.get("default") is not None:
        field.default = _default(field, more["default"], actor)
        field.save(update_fields=["default"])
    queries.forget(owner, actor)
    changes: dict[str, list[Any]] = {"key": [None, key], "type": [None, type], "label": [None, label]}
    if field.type in WITH_OPTIONS:
        changes["options"] = [None, _labels(field)]
    return lifecycle.created(field, actor=actor, changes=changes)


def _last(own: FieldSet) -> int:
    return min(
        32_000,
        (Field.objects.filter(set=own).order_by("-position").values_list("position", flat=True).first() or 0) + 10,
    )


def _refuse_odd(sent: Collection[str], known: Collection[str]) -> None:
    if odd := sorted(set(sent) - set(known)):
        words = _("There is no %(name)s of a field.") % {"name": odd[0][:40]} + did_you_mean(odd[0], known)
        raise InvalidInput.about(odd[0], words)


def _require_room(own: FieldSet) -> None:
    if Field.objects.filter(set=own, retired_at=None).count() >= MAX_LIVE:
        raise Conflict(_("There are %(most)s fields already; retire one first.") % {"most": MAX_LIVE})


def _require_free(own: FieldSet, key: str) -> None:
    """A key means one field, in a set, in those it inherits from and in those that inherit from it."""
    related = {one.pk for one in queries.chain(own.owner)} | _below(own)
    taken = Field.objects.filter(set__in=related, key=key).select_related("set").first()
    if taken is not None:
        state = _("a retired field") if taken.retired_at else _("a field")
        raise Conflict(_("%(key)s is taken by %(state)s of %(owner)s: %(label)s.") % {
            "key": key, "state": state, "owner": taken.set.owner, "label": taken.label
        })  # fmt: skip


def _below(own: FieldSet) -> set[int]:
    found: set[int] = set()
    level = {own.pk}
    while level:
        level = set(FieldSet.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
        found |= level
    return found


def _check(field: Field) -> None:
    """Raises InvalidInput for what no field may be."""
    try:
        field.rules = rules.checked(field.type, field.rules)
    except ValueError as error:
        raise InvalidInput.about("rules", str(error)) from error
    if field.requester_fills and not field.requester_sees:
        raise InvalidInput.about("requester_sees", _("Who fills it in sees it."))
    try:
        field.clean_fields(exclude={"set", "default", "rules"})
    except ValidationError as error:
        raise InvalidInput(_("The field cannot be saved like this."), error.message_dict) from error
    lifecycle.require_readable(field)


def _default(field: Field, raw: Any, actor: Actor) -> Any:
    if field.type in REFERENCES:
        raise InvalidInput.about("default", _("A field that points to a record has no default."))
    try:
        return values.judged(field, raw, actor=actor)
    except ValueError as error:
        raise InvalidInput.about("default", str(error)) from error


def _set_options(field: Field, sent: Sequence[Any]) -> None:
    """Put the options in this order: new ones begin, named ones take their label, the others are retired."""
    if field.type not in WITH_OPTIONS:
        if sent:
            raise InvalidInput(_("Only choices have options."), {"options": ["not a choice"]})
        return
    keys = [one["key"] for one in sent]
    if not keys or len(keys) > MAX_OPTIONS or len(set(keys)) != len(keys):
        words = _("A choice has 1 to %(most)s options, each with a key of its own.") % {"most": MAX_OPTIONS}
        raise InvalidInput.about("options", words)
    known = {one.key: one for one in Option.objects.filter(field=field)}
    if len(known.keys() | set(keys)) > 2 * MAX_OPTIONS:
        raise Conflict(_("Too many options were retired; add another field."))
    for place, one in enumerate(sent):
        option = known.pop(one["key"], None) or Option(field=field, key=one["key"])
        option.label, option.position, option.retired_at = one["label"], place, None
        try:
            option.clean_fields(exclude={"field"})
        except ValidationError as error:
            said = [f"{one['key'][:40]}: {sentence}" for sentence in error.messages]
            raise InvalidInput(_("An option cannot be saved like this."), {"options": said}) from error
        option.save()
    for place, option in enumerate(known.values()):
        option.position, option.retired_at = len(keys) + place, option.retired_at or timezone.now()
        option.save(update_fields=["position", "retired_at"])


def _again(field: Field) -> Field:
    return Field.objects.select_related("set").prefetch_related("options").get(pk=field.pk)


def _labels(field: Field) -> list[str]:
    return [one.label for one in field.options.all() if one.retired_at is None]


def edit_field(
    field: Field, *, actor: Actor, version: int | None, options: Sequence[Any] | None = None, **sent: Any
) -> Field:
    """Change what may change of a field: everything but its key; its type only from text to long, whole to decimal.

    `options`: all of them in their order; those not named are retired, and still read. Values that stand are not judged
    by new rules until somebody touches them. Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired, and
    WrongState for a retired one.
    """
    _require_administrator(actor)
    _refuse_odd(sent, _EDITABLE)
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
        _check(current)
        if options is not None:
            _set_options(current, options)
        current = _with_options(current)
        same = default == before["default"] and current.type == before["type"] and options is None
        current.default = default if same or default is None else _default(current, default, actor)
        return _saved(current, before, was_mirrored, actor)


def _picture(field: Field) -> dict[str, Any]:
    return {**{name: getattr(field, name) for name in _EDITABLE}, "options": _labels(field)}


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


def retire(field: Field, *, actor: Actor) -> Field:
    """Hide a field; its values are kept. Nothing where it is retired already. Raises NotPermitted."""
    _require_administrator(actor)
    with lifecycle.edit(field, actor=actor, version=None, version_required=False, event="retired") as current:
        current.retired_at = current.retired_at or timezone.now()
    queries.forget(current.set.owner, actor)
    return current


def revive(field: Field, *, actor: Actor) -> Field:
    """A retired field is there again, with its values. Raises NotPermitted, WrongState (being purged), Conflict."""
    _require_administrator(actor)
    with transaction.atomic():
        own = FieldSet.objects.select_for_update(no_key=True).get(pk=field.set_id)
        with lifecycle.edit(field, actor=actor, version=None, version_required=False, event="revived") as current:
            if current.purging_at is not None:
                raise WrongState(_("The values of %(label)s are being purged.") % {"label": current.label})
            if current.retired_at is not None:
                _require_room(own)
            current.retired_at = None
    queries.forget(current.set.owner, actor)
    return current


def purge(field: Field, *, actor: Actor) -> Field:
    """Take a retired field and all its values away, bit by bit as its promise comes due; each record keeps an entry.

    How many records that will be: `queries.holding`. Raises NotPermitted, and WrongState for one that is not retired.
    """
    _require_administrator(actor)
    with lifecycle.edit(field, actor=actor, version=None, version_required=False, event="purge_began") as current:
        if current.retired_at is None:
            raise WrongState(_("Retire %(label)s first; then its values can be purged.") % {"label": current.label})
        if current.purging_at is None:
            current.purging_at = timezone.now()
            due.schedule(PURGE, Field.kind, current.pk, current.purging_at)
    return current


def purge_when_due(field_id: int, at: datetime) -> None:
    """Some hundred records lose their value, each with an entry; then again, until the field itself goes.

    Raises nothing.
    """
    field = Field.objects.select_related("set").filter(pk=field_id, purging_at__isnull=False).first()
    if field is None:
        return
    actor = Actor.system("purge of a field")
    records = owner_of(field.set.owner).records(field.set.owner)
    holding = list(records.filter(attributes__has_key=field.key).order_by("pk")[:_BATCH])
    for record in holding:
        with lifecycle.edit(record, actor=actor, version=None, version_required=False, event="field_purged") as current:
            current.attributes = {key: kept for key, kept in current.attributes.items() if key != field.key}
    if len(holding) == _BATCH:
        due.schedule(PURGE, Field.kind, field.pk, at + timedelta(seconds=1))
        return
    lifecycle.announce(field, "purged", actor=actor, changes={"key": [field.key, None]})
    field.delete()
