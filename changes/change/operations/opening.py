"""What a request to the gate is about: the change that it opens, or the one it is about already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext

from changes.change.models import Change, Evaluation
from changes.change.operations.affected import affected_items
from changes.change.operations.content import content_hash
from changes.change.operations.evaluations import end, live_evaluation
from changes.change.operations.planned import Outage, outage_fields, require_implementer
from changes.change.vocabulary import CLAIMED, ChangeClass
from changes.change.workflow import OVER, WAITING, Status
from changes.change_models import queries as change_model_queries
from changes.change_models.models import ChangeModel
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.prepared import Prepared

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import User

# What is on hold is found as well, and refused: who asks again about its content resumes it.
ASKED_ABOUT = (Status.DRAFT, *WAITING, Status.SCHEDULED, Status.ON_HOLD)


@dataclass(frozen=True, slots=True)
class GateRequest:
    """One question to the gate, as it was sent; see the API's contract for each field.

    `raised_from`: references of the records that it was raised from; they are linked, and are no part of its content.
    `stake`: of a chaos experiment, the share of each budget that it may burn (1 = all of it).
    `wanted_by`: people in whose interest it is who do not ask themselves: they decide as little as who asks.
    """

    service: "Service"
    environment: str
    change_class: str
    purpose: str
    summary: str
    plan: str = ""
    test_plan: str = ""
    backout: str = ""
    no_backout_because: str = ""
    communication_plan: str = ""
    outage: Outage | None = None
    implementer: "User | None" = None
    raised_from: tuple[str, ...] = ()
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
    answers: Mapping[str, str] = field(default_factory=dict)
    wanted_by: frozenset[int] = frozenset()
    callback: Mapping[str, Any] | None = None
    stake: Decimal | None = None


def find_or_open(request: GateRequest, actor: Actor, at: datetime) -> Change:
    """The asker's open change of this content and name, to be asked about again; else a new one, not stored.

    Raises InvalidInput (items, model, implementer, outage), Conflict (already under way, or on hold).
    """
    fresh = _unsaved(request, actor, at)
    known = _open_of(fresh)
    if known is None:
        return fresh
    found = lifecycle.locked(Change(pk=known))
    supersede(found, actor, at)
    found.refresh_from_db()
    return found


# In the words of the partial index as well, so that it serves however many changes are over.
_OPEN = Prepared(
    "open_change_of_content",
    f"""
SELECT max(id) FROM changes_change
WHERE content_hash = %(content)s AND requested_by_id = %(asker)s AND summary = %(summary)s
  AND status = ANY (%(waiting)s) AND NOT status IN ({", ".join(f"'{status.value}'" for status in OVER)})
""",  # noqa: S608 - the workflow's own words
)


def _open_of(fresh: Change) -> int | None:
    """The newest of this content, name and asker that may be asked about: two works with no plan are two works."""
    with connection.cursor() as cursor:
        given = {
            "content": fresh.content_hash,
            "asker": fresh.requested_by_id,
            "summary": fresh.summary,
            "waiting": list(ASKED_ABOUT),
        }
        _OPEN.run(cursor, given)
        newest: int | None = cursor.fetchone()[0]
    return newest


def supersede(change: Change, actor: Actor, at: datetime) -> None:
    """A new attempt is a new evaluation: what waited before ends, so that one answer at a time is good.

    Raises Conflict where the change is on hold or under way.
    """
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
    if model is not None and request.service.pk not in {model.service_id, *model.also_services}:
        raise InvalidInput.about("model", gettext("This model is for another service."))
    require_implementer(request.implementer)
    change = Change(
        summary=request.summary,
        service=request.service,
        environment=request.environment,
        change_class=_table_for(request.change_class),
        purpose=request.purpose,
        stake=None if request.stake is None else request.stake.quantize(Decimal("0.000001")),  # as it is stored
        plan=request.plan,
        test_plan=request.test_plan,
        backout=request.backout,
        no_backout_because=request.no_backout_because,
        communication_plan=request.communication_plan,
        **outage_fields(request.outage),
        artifact_digest=request.artifact_digest,
        artifact_version=request.artifact_version,
        commit=request.commit,
        window_start=request.window[0] if request.window else None,
        window_end=request.window[1] if request.window else None,
        model=model,
        model_version=model.number if model else None,
        implementer=request.implementer,
        items=affected_items(request.items),
        requested_by_id=actor.id,
        author_id=actor.id,
        # As the database's trigger writes it: who owns the program that asks has the interest of who asks.
        program_owners=sorted({*request.wanted_by, *_owner_of(actor)}),
        created_at=at,
    )
    change.content_hash = content_hash(change)
    return change


def _owner_of(actor: Actor) -> set[int]:
    return {actor.person_id} if actor.person_id is not None and actor.person_id != actor.id else set()


def _table_for(claimed: str) -> str:
    """The workflow to begin with; the gate derives the class and the verdict's class rules from then on."""
    return claimed if claimed in dict(CLAIMED) else ChangeClass.NORMAL
