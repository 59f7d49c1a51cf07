"""What stands in a postmortem, changed by people."""

from typing import Any

from incidents.postmortem.models import Postmortem
from incidents.postmortem.operations.timeline import require_draft, require_writes_in
from itsm import lifecycle
from itsm.kernel.actors import Actor


def edit(postmortem: Postmortem, *, actor: Actor, version: int | None, **fields: Any) -> Postmortem:
    """Change title, impact, factors, went_well, went_badly, lucky, no_actions_because of a draft.

    Whoever writes in it does not publish it. Raises NotPermitted, InvalidInput, WrongState (no draft), StaleVersion and
    VersionRequired.
    """
    require_writes_in(actor, postmortem)
    with lifecycle.edit(postmortem, actor=actor, version=version) as current:
        require_draft(actor, current)
        changed = [name for name, value in fields.items() if getattr(current, name) != value]
        for name in changed:
            setattr(current, name, fields[name])
        if changed and actor.person_id is not None and actor.person_id not in current.writers:
            current.writers = [*current.writers, actor.person_id]
    return current
