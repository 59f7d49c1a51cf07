"""Asking for back-tests, working at them, and recording what shadows would say."""

from changes.back_tests.operations.asking import ask, cancel, forget
from changes.back_tests.operations.shadowing import record_shadows
from changes.back_tests.operations.working import go_on

__all__ = ["ask", "cancel", "forget", "go_on", "record_shadows"]
