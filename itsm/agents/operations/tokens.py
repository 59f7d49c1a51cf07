"""Tokens that an owner hands to an agent by themselves: short-lived, shown once, good at the agents' door alone."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from itsm.accounts import tokens
from itsm.accounts.models import Token
from itsm.accounts.operations.checks import require_active
from itsm.accounts.step_up import require_proof
from itsm.agents import permissions
from itsm.agents.models import Agent
from itsm.agents.operations import checks
from itsm.agents.operations.ending import token_revoked
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted

LONGEST_HOURS = 24


@transaction.atomic
def issue_token(
    agent: Agent, *, actor: Actor, capabilities: Collection[str] | None = None, hours: int = 8, at: datetime
) -> tuple[Token, str]:
    """A token of this agent for 1 to 24 hours, and its text, which is shown this once.

    `capabilities`: a part of what the agent may do; None: all of it. A token that may write outward after reading is
    issued by who has just shown who they are. Raises NotPermitted (all but its owner), Conflict (ended, stopped, its
    owner left), InvalidInput, PasswordNeeded.
    """
    checks.owner_only(actor, agent)
    if isinstance(hours, bool) or not 1 <= hours <= LONGEST_HOURS:
        said = gettext("A token of a software agent is good for 1 to %(most)s hours.")
        raise InvalidInput.about("hours", said % {"most": LONGEST_HOURS})
    current = checks.held(agent)
    wanted = current.capabilities if capabilities is None else checks.some(capabilities)
    if beyond := sorted(set(wanted) - set(current.capabilities)):
        said = gettext("%(agent)s may not: %(beyond)s. Give it the capability first.")
        raise InvalidInput.about("capabilities", said % {"agent": agent.reference, "beyond": ", ".join(beyond)})
    if current.writing_outward(wanted):
        require_proof(actor, doing=gettext("issue a token that writes outward after reading words of strangers"))
    return made(
        current, wanted, actor=actor, name=gettext("issued by its owner"), good_for=timedelta(hours=hours), at=at
    )


def made(
    agent: Agent, capabilities: Collection[str], *, actor: Actor, name: str, good_for: timedelta, at: datetime
) -> tuple[Token, str]:
    """A token of this agent, whose row the caller holds: who stops it waits, and ends this token too.

    Raises Conflict (ended, stopped, its owner left).
    """
    checks.still_there(agent)
    if agent.is_stopped:
        raise Conflict(gettext("%(agent)s is stopped; resume it first.") % {"agent": agent.reference})
    require_active(agent.account.owner)
    require_active(agent.account)
    prefix, secret, secret_hash = tokens.fresh()
    token = Token.objects.create(
        prefix=prefix, secret_hash=secret_hash, owner=agent.account, name=name[:100], scopes=sorted(capabilities),
        expires_at=at + good_for,
    )  # fmt: skip
    changes: dict[str, list[object]] = {"owner": [None, agent.reference], "scopes": [None, token.scopes]}
    record_event("token.issued", token, actor=actor, changes=changes)
    return token, f"hr_{prefix}.{secret}"


@transaction.atomic
def revoke_token(token: Token, *, actor: Actor, at: datetime) -> Token:
    """It opens nothing from now on. Repeatable.

    Raises NotPermitted for all but the agent's owner and administrators, people.
    """
    agent = checks.held(Agent.objects.get(account=token.owner_id))
    if not permissions.stoppers(actor, agent):
        raise NotPermitted(gettext("The owner of %(agent)s ends its tokens.") % {"agent": agent.reference})
    current = Token.objects.select_for_update(no_key=True).get(pk=token.pk)
    if current.revoked_at is None:
        current.revoked_at = at
        current.save(update_fields=["revoked_at"])
        token_revoked(current, at)
        record_event("token.revoked", current, actor=actor)
    return current
