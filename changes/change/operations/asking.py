"""Asking the gate: find or open the change, submit it, have it judged; one transaction, one answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical
from changes.change import permissions
from changes.change.models import Change, Evaluation
from changes.change.operations.answers import answered
from changes.change.operations.checklist import begin_with
from changes.change.operations.content import content_hash
from changes.change.operations.evaluating import evaluate_locked
from changes.change.operations.locking import locked_budgets
from changes.change.operations.opening import GateRequest as GateRequest
from changes.change.operations.opening import find_or_open
from changes.change.operations.origins import link_to_origins
from changes.change.operations.planned import require_way_back
from changes.change.workflow import NORMAL
from itsm import lifecycle
from itsm.audit.recording import together
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted

if TYPE_CHECKING:
    from slo.models import Budget


@transaction.atomic
@together()
def ask_gate(request: GateRequest, *, actor: Actor, at: datetime, by_hand: bool = False) -> Evaluation:
    """The gate's answer to a request.

    `by_hand`: a person fills in a form, who can say why there is no way back. A program cannot: where its request
    names no way back the gate finds that missing, and people decide.

    Raises NotPermitted, InvalidInput, UnknownEnvironment, MissingInformation (by hand: no way back, nor why), Conflict
    (already under way).
    """
    if not permissions.askers(actor) or actor.id is None:
        raise NotPermitted(
            gettext("%(actor_name)s may not ask the gate; engineers and pipelines may.") % {"actor_name": actor.name}
        )
    if request.window is not None:
        require_order(*request.window)
        refuse_past(request.window[1], at)
    request = replace(request, environment=canonical(request.environment))
    budgets = locked_budgets(request.service.pk, request.environment, at)
    change = find_or_open(request, actor, at)
    if by_hand:
        require_way_back(change)
    born = {"summary": [None, change.summary]} if change._state.adding else None
    with lifecycle.step(change, "submit", actor=actor, locked_by_caller=True, born=born):
        change.authorised_until = None
    if born is not None and change.model is not None and change.model.tasks:
        begin_with(change, change.model.tasks)
    link_to_origins(change, request.raised_from, actor=actor)
    evaluation = Evaluation(
        change=change,
        requested_by_id=actor.id,
        asked_at=at,
        content_hash=change.content_hash,
        claims={
            "change_class": request.change_class,
            "purpose": request.purpose,
            "proof": dict(request.proof),
            "exception": dict(request.exception),
            "migration": request.migration,
            **(answered(request.answers, request.environment) if request.answers else {}),
        },
        pipeline=dict(request.pipeline),
        callback=dict(request.callback) if request.callback else None,
    )
    return evaluate_locked(evaluation, change, budgets, at)


@transaction.atomic
@together()
def ask_again(change: Change, *, actor: Actor, at: datetime) -> Evaluation:
    """Ask about a draft as it stands now, with what its last request said of itself. The author does this.

    Raises NotPermitted, WrongState (not a draft), InvalidInput (its window is over), MissingInformation (no way back,
    nor why) and Conflict.
    """
    budgets, change = locked_to_ask(change, at)
    change.workflow.begin("submit", actor, change)
    require_way_back(change)
    return ask_anew(change, "submit", budgets, actor=actor, at=at)


def locked_to_ask(change: Change, at: datetime) -> "tuple[list[Budget], Change]":
    """The budgets and the change, locked in their order. InvalidInput where its window is over."""
    if change.window_end is not None:
        refuse_past(change.window_end, at)
    budgets = locked_budgets(change.service_id, change.environment, at)
    return budgets, lifecycle.locked(change)


def ask_anew(
    change: Change,
    action: str,
    budgets: "list[Budget]",
    *,
    actor: Actor,
    at: datetime,
    describe: Callable[[], None] | None = None,
    says: Mapping[str, Any] | None = None,
    pipeline: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Take a step that asks the gate anew, with what the last request said of itself. The caller holds the locks.

    `describe` sets more fields of the change, which are saved along with the step. `says`: what it says of itself now,
    in place of what it said of the same before; `pipeline`: what of the run that asks.

    Raises WrongState and NotPermitted by the workflow's table, MissingInformation.
    """
    earlier = change.evaluations.order_by("-asked_at").first()
    with lifecycle.step(change, action, actor=actor, locked_by_caller=True):
        change.authorised_until = None
        _take_model_as_it_stands(change)
        if describe:
            describe()
    evaluation = Evaluation(
        change=change,
        requested_by_id=actor.id or change.requested_by_id or 0,
        asked_at=at,
        content_hash=change.content_hash,
        claims=(earlier.claims | {"purpose": change.purpose} if earlier else _bare_claims(change)) | dict(says or {}),
        pipeline=(earlier.pipeline if earlier else {}) | dict(pipeline or {}),
        callback=earlier.callback if earlier else None,
    )
    return evaluate_locked(evaluation, change, budgets, at)


def _take_model_as_it_stands(change: Change) -> None:
    """What its model allows by now is another content: it is asked about as what it has become."""
    if change.model is not None and change.model.number != change.model_version:
        change.model_version = change.model.number
        change.content_hash = content_hash(change)


def require_order(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raises InvalidInput for a window that ends before it begins."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise InvalidInput.about("window", gettext("A window ends after it starts."))


@NORMAL.takes("submit")
def submit(change: Change, *, actor: Actor, at: datetime) -> Change:
    """`ask_again`, for who wants to see the change and not the answer.

    Raises NotPermitted, WrongState (not a draft), InvalidInput (its window is over), MissingInformation (no way back,
    nor why) and Conflict.
    """
    return ask_again(change, actor=actor, at=at).change


def refuse_past(ends_at: datetime, at: datetime) -> None:
    """Nothing can run in a window that is over."""
    if ends_at <= at:
        said = gettext("This window ended at %(ends_at)s UTC; ask for one that is still to come.")
        raise InvalidInput.about("window", said % {"ends_at": f"{ends_at.astimezone(UTC):%Y-%m-%d %H:%M}"})


def _bare_claims(change: Change) -> dict[str, Any]:
    return {
        "change_class": change.change_class,
        "purpose": change.purpose,
        "proof": {},
        "exception": {},
        "migration": None,
    }
