"""`roll_back_to`: what ran there before, whether it is known to work, and how to ask for it."""

from django.utils.translation import gettext as _
from pydantic import Field

from catalog.environments.queries import canonical
from changes.change import permissions
from changes.change.agent_tools.finding import service_called
from changes.change.agent_tools.shapes import Slug
from changes.change.models import Deployment
from changes.change.queries.rollbacks import newest_there, to_return_to
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.tools import Tool
from itsm.kernel.errors import NotPermitted


class Where(Arguments):
    """What `roll_back_to` takes."""

    service: Slug
    environment: str = Field(default="production", max_length=40)


class Release(Shape):
    """A deployment that was there."""

    change: str
    artifact_digest: str
    status: str
    watch: str = Field(description="clean: nothing burned while it was watched; open: it still is; unclean.")
    known_to_work: bool = Field(
        description="Its watch ended clean, and somebody who did not want it saw so: measured by others, or a person."
    )
    started_at: str


class GoBack(Answer):
    """What runs, and what to go back to; none where nobody knows one."""

    service: str
    environment: str
    runs: Release | None
    called_back: bool = Field(description="True: Headroom itself says that what runs should be taken back, now.")
    back_to: Release | None


def run(call: Call, arguments: Where) -> GoBack:
    """Reads only. Raises NotPermitted, NotFound and UnknownEnvironment."""
    if not permissions.staff(call.eyes):
        raise NotPermitted(_("What was deployed is for people who work here."))
    service = service_called(arguments.service, call.eyes)
    environment = canonical(arguments.environment)
    newest = newest_there(service.pk, environment)
    back = to_return_to(newest) if newest is not None else None
    called = newest is not None and getattr(newest, "roll_back_call", None) is not None
    return GoBack(
        service=service.slug,
        environment=environment,
        runs=_release(newest),
        called_back=called,
        back_to=_release(back),
        next=_next(service.slug, environment, newest, back),
    )


def _release(deployment: Deployment | None) -> Release | None:
    if deployment is None:
        return None
    return Release(
        change=deployment.change.reference,
        artifact_digest=deployment.artifact_digest,
        status=deployment.status,
        watch=deployment.watch or "open",
        known_to_work=deployment.is_known_to_work,
        started_at=deployment.started_at.isoformat(),
    )


def _next(service: str, environment: str, newest: Deployment | None, back: Deployment | None) -> list[str]:
    if newest is None:
        return [_("Nothing was deployed there that Headroom knows of: there is nothing to go back from.")]
    words = {"service": service, "environment": environment, "change": newest.change.reference}
    if back is None:
        unknown = _(
            "Nothing is known to have worked there before %(change)s: people decide. "
            "who_is_on_call(service=%(service)s) says whom to tell; turning off a flag may be quicker."
        )
        return [unknown % words]
    words["digest"] = back.artifact_digest
    ask = _(
        "ask_gate(service=%(service)s, environment=%(environment)s, purpose=rollback, rollback_of=%(change)s, "
        "artifact_digest=%(digest)s, summary=…): proven so, it is let go in every state of the budget."
    )
    return [ask % words] if back.is_known_to_work else [ask % words, str(back.why_unknown)]


TOOL = Tool(
    name="roll_back_to",
    title="What to go back to",
    description=(
        "What runs in an environment of a service now, the earlier artifact there and whether it is known to work, and"
        " the exact question to the gate that lets a rollback to it go, whatever the budget says. Reads only."
    ),
    capability=Capability.GATE,
    arguments=Where,
    answer=GoBack,
    run=run,
)
