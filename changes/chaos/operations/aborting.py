"""An experiment is stopped: its hook is called, again until it answers; without an answer in two minutes people are.

Promise: an experiment is stopped once, whoever asks and however often. The call leaves through the outbox, in the lane
that wakes people and never gives up; what it answered is kept. Nothing is taken for stopped before somebody or
something says so.
"""

import json
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from changes.change.models import Change, Deployment
from changes.change.operations.deploying import finish_deployment
from changes.change.operations.lasting import people_of
from changes.change.workflow import Status
from changes.chaos import permissions
from changes.chaos.models import ChaosAbort, ChaosExperiment
from changes.chaos.queries import who_is_called, why_in_words
from changes.chaos.vocabulary import AbortCause
from itsm import lifecycle
from itsm.accounts.operations import triage_id
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.notifications import outgoing
from itsm.notifications.channels import PutOff
from itsm.notifications.models import Delivery
from itsm.notifications.notifying import notify
from itsm.notifications.outbox import enqueue
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.notifications.sayings import saying as _
from itsm.paging import operations as paging
from itsm.paging.vocabulary import Urgency
from itsm.webhooks.sending import is_good, words_of
from itsm.webhooks.signing import derived, signed, written

CHANNEL = "chaos_abort"
UNCONFIRMED = "changes.experiment_unconfirmed"
CONFIRMED_WITHIN = timedelta(minutes=2)
CHAOS = Actor.system("chaos")
SECONDS = 8.0
_READ = 2048  # bytes of an answer
_TEXT = 500


def secret_of(experiment: ChaosExperiment) -> str:
    """By which its hook knows that it is Headroom that calls (Standard Webhooks): `whsec_` and base64."""
    return written(_secret(experiment))


def _secret(experiment: ChaosExperiment) -> bytes:
    return derived(f"chaos:{experiment.abort_key}")


@transaction.atomic
def abort(experiment: ChaosExperiment, *, actor: Actor, because: str, at: datetime) -> ChaosAbort:
    """Somebody who works here stops it. Asked for twice, the first stands.

    Raises NotPermitted, MissingInformation (no reason) and WrongState (it does not run).
    """
    if not permissions.stoppers(actor) or actor.id is None:
        raise NotPermitted(gettext("Whoever works here may stop an experiment."))
    change = lifecycle.locked(experiment.change)
    known = ChaosAbort.objects.filter(experiment=experiment).first()
    if known is not None:
        return known
    if is_blank(because):
        raise MissingInformation(gettext("Say why it is stopped."))
    if change.status != Status.RUNNING:
        raise WrongState(
            gettext("%(change)s does not run; what has not begun is cancelled.") % {"change": change.reference},
            state=change.status,
        )
    experiment.change = change
    return begin_abort(
        experiment, cause=AbortCause.PERSON, objective="", burned=None, because=because.strip()[:_TEXT],
        asked_by=actor, at=at,
    )  # fmt: skip


def begin_abort(
    experiment: ChaosExperiment,
    *,
    cause: str,
    objective: str,
    burned: Decimal | None,
    because: str,
    asked_by: Actor | None,
    at: datetime,
) -> ChaosAbort:
    """Owe the call of its hook, and the look at whether it was answered. The caller locked the change.

    Raises nothing.
    """
    asked = ChaosAbort.objects.create(
        experiment=experiment, cause=cause, objective=objective, burned=burned, because=because, asked_at=at,
        asked_by_id=asked_by.id if asked_by else None,
    )  # fmt: skip
    enqueue(CHANNEL, {"abort": asked.pk}, aggregate=f"chaos-{experiment.pk}", key=f"chaos-abort-{asked.pk}")
    due.schedule(UNCONFIRMED, experiment.kind, experiment.pk, at + CONFIRMED_WITHIN)
    change, why = experiment.change, why_in_words(asked)
    lifecycle.announce(change, "experiment_aborted", actor=asked_by or CHAOS, remark=why)
    notify(
        people_of(change),
        _("%(change)s is stopped: %(why)s") % {"change": change.reference, "why": why},
        body=_("Its abort hook is called until it answers."),
        path=change.get_absolute_url(),
        record=change,
        by=("change.stopped", "caller"),
    )
    return asked


def call_hook(owed: Delivery) -> str:
    """The channel's handler: tell the hook to stop. Raises PutOff, until it answers or somebody says that it stopped.

    No transaction is open while it waits for the answer.
    """
    asked = ChaosAbort.objects.select_related("experiment__change__service").get(pk=owed.payload["abort"])
    if asked.stopped_at is not None:
        return gettext("It has stopped already.")
    number, at = asked.attempts + 1, timezone.now()
    try:
        said, stopped = _answer_of(asked, number, at)
    except (OutgoingRefused, OutgoingFailed) as error:
        said, stopped = str(error), False
    ChaosAbort.objects.filter(pk=asked.pk).update(attempts=number, last_called_at=at, last_said=said[:_TEXT])
    if not stopped:
        raise PutOff(said, 0)
    _stopped(asked.pk, by=None, at=timezone.now())
    return said


