"""Who reads findings, has them worked on, accepts them, and who asks and answers in rounds."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.cmdb.permissions import item_authors, item_editors, item_readers
from itsm.accounts.named_rights import named_right
from itsm.kernel.actors import Actor, Role

__all__ = ["accepters", "answerers", "health_readers", "line_answerers", "round_keepers", "task_givers"]

health_readers = item_readers
task_givers = item_authors


@named_right("health.accept", _("accept findings about configuration items for a while"), lends=Role.OWNER)
def accepters(actor: Actor, finding: Any = None) -> bool:
    """Service owners and change managers, people, live with a finding for a while."""
    return (actor.is_human or actor.is_system) and actor.has(Role.OWNER, Role.MANAGER)


@named_right("health.ask", _("ask in rounds whether configuration items are right"), lends=Role.OWNER)
def round_keepers(actor: Actor, round: Any = None) -> bool:
    """Service owners and change managers, people, ask whether items are right."""
    return (actor.is_human or actor.is_system) and actor.has(Role.OWNER, Role.MANAGER)


def answerers(actor: Actor, record: Any = None) -> bool:
    """People who may edit some items: a program has seen nothing with eyes."""
    return (actor.is_human or actor.is_system) and item_authors(actor)


def line_answerers(actor: Actor, line: Any) -> bool:
    """People who may edit the item."""
    return answerers(actor) and item_editors(actor, line.ci)
