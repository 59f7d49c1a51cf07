"""One round of the auditor: ask as the reading role, keep as the application."""

from collections.abc import Collection
from datetime import datetime

from itsm.clocks.keeping import now_there
from itsm.invariants import operations, reading
from itsm.invariants.asking import Answer, ask
from itsm.invariants.known import known
from itsm.invariants.models import InvariantCheck, Violation


def round_of(
    *, full: bool = False, only: Collection[str] = (), at: datetime | None = None, punctual: bool = True
) -> list[Answer]:
    """Ask what is to be asked now, and keep what was found. Without `punctual` nothing counts as late.

    Raises DatabaseError where the database does not answer.
    """
    at = at or now_there()
    walked = dict(InvariantCheck.objects.values_list("invariant", "walked"))
    # While one is violated, a glance at what is new does not tell whether it holds again.
    doubted = Violation.objects.open().filter(holds_since=None).values_list("invariant", flat=True)
    heavy = {one.id for one in known() if any(question.heavy for question in one.questions)}
    entirely = {name for name in doubted if name not in heavy}
    try:
        with reading.reading():
            role = reading.asked_as()
            answers = list(ask(at, full=full, only=only, walked=walked, entirely=entirely, punctual=punctual))
    except BaseException:
        reading.close()
        raise
    operations.keep(answers, at=at, full=full, role=role, everything=not only)
    return answers
