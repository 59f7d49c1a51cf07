"""Founding a board, changing it, saying who sits in it, retiring it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all
from changes.boards.models import Board, Seat
from changes.boards.operations.schedule import (
    SCHEDULE,
    call_off,
    plan_ahead,
    plan_anew,
    refuse_odd_schedule,
    schedule_of,
)
from changes.boards.permissions import board_keepers, may_sit
from changes.boards.queries.routing import upwards
from changes.boards.queries.seats import KIND
from changes.boards.vocabulary import VOTING
from changes.calendar.queries.scope import services_in_scope
from changes.change.models import Change
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.locks import AdvisoryLock
from itsm.slugs import free_slug

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import Team

_PLAIN = ("name", "tiers", "environments", "classes", "quorum", "rule", "above", "is_emergency", *SCHEDULE)


@transaction.atomic
def found_board(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    seats: Mapping[User, str],
    services: "Sequence[Service]" = (),
    teams: "Sequence[Team]" = (),
    **fields: Any,
) -> Board:
    """A board with its people: `seats` is person -> part. Others of `_PLAIN` as the model has them.

    Raises NotPermitted (also who wants something decided in its scope) and InvalidInput (a loop of boards, nobody who
    may vote, more than can vote needed).
    """
    _require_keeper(actor)
    _one_at_a_time()
    board = Board(slug=free_slug(name, Board.objects, otherwise="board"), name=name, **_checked(fields))
    _require_sound(board, seats)
    refuse_odd_schedule(board, at)
    board.save()
    board.services.set(services)
    board.teams.set(teams)
    _require_no_interest(actor, _in_scope(board))
    _seat(board, seats)
    lifecycle.created(board, actor=actor, changes={"seats": [None, _named(seats)]}, at=at)
    plan_ahead(board, at)
    return board


@transaction.atomic
def edit_board(
    board: Board,
    *,
    actor: Actor,
    version: int | None,
    at: datetime,
    seats: Mapping[User, str] | None = None,
    services: "Sequence[Service] | None" = None,
    teams: "Sequence[Team] | None" = None,
    **fields: Any,
) -> Board:
    """Change it; what is not given stays. Nobody changes it who wants something decided in its scope, old or new.

    Another standing schedule plans its meetings anew. Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    _one_at_a_time()
    _require_no_interest(actor, {*_asked_for(board), *_in_scope(board)})
    with lifecycle.edit(board, actor=actor, version=version) as current:
        read, before, met = current.version, _around(current), schedule_of(current)
        for name, value in _checked(fields).items():
            setattr(current, name, value)
        _require_sound(current, _sitting(current) if seats is None else seats)
        if schedule_of(current) != met:
            refuse_odd_schedule(current, at)
    if services is not None:
        current.services.set(services)
    if teams is not None:
        current.teams.set(teams)
    _require_no_interest(actor, _in_scope(current))
    if seats is not None:
        _seat(current, seats)
    moved = {name: [before[name], now] for name, now in _around(current).items() if before[name] != now}
    if moved and current.version == read:  # whoever read it before has not read this
        current.version += 1
        current.save(update_fields=["version"])
    for event, names in (("edited", {"services", "teams"}), ("seated", {"seats"})):
        if told := {name: moved[name] for name in sorted(names & moved.keys())}:
            lifecycle.announce(current, event, actor=actor, changes=told)
    if schedule_of(current) != met:
        plan_anew(current, actor=actor, at=at)
    return current


@transaction.atomic
def retire_board(board: Board, *, actor: Actor, version: int | None, at: datetime) -> Board:
    """Nobody is asked of it from now on. Raises NotPermitted (also who wants something decided in its scope), and
    WrongState while it is asked something, or stands above another."""
    _require_keeper(actor)
    if _asked_for(board):
        raise WrongState(
            gettext("%(board)s is asked to decide about changes; they are settled first.") % {"board": board.name}
        )
    if board.below.filter(retired_at=None).exists():
        raise WrongState(gettext("Other boards turn to %(board)s; change them first.") % {"board": board.name})
    _require_no_interest(actor, _in_scope(board))
    with lifecycle.edit(board, actor=actor, version=version, event="retired") as current:
        current.retired_at = at
    call_off(current, actor=actor, at=at)
    return current


