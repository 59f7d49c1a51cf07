"""Who keeps agreements and offerings, and who reads them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.services.permissions import service_authors, service_editors
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, anyone, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["agreement_keepers", "agreement_readers", "anyone", "edits_offering", "offering_authors", "offering_keepers"]


@named_right("agreements.keep", _("keep service level agreements"), lends=Role.ADMIN)
def agreement_keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators, people; Headroom's own commands."""
    return administrators(actor) and (actor.is_human or actor.is_system)


def agreement_readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here: a due time must be explained to whom it binds."""
    return staff(actor)


def offering_authors(actor: Actor, record: Any = None) -> bool:
    """Who may offer something somewhere."""
    return service_authors(actor)


def offering_keepers(actor: Actor, service: Any) -> bool:
    """Who edits a service says what it offers."""
    return service_editors(actor, service)


def edits_offering(actor: Actor, offering: Any) -> bool:
    """The same of an offering that is there."""
    return offering_keepers(actor, offering.service)
