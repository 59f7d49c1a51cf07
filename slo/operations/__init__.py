"""Every write of the app: one function per verb."""

from slo.operations.checks import run_checks
from slo.operations.corrections import (
    approve_correction,
    decline_correction,
    effect_of,
    propose_correction,
    withdraw_correction,
)
from slo.operations.declaring import declare
from slo.operations.evaluation import evaluate
from slo.operations.indicators import create_indicator, settle_indicator
from slo.operations.measurers import allow_self_measuring, end_self_measuring, may_name_measurers, name_measurers
from slo.operations.objectives import create_objective, edit_objective, retire_objective, revive_objective
from slo.operations.outages import judge_cause, settle_outages
from slo.operations.pulling import pull_source
from slo.operations.releasing import discard_sample, release_sample
from slo.operations.reservations import lock_budgets, release, reserve
from slo.operations.retention import forget_old_hours
from slo.operations.samples import Recorded, record_samples
from slo.operations.sources import create_source, delete_source, edit_source
from slo.queries.members import MemberTerms

__all__ = [
    "MemberTerms",
    "Recorded",
    "allow_self_measuring",
    "approve_correction",
    "create_indicator",
    "create_objective",
    "create_source",
    "declare",
    "decline_correction",
    "delete_source",
    "discard_sample",
    "edit_objective",
    "edit_source",
    "effect_of",
    "end_self_measuring",
    "evaluate",
    "forget_old_hours",
    "judge_cause",
    "lock_budgets",
    "may_name_measurers",
    "name_measurers",
    "propose_correction",
    "pull_source",
    "record_samples",
    "release",
    "release_sample",
    "reserve",
    "retire_objective",
    "revive_objective",
    "run_checks",
    "settle_indicator",
    "settle_outages",
    "withdraw_correction",
]
