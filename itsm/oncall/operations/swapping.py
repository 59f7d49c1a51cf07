"""Swaps: a turn, or a part of it, goes from one person to another."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.accounts.queues import members_of
from itsm.clocks.local_time import instant_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.oncall.engine.rota import layer_shifts
from itsm.oncall.engine.turns import start_of
from itsm.oncall.models import Layer, Schedule, Swap
from itsm.oncall.operations.gaps import tell_gaps
from itsm.oncall.permissions import keepers, works_in
from itsm.oncall.queries.loading import rota_of
from itsm.oncall.workflow import WORKFLOW


@transaction.atomic
def ask_swap(
    schedule: Schedule,
    *,
    actor: Actor,
    layer: int,
    turn: int,
    at: datetime,
    out: User,
    into: User | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    note: str = "",
) -> Swap:
    """Somebody shall take `out`'s turn, or the part between two instants; with `into`, who takes it at once.

    `out` asks for their own, keepers for anybody's; `into` is who acts, or anybody where a keeper says so. The team
    hears of one that is open. Raises NotPermitted, NotFound (no such layer), InvalidInput (the turn is not theirs,
    times outside of it), Conflict (it is over, not active).
    """
    _may_ask(schedule, actor, out, into)
    held = lifecycle.locked(schedule)
    for person in filter(None, (out, into)):
        require_active(person)
    line = Layer.objects.filter(schedule=held.pk, pk=layer, first=None).first()
    if line is None:
        raise NotFound(gettext("There is no layer %(layer)s in %(name)s.") % {"layer": layer, "name": held.name})
    begins, ends = _part(held, layer, turn, out, starts_at, ends_at, at)
    made = Swap.objects.create(
        schedule=held, layer=line, turn=turn, out_person=out, starts_at=begins, ends_at=ends, note=note.strip(),
        created_at=at,
    )  # fmt: skip
    lifecycle.created(made, actor=actor, changes={"turn": [None, turn], "out_person": [None, out.username]}, at=at)
    if into is None:
        _tell_team(made, at, by=actor.id)
        return made
    return _taken(made, actor, into, at)


def _may_ask(schedule: Schedule, actor: Actor, out: User, into: User | None) -> None:
    if keepers(actor, schedule):
        return
    own = actor.is_human and actor.id == out.pk and into is None
    takes = into is not None and actor.id == into.pk and works_in(actor, schedule)
    if not (own or takes):
        raise NotPermitted(
            gettext("You ask for your own turns, or take one yourself; keepers of the schedule may both.")
        )


def _part(
    schedule: Schedule,
    layer: int,
    turn: int,
    out: User,
    starts_at: datetime | None,
    ends_at: datetime | None,
    at: datetime,
) -> tuple[datetime | None, datetime | None]:
    """The part that changes hands: none of its ends where it is the turn's own."""
    rota = rota_of(schedule, at, at.replace(year=at.year + 2, day=min(at.day, 28)))
    versions = [one for one in rota.layers if one.line == layer]
    try:
        spans = [(start_of(one, turn), start_of(one, turn + 1)) for one in versions]
    except OverflowError as error:  # thousands of years from now
        raise InvalidInput.about("turn", gettext("There is no such turn.")) from error
    if not spans:
        raise InvalidInput.about("turn", gettext("There is no such turn."))
    begin, end = (instant_of(edge) for edge in (min(one[0] for one in spans), max(one[1] for one in spans)))
    if end <= at:
        raise Conflict(gettext("That turn is over: what has passed stands."))
    for name, given in (("starts_at", starts_at), ("ends_at", ends_at)):
        if given is not None and not begin <= given <= end:
            raise InvalidInput.about(name, gettext("That lies outside of the turn."))
    first, last = max(starts_at or begin, at), ends_at or end
    if first >= last:
        raise InvalidInput.about("ends_at", gettext("It ends after it begins, and not before now."))
    theirs = [one for one in layer_shifts(rota, layer, first, last) if one.turn == turn and out.pk in one.people]
    if not theirs:
        words = gettext("That turn is not %(person)s's then.") % {"person": out.username}
        raise InvalidInput.about("out", words)
    return (first if first > begin else None), (ends_at if ends_at is not None and ends_at < end else None)


