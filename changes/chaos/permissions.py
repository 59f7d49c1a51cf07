"""Who may do what with chaos experiments: nouns for people."""

from typing import Any

from changes.change.permissions import askers, implementers, staff, staff_who_take_part
from itsm.kernel.actors import Actor

__all__ = ["askers", "concluders", "staff", "stoppers", "witnesses"]


def stoppers(actor: Actor, record: Any = None) -> bool:
    """Whoever works here: to stop an experiment can only be too careful."""
    return staff_who_take_part(actor)


def witnesses(actor: Actor, experiment: Any) -> bool:
    """People who carry it out, or work in its service's team: they see whether it has stopped."""
    return actor.is_human and implementers(actor, experiment.change)


def concluders(actor: Actor, experiment: Any) -> bool:
    """Who carried it out says what it showed."""
    return actor.is_human and implementers(actor, experiment.change)
