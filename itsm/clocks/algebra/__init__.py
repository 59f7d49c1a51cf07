"""The algebra of clocks: what a clock says is the fold of what happened to it. Pure.

| law | |
|-|-|
| elapsed | the sum over running stretches of what the calendar then in force counted |
| due | of a running clock: the earliest instant with elapsed = target; of others none |
| pause in pause | one pause |
| retargeted | elapsed stays; nothing left means breached now, by the change |
| recounted | the calendar's new hours hold from `at` on, which may lie before what was noted since |
| outcome | breached if and only if it ran on after it was due; what it was late counts too |
"""

from itsm.clocks.algebra.values import Basis, Event, Happened, Outcome, Piece, Reading, State
from itsm.clocks.algebra.walking import bases_of, fold, unsettled

__all__ = ["Basis", "Event", "Happened", "Outcome", "Piece", "Reading", "State", "bases_of", "fold", "unsettled"]
