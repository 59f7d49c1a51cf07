"""Who may do what with escalations: a role says which verbs, the queue says on what."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, anyone, contributors, staff, the_system
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor, Role

__all__ = [
    "administrators",
    "answerers",
    "anyone",
    "contributors",
    "keepers",
    "readers",
    "responders",
    "staff",
    "the_system",
]


@named_right("paging.keep", _("keep escalation policies of their queues"), lends=Role.ENGINEER)
def some_keep(actor: Actor, policy: Any = None) -> bool:
    """Those who may keep policies of some team: service owners, managers, engineers and administrators."""
    return actor.has(Role.OWNER, Role.MANAGER, Role.ENGINEER, Role.ADMIN)


def keepers(actor: Actor, policy: Any) -> bool:
    """Who keeps a team's policies: its owners, managers and engineers; administrators. The last resort: the latter."""
    if administrators(actor):
        return rights_in_queues(actor).sees(policy.team_id)
    return not policy.is_last_resort and some_keep(actor) and rights_in_queues(actor).may_change(policy.team_id)


def readers(actor: Actor, record: Any) -> bool:
    """Everybody who works here and sees the queue."""
    return staff(actor) and rights_in_queues(actor).sees(record.team_id)


@named_right("paging.respond", _("answer pages in their queues"), lends=Role.AGENT)
def page_works(actor: Actor, record: Any = None) -> bool:
    """People whose role answers pages; in which queue, `responders` says."""
    return actor.is_human and actor.has(Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)


def responders(actor: Actor, escalation: Any) -> bool:
    """People who work on what lies in its queue. No program: nobody is awake by its answer."""
    return page_works(actor) and rights_in_queues(actor).may_change(escalation.team_id)


def answerers(actor: Actor, escalation: Any) -> bool:
    """Whoever was paged by it, and its responders; Headroom itself where its subject says that somebody works on it."""
    if actor.is_system or responders(actor, escalation):
        return True
    return actor.id is not None and actor.id in escalation.paged


def page_readers(actor: Actor, page: Any) -> bool:
    """Whose page it is, and who reads that queue."""
    return (actor.id is not None and actor.id == page.person_id) or readers(actor, page)


def page_answerers(actor: Actor, page: Any) -> bool:
    """Whose page it is, and who works on what it is about."""
    return (actor.id is not None and actor.id == page.person_id) or responders(actor, page)
