"""How often an agent calls in a minute, and whether it may at all: one statement, asked before anything else."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext

from itsm.agents.models import Agent
from itsm.kernel.errors import DomainError, NotPermitted

CALLS_A_MINUTE = 600

# What is lost of a count in a crash of the database is no loss: nobody waits for its disk.
_LIGHTLY = "SET LOCAL synchronous_commit TO off; "
_COUNT = """
WITH counted AS (
  INSERT INTO agents_callcount AS it (agent_id, minute, calls) VALUES (%(agent)s, date_trunc('minute', %(at)s), 1)
  ON CONFLICT (agent_id) DO UPDATE SET minute = greatest(it.minute, excluded.minute),
    calls = CASE WHEN it.minute >= excluded.minute THEN it.calls + 1 ELSE 1 END
  RETURNING calls
), seen AS (
  UPDATE agents_agent SET last_called_at = %(at)s WHERE id = (
    SELECT id FROM agents_agent WHERE id = %(agent)s
    AND (last_called_at IS NULL OR last_called_at < date_trunc('minute', %(at)s)) FOR NO KEY UPDATE SKIP LOCKED)
)
SELECT counted.calls, agent.stopped_at, agent.stop_reason, switch.stopped_at, switch.reason
FROM counted JOIN agents_agent agent ON agent.id = %(agent)s LEFT JOIN agents_agentswitch switch ON true
"""
_SINCE = """
SELECT agent.stopped_at, agent.stop_reason, switch.stopped_at, switch.reason, account.is_active
FROM agents_agent agent JOIN accounts_user account ON account.id = agent.account_id
LEFT JOIN agents_agentswitch switch ON true WHERE agent.id = %(agent)s
"""


class TooManyCalls(DomainError):
    code, title, status, retryable = "too-many-requests", "Too many calls", 429, True


class Stopped(NotPermitted):
    """The agent, or all of them, were stopped by a person."""

    code, title = "agent-stopped", "This agent was stopped"


@dataclass(frozen=True, slots=True)
class Counted:
    """`calls` of this minute, with this one; `stopped`: why none is heard, "" where they are."""

    calls: int
    stopped: str

    @property
    def is_too_many(self) -> bool:
        return self.calls > CALLS_A_MINUTE

    def require_open(self) -> None:
        """Raises Stopped, or TooManyCalls."""
        if self.stopped:
            raise Stopped(self.stopped)
        if self.is_too_many:
            raise TooManyCalls(
                gettext("You called more than %(most)d times this minute; go on in the next one.")
                % {"most": CALLS_A_MINUTE}
            )


def count(agent: Agent, at: datetime) -> Counted:
    """Count a call, at once and for good: what happens to it afterwards changes nothing. Raises nothing."""
    lightly = "" if connection.in_atomic_block else _LIGHTLY
    with connection.cursor() as cursor:
        cursor.execute(f"{lightly}{_COUNT}", {"agent": agent.pk, "at": at})
        calls, stopped_at, reason, all_stopped_at, why_all = cursor.fetchone()
    return Counted(calls, _stopped(stopped_at, reason, all_stopped_at, why_all))


def require_still_open(agent: Agent) -> None:
    """What an agent wrote is kept only where nobody stopped or ended it meanwhile: a call may have waited long for
    somebody's lock. Asked last, in the transaction of the call. Raises Stopped."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, {"agent": agent.pk})
        *switches, is_active = cursor.fetchone()
    stopped = _stopped(*switches)
    if not is_active:
        stopped = gettext("This software agent has ended.")
    if stopped:
        raise Stopped(stopped)


def _stopped(stopped_at: datetime | None, reason: str, all_stopped_at: datetime | None, why_all: str) -> str:
    """Why the agent is not heard; "" where it is."""
    if all_stopped_at is not None:
        return _why(gettext("An administrator has stopped all software agents."), why_all)
    return _why(gettext("This software agent was stopped; ask your owner."), reason) if stopped_at is not None else ""


def _why(sentence: str, reason: str) -> str:
    return f"{sentence} {gettext('Reason given: “%(reason)s”') % {'reason': reason}}" if reason else sentence
