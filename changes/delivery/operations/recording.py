"""One operation for every door: a deployment is recorded once, however often and in whatever order it is told.

Promise: what is told later fills in what was missing and says how it ended. It never goes backwards, and a second,
contradictory end changes nothing: the first is kept, and the contradiction stands in the history.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical, is_production
from changes.delivery.formats.told import Told, ToldCommit
from changes.delivery.models import DeliveredCommit, DeploymentEvent
from changes.delivery.queries.watching import watched_since
from changes.delivery.vocabulary import Result, Standing, ToldBy
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import is_blank, is_kept

AHEAD = timedelta(minutes=5)  # clocks differ
REPLAYED = timedelta(days=1)
_FILLED_IN = ("version", "artifact_digest", "commit", "repository", "run_id", "url", "who", "rework")
MOST_COMMITS = 1_000


@transaction.atomic
def record_event(told: Told, *, actor: Actor, at: datetime) -> DeploymentEvent:
    """The event as it stands after this telling; the same telling again changes nothing.

    Raises InvalidInput (no id, an instant in the future, an end before its start, another service or environment than
    the same event was told of first) and UnknownEnvironment.
    """
    _require_sound(told, at)
    fields = _first(told, at)
    event, is_new = DeploymentEvent.objects.get_or_create(
        told_by=told.told_by, external_id=told.external_id, defaults=fields
    )
    if is_new:
        lifecycle.created(event, actor=actor, changes={"result": [None, event.result]}, at=at)
    else:
        event = lifecycle.locked(event)
        _require_the_same(event, told)
        _renew(event, told, actor=actor, at=at)
    _keep_commits(event, told.commits)
    return event


def _require_sound(told: Told, at: datetime) -> None:
    if is_blank(told.external_id):
        raise InvalidInput.about("external_id", gettext("A deployment needs an id by which it is told again."))
    for name, instant in (("started_at", told.started_at), ("finished_at", told.finished_at)):
        if instant is not None and instant > at + AHEAD:
            raise InvalidInput.about(name, gettext("This lies in the future: compare the clocks."))
    if told.started_at and told.finished_at and told.finished_at < told.started_at:
        raise InvalidInput.about("finished_at", gettext("It ended before it started."))


def _first(told: Told, at: datetime) -> dict[str, Any]:
    """The row of a deployment that is told for the first time. Texts are cut to what a column holds."""
    ended = told.result != Result.STARTED
    finished_at = (told.finished_at or at) if ended else None
    started_at = told.started_at or finished_at or at
    environment = canonical(told.environment)
    texts = {name: _cut(name, getattr(told, name)) for name in _FILLED_IN}
    return texts | {
        "service": told.service,
        "environment": environment,
        "result": told.result,
        "started_at": min(started_at, finished_at) if finished_at else started_at,
        "finished_at": finished_at,
        "told_at": at,
        "standing": _standing(told, environment, started_at, at),
    }


def _standing(told: Told, environment: str, started_at: datetime, at: datetime) -> Standing:
    """What it is before anybody looked for its authorisation."""
    if not is_production(environment):
        return Standing.EXEMPT
    if told.blind:
        return Standing.BLIND
    since = watched_since(told.service.pk)
    if told.told_by == ToldBy.IMPORT:
        return Standing.EXEMPT if since is None or started_at < since else Standing.WAITING
    # A platform may send its deliveries of the past once more: what it told of days before anybody watched.
    return Standing.EXEMPT if started_at < (since or at) - REPLAYED else Standing.WAITING


def _cut(name: str, text: str) -> str:
    longest: int = getattr(DeploymentEvent, name).field.max_length
    kept = text if is_kept(text) else text.replace("\0", "").encode(errors="ignore").decode()
    return kept[:longest]


def _require_the_same(event: DeploymentEvent, told: Told) -> None:
    if event.service_id == told.service.pk and event.environment == canonical(told.environment):
        return
    said = gettext("“%(id)s” was told of another service or environment before: %(before)s.")
    raise InvalidInput.about(
        "external_id", said % {"id": told.external_id[:80], "before": f"{event.service.slug}, {event.environment}"}
    )


def _renew(event: DeploymentEvent, told: Told, *, actor: Actor, at: datetime) -> None:
    """Fill in what was missing, begin earlier where it did, and end it once. The row is locked."""
    changes: dict[str, list[Any]] = {}

    def becomes(name: str, value: Any) -> None:
        if getattr(event, name) != value:
            changes[name] = [getattr(event, name), value]
            setattr(event, name, value)

    for name in _FILLED_IN:
        if not getattr(event, name):
            becomes(name, _cut(name, getattr(told, name)))
    if told.started_at is not None and told.started_at < event.started_at:
        becomes("started_at", told.started_at)
    if told.result != Result.STARTED:
        ends = event.result == Result.STARTED
        if ends:
            becomes("finished_at", max(told.finished_at or at, event.started_at))
            becomes("result", told.result)
        elif event.result != told.result:
            said = {"result": [event.result, event.result], "told": [None, told.result]}
            lifecycle.announce(event, "contradicted", actor=actor, changes=said, at=at)
    if changes:
        event.save(update_fields=list(changes))
        ended = "result" in changes
        lifecycle.announce(event, "ended" if ended else "told_more", actor=actor, changes=changes, at=at)


def _keep_commits(event: DeploymentEvent, commits: Sequence[ToldCommit]) -> None:
    rows = [
        DeliveredCommit(event=event, sha=one.sha[:64].lower(), committed_at=one.committed_at)
        for one in commits[:MOST_COMMITS]
    ]
    if rows:
        DeliveredCommit.objects.bulk_create(rows, ignore_conflicts=True)