def _answer_of(asked: ChaosAbort, number: int, at: datetime) -> tuple[str, bool]:
    experiment = asked.experiment
    body = json.dumps(_message(asked, number)).encode()
    headers = signed([_secret(experiment)], f"chaos-abort-{asked.pk}", at, body)
    answer = outgoing.fetch(
        "POST", experiment.abort_url, body=body, headers=headers | {"Content-Type": "application/json"},
        timeout=SECONDS, cut_at=_READ,
    )  # fmt: skip
    return words_of(answer), is_good(answer)


def _message(asked: ChaosAbort, number: int) -> dict[str, object]:
    """What its hook is told. `attempt` counts the calls; their id (`webhook-id`) is one for all of them."""
    change = asked.experiment.change
    return {
        "type": "experiment.abort",
        "timestamp": asked.asked_at.isoformat(),
        "data": {
            "experiment": change.reference,
            "service": change.service.slug,
            "environment": change.environment,
            "cause": asked.cause,
            "because": why_in_words(asked),
            "attempt": number,
        },
    }


@transaction.atomic
def confirm_stopped(experiment: ChaosExperiment, *, actor: Actor, at: datetime) -> ChaosAbort:
    """Somebody who carries it out, or works in its team, says that it has stopped. Said again, the first stands.

    Raises NotPermitted, and WrongState where nobody asked it to stop.
    """
    if not permissions.witnesses(actor, experiment):
        raise NotPermitted(gettext("Who carries it out, or works in its team, says that it has stopped."))
    asked = ChaosAbort.objects.filter(experiment=experiment).first()
    if asked is None:
        raise WrongState(
            gettext("Nobody has asked %(change)s to stop.") % {"change": experiment.reference},
            state=experiment.change.status,
        )
    return _stopped(asked.pk, by=actor, at=at)


@transaction.atomic
def _stopped(abort_id: int, *, by: Actor | None, at: datetime) -> ChaosAbort:
    """It has stopped: nobody is called any more, and its run ends as rolled back. Once."""
    experiment = ChaosExperiment.objects.get(abort=abort_id)
    change = lifecycle.locked(Change.objects.get(pk=experiment.change_id))
    asked = ChaosAbort.objects.select_for_update(of=("self",), no_key=True).get(pk=abort_id)
    if asked.stopped_at is not None:
        return asked
    asked.stopped_at, asked.stopped_by_id = max(at, asked.asked_at), by.id if by else None
    asked.save(update_fields=["stopped_at", "stopped_by"])
    due.cancel(experiment.kind, experiment.pk, UNCONFIRMED)
    paging.stop(experiment.kind, experiment.pk, gettext("The experiment has stopped."), at)
    lifecycle.announce(change, "experiment_stopped", actor=by or CHAOS, remark=asked.last_said if by is None else "")
    running = change.deployments.filter(status=Deployment.Status.STARTED).last()
    if running is not None and change.status == Status.RUNNING:
        finish_deployment(running, actor=CHAOS, status=Deployment.Status.ROLLED_BACK, at=at)
    return asked


@transaction.atomic
def page_unconfirmed(experiment_id: int, at: datetime) -> None:
    """Due, two minutes after it was asked to stop: nothing says that it has, so people are woken. Raises nothing."""
    experiment = ChaosExperiment.objects.select_related("change__service").get(pk=experiment_id)
    change = lifecycle.locked(experiment.change)
    asked = ChaosAbort.objects.select_for_update(of=("self",), no_key=True).get(experiment=experiment)
    if asked.stopped_at is not None or asked.paged_at is not None:
        return
    asked.paged_at = at
    asked.save(update_fields=["paged_at"])
    title = gettext("%(change)s may still run: its abort hook does not answer") % {"change": change.reference}
    paging.page_people(
        who_is_called(experiment, at) | {person.pk for person in people_of(change)},
        subject_kind=experiment.kind,
        subject_id=experiment.pk,
        title=title,
        path=change.get_absolute_url(),
        team_id=experiment.change.service.team_id or triage_id(),
        urgency=Urgency.HIGH,
        at=at,
        why=gettext("a chaos experiment has to be stopped by hand"),
    )
    lifecycle.announce(change, "experiment_unconfirmed", actor=CHAOS, remark=asked.last_said)
