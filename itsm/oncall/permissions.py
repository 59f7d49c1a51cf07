"""Who reads schedules, who keeps them, who steps in for whom."""

from typing import Any

from itsm.accounts.permissions import administrators, contributors, staff, the_system
from itsm.accounts.queues import teams_led_by
from itsm.kernel.actors import Actor, Role

__all__ = ["assigners", "contributors", "keepers", "overriders", "owners_of_swap", "readers", "takers", "the_system"]


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here: whoever needs help has to find who is on call."""
    return staff(actor) or administrators(actor)


def keepers(actor: Actor, schedule: Any) -> bool:
    """Whoever leads its team, change managers and administrators."""
    if not contributors(actor):
        return False
    return actor.has(Role.MANAGER) or schedule.team_id in teams_led_by(actor)


def overriders(actor: Actor, schedule: Any) -> bool:
    """Its keepers, the members of its team, and who takes turns in it."""
    return keepers(actor, schedule) or works_in(actor, schedule)


def works_in(actor: Actor, schedule: Any) -> bool:
    """The members of its team, and who takes turns in it: people."""
    if not contributors(actor) or not actor.is_human or actor.id is None:
        return False
    return actor.belongs_to(schedule.team_id) or bool(schedule.includes(actor.id))


def takers(actor: Actor, swap: Any) -> bool:
    """Who works in the schedule, and does not ask for it themselves."""
    return actor.id != swap.out_person_id and works_in(actor, swap.schedule)


def assigners(actor: Actor, swap: Any) -> bool:
    """Who takes it from somebody at once: whoever may take it, and the schedule's keepers for anybody."""
    return takers(actor, swap) or keepers(actor, swap.schedule)


def owners_of_swap(actor: Actor, swap: Any) -> bool:
    """Whose turn it was, who took it, and the schedule's keepers."""
    own = actor.id is not None and actor.id in (swap.out_person_id, swap.in_person_id)
    return (own and contributors(actor)) or keepers(actor, swap.schedule)


def keepers_of_time_off(actor: Actor, person: Any) -> bool:
    """Oneself; change managers and administrators for others, who may be too ill to say so."""
    own = actor.is_human and actor.id is not None and actor.id == person.pk
    return contributors(actor) and (own or actor.has(Role.MANAGER))
