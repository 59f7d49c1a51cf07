"""What must hold always, asked of the database over and over by somebody who takes no part in the work.

`register(Invariant(...))` in `AppConfig.ready()`; `./manage.py audit_invariants` asks.
"""

from itsm.invariants.known import Found, Invariant, Question, opens, register

__all__ = ["Found", "Invariant", "Question", "opens", "register"]
