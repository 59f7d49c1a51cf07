"""Deliveries become deployments and questions, in the order in which they came, by one at a time of each source."""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.exceptions import ParseError

from changes.delivery import formats
from changes.delivery.formats import Heard, Place, Read
from changes.delivery.formats.heard import whole_id
from changes.delivery.formats.told import Told
from changes.delivery.models import DeliverySource, DeploymentEvent, PlatformDelivery, PlatformQuestion
from changes.delivery.operations import questions, running
from changes.delivery.operations.matching import match
from changes.delivery.operations.receiving import document_of, soon
from changes.delivery.operations.recording import record_event
from changes.delivery.queries.routes import Way, way_of
from changes.delivery.vocabulary import DeliveryStatus, ToldBy
from itsm.accounts.actors import actor_for
from itsm.intake.reading import NotOurs
from itsm.kernel.actors import Door
from itsm.kernel.errors import DomainError
from itsm.locks import AdvisoryLock, is_connection_lost, is_lock_conflict
from itsm.one_by_one import one_by_one

logger = logging.getLogger(__name__)

_PLACE = ("repository", "workflow", "environment")
AGAIN = timedelta(seconds=2)  # after somebody else's locks refused a delivery
MOST_AT_A_TIME = 100


def apply_when_due(source_id: int, at: datetime) -> None:
    """The due row's work: some of what waits of the source, oldest first; more of it when the others had their turn."""
    if not _is_ours(source_id):
        soon(source_id, at + timedelta(seconds=1))
        return
    waiting = PlatformDelivery.objects.filter(source=source_id, status=DeliveryStatus.NEW).order_by("pk")
    for delivery in waiting.select_related("source__account")[:MOST_AT_A_TIME]:
        try:
            with transaction.atomic():
                apply(delivery)
        except Exception as error:  # nothing behind it waits for it
            if is_lock_conflict(error):
                logger.exception("delivery %s waits", delivery.pk)
                soon(source_id, at + AGAIN)
                return
            if is_connection_lost(error):  # it is applied by whoever comes next
                raise
            logger.exception("delivery %s is parked", delivery.pk)
            delivery.refresh_from_db(fields=["deployment", *_PLACE])  # what was told in between was undone
            _done(delivery, DeliveryStatus.PARKED, f"{type(error).__name__}: {error}")
    if PlatformDelivery.objects.filter(source=source_id, status=DeliveryStatus.NEW).exists():
        soon(source_id, timezone.now())


def apply(delivery: PlatformDelivery) -> PlatformDelivery:
    """Read it and do what it says; what cannot be read is parked. In the caller's transaction. Raises DomainError of
    what refuses it for no reason of its own."""
    source = delivery.source
    try:
        read = formats.read(source.platform, delivery.event, document_of(delivery), source.mapping)
        if read.nothing:
            return _done(delivery, DeliveryStatus.IGNORED, read.nothing)
        return _follow(delivery, read)
    except (NotOurs, ParseError) as error:
        return _done(delivery, DeliveryStatus.PARKED, str(error))
    except DomainError as refused:
        return _done(delivery, DeliveryStatus.PARKED, refused.detail)


@transaction.atomic
def _follow(delivery: PlatformDelivery, read: Read) -> PlatformDelivery:
    """All that it tells, or nothing: one place that nobody mapped makes the whole of it wait for a mapping."""
    source, at = delivery.source, delivery.received_at
    places = [one.place for one in read.heard] + ([read.held.place] if read.held else [])
    ways = [way_of(source, place) for place in places]
    for place, way in zip(places, ways, strict=True):
        if way is None:
            return _unmapped(delivery, place)
    known = [way for way in ways if way is not None]
    told = [tell(source, heard, way, at) for heard, way in zip(read.heard, known, strict=False)]
    became = "" if read.held is None else _became(questions.ask(source, read.held, known[-1], at=at))
    if told:  # where one of them was refused none of them is there
        delivery.deployment = told[-1]
    _say(delivery, places[0])
    return _done(delivery, DeliveryStatus.APPLIED, became)


def _became(question: PlatformQuestion) -> str:
    if question.change is None:
        return question.refusal
    return gettext("The gate was asked: %(change)s.") % {"change": question.change.reference}


def tell(source: DeliverySource, heard: Heard, way: Way, at: datetime) -> DeploymentEvent:
    """Record what was heard, begin or end the run that was asked for on this platform, and look for its authorisation.

    Raises InvalidInput and UnknownEnvironment, as `record_event` does.
    """
    actor = actor_for(source.account, Door.API)
    event = record_event(_told(source, heard, way), actor=actor, at=at)
    running.follow(source, event, heard, actor=actor, at=at)
    return match(event, at=at)


def _told(source: DeliverySource, heard: Heard, way: Way) -> Told:
    return Told(
        told_by=ToldBy(source.platform), external_id=external_id_of(source, heard.external_id), service=way.service,
        environment=way.environment, version=heard.version, artifact_digest=heard.artifact_digest,
        commit=heard.commit, repository=heard.place.repository, run_id=heard.run_id, url=heard.url,
        result=heard.result, started_at=heard.started_at, finished_at=heard.finished_at, who=heard.who,
        rework=heard.rework, commits=heard.commits,
    )  # fmt: skip


def external_id_of(source: DeliverySource, theirs: str) -> str:
    """Two sources may count from one each."""
    return whole_id(f"{source.slug}:{theirs}")


def _unmapped(delivery: PlatformDelivery, place: Place) -> PlatformDelivery:
    _say(delivery, place)
    return _done(delivery, DeliveryStatus.UNMAPPED, gettext("Nobody has said yet which service of ours this is."))


def _say(delivery: PlatformDelivery, place: Place) -> None:
    delivery.repository, delivery.workflow = place.repository.lower()[:200], place.workflow[:200]
    delivery.environment = place.environment[:200]


def _done(delivery: PlatformDelivery, status: DeliveryStatus, reason: str) -> PlatformDelivery:
    delivery.status, delivery.reason, delivery.applied_at = status, reason[:500], timezone.now()
    delivery.version += 1
    delivery.save(update_fields=["status", "reason", "applied_at", *_PLACE, "deployment", "version"])
    return delivery


def _is_ours(source_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)", [AdvisoryLock.DELIVERIES_OF_SOURCE, source_id % 2**31]
        )
        return bool(cursor.fetchone()[0])


def left_before(before: datetime) -> int:
    """How many deliveries that came before this instant are not applied yet. Raises nothing."""
    return PlatformDelivery.objects.filter(status=DeliveryStatus.NEW, received_at__lt=before).count()


def apply_left(at: datetime) -> None:
    """Apply what waits, of every source: whoever should have was killed, or its promise is gone. Raises nothing."""
    waiting = PlatformDelivery.objects.filter(status=DeliveryStatus.NEW).order_by()
    sources = waiting.values_list("source", flat=True).distinct()
    one_by_one(sources, lambda source_id: _applied(source_id, at), what="sources of deliveries")


def _applied(source_id: int, at: datetime) -> bool:
    apply_when_due(source_id, at)
    return True
