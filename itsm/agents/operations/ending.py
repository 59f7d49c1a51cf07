"""What opens the door for an agent ends; and the agent itself."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import Token, User
from itsm.agents import permissions
from itsm.agents.models import Agent
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.proposals.operations import withdraw_all

_followers: list[Callable[[Agent, datetime], None]] = []


def ends_with_an_agent(follower: Callable[[Agent, datetime], None]) -> None:
    """Called in the transaction that stops or ends an agent: what would give it tokens ends as well. Said at start."""
    _followers.append(follower)


_of_tokens: list[Callable[[Token, datetime], None]] = []


def ends_with_a_token(follower: Callable[[Token, datetime], None]) -> None:
    """Called in the transaction in which a person revokes a token of an agent. Said at start."""
    _of_tokens.append(follower)


def end_ways_in(agent: Agent, at: datetime) -> int:
    """Every token of this agent opens nothing from now on. The caller holds the agent's row. How many were alive."""
    for follower in _followers:
        follower(agent, at)
    return Token.objects.filter(owner=agent.account_id, revoked_at=None).update(revoked_at=at)


def token_revoked(token: Token, at: datetime) -> None:
    """A person took this token away: what would give the agent another one in its place ends too."""
    for follower in _of_tokens:
        follower(token, at)


def left_with(account: User, _taker: User | None, actor: Actor, at: datetime) -> None:
    """An account was deactivated: where it is an agent's, what would give it tokens ends too, and what it proposed.

    Raises nothing.
    """
    agent = Agent.objects.filter(account=account).first()
    if agent is not None:
        end_ways_in(lifecycle.locked(agent), at)
        withdraw_all(account.pk, actor=actor)


@transaction.atomic
def end(agent: Agent, *, actor: Actor, at: datetime) -> Agent:
    """It never opens anything again, and what waits of its proposals is withdrawn; what it did stays told. Repeatable.

    Raises NotPermitted for all but its owner and administrators, people.
    """
    if not permissions.stoppers(actor, agent):
        raise NotPermitted(gettext("The owner of %(agent)s ends it.") % {"agent": agent.reference})
    account = User.objects.select_for_update(no_key=True).get(pk=agent.account_id)  # first, as a deactivation does
    current = lifecycle.locked(agent, related=("account",))
    if not account.is_active:
        return current
    ended = end_ways_in(current, at)
    withdraw_all(current.account_id, actor=actor)
    account.is_active, account.version = False, account.version + 1
    account.access_version += 1
    account.save(update_fields=["is_active", "version", "access_version"])
    current.version += 1
    current.save(update_fields=["version"])
    current.account = account
    lifecycle.announce(current, "ended", actor=actor, changes={"is_active": [True, False], "tokens": [ended, 0]}, at=at)
    return current