def _asked_for(board: Board) -> list[int]:
    """The services of the changes that it is asked about."""
    asks = ApprovalRequest.objects.filter(
        panel_kind=KIND, panel_id=board.pk, record_kind=Change.kind, status=ApprovalRequest.Status.OPEN
    )
    return list(Change.objects.filter(pk__in=asks.values("record_id")).values_list("service", flat=True).distinct())


def _in_scope(board: Board) -> set[int]:
    """The services that it decides about, in whatever environment and of whatever kind; also for boards below it."""
    found, seen, waiting = set[int](), set[int](), [board]
    while waiting:
        here = waiting.pop()
        seen.add(here.pk)
        services, teams = (list(each.values_list("pk", flat=True)) for each in (here.services, here.teams))
        found.update(services_in_scope(services, with_dependents=False, tiers=here.tiers, teams=teams))
        waiting += here.below.filter(retired_at=None).exclude(pk__in=seen)
    return found


def _require_no_interest(actor: Actor, services: Collection[int]) -> None:
    require_no_interest(actor, services, doing=gettext("change who decides about it"))


def _one_at_a_time() -> None:
    """So that two edits cannot make a loop of boards together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.BOARDS])


def _require_keeper(actor: Actor) -> None:
    if not board_keepers(actor):
        raise NotPermitted(gettext("Change managers found boards and say who sits in them."))


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(_PLAIN)
    if unknown:
        raise InvalidInput(gettext("A board has no %(names)s.") % {"names": ", ".join(sorted(unknown))})
    kept = dict(fields)
    if "environments" in kept:
        kept["environments"] = canonical_all(kept["environments"])
    return kept


def _require_sound(board: Board, seats: Mapping[User, str]) -> None:
    """No loop of boards; everybody with a vote may vote; there are enough of them for the quorum."""
    if board.above is not None and (board.pk in {one.pk for one in upwards(board.above)}):
        raise InvalidInput.about(
            "above", gettext("%(above)s turns to this board itself; a loop decides nothing.") % {"above": board.above}
        )
    voting = [person for person, part in seats.items() if part in VOTING]
    unable = [
        one.username
        for one in voting
        if one.account_type != User.AccountType.HUMAN or not one.is_active or not may_sit(one.roles)
    ]
    if unable:
        raise InvalidInput.about(
            "seats",
            gettext("%(names)s may not decide about changes: members are engineers, approvers, owners or managers.")
            % {"names": ", ".join(sorted(unable))},
        )
    if len(voting) < board.quorum:
        raise InvalidInput.about(
            "quorum",
            gettext("A quorum of %(quorum)d needs as many members with a vote; there are %(count)d.")
            % {"quorum": board.quorum, "count": len(voting)},
        )


def _seat(board: Board, seats: Mapping[User, str]) -> None:
    board.seats.exclude(person__in=list(seats)).delete()
    for person, part in seats.items():
        Seat.objects.update_or_create(board=board, person=person, defaults={"part": part})


def _sitting(board: Board) -> dict[User, str]:
    return {seat.person: seat.part for seat in board.seats.select_related("person")}


def _around(board: Board) -> dict[str, Any]:
    """What is said of it in other tables, by names: who sits there, and the services and teams of its scope."""
    services, teams = (sorted(each.values_list("slug", flat=True)) for each in (board.services, board.teams))
    return {"seats": _named(_sitting(board)), "services": services, "teams": teams}


def _named(seats: Mapping[User, str]) -> dict[str, str]:
    return {person.username: str(part) for person, part in sorted(seats.items(), key=lambda each: each[0].username)}
