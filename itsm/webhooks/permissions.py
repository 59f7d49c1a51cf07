"""Who keeps webhook endpoints: what leaves the house, and to where, is for administrators to say."""

from typing import Any

from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor


def keepers(actor: Actor, endpoint: Any = None) -> bool:
    """Administrators."""
    return administrators(actor)
