"""Who reads schedules, who keeps them, who steps in for whom."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, contributors, staff, the_system
from itsm.accounts.queues import teams_led_by
from itsm.kernel.actors import Actor, Role

__all__ = ["assigners", "contributors", "keepers", "overriders", "owners_of_swap", "readers", "takers", "the_system"]


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here: whoever needs help has to find who is on call."""
    return staff(actor) or administrators(actor)


@named_right("oncall.keep", _("keep the on-call schedules of every team"), lends=Role.MANAGER)
def keep_every(actor: Actor, schedule: Any = None) -> bool:
    """Change managers and administrators, whichever team's it is."""
    return actor.has(Role.MANAGER)


def keepers(actor: Actor, schedule: Any) -> bool:
    """Whoever leads its team, change managers and administrators."""
    if not contributors(actor):
        return False
    return keep_every(actor) or schedule.team_id in teams_led_by(actor)


def overriders(actor: Actor, schedule: Any) -> bool:
    """Its keepers, the members of its team, and who takes turns in it."""
    return keepers(actor, schedule) or works_in(actor, schedule)


def works_in(actor: Actor, schedule: Any) -> bool:
    """The members of its team, and who takes turns in it: people."""
    if not contributors(actor) or not actor.is_human or actor.id is None:
        return False
    return actor.belongs_to(schedule.team_id) or bool(schedule.includes(actor.id))


def makers(actor: Actor, record: Any = None) -> bool:
    """Whoever could keep one: who leads a team, change managers and administrators."""
    return contributors(actor) and (keep_every(actor) or bool(teams_led_by(actor)))


def on_the_rota(actor: Actor, record: Any = None) -> bool:
    """Whoever could override or swap in one: who keeps any, works in a team, or takes turns."""
    return makers(actor) or (contributors(actor) and actor.is_human and (bool(actor.teams) or _takes_turns(actor.id)))


def _takes_turns(person_id: int | None) -> bool:
    slots = apps.get_model("oncall", "Slot")._default_manager
    return slots.filter(person=person_id or 0, layer__effective_to=None).exists()


@named_right("oncall.keep_time_off", _("note time off for others"), lends=Role.MANAGER)
def note_time_off(actor: Actor, record: Any = None) -> bool:
    """Change managers and administrators, of others."""
    return actor.has(Role.MANAGER)


def absent(actor: Actor, record: Any = None) -> bool:
    """Whoever may note time off, of themselves or of others."""
    return contributors(actor) and (actor.is_human or note_time_off(actor))


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
    return contributors(actor) and (own or note_time_off(actor))


def keepers_of_absence(actor: Actor, absence: Any) -> bool:
    """As those of the person's time off."""
    return keepers_of_time_off(actor, absence.person)


def overriders_of(actor: Actor, override: Any) -> bool:
    """As those of its schedule."""
    return overriders(actor, override.schedule)


def feed_owners(actor: Actor, feed: Any = None) -> bool:
    """People who work here have feeds of their own; nobody has one of somebody else."""
    return readers(actor) and actor.is_human and (feed is None or feed.owner_id == actor.id)
