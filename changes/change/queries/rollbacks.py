"""What a rollback goes back to, and what it undoes: read from the deployments of one service and environment."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from changes.change.models import Deployment, Evaluation
from changes.change.queries.witnesses import KNOWN_TO_WORK
from changes.gate.evidence import EarlierRelease
from itsm.kernel.references import number_in

_BADLY = Q(status__in=(Deployment.Status.FAILED, Deployment.Status.ROLLED_BACK)) | Q(watch=Deployment.Watch.UNCLEAN)
# The same artifact went badly here after it: what it was known for before is old news.
_SINCE_GONE_BADLY = Exists(
    Deployment.objects.filter(
        _BADLY, change__service=OuterRef("change__service"), environment=OuterRef("environment"), change__stake=None,
        artifact_digest=OuterRef("artifact_digest"), pk__gt=OuterRef("pk"),
    )
)  # fmt: skip
_THERE = (Deployment.Status.STARTED, Deployment.Status.SUCCEEDED, Deployment.Status.FAILED)


def earlier_release(evaluation: Evaluation, at: datetime) -> EarlierRelease | None:
    """The newest deployment of this very digest here that is known to work; failing that, one that succeeded.

    None where this digest never succeeded here, or went badly here since. Two or three queries.
    """
    change = evaluation.change
    # An experiment put nothing there: what ran before it runs still.
    here = Deployment.objects.filter(change__service=change.service, environment=change.environment, change__stake=None)
    of_it = here.filter(artifact_digest=change.artifact_digest, status=Deployment.Status.SUCCEEDED, finished_at__lte=at)
    of_it = of_it.exclude(_SINCE_GONE_BADLY)
    # "clean" sorts before the empty word of an open watch only when the order descends; an unclean one is no success.
    known = of_it.filter(KNOWN_TO_WORK).order_by("-id").first()
    earlier = known or of_it.exclude(watch=Deployment.Watch.UNCLEAN).order_by("-watch", "-id").first()
    if earlier is None:
        return None
    newest = list(here.order_by("-id").values_list("change_id", "status", "artifact_digest")[:_LOOK_BACK])
    clean = earlier.watch == Deployment.Watch.CLEAN
    return EarlierRelease(
        digest=change.artifact_digest,
        service=change.service.slug,
        environment=change.environment,
        succeeded=True,
        finished_at=earlier.finished_at,
        watch_ended_at=earlier.watch_ended_at if clean else None,
        running=_runs_now(newest) in (None, change.artifact_digest),
        rolls_back=_undone(evaluation, newest),
        witness=earlier.witness,
    )


def to_return_to(deployment: Deployment) -> Deployment | None:
    """What ran there before it: the newest with another artifact that is known to work; failing that, one whose watch
    ended clean; failing that, one that succeeded by its own word. None where there is none. One to three queries."""
    here = Deployment.objects.filter(
        change__service=deployment.change.service_id, environment=deployment.environment, pk__lt=deployment.pk,
        status=Deployment.Status.SUCCEEDED, change__stake=None,  # an experiment put nothing there
    )  # fmt: skip
    other = here.exclude(watch=Deployment.Watch.UNCLEAN).exclude(artifact_digest="")
    other = (
        other.exclude(artifact_digest=deployment.artifact_digest).exclude(_SINCE_GONE_BADLY).select_related("change")
    )
    other = other.order_by("-id")
    return other.filter(KNOWN_TO_WORK).first() or other.filter(watch=Deployment.Watch.CLEAN).first() or other.first()


def newest_there(service_id: int, environment: str) -> Deployment | None:
    """What was put there last and not taken back, with its change; experiments put nothing there. One query."""
    here = Deployment.objects.filter(change__service=service_id, environment=environment, change__stake=None)
    return here.filter(status__in=_THERE).select_related("change", "roll_back_call").order_by("-id").first()


_LOOK_BACK = 50
_Rows = list[tuple[int, str, str]]


def _runs_now(newest: _Rows) -> str | None:
    """The artifact that runs there: the last one that was put there and not taken back. None: nobody knows."""
    return next((digest for _, status, digest in newest if status in _THERE), None)


def _undone(evaluation: Evaluation, newest: _Rows) -> str:
    """The change that the request names, when it is the last one that ran there."""
    named = number_in(str(evaluation.exception.get("rollback_of") or ""), "CHG")
    if named is None or not newest:
        return ""
    change_id, status, _ = newest[0]
    return str(evaluation.exception["rollback_of"]) if change_id == named and status in _THERE else ""
