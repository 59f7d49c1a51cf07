"""A workaround or a fix told to every open incident of a problem: owed as rows, each told once.

A version of words is told to an incident once, for its desk and for its caller each: who has it is skipped. Each note
is written in the transaction that settles its row, so that a crash leaves it owed and never tells it twice.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.problem.models import Broadcast, BroadcastDelivery, Problem
from incidents.problem.operations.editing import edit
from incidents.problem.operations.working import require_works_on
from incidents.problem.queries.linked import waiting_for
from incidents.problem.workflow import Status
from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError, InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.one_by_one import one_by_one

_AT_ONCE = 500
_Audience = BroadcastDelivery.Audience


@transaction.atomic
def broadcast(
    problem: Problem,
    *,
    actor: Actor,
    text: str = "",
    requesters: bool = False,
    workaround_public: bool = False,
    at: datetime | None = None,
) -> Broadcast:
    """Owe the words (without any: the workaround) to every open incident of the problem that the actor may see: to its
    desk always, to its caller too where `requesters`. What has these words already is skipped. `workaround_public`:
    requesters may read the workaround from now on, so that they are told it in the same action.

    Raises NotPermitted, WrongState (only proposed, or dismissed), MissingInformation (no words), InvalidInput (a
    workaround that requesters may not read).
    """
    current = lifecycle.locked(problem)
    require_works_on(actor, current)
    if actor.id is None:
        raise NotPermitted(gettext("Those who wait are told by people and service accounts."))
    if current.status in {Status.PROPOSED, Status.DISMISSED}:
        raise WrongState(
            gettext("%(reference)s is %(state)s: accept it first.")
            % {"reference": current.reference, "state": current.get_status_display().lower()},
            state=current.status,
        )
    words = current.workaround if is_blank(text) else text
    if is_blank(words):
        raise MissingInformation(gettext("Say what they shall be told."))
    if workaround_public and not current.workaround_public:
        current = edit(current, actor=actor, version=current.version, workaround_public=True)
    if requesters and words == current.workaround and not current.workaround_public:
        raise InvalidInput.about(
            "requesters", gettext("Requesters may not read the workaround yet: say as well that they may.")
        )
    return owe(current, words, actor=actor, requesters=requesters, at=at or timezone.now())


def owe(problem: Problem, words: str, *, actor: Actor, requesters: bool, at: datetime) -> Broadcast:
    """The same of a problem that the caller has locked, with words that were judged. Raises nothing."""
    digest = digest_of(words)
    made = Broadcast.objects.create(
        problem=problem, text=words, digest=digest, requesters=requesters, by_id=actor.account_id, at=at
    )
    audiences = [_Audience.DESK, *([_Audience.REQUESTER] if requesters else [])]
    waiting = list(waiting_for(problem, actor).order_by("pk").values_list("pk", flat=True))
    owed = [
        BroadcastDelivery(broadcast=made, problem=problem, incident_id=pk, digest=digest, audience=audience)
        for pk in waiting
        for audience in audiences
    ]
    BroadcastDelivery.objects.bulk_create(owed, ignore_conflicts=True, batch_size=1000)
    lifecycle.announce(problem, "broadcast", actor=actor, changes={"incidents": [None, len(waiting)]}, remark=words)
    return made


def digest_of(words: str) -> str:
    """Stands for this version of the words: blanks around them make no other one."""
    return sha256(" ".join(words.split()).encode()).hexdigest()


def tell_owed(at: datetime, most: int = _AT_ONCE) -> int:
    """Tell what is owed, oldest first, each in a transaction of its own. How many were settled."""
    owed = BroadcastDelivery.objects.filter(settled_at=None).order_by("pk").values_list("pk", flat=True)[:most]
    return one_by_one(owed, lambda pk: _settled(pk, at), what="notes of broadcasts")


def _settled(delivery_id: int, at: datetime) -> bool:
    """One row, unless another worker has it."""
    free = BroadcastDelivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    row = free.select_related("broadcast__by", "incident").filter(pk=delivery_id, settled_at=None).first()
    if row is None or row.broadcast is None:
        return False
    settle(row, row.broadcast, at)
    return True


def settle(row: BroadcastDelivery, said: Broadcast, at: datetime) -> None:
    """Write the note and settle the row, in the caller's transaction. What is over meanwhile is left out, and says so.

    Raises nothing of its own.
    """
    actor, private = actor_for(said.by, Door.TASK), row.audience == _Audience.DESK
    text = said.text if not private else _for_the_desk(row, said)
    try:
        with transaction.atomic():
            incidents.hear(row.incident, actor=actor, text=text, private=private, at=at)
    except DomainError as error:
        row.left_out = str(error)[:200]
    row.settled_at = at
    row.save(update_fields=["settled_at", "left_out"])


def _for_the_desk(row: BroadcastDelivery, said: Broadcast) -> str:
    problem = Problem.objects.only("pk").get(pk=row.problem_id)
    return gettext("%(problem)s says: %(text)s") % {"problem": problem.reference, "text": said.text}


def has_these_words(problem: Problem, incident: Incident, words: str, audiences: Iterable[str], at: datetime) -> None:
    """Note that an incident was told these words on its own page, so that no broadcast repeats them. Raises nothing."""
    rows = [
        BroadcastDelivery(problem=problem, incident=incident, digest=digest_of(words), audience=audience, settled_at=at)
        for audience in audiences
    ]
    BroadcastDelivery.objects.bulk_create(rows, ignore_conflicts=True)
