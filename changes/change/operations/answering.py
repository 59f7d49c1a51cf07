"""Answering what the policy asks about a change that waits: the gate judges anew, with the answers."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from changes.change.models import Change, Evaluation
from changes.change.operations.answers import answered
from changes.change.operations.asking import ask_anew, locked_to_ask
from changes.change.operations.editing import require_editable
from changes.change.operations.opening import supersede
from changes.change.operations.planned import require_way_back
from changes.change.workflow import Status
from itsm import lifecycle
from itsm.audit.recording import together
from itsm.kernel.actors import Actor


@transaction.atomic
@together()
def answer_questions(
    change: Change, *, actor: Actor, version: int | None, answers: Mapping[str, str], at: datetime
) -> Evaluation:
    """The gate's new answer. What was asked or authorised before ends; who approved is asked again.

    Raises NotPermitted, WrongState, InvalidInput (what is not asked; its window is over), StaleVersion,
    VersionRequired, MissingInformation (a draft with no way back, nor why), and Conflict where the change is on hold.
    """
    require_editable(change, actor)
    says = {"answers": {}, "answered": None} | answered(answers, change.environment)
    budgets, current = locked_to_ask(change, at)
    lifecycle.check_version(current, version, required=True)
    if current.status == Status.DRAFT:  # it leaves their hands, as by asking about it again
        require_way_back(current)
    supersede(current, actor, at)
    current.refresh_from_db()
    return ask_anew(current, "submit", budgets, actor=actor, at=at, says=says)
