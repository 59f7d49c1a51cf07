"""What a platform was allowed to deploy it begins and ends here by telling so: nobody has to report it twice.

A run that the platform's own question led to is started under its authorisation when the platform says that it runs,
with everything that a start looks at; it is finished when the platform says how it ended. What is refused is refused:
then the deployment has no authorisation, and completeness says so.
"""

import logging
from datetime import datetime

from changes.change.models import Deployment
from changes.change.operations import deploying
from changes.delivery.formats import Heard
from changes.delivery.models import DeliverySource, DeploymentEvent, PlatformQuestion
from changes.delivery.queries.authorisations import same_commit
from changes.delivery.vocabulary import Answered, MatchedBy, Result, Standing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError

logger = logging.getLogger(__name__)

_ENDS = {
    Result.SUCCEEDED.value: Deployment.Status.SUCCEEDED,
    Result.FAILED.value: Deployment.Status.FAILED,
    Result.CANCELLED.value: Deployment.Status.FAILED,
    Result.ROLLED_BACK.value: Deployment.Status.ROLLED_BACK,
}


def follow(source: DeliverySource, event: DeploymentEvent, heard: Heard, *, actor: Actor, at: datetime) -> None:
    """Start the run that this telling begins, end the one that it ends. Raises nothing: what refuses is logged."""
    question = _question_of(source, heard)
    try:
        if question is not None and event.same_as_id is None and question.evaluation is not None:
            _start(question, event, heard, actor=actor, at=at)
        _finish(source, event, actor=actor, at=at)
    except DomainError as refused:
        logger.info("deployment event %s: %s", event.pk, refused.detail)


def _question_of(source: DeliverySource, heard: Heard) -> PlatformQuestion | None:
    """What the platform asked about this deployment, where that was approved: by its number, else by run and place."""
    approved = PlatformQuestion.objects.filter(source=source, answer=Answered.APPROVED)
    rows = approved.select_related("evaluation__change")
    found = rows.filter(external_id=heard.external_id).first()
    if found is None and heard.run_id:
        found = rows.filter(
            repository=heard.place.repository.lower(), run_id=heard.run_id, theirs=heard.place.environment
        ).first()
    return found


def _start(question: PlatformQuestion, event: DeploymentEvent, heard: Heard, *, actor: Actor, at: datetime) -> None:
    evaluation = question.evaluation
    if evaluation is None or evaluation.used_at is not None:
        return
    change = evaluation.change
    if (change.service_id, change.environment) != (event.service_id, event.environment):
        return
    if heard.commit and change.commit and not same_commit(heard.commit, change.commit):
        return  # another commit than was asked about; seven of its digits are soon found in one of one's own
    run = deploying.start_deployment(
        change, actor=actor, at=at, artifact_digest=heard.artifact_digest or change.artifact_digest,
        environment=event.environment, url=event.url,
    )  # fmt: skip
    own = DeploymentEvent.objects.get(deployment=run)
    if event.standing == Standing.WAITING:
        event.same_as, event.change, event.standing = own, change, Standing.AUTHORISED
        event.matched_by = MatchedBy.RUN
        event.save(update_fields=["same_as", "change", "standing", "matched_by"])


def _finish(source: DeliverySource, event: DeploymentEvent, *, actor: Actor, at: datetime) -> None:
    run = event.same_as.deployment if event.same_as is not None else None
    status = _ENDS.get(event.result)
    if run is None or status is None or run.status != Deployment.Status.STARTED:
        return
    if run.started_by_id == source.account_id:  # what a pipeline started, it ends itself
        deploying.finish_deployment(run, actor=actor, status=status, at=at)
