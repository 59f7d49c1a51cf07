"""Who may look at configuration items, and at what is known of them."""

from django.http import HttpRequest
from django.utils.translation import gettext

from catalog.cmdb import permissions
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor


def reader(request: HttpRequest) -> Actor:
    """The actor, or NotPermitted for who only requests."""
    return actor_permitted(
        request, permissions.item_readers, gettext("Configuration items are for people who work here.")
    )
