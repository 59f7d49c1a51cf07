"""What boards store."""

from changes.boards.models.board import Board, Seat
from changes.boards.models.meeting import Item, Meeting, Minutes, Presence

__all__ = ["Board", "Item", "Meeting", "Minutes", "Presence", "Seat"]
