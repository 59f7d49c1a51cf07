"""Giving, changing and taking back allowances; drawing on them, and what a run's end does to them."""

from changes.allowances.operations.drawing import draw, follow_run, give_back
from changes.allowances.operations.giving import change_share, give, take_back
from changes.allowances.operations.merging import team_merged

__all__ = ["change_share", "draw", "follow_run", "give", "give_back", "take_back", "team_merged"]
