"""`may_i_deploy`: what the gate would say now, to this agent. Reads only."""

from django.utils.translation import gettext as _

from catalog.environments.queries import default
from changes.change import permissions
from changes.change.agent_tools.case import Case
from changes.change.agent_tools.finding import service_called
from changes.change.agent_tools.shapes import Probe, ProbeAnswer
from changes.change.agent_tools.telling import next_of, told
from changes.change.queries.probing import probed
from changes.change.queries.shadows import allowed_in_shadow
from changes.gate.vocabulary import WITHOUT_PEOPLE
from itsm.agents.acting import Call
from itsm.agents.capabilities import Capability
from itsm.agents.tools import Tool
from itsm.kernel.errors import NotPermitted
from itsm.notifications.web_addresses import our_address


def run(call: Call, arguments: Probe) -> ProbeAnswer:
    """As `GET /api/v1/services/{slug}/gate/?asker=`. Raises NotPermitted, NotFound, UnknownEnvironment."""
    if not permissions.staff(call.eyes):
        raise NotPermitted(_("What the gate would say is for people who work here."))
    service = service_called(arguments.service, call.eyes)
    asked = arguments.model_dump(exclude={"service"})
    if "environment" not in arguments.model_fields_set:
        asked["environment"] = default()  # it need not be looked up
    found = probed(service, actor=call.eyes, at=call.at, asker=call.actor.id, **asked)
    again = {"service": service.slug, **asked}
    case = Case(service, found.evidence.change.environment, found.said, found.evidence, found.policy, call.at,
                call.eyes, again)  # fmt: skip
    in_shadow = allowed_in_shadow(service.pk, case.verdict, call.at) is not None
    allowed = in_shadow or case.verdict.outcome in WITHOUT_PEOPLE
    members = told(case)
    ask = _(
        "Ask for the authorisation itself: ask_gate(%(asked)s, summary=…, artifact_digest=…, plan=…, backout=…). "
        "It is good for one deployment of that artifact."
    )
    words = {"asked": ", ".join(f"{name}={value}" for name, value in again.items())}
    following = [ask % words] if allowed else next_of(case, members["ways"])
    if not permissions.askers(call.actor):
        following = [_(
            "You may not ask the gate yourself: you work with your owner's roles of an engineer, and they have none. "
            "They ask at %(page)s."
        ) % {"page": our_address("/changes/new/")}]  # fmt: skip
    return ProbeAnswer(service=service.slug, environment=case.environment, allowed=allowed, next=following, **members)


TOOL = Tool(
    name="may_i_deploy",
    title="May I deploy?",
    description=(
        "What the change gate would say now to a deployment of a service: allowed or not, why, and the smallest changes"
        " that would make it so. Reads only: nothing is opened, kept or reserved. Assumes an artifact named by digest,"
        " a plan and a backout, and no attested proof. Follow `next`."
    ),
    capability=Capability.GATE,
    arguments=Probe,
    answer=ProbeAnswer,
    run=run,
)
