"""Which board is asked about a change: the one whose scope says most about it; the one above where it has too few."""

from collections.abc import Iterator
from dataclasses import replace

from changes.boards.models import Board
from changes.boards.queries.seats import KIND, interested_in, members_with_vote, panel
from changes.change.models import Change
from changes.change.permissions import EmergencyBoard
from changes.gate.verdict import Authority
from changes.gate.vocabulary import Decider
from itsm.approvals.asked import Panel
from itsm.approvals.panels import voters_of
from itsm.approvals.queries import open_about

_DECIDERS = {Decider.CAB: False, Decider.ECAB: True}


def board_for(change: Change, *, is_emergency: bool) -> Board | None:
    """The most specific board: services before teams, tiers, environments and kinds; of equals the older."""
    boards = Board.objects.filter(retired_at=None, is_emergency=is_emergency).prefetch_related("services", "teams")
    fitting = [(said, board) for board in boards.order_by("pk") if (said := _says(board, change)) is not None]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def _says(board: Board, change: Change) -> tuple[bool, ...] | None:
    """Which parts of the scope hold the change, the weightiest first; None where one does not."""
    service = change.service
    parts = (
        ({one.pk for one in board.services.all()}, change.service_id),
        ({one.pk for one in board.teams.all()}, service.team_id),
        (set(board.tiers), service.tier),
        (set(board.environments), change.environment),
        (set(board.classes), change.change_class),
    )
    if any(named and one not in named for named, one in parts):
        return None
    return tuple(bool(named) for named, _one in parts)


def upwards(board: Board) -> Iterator[Board]:
    """The board and those above it, each once."""
    seen: set[int] = set()
    here: Board | None = board
    while here is not None and here.pk not in seen and here.retired_at is None:
        seen.add(here.pk)
        yield here
        here = here.above


def panel_for(change: Change, authority: Authority, role: str) -> Panel | None:
    """The board that is asked; None where no board has the change in its scope, or no board is meant.

    What has gone to a board above stays there when it is judged again.
    """
    if authority.decider not in _DECIDERS:
        return None
    found = board_for(change, is_emergency=_DECIDERS[authority.decider])
    if found is None:
        return None
    interested = interested_in(change)

    def put(board: Board) -> Panel:
        excluded = change.interested | (members_with_vote(board.pk) & interested)
        return panel(board, role=role, quorum=authority.quorum, excluded=excluded)

    asked = open_about(change)
    chain = list(upwards(found))
    here = next((one for one in chain if asked and asked.panel_kind == KIND and asked.panel_id == one.pk), None)
    return put(here or next((one for one in chain if _enough(put(one), interested)), chain[0]))


def emergency_board_of(change: Change) -> EmergencyBoard | None:
    """The board for emergencies that has the change in its scope, with who of it has no interest; where all have, the
    one above. None where no such board rules, or nobody of any may look back: change managers stand in.
    """
    found = board_for(change, is_emergency=True)
    if found is None:
        return None
    interested = interested_in(change)
    able = ((board, members_with_vote(board.pk) - interested) for board in upwards(found))
    return next((EmergencyBoard(one.name, one.get_absolute_url(), members) for one, members in able if members), None)


def _enough(asked: Panel, interested: frozenset[int]) -> bool:
    """Whether as many seats as it needs would count: whose delegate a member is, binds that member too."""
    members = members_with_vote(asked.number or 0)
    everybody = replace(asked, excluded={*asked.excluded, *interested})
    return len(voters_of(everybody, Change.kind, members).seats) >= asked.quorum
