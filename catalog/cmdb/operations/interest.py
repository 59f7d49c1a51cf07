"""What could make an answer of the gate kinder is not for those whose change it would let through."""

from collections.abc import Collection

from django.utils.translation import gettext

from catalog.services.queries import reached_from, read_by_changes_of
from itsm.accounts import interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


def require_no_interest(actor: Actor, items: Collection[int], *, doing: str) -> None:
    """NotPermitted for people with an interest in an open change of a service that feels one of these items (ids), or
    of one below those; for programs where there is such a service. `doing`: what is refused.
    """
    felt = _felt_by(items)
    if felt:
        interest.require_no_interest(actor, read_by_changes_of(felt), doing=doing)


def require_no_stake(actor: Actor, items: Collection[int], *, doing: str) -> None:
    """NotPermitted for whose word could make an answer about a change of their own kinder: of programs that is the word
    of everybody who owned them. A program without such an owner may. `doing`: what is refused."""
    felt = set() if actor.is_system else _felt_by(items)
    stakes = interest.stakes_in(read_by_changes_of(felt)) if felt else []
    mine = interest.persons_ever_behind([actor.id]) if stakes else frozenset()
    for stake in stakes:
        if mine & interest.natural_persons([stake.account_id]):
            words = gettext("%(actor_name)s has an interest in %(reference)s, and may not %(doing)s.")
            raise NotPermitted(words % {"actor_name": actor.name, "reference": stake.reference, "doing": doing})


def may_loosen(actor: Actor | None, items: Collection[int]) -> bool:
    """The same as an answer, for what is taken in as far as it may be: whether this actor may make it feel less when
    one of these ids fails. None: nobody who could be asked; then only where no service feels it. Raises nothing.
    """
    felt = _felt_by(items)
    if not felt or actor is None:
        return not felt
    try:
        interest.require_no_interest(actor, read_by_changes_of(felt), doing="")
    except NotPermitted:
        return False
    return True


def _felt_by(items: Collection[int]) -> set[int]:
    return {one.service_id for one in reached_from(items)}
