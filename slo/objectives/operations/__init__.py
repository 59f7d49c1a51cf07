"""Every write about objectives, budgets, corrections and outages: one function per verb."""

from slo.objectives.operations.corrections import (
    approve_correction,
    decline_correction,
    effect_of,
    propose_correction,
    withdraw_correction,
)
from slo.objectives.operations.evaluation import evaluate
from slo.objectives.operations.objectives import create_objective, edit_objective
from slo.objectives.operations.outages import decide_cause, recompute_outages
from slo.objectives.operations.problem_burn import rank_problems
from slo.objectives.operations.releasing import discard_sample, release_sample
from slo.objectives.operations.reservations import lock_budgets, release, reserve
from slo.objectives.operations.retiring import retire_objective, revive_objective
from slo.objectives.operations.self_measuring import allow_self_measuring, end_self_measuring
from slo.objectives.queries.members import MemberTerms

__all__ = [
    "MemberTerms",
    "allow_self_measuring",
    "approve_correction",
    "create_objective",
    "decide_cause",
    "decline_correction",
    "discard_sample",
    "edit_objective",
    "effect_of",
    "end_self_measuring",
    "evaluate",
    "lock_budgets",
    "propose_correction",
    "rank_problems",
    "recompute_outages",
    "release",
    "release_sample",
    "reserve",
    "retire_objective",
    "revive_objective",
    "withdraw_correction",
]
