"""Standard changes that fulfilment tasks of requests ask for: opened, linked and put to the gate, in their transaction.

What cannot be opened is for people, and says why; nothing here stops the request. News of a change that is over go down
by a row that is due: whoever holds a change never waits for a request.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from catalog.requests import operations as requests
from catalog.requests import queries as wishes
from changes.change import permissions
from changes.change.models import Change
from changes.change.operations.asking import GateRequest, ask_gate
from changes.change.queries.fixes import state_of, succeeded
from changes.change.vocabulary import ChangeClass
from changes.change.workflow import OVER, Status
from changes.change_models.models import ChangeModel
from changes.change_models.queries import approved_by_slug
from changes.gate.vocabulary import Purpose
from itsm.accounts import interest
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Role, User
from itsm.clocks import due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError, NotPermitted
from itsm.work import linking
from itsm.work.linking import Relation

if TYPE_CHECKING:
    from catalog.models import WantedChange

HELD_UP = (Status.DRAFT, Status.ON_HOLD)
LINKING = Actor.system("requests")
# Who decides about changes is kept from deciding about what they themselves asked for.
_DECIDE = frozenset({Role.APPROVER.value, Role.ADMIN.value})


def open_wanted(task_id: int, *, at: datetime) -> None:
    """Open the change that a task wants, once, and ask the gate; where that cannot be, the task is for people.

    In the caller's transaction, which holds the request. Raises nothing that the domain refuses.
    """
    wanted = wishes.wanted_of_task(task_id)
    if wanted is None or wanted.change_number is not None:
        return
    try:
        with transaction.atomic():
            change = _opened(wanted, at)
    except DomainError as refused:
        requests.change_refused(wanted, why=refused.detail, at=at)
        return
    requests.change_opened(wanted, number=change.pk, reference=change.reference, at=at)
    if change.status in HELD_UP:
        requests.change_held_up(change.pk, why=f"{change.reference}: {state_of(change)}")


def _opened(wanted: "WantedChange", at: datetime) -> Change:
    model = approved_by_slug(wanted.model)
    item = wanted.item
    values = wanted.values
    request = GateRequest(
        service=model.service,
        environment=values.get("environment") or next(iter(model.environments), "production"),
        change_class=ChangeClass.STANDARD,
        purpose=Purpose.FEATURE.value,
        summary=f"{item.reference}: {values.get('title') or wanted.task.title}"[:200],
        plan=_plan_in(values),
        backout=values.get("backout", ""),
        artifact_digest=f"sha256:{item.content_hash}",  # of what was asked for and approved, and nothing else
        model=model,
        wanted_by=interest.natural_persons([item.request.by_id, item.request.requested_for_id]),
    )
    evaluation = ask_gate(request, actor=_asker(item.request.by, item.request.requested_for, model), at=at)
    change = evaluation.change
    linking.connect(change, actor=LINKING, to=item.request.reference, relation=Relation.RELATES)
    return change


def _plan_in(values: dict[str, str]) -> str:
    return "\n\n".join(text for name in ("description", "plan") if (text := values.get(name, "").strip()))


def _asker(by: User, served: User, model: ChangeModel) -> Actor:
    """In whose name the gate is asked: of who asked for it, where they may ask the gate; else of who vouches for the
    model. Who decides about changes does not get one for themselves in somebody else's name. Raises NotPermitted."""
    own = actor_for(by, Door.TASK)
    if permissions.askers(own):
        return own
    if _DECIDE & {*by.roles, *served.roles}:
        raise NotPermitted(gettext("whoever asked for it decides about changes: a person opens it"))
    for person in (model.proposed_by, model.approved_by):
        if person is not None and person.is_active and permissions.askers(actor_for(person, Door.TASK)):
            return actor_for(person, Door.TASK)
    raise NotPermitted(gettext("nobody who vouches for the model may ask the gate any more"))


def follow_ended(task_id: int, at: datetime) -> None:
    """Due: the change of a task is over; the task is done with it, or is for people. Safe to run twice.

    Raises nothing.
    """
    wanted = wishes.wanted_of_task(task_id)
    change = Change.objects.filter(pk=wanted.change_number or 0).first() if wanted is not None else None
    if change is not None and change.status in OVER:
        requests.change_ended(
            task_id, reference=change.reference, succeeded=succeeded(change), said=state_of(change), at=at
        )  # fmt: skip


def moved(change: Change, *, at: datetime) -> None:
    """A change came to an end, or to a halt: what waits for it hears of it. Raises nothing."""
    wanted = wishes.wanted_by_change(change.pk)
    if wanted is None:
        return
    if change.status in OVER:
        due.schedule(requests.ENDED, "task", wanted.task_id, at)
    elif change.status in HELD_UP:
        requests.change_held_up(change.pk, why=f"{change.reference}: {state_of(change)}")
