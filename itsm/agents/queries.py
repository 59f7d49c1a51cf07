"""What pages and REST read of software agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.fields.json import KT

from itsm.accounts.models import Token
from itsm.agents.calling import CALLED
from itsm.agents.models import Agent, AgentQuerySet
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.proposals.queries import Fared, how_they_fared

WEEK = timedelta(days=7)
QUARTER = timedelta(days=90)
_CAME_BACK = ("answered", "repeated")


def listed(actor: Actor, at: datetime) -> AgentQuerySet:
    """The agents that this actor may see, with their accounts, owners and the tokens that are alive now."""
    rows = Agent.objects.visible_to(actor).select_related("account__owner", "stopped_by")
    return rows.prefetch_related(Prefetch("account__tokens", live_tokens(at), to_attr="alive"))


def live_tokens(at: datetime) -> QuerySet[Token]:
    """Tokens that open the agents' door at this instant, newest first."""
    of_agents = Token.objects.filter(owner__account_type="agent")
    return of_agents.filter(revoked_at=None, expires_at__gt=at).order_by("-id")


def alive_count() -> int:
    """How many agents have not ended."""
    return Agent.objects.alive().count()


@dataclass(frozen=True, slots=True)
class Used:
    """One tool within the week: how often it was called, and how often that was refused."""

    tool: str
    calls: int
    refused: int


@dataclass(frozen=True, slots=True)
class CallTold:
    """One call: `answer` is "answered", "repeated" or the code of the refusal."""

    at: datetime
    tool: str
    answer: str
    milliseconds: int

    @property
    def is_refused(self) -> bool:
        """Whether it got no answer."""
        return self.answer not in _CAME_BACK


@dataclass(frozen=True, slots=True)
class Did:
    """What an agent did: by tool within the week, its newest calls, and what was done to it."""

    used: Sequence[Used]
    calls: Sequence[CallTold]
    history: Sequence[Entry]


def did(agent: Agent, at: datetime) -> Did:
    """What this agent asked for and was refused, newest first; three queries of its history."""
    entries = Entry.objects.filter(record_kind=Agent.kind, record_id=agent.pk)
    calls = entries.filter(event=CALLED)
    by_tool = (
        calls.filter(at__gt=at - WEEK, at__lte=at)
        .order_by()
        .values(tool=KT("changes__tool__1"))
        .annotate(calls=Count("pk"), refused=Count("pk", filter=~Q(changes__answer__1__in=_CAME_BACK)))
    )
    used = sorted((Used(**row) for row in by_tool), key=lambda one: (-one.calls, one.tool))
    newest = [_told(one) for one in calls.order_by("-id")[:20]]
    return Did(used, newest, list(entries.exclude(event=CALLED).order_by("-id")[:20]))


def _told(entry: Entry) -> CallTold:
    said = {name: pair[1] for name, pair in entry.changes.items()}
    return CallTold(entry.at, said["tool"], said["answer"], said["milliseconds"])


def fared(agent: Agent, at: datetime) -> list[Fared]:
    """What people made of what it proposed within ninety days, by kind."""
    return how_they_fared(since=at - QUARTER, until=at, agent=agent.account_id)
