"""Who decides about mail that no record took, and who hands mail in."""

from typing import Any

from itsm.accounts.permissions import administrators
from itsm.accounts.queues import rights_in_queues, teams_led_by
from itsm.kernel.actors import Actor, Role
from itsm.mail.models import BlockedSender, IncomingMail, Mailbox


def keepers(actor: Actor, record: Any = None) -> bool:
    """Managers and administrators, and whoever leads a team; people."""
    return actor.is_human and (actor.has(Role.MANAGER) or bool(teams_led_by(actor)))


def decides(actor: Actor, mail: IncomingMail) -> bool:
    """Managers and administrators who see the mailbox's queue, and the leads of its team."""
    if not keepers(actor):
        return False
    team = mail.mailbox.team_id if mail.mailbox is not None else None
    if actor.has(Role.MANAGER):
        return rights_in_queues(actor).sees(team)
    return team in teams_led_by(actor)


def blocks(actor: Actor, mail: IncomingMail) -> bool:
    """Who ignores a sender from now on: the leads of the mailbox's team for it, administrators for all mailboxes."""
    return decides(actor, mail) and _keeps_out(actor, mail.mailbox)


def lifts(actor: Actor, blocked: BlockedSender) -> bool:
    """Who lets a sender in again: who may block them there."""
    return actor.is_human and _keeps_out(actor, blocked.mailbox)


def _keeps_out(actor: Actor, mailbox: Mailbox | None) -> bool:
    return administrators(actor) or (mailbox is not None and mailbox.team_id in teams_led_by(actor))


def carriers(actor: Actor, record: Any = None) -> bool:
    """Who hands mail in as it came: programs that an agent's or an administrator's role was given, and administrators.

    Whoever does says who wrote it, so no ordinary account may.
    """
    return actor.has(Role.ADMIN) or (not actor.is_human and actor.has(Role.AGENT))
