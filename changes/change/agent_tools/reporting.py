"""`report_result`: a deployment begins, which uses the authorisation, and how it ended."""

from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from changes.change.agent_tools.making import clock
from changes.change.agent_tools.shapes import Reference, Short
from changes.change.models import Change, Deployment
from changes.change.operations import deploying
from changes.change.queries import listing
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Repeatable
from itsm.agents.capabilities import Capability
from itsm.agents.tools import Tool
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.notifications.web_addresses import is_web_address, our_address

_LINK = Annotated[str, Field(max_length=300)]


class Report(Repeatable):
    """What `report_result` takes: `started` before anything is deployed, then how it ended."""

    change: Reference
    status: Literal["started", "succeeded", "failed", "rolled_back"]
    artifact_digest: Short | None = Field(default=None, description="What is deployed; needed where it starts.")
    url: _LINK | None = Field(default=None, description="Where the run is seen.")


class Reported(Answer):
    """The deployment as it stands."""

    change: str
    deployment: int
    environment: str
    status: Deployment.Status
    watched_until: str | None = Field(default=None, description="Until then it is watched; then it counts as well.")
    page: str


def run(call: Call, arguments: Report) -> Reported:
    """As `POST /changes/{number}/deployments/` and its `PATCH`.

    Raises NotFound, NotPermitted, InvalidInput, WrongState (nothing that is good to start, or nothing runs).
    """
    change = listing.by_reference(call.eyes, arguments.change)
    status = Deployment.Status(arguments.status)
    if status is Deployment.Status.STARTED:
        if arguments.url is not None and not is_web_address(arguments.url):
            raise InvalidInput.about("url", _("Send an http or https address, without a user name in it."))
        deployment = deploying.start_deployment(
            change, actor=call.actor, at=call.at, artifact_digest=arguments.artifact_digest or "",
            url=arguments.url or "",
        )  # fmt: skip
    else:
        deployment = deploying.finish_deployment(_running(change), actor=call.actor, status=status, at=call.at)
    return _shown(change, deployment)


def _running(change: Change) -> Deployment:
    newest = change.deployments.order_by("-id").first()
    if newest is None:
        words = {"change": change.reference}
        raise WrongState(
            _("No deployment of %(change)s was started: report_result(change=%(change)s, status=started) first.")
            % words,
            state=change.status,
        )
    return newest


def stands(call: Call, first: Reported) -> Reported:
    """What was reported with this key before, as it stands now."""
    change = listing.by_reference(call.eyes, first.change)
    return _shown(change, change.deployments.get(number=first.deployment))


def _shown(change: Change, deployment: Deployment) -> Reported:
    watched = deployment.watched_until
    return Reported(
        change=change.reference,
        deployment=deployment.number,
        environment=deployment.environment,
        status=Deployment.Status(deployment.status),
        watched_until=watched.isoformat() if watched is not None else None,
        page=our_address(change.get_absolute_url()),
        next=_next(change, deployment),
    )


def _next(change: Change, deployment: Deployment) -> list[str]:
    words = {
        "change": change.reference,
        "service": change.service.slug,
        "environment": deployment.environment,
        "at": clock(deployment.watched_until) if deployment.watched_until else "",
    }
    back = _("To go back: roll_back_to(service=%(service)s, environment=%(environment)s) says to what, and how to ask.")
    match deployment.status:
        case Deployment.Status.STARTED:
            end = _("Deploy it, then report_result(change=%(change)s, status=succeeded), or failed, or rolled_back.")
            return [end % words, back % words]
        case Deployment.Status.SUCCEEDED:
            return [_("Nothing more is needed: it is watched until %(at)s and counts then.") % words, back % words]
        case Deployment.Status.FAILED:
            return [back % words, _("What this cost is seen at the change; a person looks back at it.")]
    return [_("A person looks back at it; ask again, as a new change, once it is mended.")]


TOOL = Tool(
    name="report_result",
    title="Report a deployment",
    description=(
        "Tell of the deployment of an approved change: status=started before anything is deployed (uses the approval,"
        " once, and looks at it again), then succeeded, failed or rolled_back. Reported twice, it is the same one."
    ),
    capability=Capability.GATE,
    arguments=Report,
    answer=Reported,
    run=run,
    writes=True,
    writes_outward=True,
    again=stands,
)
