"""What a definition of a field may be, and who may change it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.permissions import administrators
from itsm.api.nearest import did_you_mean
from itsm.fields import queries, rules
from itsm.fields.models import Field, FieldSet
from itsm.fields.owners import owner_of
from itsm.fields.references import reference_of
from itsm.fields.vocabulary import WITH_OPTIONS
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted

MAX_LIVE = 64


def require_administrator(actor: Actor) -> None:
    """Raises NotPermitted."""
    if not administrators(actor):
        raise NotPermitted(_("%(actor_name)s may not change fields.") % {"actor_name": actor.name})


def refuse_odd(sent: Collection[str], known: Collection[str]) -> None:
    """Raises InvalidInput for what no field has."""
    if odd := sorted(set(sent) - set(known)):
        words = _("There is no %(name)s of a field.") % {"name": odd[0][:40]} + did_you_mean(odd[0], known)
        raise InvalidInput.about(odd[0], words)


def require_room(own: FieldSet) -> None:
    """Raises Conflict where the set has as many fields as it may."""
    if Field.objects.filter(set=own, retired_at=None).count() >= MAX_LIVE:
        raise Conflict(_("There are %(most)s fields already; retire one first.") % {"most": MAX_LIVE})


def require_free(own: FieldSet, key: str) -> None:
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


def require_possible(field: Field) -> None:
    """Raises InvalidInput for what no field may be."""
    try:
        field.rules = rules.checked(field.type, field.rules)
    except ValueError as error:
        raise InvalidInput.about("rules", str(error)) from error
    if field.recommended and not owner_of(field.set.owner).recommends:
        raise InvalidInput.about("recommended", _("Only fields of configuration items are recommended."))
    if field.requester_fills and not field.requester_sees:
        raise InvalidInput.about("requester_sees", _("Who fills it in sees it."))
    try:
        field.clean_fields(exclude={"set", "default", "rules"})
    except ValidationError as error:
        raise InvalidInput(_("The field cannot be saved like this."), error.message_dict) from error
    lifecycle.require_readable(field)


def require_known_names(type_: str, said: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Raises InvalidInput for a rule that names what there is not (a role, a team, a class). What stood `before` is not
    looked at again: a team may have been retired since."""
    reference = reference_of(type_)
    for name, names in (reference.rule_names if reference is not None else {}).items():
        value = said.get(name)
        if value is None or value == before.get(name):
            continue
        if value not in (known := names()):
            words = _("The rule %(name)s: there is no %(value)s.") % {"name": name, "value": value}
            raise InvalidInput.about("rules", words + did_you_mean(value, known))


def require_something_left(field: Field) -> None:
    """Raises InvalidInput where what stands now leaves a set below nothing that it could take, and names that one."""
    for own in FieldSet.objects.filter(pk__in=_below(field.set)).order_by("owner"):
        had = next((one for one in queries.all_fields(own.owner) if one.pk == field.pk), None)
        if had is None:
            continue
        owner = {"owner": f"{owner_of(own.owner).label(own.owner)} ({own.owner})"}
        if had.type in WITH_OPTIONS and all(one.retired_at is not None for one in had.options.all()):
            raise InvalidInput.about("options", _("That leaves nothing to choose for %(owner)s.") % owner)
        try:
            rules.checked(had.type, had.rules)
        except ValueError as error:
            words = _("That leaves %(owner)s nothing that fits: %(why)s") % {**owner, "why": error}
            raise InvalidInput.about("rules", words) from error
