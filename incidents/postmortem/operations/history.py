"""What the history of a postmortem keeps of an action."""

from collections.abc import Mapping

from incidents.postmortem.models import PostmortemAction
from itsm.kernel.references import reference


def said_of(action: PostmortemAction) -> dict[str, str]:
    """The action in a line, its owner and its link, each alone: so a mask finds the name of who is erased, and the
    link, which not everybody may see who reads the postmortem, is told on no page."""
    owner = action.owner.username if action.owner is not None else ""
    said = f"{action.action_type}: {action.text} ({action.due_at:%Y-%m-%d})"
    return {"action": said, "owner": owner, "link": linked_to(action)}


def changes_of(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str | None]]:
    """By field [before, after]: the action always, of the rest what became otherwise. Empty: there was, or is, none."""
    pairs = {name: [before.get(name) or None, after.get(name) or None] for name in (before or after)}
    return {name: pair for name, pair in pairs.items() if name == "action" or pair[0] != pair[1]}


def linked_to(action: PostmortemAction) -> str:
    """The reference of the change or problem that it is linked to; empty for nothing."""
    if action.problem is not None:
        return action.problem.reference
    return reference("CHG", action.change_number) if action.change_number is not None else ""
