"""Which authorisation that was used a deployment went out under: by artifact; else by commit; else by the run."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from changes.delivery.models import DeploymentEvent, DeploymentRoute
from changes.delivery.vocabulary import MatchedBy, Standing, ToldBy

SKEW = timedelta(minutes=5)  # by how much clocks differ
LONGEST = timedelta(hours=6)  # a run that never said that it ended counts as going on for so long
MOST = 200


def candidates(event: DeploymentEvent) -> Iterator[tuple[DeploymentEvent, MatchedBy]]:
    """Runs of the gate that this may be, the best first: in the same place, within their time, told by nobody else of
    its teller. One query.
    """
    rows = [one for one in _runs_there(event)[:MOST] if _in_time(event, one)]
    for way, fits in ((MatchedBy.DIGEST, _same_digest), (MatchedBy.COMMIT, _same_commit), (MatchedBy.RUN, _same_run)):
        near = [one for one in rows if fits(event, one)]
        for one in sorted(near, key=lambda run: (abs(run.started_at - event.started_at), run.pk)):
            yield one, way
        rows = [one for one in rows if one not in near]


def blind_like(event: DeploymentEvent) -> DeploymentEvent | None:
    """What a pipeline reported as deployed blind, and is this. One query."""
    told = _untold_by(event, told_by=ToldBy.REPORT).filter(same_as=None).exclude(pk=event.pk)
    there = told.filter(standing__in=(Standing.BLIND, Standing.UNAUTHORISED))
    near = there.filter(started_at__gte=event.started_at - LONGEST, started_at__lte=event.started_at + LONGEST)
    for fits in (_same_digest, _same_commit, _same_run):
        for one in near.order_by("-started_at")[:MOST]:
            if fits(event, one):
                return one
    return None


def doubtful() -> QuerySet[DeploymentEvent]:
    """What pipelines reported as blind of services whose platform is connected, and nobody has looked back at."""
    routes = DeploymentRoute.objects.filter(
        service=OuterRef("service"), environment=OuterRef("environment"), source__retired_at=None
    )
    told = DeploymentEvent.objects.filter(told_by=ToldBy.REPORT, standing=Standing.BLIND, same_as=None, change=None)
    return told.filter(Exists(routes))


def _runs_there(event: DeploymentEvent) -> QuerySet[DeploymentEvent]:
    runs = _untold_by(event, told_by=ToldBy.GATE).filter(deployment__isnull=False)
    began = runs.filter(started_at__lte=event.started_at + SKEW, started_at__gte=event.started_at - _EVER)
    return began.select_related("deployment__evaluation").order_by("-started_at")


_EVER = timedelta(days=31)  # a run waits so long on a platform


def _untold_by(event: DeploymentEvent, *, told_by: ToldBy) -> QuerySet[DeploymentEvent]:
    """In the same place, and of which its teller has told no other deployment: one to one."""
    others = DeploymentEvent.objects.filter(same_as=OuterRef("pk"), told_by=event.told_by).exclude(pk=event.pk)
    there = DeploymentEvent.objects.filter(service=event.service_id, environment=event.environment, told_by=told_by)
    return there.filter(~Exists(others))


def _in_time(event: DeploymentEvent, run: DeploymentEvent) -> bool:
    """Between its start and the end of what it was good for: its answer's time, or its own end where that is later."""
    used = run.deployment
    ends = [run.started_at + LONGEST if run.finished_at is None else run.finished_at]
    if used is not None and used.evaluation.expires_at is not None:
        ends.append(used.evaluation.expires_at)
    return run.started_at - SKEW <= event.started_at <= max(ends) + SKEW


def _same_digest(event: DeploymentEvent, run: DeploymentEvent) -> bool:
    return bool(event.artifact_digest) and event.artifact_digest == run.artifact_digest


def _same_commit(event: DeploymentEvent, run: DeploymentEvent) -> bool:
    """Of what names an artifact each, the artifact alone counts. A short commit is the beginning of a long one."""
    if event.artifact_digest and run.artifact_digest:
        return False
    return same_commit(event.commit, run.commit)


def same_commit(one: str, other: str) -> bool:
    """Whether both name one commit: all of what is said of it, by at least seven digits."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    return len(short) >= _SHORTEST and long.startswith(short)


_SHORTEST = 7


def _same_run(event: DeploymentEvent, run: DeploymentEvent) -> bool:
    """Of the same repository, and where neither artifact nor commit says that it is another."""
    if not event.run_id or event.run_id != run.run_id:
        return False
    if event.repository and run.repository and event.repository.lower() != run.repository.lower():
        return False
    if event.artifact_digest and run.artifact_digest:
        return False
    return not (event.commit and run.commit)
