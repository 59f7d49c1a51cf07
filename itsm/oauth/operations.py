"""A person says yes to a client: it gets an agent of theirs."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from itsm.accounts.step_up import require_proof
from itsm.agents import operations as agents
from itsm.agents import permissions
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.agents.operations import checks
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted
from itsm.oauth import families
from itsm.oauth.models import OAuthClient, OAuthCode, OAuthGrant, OAuthRefresh
from itsm.oauth.registering import FORGOTTEN_AFTER
from itsm.oauth.server import Consent
from itsm.oauth.vocabulary import Ending


@transaction.atomic
def consent(
    *, actor: Actor, agent: Agent | None, name: str, capabilities: Collection[str], asked: Collection[str], at: datetime
) -> Consent:
    """Which agent a client acts as, a new one called `name` where none is given, and what it may do: at most what it
    `asked` for. An agent that has less is given the rest, by this person; what held it before it was taken away ends,
    for a yes to one client gives no other one anything. An agent that may write outward after reading hands that on, so
    that it is said by who has just shown who they are.

    Raises NotPermitted (programs, narrowed tokens, somebody else's agent), InvalidInput, Conflict (stopped, ended, too
    many agents), PasswordNeeded.
    """
    wanted = [one for one in checks.some(capabilities) if one in asked]
    checks.some(wanted)
    if agent is None:
        purpose = gettext("signed in by OAuth")
        agent = agents.connect(actor=actor, name=name, purpose=purpose, capabilities=wanted, at=at)
        return Consent(agent, wanted)
    checks.owner_only(actor, agent)
    agent = checks.held(agent)
    checks.still_there(agent)
    if agent.is_stopped:
        raise Conflict(gettext("%(agent)s is stopped; resume it first.") % {"agent": agent.reference})
    if agent.writing_outward(wanted):
        require_proof(actor, doing=gettext("let a client act as an agent that writes outward after reading"))
    families.end_what_holds(agent, {*wanted}, at)
    both = [one for one in Capability.values if one in {*agent.capabilities, *wanted}]
    agent = agents.edit(agent, actor=actor, version=None, version_required=False, capabilities=both)
    return Consent(agent, wanted)


@transaction.atomic
def take_away(grant: OAuthGrant, *, actor: Actor, at: datetime) -> OAuthGrant:
    """What was consented to is over, with all its tokens: the client has to ask again. Repeatable.

    Raises NotPermitted for all but the agent's owner and administrators, people.
    """
    if not permissions.stoppers(actor, grant.agent):
        raise NotPermitted(gettext("The owner of %(agent)s ends it.") % {"agent": grant.agent.reference})
    current = families.held(grant.pk)
    families.end(current, Ending.TAKEN, at, actor=actor)
    return current


def forget(at: datetime) -> int:
    """Take away what can be used no more: codes and refresh tokens that expired, clients that never came back.

    Used ones are kept as long as the others, so that a second use is seen. Returns how many rows went.
    """
    codes, _by_model = OAuthCode.objects.filter(expires_at__lt=at - timedelta(days=1)).delete()
    refreshes, _by_model = OAuthRefresh.objects.filter(expires_at__lt=at - timedelta(days=1)).delete()
    idle = OAuthClient.objects.filter(used_at=None, registered_at__lt=at - FORGOTTEN_AFTER)
    idle = idle.exclude(pk__in=OAuthCode.objects.values("client")).exclude(pk__in=OAuthGrant.objects.values("client"))
    clients, _by_model = idle.delete()
    return codes + refreshes + clients
