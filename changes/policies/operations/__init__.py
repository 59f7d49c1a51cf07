"""Every write of policies: written as a draft, proposed, decided by another person, made to rule, run in shadow."""

from changes.policies.operations.deciding import (
    activate,
    approve,
    decide,
    decline,
    may_be_heard,
    propose,
    propose_draft,
    withdraw,
)
from changes.policies.operations.drafting import (
    discard,
    edit_authority,
    edit_cells,
    edit_draft,
    edit_questionnaire,
    start_draft,
)
from changes.policies.operations.installing import INSTALLER, install, ruling
from changes.policies.operations.shadowing import begin_shadow, end_shadow

__all__ = [
    "INSTALLER",
    "activate",
    "approve",
    "begin_shadow",
    "decide",
    "decline",
    "discard",
    "edit_authority",
    "edit_cells",
    "edit_draft",
    "edit_questionnaire",
    "end_shadow",
    "install",
    "may_be_heard",
    "propose",
    "propose_draft",
    "ruling",
    "start_draft",
    "withdraw",
]
