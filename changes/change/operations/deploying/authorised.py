"""What an authorisation is bound to, checked at the start: time, content, environment, artifact, and its conditions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext

from catalog.environments.queries import canonical, is_production
from changes.change.models import Change, Deployment, Evaluation
from changes.change.operations.evaluations import live_evaluation
from changes.change.workflow import Status
from changes.gate.vocabulary import ConditionCode
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.notifications.web_addresses import our_address


def usable(change: Change, at: datetime) -> Evaluation:
    """The answer that lets it start now: approved, unused, not expired, within its window. WrongState where none is."""
    evaluation = live_evaluation(change)
    if evaluation is None and change.status == Status.RUNNING:
        raise _runs_already(change)
    if evaluation is None or evaluation.status != Evaluation.Status.APPROVED or evaluation.expires_at is None:
        raise WrongState(
            gettext("%(change_reference)s has no authorisation that is unused and good.")
            % {"change_reference": change.reference},
            state=change.status,
        )
    if evaluation.expires_at <= at:
        raise WrongState(
            gettext("The authorisation of %(change_reference)s has expired; ask again.")
            % {"change_reference": change.reference},
            state=change.status,
        )
    if change.window_start and at < change.window_start:
        raise WrongState(
            gettext("The window of %(change_reference)s opens at %(window_start)s UTC.")
            % {"change_reference": change.reference, "window_start": f"{change.window_start:%Y-%m-%d %H:%M}"}
        )
    if change.window_end and at >= change.window_end:
        raise WrongState(
            gettext("The window of %(change_reference)s has closed; ask again.")
            % {"change_reference": change.reference}
        )
    return evaluation


class RunsAlready(WrongState):
    """A second start of what runs: `deployment` is what runs."""

    members: ClassVar[Mapping[str, Any]] = {
        "deployment": {
            "type": "object",
            "description": "what runs already",
            "properties": {"number": {"type": "integer"}, "url": {"type": "string"}},
            "required": ["number", "url"],
        }
    }


def _runs_already(change: Change) -> WrongState:
    """A second start: what runs is named, so that a pipeline which never saw the first answer finds it."""
    running = change.deployments.filter(status=Deployment.Status.STARTED).select_related("started_by").last()
    if running is None:
        return WrongState(gettext("%(change)s is running already.") % {"change": change.reference}, state=change.status)
    words = {
        "change": change.reference,
        "number": running.number,
        "who": running.started_by or "Headroom",
        "at": f"{running.started_at:%Y-%m-%d %H:%M}",
    }
    return RunsAlready(
        gettext("%(change)s is running already: deployment %(number)s, started by %(who)s at %(at)s UTC.") % words,
        state=change.status,
        deployment={
            "number": running.number,
            "url": our_address(f"/api/v1/changes/{change.reference}/deployments/{running.number}/"),
        },
    )


def check_bound(change: Change, evaluation: Evaluation, environment: str) -> None:
    """The answer is about this content and this environment. Raises WrongState and InvalidInput."""
    if evaluation.content_hash != change.content_hash:
        raise WrongState(
            gettext("%(change_reference)s has changed since it was authorised; ask again.")
            % {"change_reference": change.reference}
        )
    if environment and canonical(environment) != change.environment:
        raise InvalidInput(
            gettext("Another environment than the authorised one."),
            {"environment": [_authorised_for(change.environment)]},
        )


def check_artifact(change: Change, evaluation: Evaluation, artifact_digest: str) -> None:
    """In production the artifact is named at the start, where the answer is bound to one; without people, it is."""
    if artifact_digest and artifact_digest != change.artifact_digest:
        raise InvalidInput(
            gettext("Another artifact than the authorised one."),
            {"artifact": [_authorised_for(change.artifact_digest)]},
        )
    if artifact_digest or not is_production(change.environment):
        return
    if change.artifact_digest:
        raise InvalidInput(
            gettext("Name the artifact that you start: the authorisation of %(change_reference)s is for one only.")
            % {"change_reference": change.reference},
            {"artifact": [_authorised_for(change.artifact_digest)]},
        )
    by = Evaluation.DecidedBy
    if evaluation.decided_by not in (by.PERSON, by.OVERRIDE, by.SHADOW):
        raise InvalidInput.about(
            "artifact",
            gettext("%(change_reference)s names no artifact, and no person approved that; ask with its digest.")
            % {"change_reference": change.reference},
        )


def wait_for_the_other(change: Change, evaluation: Evaluation) -> None:
    """The condition "one at a time": nothing else may run on this service and environment. Nothing is taken back."""
    conditions = evaluation.decision.verdict["conditions"] if evaluation.decision else []
    if not any(condition["code"] == ConditionCode.ONE_AT_A_TIME for condition in conditions):
        return
    running = Change.objects.filter(service=change.service_id, environment=change.environment, status=Status.RUNNING)
    other = running.exclude(pk=change.pk).order_by("id").first()
    if other is not None:
        raise WrongState(
            gettext("One at a time: %(other_reference)s is running there; start %(change_reference)s after it.")
            % {"other_reference": other.reference, "change_reference": change.reference}
        )


def _authorised_for(what: str) -> str:
    return gettext("Authorised is: %(what)s.") % {"what": what}
