"""Every write of reconciliation: sources, runs, what people say of records."""

from catalog.reconciliation.operations.applying import apply
from catalog.reconciliation.operations.judging import accept, merge, say, split, withdraw
from catalog.reconciliation.operations.planning import cancel, plan
from catalog.reconciliation.operations.sources import edit_source, remove_precedence, set_precedence, source_for

__all__ = [
    "accept",
    "apply",
    "cancel",
    "edit_source",
    "merge",
    "plan",
    "remove_precedence",
    "say",
    "set_precedence",
    "source_for",
    "split",
    "withdraw",
]
