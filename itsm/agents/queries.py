"""What pages and REST read of software agents."""

from datetime import datetime

from django.db.models import Prefetch, QuerySet

from itsm.accounts.models import Token
from itsm.agents.models import Agent, AgentQuerySet
from itsm.kernel.actors import Actor


def listed(actor: Actor, at: datetime) -> AgentQuerySet:
    """The agents that this actor may see, with their accounts, owners and the tokens that are alive now."""
    rows = Agent.objects.visible_to(actor).select_related("account__owner", "stopped_by")
    return rows.prefetch_related(Prefetch("account__tokens", live_tokens(at), to_attr="alive"))


def live_tokens(at: datetime) -> QuerySet[Token]:
    """Tokens that open the agents' door at this instant, newest first."""
    of_agents = Token.objects.filter(owner__account_type="agent")
    return of_agents.filter(revoked_at=None, expires_at__gt=at).order_by("-id")
