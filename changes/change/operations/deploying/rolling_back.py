"""A service burns its budget fast while something new goes out there: what runs is called back, once, at once.

Promise: in the transaction that tells of the burn, so that whoever waits, asks or hears webhooks knows within seconds.
What goes out to repair (a rollback, an emergency) is never called back by the burn that it is to end.
"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from changes.change.models import Change, Deployment, RollBackCall
from changes.change.operations import callbacks
from changes.change.operations.evaluations import GATE
from changes.change.operations.lasting import people_of
from changes.change.queries.rollbacks import to_return_to
from changes.change.vocabulary import ChangeClass
from changes.gate.vocabulary import Purpose
from itsm import lifecycle
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _


def going_out(at: datetime) -> QuerySet[Deployment]:
    """What runs, or has ended well and is still watched; of that what is not there to repair, and no experiment: it put
    nothing there, and has its own hook."""
    watched = Q(status=Deployment.Status.SUCCEEDED, watch=Deployment.Watch.OPEN, watched_until__gt=at)
    repairs = Q(change__purpose=Purpose.ROLLBACK) | Q(change__change_class=ChangeClass.EMERGENCY)
    runs = Deployment.objects.filter(Q(status=Deployment.Status.STARTED) | watched, change__stake=None)
    return runs.exclude(repairs)


def call_back(service_id: int, environment: str, *, objective: str, at: datetime) -> int:
    """An objective of this service began to burn fast: what goes out there should be taken back. How many.

    Of what ended already only the newest is called back: the others run no longer. Raises nothing.
    """
    there = going_out(at).filter(change__service=service_id, environment=environment, roll_back_call=None)
    found = list(there.select_related("change").order_by("-id"))
    ended = [one for one in found if one.status != Deployment.Status.STARTED]
    calls = [one for one in found if one not in ended[1:]]
    return sum(call(one, objective=objective, at=at) is not None for one in calls)


def call(deployment: Deployment, *, objective: str, at: datetime) -> RollBackCall:
    """Say that it should be taken back; said again, the first word stands. Raises nothing."""
    why = gettext("%(objective)s is burning fast") % {"objective": objective}
    made, is_new = RollBackCall.objects.get_or_create(
        deployment=deployment,
        defaults={"called_at": at, "because": why[:200], "back_to": to_return_to(deployment)},
    )
    if is_new:
        _tell(deployment.change, made, at)
    return made


def _tell(change: Change, made: RollBackCall, at: datetime) -> None:
    back_to = made.back_to.artifact_version or made.back_to.artifact_digest if made.back_to else ""
    changes = {"roll_back": [None, made.because], "back_to": [None, back_to]}
    lifecycle.announce(change, "roll_back_called", actor=GATE, changes=changes, at=at)
    evaluation = made.deployment.evaluation
    evaluation.change = change
    known = made.back_to is not None and made.back_to.is_known_to_work
    back = (
        {"digest": made.back_to.artifact_digest, "version": made.back_to.artifact_version, "known_to_work": known}
        if made.back_to
        else None
    )
    more = {"deployment": made.deployment.number, "because": made.because, "rollback_of": change.reference,
            "service": change.service.slug, "environment": made.deployment.environment, "to": back}  # fmt: skip
    callbacks.owe(evaluation, callbacks.ROLL_BACK, at=at, more=more)
    unknown = made.back_to.why_unknown if made.back_to else ""
    words = {"change": change.reference, "why": made.because, "version": back_to, "unknown": unknown}
    works = _("What worked there before: %(version)s. A rollback to it that names %(change)s is let go in every state.")
    unseen = _("What ran there before: %(version)s. %(unknown)s")
    nothing = _("Nothing is known there that worked before: people decide what to do.")
    notify(
        people_of(change),
        _("Roll back %(change)s: %(why)s") % words,
        body=(works if known else unseen) % words if back_to else nothing,
        path=change.get_absolute_url(),
        record=change,
        by=("change.roll_back", "caller"),
    )
