"""Who may look."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.reconciliation import permissions
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


def reader(request: HttpRequest) -> Actor:
    """Who is here. Raises NotPermitted for who does not work here."""
    actor = actor_of(request)
    if not permissions.run_readers(actor):
        raise NotPermitted(_("%(actor_name)s may not see imports.") % {"actor_name": actor.name})
    return actor
