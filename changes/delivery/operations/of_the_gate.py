"""The gate's own deployments are events as well: started, ended, in the transaction in which it is so."""

from typing import Any

from catalog.environments.queries import is_production
from changes.change.models import Change, Deployment, Evaluation
from changes.change.vocabulary import EXPERIMENT, ChangeClass
from changes.delivery.models import DeploymentEvent
from changes.delivery.vocabulary import MatchedBy, Result, Rework, Standing, ToldBy
from changes.gate.vocabulary import Purpose

_RESULTS = {
    Deployment.Status.STARTED.value: Result.STARTED,
    Deployment.Status.SUCCEEDED.value: Result.SUCCEEDED,
    Deployment.Status.FAILED.value: Result.FAILED,
    Deployment.Status.ROLLED_BACK.value: Result.ROLLED_BACK,
}


def follow_run(deployment: Deployment) -> None:
    """Write or renew the event of this run under an authorisation. Called twice, nothing is doubled. Raises nothing.

    A chaos experiment delivers nothing: it is no deployment.
    """
    if deployment.change.purpose == EXPERIMENT:
        return
    now = {"result": _RESULTS[deployment.status], "finished_at": deployment.finished_at}
    if deployment.status == Deployment.Status.STARTED or not _renewed(deployment, now):
        DeploymentEvent.objects.get_or_create(deployment=deployment, defaults=_first(deployment) | now)


def _renewed(deployment: Deployment, now: dict[str, Any]) -> bool:
    return DeploymentEvent.objects.filter(deployment=deployment).update(**now) == 1


def _first(deployment: Deployment) -> dict[str, Any]:
    """What stays as it was at the start."""
    change, by = deployment.change, deployment.started_by
    pipeline = deployment.evaluation.pipeline
    in_production = is_production(deployment.environment)
    return {
        "told_by": ToldBy.GATE,
        "external_id": f"{change.reference}/{deployment.number}",
        "service_id": change.service_id,
        "environment": deployment.environment,
        "version": deployment.artifact_version,
        "artifact_digest": deployment.artifact_digest,
        "commit": change.commit,
        "repository": _text(pipeline, "repository"),
        "run_id": _text(pipeline, "run_id"),
        "url": deployment.url,
        "started_at": deployment.started_at,
        "told_at": deployment.started_at,
        "person_id": by.pk if by is not None and by.is_human else None,
        "who": by.username if by is not None and not by.is_human else "",
        "rework": rework_of(change, deployment),
        "change_id": change.pk,
        "standing": _standing(deployment) if in_production else Standing.EXEMPT,
        "matched_by": MatchedBy.ITSELF if in_production else "",
    }


def _standing(deployment: Deployment) -> Standing:
    """What only a shadow allowed is told apart: nobody authorised it."""
    in_shadow = deployment.evaluation.decided_by == Evaluation.DecidedBy.SHADOW
    return Standing.SHADOW if in_shadow else Standing.AUTHORISED


def rework_of(change: Change, deployment: Deployment) -> Rework:
    """What its request said it repairs: an incident, or a change that it takes back."""
    asked = deployment.evaluation
    if change.purpose == Purpose.ROLLBACK or asked.exception.get("rollback_of"):
        return Rework.ROLLBACK
    if change.change_class == ChangeClass.EMERGENCY or asked.exception.get("incident"):
        return Rework.FIX
    return Rework.NONE


def _text(pipeline: dict[str, Any], name: str) -> str:
    said = pipeline.get(name)
    return said[:200] if isinstance(said, str) else ""
