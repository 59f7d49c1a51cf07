"""Asking about a change again with something else to say: answers to what is asked, other content, other words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from changes.change.models import Change, Evaluation
from changes.change.operations.answers import answered
from changes.change.operations.asking import ask_anew, locked_to_ask
from changes.change.operations.editing import edit, require_editable
from changes.change.operations.locking import locked_budgets
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
    return _asked_anew(change, actor, version, says, at)


@transaction.atomic
@together()
def ask_with(
    change: Change,
    *,
    actor: Actor,
    version: int | None,
    says: Mapping[str, Any],
    fields: Mapping[str, Any],
    at: datetime,
    pipeline: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Ask about a change again, with other content (`fields`, as `edit` takes them), other words about itself (`says`)
    and about the run that asks (`pipeline`), as its request said them: one step, so that nothing is judged half-edited.
    What was asked or authorised before ends. Where it is to run stays: elsewhere it is another change.

    Raises NotPermitted, WrongState, InvalidInput, StaleVersion, VersionRequired, MissingInformation and Conflict, as
    `edit` and `answer_questions` do.
    """
    locked_budgets(change.service_id, change.environment, at)  # before the change, as everywhere
    require_editable(change, actor)
    if "answers" in says:
        says = {**says, "answers": {}, "answered": None} | answered(says["answers"], change.environment)
    if fields:
        change = edit(change, actor=actor, version=version, at=at, **fields)
        version = change.version
    return _asked_anew(change, actor, version, says, at, pipeline)


def _asked_anew(
    change: Change,
    actor: Actor,
    version: int | None,
    says: Mapping[str, Any],
    at: datetime,
    pipeline: Mapping[str, Any] | None = None,
) -> Evaluation:
    budgets, current = locked_to_ask(change, at)
    lifecycle.check_version(current, version, required=True)
    if current.status == Status.DRAFT and actor.is_human:  # it leaves their hands, as by asking about it again
        require_way_back(current)
    supersede(current, actor, at)
    current.refresh_from_db()
    return ask_anew(current, "submit", budgets, actor=actor, at=at, says=says, pipeline=pipeline)
