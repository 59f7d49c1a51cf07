"""Who reads measures, keeps them, and sends their points."""

from typing import Any

from catalog.cmdb.permissions import item_authors, item_editors, item_readers
from itsm.kernel.actors import Actor

__all__ = ["keepers", "measure_authors", "measure_readers", "senders"]

measure_readers = item_readers
measure_authors = item_authors


def keepers(actor: Actor, measure: Any) -> bool:
    """Who may edit the item says what is watched of it; a program only sends points."""
    return (actor.is_human or actor.is_system) and item_editors(actor, measure.ci)


def senders(actor: Actor, measure: Any) -> bool:
    """Who may edit the item, programs of its team too."""
    return item_editors(actor, measure.ci)
