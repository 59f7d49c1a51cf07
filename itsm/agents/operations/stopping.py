"""The switch: one agent, or all of them at once, opens nothing until somebody says so."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.step_up import require_proof
from itsm.agents import permissions
from itsm.agents.models import Agent, AgentSwitch
from itsm.agents.operations import checks
from itsm.agents.operations.ending import end_ways_in
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank


@transaction.atomic
def stop(agent: Agent, *, actor: Actor, reason: str = "", at: datetime) -> Agent:
    """Its tokens end at once and it gets none until it is resumed. Repeatable: the first reason stays.

    Raises NotPermitted for all but its owner and administrators, people; InvalidInput, Conflict (it has ended).
    """
    if not permissions.stoppers(actor, agent):
        raise NotPermitted(gettext("The owner of %(agent)s stops it.") % {"agent": agent.reference})
    reason = checks.short(reason, "reason", checks.LONGEST_REASON)
    checks.hold_accounts(agent)
    with lifecycle.edit(agent, actor=actor, version=None, version_required=False, event="stopped") as current:
        checks.still_there(current)
        end_ways_in(current, at)
        if current.stopped_at is None:
            current.stopped_at, current.stopped_by_id, current.stop_reason = at, actor.account_id, reason
    return current


def resume(agent: Agent, *, actor: Actor, at: datetime) -> Agent:
    """It may be given tokens again; those that ended stay ended. Repeatable.

    Whoever stopped it resumes it, or an administrator. Raises NotPermitted, Conflict (it has ended).
    """
    if not permissions.stoppers(actor, agent):
        raise NotPermitted(gettext("The owner of %(agent)s resumes it.") % {"agent": agent.reference})
    with lifecycle.edit(agent, actor=actor, version=None, version_required=False, event="resumed") as current:
        checks.still_there(current)
        if not permissions.resumers(actor, current):
            said = gettext("An administrator stopped %(agent)s, and an administrator resumes it.")
            raise NotPermitted(said % {"agent": agent.reference})
        current.stopped_at, current.stopped_by_id, current.stop_reason = None, None, ""
    return current


def stop_all(*, actor: Actor, reason: str, at: datetime) -> AgentSwitch:
    """Shut the agents' door for every agent at once. Their tokens stay, and open nothing meanwhile. Repeatable.

    Raises NotPermitted for all but administrators, people; InvalidInput (no reason).
    """
    _require_administrator(actor)
    if is_blank(reason):
        raise InvalidInput.about("reason", gettext("Say why: everybody whose agent is refused reads it."))
    reason = checks.short(reason, "reason", checks.LONGEST_REASON)
    with lifecycle.edit(_switch(), actor=actor, version=None, version_required=False, event="shut") as current:
        if current.stopped_at is None:
            current.stopped_at, current.stopped_by_id, current.reason = at, actor.account_id, reason
    return current


def resume_all(*, actor: Actor, at: datetime) -> AgentSwitch:
    """Open the agents' door again; an agent that was stopped by itself stays so. Repeatable.

    Raises NotPermitted for all but administrators, people; PasswordNeeded.
    """
    _require_administrator(actor)
    require_proof(actor, doing=gettext("open the agents' door again"))
    with lifecycle.edit(_switch(), actor=actor, version=None, version_required=False, event="opened") as current:
        current.stopped_at, current.stopped_by_id, current.reason = None, None, ""
    return current


def is_door_shut() -> AgentSwitch | None:
    """The switch where it shuts the door, with who and why; None while the door is open."""
    return AgentSwitch.objects.filter(stopped_at__isnull=False).select_related("stopped_by").first()


def _switch() -> AgentSwitch:
    return AgentSwitch.objects.get_or_create(pk=1)[0]


def _require_administrator(actor: Actor) -> None:
    if not permissions.door_keepers(actor):
        raise NotPermitted(gettext("Administrators, people, shut and open the agents' door."))
