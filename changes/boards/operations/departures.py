"""Who leaves loses their seat; a team that is merged leaves its place in a board's scope to the other one."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from changes.boards.models import Board, Seat
from changes.boards.vocabulary import VOTING
from itsm import lifecycle
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor


def seats_of(person: User) -> list[Duty]:
    """Boards in which they sit."""
    return [
        Duty(
            what=gettext("seat in a board"),
            reference=seat.board.slug,
            name=seat.board.name,
            path=seat.board.get_absolute_url(),
            otherwise=_left(seat.board, person),
        )
        for seat in _sitting(person)
    ]


def any_seat(person: int) -> list[QuerySet[Seat]]:
    """Without any there is nothing to leave."""
    return [Seat.objects.filter(person=person)]


def _left(board: Board, person: User) -> str:
    left = board.seats.filter(part__in=VOTING, person__is_active=True).exclude(person=person).count()
    if left >= board.quorum:
        return gettext("%(count)d others vote there") % {"count": left}
    return gettext("%(count)d others vote there, too few for its quorum of %(quorum)d") % {
        "count": left,
        "quorum": board.quorum,
    }


def leave_seats(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Their seats are empty from now on. A seat passes to nobody by itself: who decides is said by a change manager.

    Raises nothing.
    """
    for seat in list(_sitting(person)):
        board, before = seat.board, {person.username: seat.part}
        seat.delete()
        lifecycle.announce(board, "seated", actor=actor, changes={"seats": [before, {}]}, at=at)


def _sitting(person: User) -> Iterable[Seat]:
    return Seat.objects.filter(person=person, board__retired_at=None).select_related("board")


def boards_of_team(team: Team) -> list[Duty]:
    """Boards that decide about the changes of this team's services."""
    return [
        Duty(
            what=gettext("board that decides for the team"),
            reference=board.slug,
            name=board.name,
            path=board.get_absolute_url(),
            otherwise=gettext("decides for the other team's services from then on"),
            passes=True,
        )
        for board in Board.objects.filter(teams=team, retired_at=None)
    ]


def boards_follow(old: Team, new: Team, actor: Actor) -> int:
    """In every scope the other team stands in its place. Raises nothing."""
    boards = list(Board.objects.filter(teams=old))
    for board in boards:
        board.teams.add(new)
        board.teams.remove(old)
        lifecycle.announce(board, "edited", actor=actor, changes={"teams": [old.slug, new.slug]})
    return len(boards)
