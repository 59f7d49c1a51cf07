"""Who may do what with change models."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.services.permissions import standard_authorisers
from itsm.accounts.named_rights import named_right
from itsm.kernel.actors import Actor, Role

__all__ = ["model_deciders", "model_writers", "standard_authorisers", "version_deciders"]


@named_right("change_models.write", _("propose change models"), lends=Role.ENGINEER)
def model_writers(actor: Actor, record: Any = None) -> bool:
    """Engineers, owners and change managers, people, propose models and versions of them; Headroom its default."""
    return (actor.is_human or actor.is_system) and actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


def model_deciders(actor: Actor, model: Any) -> bool:
    """A service owner or administrator who did not propose it."""
    return standard_authorisers(actor) and actor.id is not None and actor.id != model.proposed_by_id


def version_deciders(actor: Actor, draft: Any) -> bool:
    """A service owner or administrator who wrote nothing of this version."""
    return standard_authorisers(actor) and actor.id is not None and actor.id not in draft.writers
