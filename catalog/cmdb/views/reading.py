"""Who may look at configuration items, and at what is known of them."""

from django.http import HttpRequest
from django.utils.translation import gettext

from catalog.cmdb import permissions
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


def reader(request: HttpRequest) -> Actor:
    """The actor, or NotPermitted for who only requests."""
    actor = actor_of(request)
    if not permissions.item_readers(actor):
        raise NotPermitted(gettext("Configuration items are for people who work here."))
    return actor
