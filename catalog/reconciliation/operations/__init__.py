"""Every write of reconciliation: sources, runs, what people say of records."""

from catalog.reconciliation.operations.applying import apply
from catalog.reconciliation.operations.judging import accept, merge, say, split, withdraw
from catalog.reconciliation.operations.keeping import keep_mapping, take_in
from catalog.reconciliation.operations.planning import cancel, plan
from catalog.reconciliation.operations.renewing import renew_all, renew_owed
from catalog.reconciliation.operations.settling import pin, settle, unpin
from catalog.reconciliation.operations.sources import edit_source, remove_precedence, set_precedence, source_for
from catalog.reconciliation.operations.working import begin, finish, plan_read

__all__ = [
    "accept",
    "apply",
    "begin",
    "cancel",
    "edit_source",
    "finish",
    "keep_mapping",
    "merge",
    "pin",
    "plan",
    "plan_read",
    "remove_precedence",
    "renew_all",
    "renew_owed",
    "say",
    "set_precedence",
    "settle",
    "source_for",
    "split",
    "take_in",
    "unpin",
    "withdraw",
]
