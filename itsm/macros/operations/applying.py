"""Finding a macro, looking at what it would do, and doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm.accounts.models import Team
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, DomainError, NotFound, StaleVersion
from itsm.macros import texts
from itsm.macros.models import Macro
from itsm.macros.owners import owner_of
from itsm.macros.permissions import seen_macros
from itsm.work import actions as work
from itsm.work.actions import Action


def macro_named(actor: Actor, record_kind: str, slug: str) -> Macro:
    """The macro of this slug, in use and among those that the actor sees. Raises NotFound."""
    cut = slug[:63].replace("\0", "")
    found = seen_macros(actor).filter(record_kind=record_kind, slug=cut, active=True).first()
    if found is None:
        raise NotFound(_("There is no macro %(name)s, or you may not see it.") % {"name": cut})
    return found


def offered_on(record: Any, actor: Actor) -> list[Macro]:
    """The macros that the actor may choose for this record, in their order. Raises nothing."""
    queue = owner_of(record.kind).queue_of(record)
    rows = seen_macros(actor).filter(record_kind=record.kind, active=True)
    return [one for one in rows if not one.queues or queue in one.queues]


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a macro, as it would read on a record; `refused`: why it cannot be carried out there."""

    action: Action
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a macro would do. `refused`: the sentence of what stands in its way, "" where nothing does."""

    lines: list[Line]
    refused: str = ""


class _LookedAtOnly(Exception):
    """Takes back what was done to see whether it could be."""


def look_at_macro(macro: Macro, record: Any, *, actor: Actor) -> str:
    """Why a macro cannot be applied to a record, as far as looking says it; "" where nothing is seen. For menus.

    Raises nothing.
    """
    try:
        blocked = work.possible(record, actor, actions_on(macro, record, actor=actor))
    except DomainError as refusal:
        return refusal.detail
    return blocked[0].why if blocked else ""


def preview_macro(macro: Macro, record: Any, *, actor: Actor) -> Preview:
    """What a macro would do: looked at part by part, then done and taken back. Nothing is kept, nobody is told.

    Raises nothing.
    """
    actions = [Action(one["kind"], one["value"]) for one in macro.actions]
    try:
        _offered(macro, record)
        actions = _filled(macro, record, actor)
        said = dict(reversed(work.possible(record, actor, actions)))
        if not said:
            with transaction.atomic():
                work.carry_out(record, actions, actor=actor, version=record.version)
                raise _LookedAtOnly
    except _LookedAtOnly:
        return Preview([Line(one) for one in actions])
    except DomainError as refusal:
        return Preview([Line(one) for one in actions], refusal.detail)
    lines = [Line(one, said.get(place, "")) for place, one in enumerate(actions)]
    return Preview(lines, said[min(said)])


def apply_macro(
    macro: Macro, record: Any, *, actor: Actor, version: int | None = None, macro_version: int | None = None
) -> Any:
    """Do all of it to a record, in the actor's own name and with their rights, or nothing. Returns the record.

    `version`, `macro_version`: what the actor saw of the record and of the macro, where they say so.
    Raises what its parts raise, Conflict where it is not offered there, StaleVersion.
    """
    with transaction.atomic():
        current = Macro.objects.filter(pk=macro.pk, active=True).first()  # one row, read once: never half of an edit
        if current is None:
            raise NotFound(_("There is no macro %(name)s any more.") % {"name": macro.slug})
        if macro_version is not None and macro_version != current.version:
            words = _("The macro %(name)s was changed since you looked at it; look again.") % {"name": current.name}
            raise StaleVersion(words, macro_version=current.version)
        fresh = type(record)._default_manager.get(pk=record.pk)
        actions = actions_on(current, fresh, actor=actor)
        return work.carry_out(fresh, actions, actor=actor, version=version, because=current.name).record


def actions_on(macro: Macro, record: Any, *, actor: Actor, frozen: Sequence[Action] | None = None) -> list[Action]:
    """What a macro means for one record, its texts filled in: for who carries it out on many.

    `frozen`: its actions as they stood when they were sent to many, where it may have been edited since.
    Raises Conflict where it is not offered there, InvalidInput where a text is too long once it is filled in.
    """
    _offered(macro, record)
    return _filled(macro, record, actor) if frozen is None else filled(frozen, record, actor)


def text_of(macro: Macro, record: Any, *, actor: Actor) -> tuple[str, bool]:
    """What a macro would write on a record, for the box in which people write, and whether it is for the caller.

    "" of one that writes nothing. Raises InvalidInput where it is too long once it is filled in.
    """
    for one in _filled(macro, record, actor):
        if one.kind in {"note", "reply"}:
            return str(one.value), one.kind == "reply"
    return "", False


def shown_queues(macro: Macro, actor: Actor) -> list[str]:
    """The slugs of the teams in whose queues it is offered, without those that the reader may not see.

    Raises nothing.
    """
    rights = rights_in_queues(actor)
    seen = Team.objects.filter(pk__in=[pk for pk in macro.queues if rights.sees(pk)])
    return list(seen.order_by("slug").values_list("slug", flat=True))


def _filled(macro: Macro, record: Any, actor: Actor) -> list[Action]:
    """Its actions with the places of their texts filled in, once. Raises InvalidInput where one is too long by that."""
    return filled(work.parse(macro.actions), record, actor)


def filled(given: Sequence[Action], record: Any, actor: Actor) -> list[Action]:
    """The actions as they read about a record. Raises InvalidInput where a text is too long once it is filled in."""
    return work.parse(work.to_json([texts.filled(one, record, actor) for one in given]))


def _offered(macro: Macro, record: Any) -> None:
    if macro.queues and owner_of(record.kind).queue_of(record) not in macro.queues:
        words = _("The macro %(name)s is not offered in this queue.") % {"name": macro.name}
        raise Conflict(words)
