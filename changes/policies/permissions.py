"""Who may do what with policies."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import the_system
from itsm.kernel.actors import Actor, Role

__all__ = ["policy_deciders", "policy_keepers", "the_system"]


@named_right(
    "policies.write", _("write policies of the gate, propose them, and activate what was approved"), lends=Role.MANAGER
)
def policy_keepers(actor: Actor, record: Any = None) -> bool:
    """Change managers, people, write and propose what the gate is ruled by."""
    return actor.is_human and actor.has(Role.MANAGER)


def policy_deciders(actor: Actor, policy: Any) -> bool:
    """A change manager who neither wrote the policy nor proposed it; who exactly may answer, the ask says."""
    proposer = policy.frozen.proposed_by_id if policy.frozen_id is not None else None
    return actor.is_human and actor.has(Role.MANAGER) and actor.id not in {policy.author_id, proposer}
