"""Who may look at what is measured and promised."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from slo.measuring import permissions


def reader_of(request: HttpRequest) -> Actor:
    """Who may look at objectives, or NotPermitted."""
    return actor_permitted(
        request,
        permissions.readers,
        _("Objectives are for people who work here; the services page shows how services are."),
    )
