"""Macros and placeholders in bulk: the same as on one record, filled in for each."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm.accounts.queues import Asker
from itsm.composed import composed
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound
from itsm.macros.models import Macro
from itsm.macros.operations import actions_on, filled, macro_named
from itsm.macros.permissions import seen_macros
from itsm.work import actions
from itsm.work.actions import Action

_MOST_OFFERED = 50


def offered(record_kind: str, actor: Actor) -> list[Macro]:
    """The first macros that the actor may choose for records of a kind, in their order."""
    return _offered(record_kind, Asker.of(actor)).all()


@composed
def _offered(record_kind: str, asker: Asker) -> QuerySet[Macro]:
    return seen_macros(asker.actor).filter(record_kind=record_kind, active=True)[:_MOST_OFFERED]


def named(slug: str, record_kind: str, actor: Actor) -> tuple[str, Sequence[Action]]:
    """Name and actions of a macro that the actor may use. Raises InvalidInput where there is none."""
    try:
        macro = macro_named(actor, record_kind, slug)
    except NotFound as error:
        raise InvalidInput.about("macro", error.detail) from error
    return macro.name, actions.parse(macro.actions)


def for_record(macro: str, todo: Sequence[Action], record: Any, actor: Actor) -> Sequence[Action]:
    """What is done to this record: the actions as they were sent, with their texts filled in.

    Of a macro (its slug) too: who keeps it may edit it meanwhile, and would act with the rights of who sent it.
    Raises Conflict where the macro is gone or not offered on this record, InvalidInput where a text becomes too long.
    """
    if not macro:
        return filled(todo, record, actor)
    try:
        return actions_on(macro_named(actor, record.kind, macro), record, actor=actor, frozen=todo)
    except NotFound as error:
        raise Conflict(gettext("The macro is gone, or you may not use it any more.")) from error
