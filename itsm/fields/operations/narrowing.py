"""What a set below makes tighter of a field that it inherits. Administrators alone; each is history of the field."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.fields import queries, rules
from itsm.fields.models import Field, FieldSet, Narrowing
from itsm.fields.narrower import looser, merged, stricter
from itsm.fields.operations.checking import require_administrator, require_known_names, require_something_left
from itsm.fields.owners import owner_of
from itsm.fields.vocabulary import WITH_OPTIONS, Required
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState

_NOTHING: dict[str, Any] = {"required": Required.NEVER.value, "recommended": False, "rules": {}, "options": None}


@transaction.atomic
def narrow_field(
    field: Field,
    *,
    actor: Actor,
    version: int | None,
    owner: str,
    required: str = Required.NEVER,
    recommended: bool = False,
    rules: Mapping[str, Any] | None = None,
    options: Sequence[str] | None = None,
) -> Field:
    """What `owner`, which inherits this field, asks beyond it, and what is below that; all of it, so that what is not
    said is as inherited again. `options`: keys of those that may still be chosen; None for all.

    Values that stand are not judged until somebody touches them. Raises NotPermitted, InvalidInput (an owner that does
    not inherit it; something looser than what is inherited, or that leaves a set below nothing), WrongState (a retired
    field), StaleVersion and VersionRequired.
    """
    require_administrator(actor)
    owner_of(owner)
    current = lifecycle.locked(field)
    lifecycle.check_version(current, version, required=True)
    if current.retired_at is not None:
        raise WrongState(_("%(label)s is retired; bring it back first.") % {"label": current.label})
    own = FieldSet.objects.select_for_update(no_key=True).filter(owner=owner).first()
    inherited, stood = as_inherited(current, owner)
    asked: dict[str, Any] = {
        "required": str(required),
        "recommended": recommended,
        "rules": _tighter_rules(inherited, rules or {}),
        "options": _fewer_options(inherited, options),
    }
    if required != Required.NEVER and stricter(required, inherited.required) != required:
        words = _("That asks later than what is inherited; a class below may only ask sooner.")
        raise InvalidInput.about("required", words)
    before = {name: getattr(stood, name) for name in _NOTHING} if stood else _NOTHING
    require_known_names(current.type, asked["rules"], before["rules"])
    if asked == before:
        return current
    if asked == _NOTHING:
        Narrowing.objects.filter(set=own, field=current).delete()
    else:
        Narrowing.objects.update_or_create(set=own, field=current, defaults=asked)
        require_something_left(current)
    current.version += 1
    current.save(update_fields=["version"])
    changes = {name: [before[name], asked[name]] for name in _NOTHING if before[name] != asked[name]}
    lifecycle.announce(current, "narrowed", actor=actor, changes={"owner": [None, owner], **changes})
    queries.forget(owner, actor)
    return current


def as_inherited(field: Field, owner: str) -> tuple[Field, Narrowing | None]:
    """The field as the set above the owner's has it, and what the owner asks beyond it now.

    InvalidInput for an owner that does not inherit it.
    """
    chain = queries.chain(owner)
    if field.set_id not in {one.pk for one in chain[:-1]}:
        raise InvalidInput.about("owner", _("%(owner)s does not inherit %(key)s.") % {"owner": owner, "key": field.key})
    above = next(one for one in queries.all_fields(chain[-2].owner) if one.pk == field.pk)
    return above, Narrowing.objects.filter(set=chain[-1], field=field).first()


def _tighter_rules(inherited: Field, sent: Mapping[str, Any]) -> dict[str, Any]:
    try:
        kept = rules.checked(inherited.type, sent)
        if odd := looser(inherited.type, inherited.rules, kept):
            words = {"name": odd[0], "value": inherited.rules[odd[0]]}
            raise ValueError(_("The rule %(name)s may not be looser than what is inherited: %(value)s.") % words)
        rules.checked(inherited.type, merged(inherited.type, inherited.rules, kept))
    except ValueError as error:
        raise InvalidInput.about("rules", str(error)) from error
    return kept


def _fewer_options(inherited: Field, sent: Collection[str] | None) -> list[str] | None:
    if sent is None:
        return None
    known = [one.key for one in inherited.options.all() if one.retired_at is None]
    if inherited.type not in WITH_OPTIONS:
        raise InvalidInput.about("options", _("Only choices have options."))
    if odd := sorted(set(sent) - set(known)):
        words = {"name": odd[0][:40], "known": ", ".join(known[:50])}
        raise InvalidInput.about("options", _("There is no %(name)s to choose; known are %(known)s.") % words)
    if not sent:
        raise InvalidInput.about("options", _("Leave at least one to choose."))
    return [key for key in known if key in set(sent)] if set(sent) != set(known) else None
