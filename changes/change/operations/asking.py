"""Asking the gate: find or open the change, submit it, have it judged; one transaction, one answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical
from changes.change import permissions
from changes.change.models import Change, Evaluation
from changes.change.operations.affected import affected_items
from changes.change.operations.checklist import begin_with
from changes.change.operations.content import content_hash
from changes.change.operations.evaluating import evaluate_locked
from changes.change.operations.evaluations import end, live_evaluation
from changes.change.operations.locking import locked_budgets
from changes.change.vocabulary import CLAIMED, ChangeClass
from changes.change.workflow import NORMAL, OVER, WAITING, Status
from changes.change_models import queries as change_model_queries
from changes.change_models.models import ChangeModel
from itsm import lifecycle
from itsm.audit.recording import together
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.prepared import Prepared

if TYPE_CHECKING:
    from catalog.models import Service
    from slo.models import Budget

# What is on hold is found as well, and refused: who asks again about its content resumes it.
ASKED_ABOUT = (Status.DRAFT, *WAITING, Status.SCHEDULED, Status.ON_HOLD)


@dataclass(frozen=True, slots=True)
class GateRequest:
    """One question to the gate, as it was sent; see the API's contract for each field."""

    service: "Service"
    environment: str
    change_class: str
    purpose: str
    summary: str
    plan: str = ""
    backout: str = ""
    artifact_digest: str = ""
    artifact_version: str = ""
    commit: str = ""
    window: tuple[datetime, datetime] | None = None
    model: ChangeModel | None = None
    pipeline: Mapping[str, Any] = field(default_factory=dict)
    proof: Mapping[str, Any] = field(default_factory=dict)
    exception: Mapping[str, Any] = field(default_factory=dict)
    migration: bool | None = None
    items: tuple[int, ...] = ()


@transaction.atomic
@together()
def ask_gate(request: GateRequest, *, actor: Actor, at: datetime) -> Evaluation:
    """The gate's answer to a request.

    Raises NotPermitted, InvalidInput, UnknownEnvironment, Conflict (already under way).
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
    change = _find_or_open(request, actor, at)
    born = {"summary": [None, change.summary]} if change._state.adding else None
    with lifecycle.step(change, "submit", actor=actor, locked_by_caller=True, born=born):
        change.authorised_until = None
    if born is not None and change.model is not None and change.model.tasks:
        begin_with(change, change.model.tasks)
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
        },
        pipeline=dict(request.pipeline),
    )
    return evaluate_locked(evaluation, change, budgets, at)


@transaction.atomic
@together()
def ask_again(change: Change, *, actor: Actor, at: datetime) -> Evaluation:
    """Ask about a draft as it stands now, with what its last request said of itself. The author does this.

    Raises NotPermitted, WrongState (not a draft), InvalidInput (its window is over) and Conflict.
    """
    budgets, change = locked_to_ask(change, at)
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
) -> Evaluation:
    """Take a step that asks the gate anew, with what the last request said of itself. The caller holds the locks.

    `describe` sets more fields of the change, which are saved along with the step.

    Raises WrongState and NotPermitted by the workflow's table, MissingInformation.
    """
    earlier = change.evaluations.order_by("-asked_at").first()
    with lifecycle.step(change, action, actor=actor, locked_by_caller=True):
        change.authorised_until = None
        if describe:
            describe()
    evaluation = Evaluation(
        change=change,
        requested_by_id=actor.id or change.requested_by_id or 0,
        asked_at=at,
        content_hash=change.content_hash,
        claims=earlier.claims if earlier else _bare_claims(change),
        pipeline=earlier.pipeline if earlier else {},
    )
    return evaluate_locked(evaluation, change, budgets, at)


def require_order(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raises InvalidInput for a window that ends before it begins."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise InvalidInput.about("window", gettext("A window ends after it starts."))


@NORMAL.takes("submit")
def submit(change: Change, *, actor: Actor, at: datetime) -> Change:
    """`ask_again`, for who wants to see the change and not the answer.

    Raises NotPermitted, WrongState (not a draft), InvalidInput (its window is over) and Conflict.
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


def _find_or_open(request: GateRequest, actor: Actor, at: datetime) -> Change:
    """The requester's open change of the same content, waiting to be asked about again; else a new one, not stored."""
    fresh = _unsaved(request, actor, at)
    known = _open_of(fresh)
    if known is None:
        return fresh
    found = lifecycle.locked(Change(pk=known))
    _supersede(found, actor, at)
    found.refresh_from_db()
    return found


# In the words of the partial index as well, so that it serves however many changes are over.
_OPEN = Prepared(
    "open_change_of_content",
    f"""
SELECT max(id) FROM changes_change
WHERE content_hash = %(content)s AND requested_by_id = %(asker)s AND status = ANY (%(waiting)s)
  AND NOT status IN ({", ".join(f"'{status.value}'" for status in OVER)})
""",  # noqa: S608 - the workflow's own words
)


def _open_of(fresh: Change) -> int | None:
    """The newest of this content and asker that may be asked about."""
    with connection.cursor() as cursor:
        given = {"content": fresh.content_hash, "asker": fresh.requested_by_id, "waiting": list(ASKED_ABOUT)}
        _OPEN.run(cursor, given)
        newest: int | None = cursor.fetchone()[0]
    return newest


def _supersede(change: Change, actor: Actor, at: datetime) -> None:
    """A new attempt is a new evaluation: what waited before ends, so that one answer at a time is good."""
    earlier = live_evaluation(change)
    if earlier is not None:
        end(earlier, actor=actor, status=Evaluation.Status.CANCELLED, why=gettext("asked again"), at=at)
    elif change.status == Status.ON_HOLD:
        words = {"change": change.reference, "why": change.hold_reason}
        raise Conflict(gettext("%(change)s is on hold (%(why)s); resume it, and the gate is asked anew.") % words)
    elif change.status != Status.DRAFT:
        raise Conflict(
            gettext("%(change_reference)s is %(change_status)s; it cannot be asked about again.")
            % {"change_reference": change.reference, "change_status": change.status}
        )


def _unsaved(request: GateRequest, actor: Actor, at: datetime) -> Change:
    standard = request.change_class == ChangeClass.STANDARD
    model = request.model or (change_model_queries.of_service(request.service) if standard else None)
    if model is not None and model.service_id != request.service.pk:
        raise InvalidInput.about("model", gettext("This model is for another service."))
    change = Change(
        summary=request.summary,
        service=request.service,
        environment=request.environment,
        change_class=_table_for(request.change_class),
        purpose=request.purpose,
        plan=request.plan,
        backout=request.backout,
        artifact_digest=request.artifact_digest,
        artifact_version=request.artifact_version,
        commit=request.commit,
        window_start=request.window[0] if request.window else None,
        window_end=request.window[1] if request.window else None,
        model=model,
        items=affected_items(request.items),
        requested_by_id=actor.id,
        author_id=actor.id,
        # As the database's trigger writes it: who owns the program that asks has the interest of who asks.
        program_owners=[actor.person_id] if actor.person_id not in {None, actor.id} else [],
        created_at=at,
    )
    change.content_hash = content_hash(change)
    return change


def _table_for(claimed: str) -> str:
    """The workflow to begin with; the gate derives the class and the verdict's class rules from then on."""
    return claimed if claimed in dict(CLAIMED) else ChangeClass.NORMAL
