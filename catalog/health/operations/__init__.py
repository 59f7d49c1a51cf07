"""Every write of health."""

from catalog.health.operations.days import forget_old, keep_day
from catalog.health.operations.examining import Seen, examine, examine_all, examine_edited
from catalog.health.operations.findings import accept, give_tasks, take_up_again
from catalog.health.operations.rounds import answer, cancel_round, close_round, confirm_offered, open_round, plan_round

__all__ = [
    "Seen", "accept", "answer", "cancel_round", "close_round", "confirm_offered", "examine", "examine_all",
    "examine_edited", "forget_old", "give_tasks", "keep_day", "open_round", "plan_round", "take_up_again",
]  # fmt: skip