@WORKFLOW.takes("take")
def take_swap(swap: Swap, *, actor: Actor, at: datetime, version: int | None = None) -> Swap:
    """The turn is the actor's. Raises NotPermitted, WrongState, StaleVersion, Conflict (the turn is over)."""
    with transaction.atomic():
        lifecycle.locked(swap.schedule)
        _require_ahead(swap, at)
        with lifecycle.step(swap, "take", actor=actor, version=version) as current:
            current.in_person_id = actor.account_id
        _tell_taken(current, at, by=actor.id)
    return current


def _taken(made: Swap, actor: Actor, into: User, at: datetime) -> Swap:
    """At once, by who acts or for whom a keeper says so."""
    if into.pk == made.out_person_id:
        raise InvalidInput.about("into", gettext("It is theirs already."))
    with lifecycle.step(made, "take_over", actor=actor) as current:
        current.in_person = into
    _tell_taken(current, at, by=actor.id)
    tell_gaps(current.schedule, at, by=actor.id)
    return current


@WORKFLOW.takes("give_back")
def give_back(swap: Swap, *, actor: Actor, at: datetime, version: int | None = None) -> Swap:
    """The turn is again whose it was, from now on as a whole. Raises NotPermitted, WrongState, StaleVersion, Conflict
    (the turn is over)."""
    with transaction.atomic():
        _require_ahead(swap, at)
        with lifecycle.step(swap, "give_back", actor=actor, version=version) as current:
            pass
        words = {"swap": current.reference, "name": current.schedule.name}
        tell(
            "swap.given_back", {"caller": [current.out_person_id], "assignee": [current.in_person_id]},
            _("%(swap)s in %(name)s is given back: the turn is whose it was") % words,
            path=current.get_absolute_url(), record=current, by=actor.id, at=at,
        )  # fmt: skip
        tell_gaps(current.schedule, at, by=actor.id)
    return current


@WORKFLOW.takes("withdraw")
def withdraw_swap(swap: Swap, *, actor: Actor, version: int | None = None) -> Swap:
    """Nobody is asked any more. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(swap, "withdraw", actor=actor, version=version) as current:
        pass
    return current


def _require_ahead(swap: Swap, at: datetime) -> None:
    rota = rota_of(swap.schedule, at, at.replace(year=at.year + 2, day=min(at.day, 28)))
    ends = [instant_of(start_of(one, swap.turn + 1)) for one in rota.layers if one.line == swap.layer_id]
    if not ends or max(ends) <= at or (swap.ends_at is not None and swap.ends_at <= at):
        raise Conflict(gettext("That turn is over: what has passed stands."))


def _tell_team(swap: Swap, at: datetime, *, by: int | None) -> None:
    words = {"person": str(swap.out_person), "name": swap.schedule.name}
    team = members_of(swap.schedule.team_id).values_list("pk", flat=True)
    tell(
        "swap.created", {"team": [one for one in team if one != swap.out_person_id]},
        _("%(person)s asks for a swap in %(name)s") % words, body=swap.note,
        path=swap.get_absolute_url(), record=swap, by=by, at=at,
    )  # fmt: skip


def _tell_taken(swap: Swap, at: datetime, *, by: int | None) -> None:
    words = {"person": str(swap.in_person), "name": swap.schedule.name}
    tell(
        "swap.taken", {"caller": [swap.out_person_id], "assignee": [swap.in_person_id]},
        _("%(person)s takes the turn in %(name)s") % words,
        path=swap.get_absolute_url(), record=swap, by=by, at=at,
    )  # fmt: skip
