"""Who says whose word counts as a workload's: administrators, people; auditors read it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor, Role


def keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators; a program never says who else may come in."""
    return administrators(actor) and (actor.is_human or actor.is_system)


@named_right("workloads.read", _("see whose word counts as a workload's"), lends=Role.AUDITOR)
def readers(actor: Actor, record: Any = None) -> bool:
    """Administrators and auditors."""
    return actor.has(Role.ADMIN, Role.AUDITOR)
