"""Completeness: each production deployment finds the one used authorisation that it went out under, or is unauthorised.

Promise: one to one, which the database keeps; five minutes are given, because clocks and platforms differ; what is
found later withdraws the unauthorised change. Nothing here makes an answer of the gate kinder.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext

from changes.change.operations.unauthorised import record_unauthorised, withdraw_unauthorised
from changes.change.workflow import Status
from changes.delivery.models import DeploymentEvent
from changes.delivery.queries.authorisations import blind_like, candidates, doubtful
from changes.delivery.vocabulary import MatchedBy, Standing, ToldBy
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.locks import is_connection_lost, is_lock_conflict

logger = logging.getLogger(__name__)

FINDER = Actor.system("completeness")
PATIENCE = timedelta(minutes=5)
FOUND_LATE = timedelta(days=2)  # so long an unauthorised one is looked at again
AT_ONCE = 500
PARKED = timedelta(hours=1)
AT_ONCE_SEEN = timedelta(minutes=2)


@transaction.atomic
def match(event: DeploymentEvent, *, at: datetime) -> DeploymentEvent:
    """Look for its authorisation now. What has one, or needs none, stays as it is. Raises nothing."""
    event = lifecycle.locked(event)
    if event.standing not in (Standing.WAITING, Standing.UNAUTHORISED) or event.same_as_id is not None:
        return event
    for run, way in candidates(event):
        if _is_same(event, run, way, at):
            return event
    told = blind_like(event) if event.standing == Standing.WAITING and not was_seen_to_begin(event) else None
    if told is not None and _taken(event, same_as=told, standing=told.standing):
        _note(event, "blind", at)
    return event


def was_seen_to_begin(event: DeploymentEvent) -> bool:
    """Whether its platform told us of its start as it was: then the gate could be asked as well, whatever a pipeline
    says afterwards of having been blind.
    """
    at_once = event.told_at - event.started_at <= AT_ONCE_SEEN
    return at_once and (event.finished_at is None or event.told_at < event.finished_at)


def _is_same(event: DeploymentEvent, run: DeploymentEvent, way: MatchedBy, at: datetime) -> bool:
    """It is this run, unless somebody else's telling took it just now."""
    before, found_late = event.change, event.standing == Standing.UNAUTHORISED
    standing = Standing.WITHDRAWN if found_late else Standing.AUTHORISED
    if not _taken(event, same_as=run, change=run.change, standing=standing, matched_by=way):
        return False
    _note(event, "matched", at)
    if found_late and before is not None and before.status == Status.REVIEWING:
        why = gettext("It is the deployment of %(change)s.") % {"change": run.change.reference if run.change else "?"}
        withdraw_unauthorised(before, actor=FINDER, why=why)
    return True


def _taken(event: DeploymentEvent, **values: object) -> bool:
    was = {name: getattr(event, name) for name in values}
    for name, value in values.items():
        setattr(event, name, value)
    try:
        with transaction.atomic():
            event.save(update_fields=list(values))
    except IntegrityError:  # the same teller told of another deployment under it, which was matched first
        for name, value in was.items():
            setattr(event, name, value)
        return False
    return True


def _note(event: DeploymentEvent, what: str, at: datetime) -> None:
    lifecycle.announce(event, what, actor=FINDER, changes={"standing": [None, event.standing]}, at=at)


def _is_doubtful(event: DeploymentEvent) -> bool:
    """Reported as blind where a platform is connected: that tells of what it deploys, and did not tell of this."""
    return event.standing == Standing.BLIND and event.same_as_id is None and doubtful().filter(pk=event.pk).exists()


@transaction.atomic
def give_up(event: DeploymentEvent, *, at: datetime) -> DeploymentEvent:
    """Its five minutes are over: where it is still unmatched it becomes an unauthorised change, to be looked back at.
    So does what a pipeline reports as blind, where its service has a platform that tells of deployments.

    Raises nothing.
    """
    event = match(event, at=at)
    if event.standing == Standing.WAITING and event.told_by == ToldBy.IMPORT:
        event.standing = Standing.EXEMPT  # the operator told of the past: nobody could have asked for it any more
        event.save(update_fields=["standing"])
    if event.standing != Standing.WAITING and not (_is_doubtful(event) and event.change_id is None):
        return event
    what = event.version or event.commit[:12] or event.artifact_digest[:19] or event.external_id
    summary = gettext("Deployed without an authorisation: %(what)s") % {"what": what}
    event.change = record_unauthorised(
        actor=FINDER, service=event.service, environment=event.environment, summary=summary[:200], at=at,
        started_at=event.started_at, finished_at=event.finished_at, artifact_digest=event.artifact_digest,
        artifact_version=event.version, commit=event.commit,
    )  # fmt: skip
    event.standing = Standing.UNAUTHORISED
    event.save(update_fields=["change", "standing"])
    said = blind_like(event) if event.told_by != ToldBy.REPORT else None
    if said is not None:  # one deployment, and no blind one
        _taken(said, same_as=event)
    _note(event, "unauthorised", at)
    return event


def reconcile(at: datetime) -> int:
    """Match what waits, give up what has waited five minutes, and look once more at what was given up lately.

    Safe to run twice, and beside itself: each event is locked. One that fails is parked for an hour, with the reason on
    it, and keeps none after it waiting. Returns how many were looked at.
    """
    free = Q(retry_at=None) | Q(retry_at__lte=at)
    now = DeploymentEvent.objects.filter(free)
    waiting = now.filter(standing=Standing.WAITING).order_by("told_at")[:AT_ONCE]
    given_up = now.filter(standing=Standing.UNAUTHORISED, told_at__gt=at - FOUND_LATE).order_by("-told_at")[:AT_ONCE]
    unseen = doubtful().filter(free, told_at__lte=at - PATIENCE).order_by("told_at")
    return sum(_looked_at(event, at) for event in [*waiting, *given_up, *unseen[:AT_ONCE]])


def _looked_at(event: DeploymentEvent, at: datetime) -> bool:
    over = event.standing != Standing.UNAUTHORISED and event.told_at <= at - PATIENCE
    row, trouble, retry_at = DeploymentEvent.objects.filter(pk=event.pk), "", None
    try:
        (give_up if over else match)(event, at=at)
    except Exception as error:
        if is_connection_lost(error):
            raise
        if not is_lock_conflict(error):  # the next look is soon enough for that
            logger.exception("deployment event %s is parked", event.pk)
            trouble, retry_at = f"{type(error).__name__}: {error}"[:300], at + PARKED
    if (trouble, retry_at) != (event.trouble, event.retry_at):
        row.update(trouble=trouble, retry_at=retry_at)
    return not trouble


def overdue(before: datetime) -> int:
    """How many have waited for longer than their five minutes. Raises nothing."""
    return DeploymentEvent.objects.filter(standing=Standing.WAITING, told_at__lt=before - PATIENCE).count()
