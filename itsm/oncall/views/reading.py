"""Who reads these pages, and what they are about."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.oncall import permissions, queries
from itsm.oncall.models import Schedule

NOT_KEPT = gettext_lazy("Schedules are kept by who leads their team, change managers and administrators.")


def reader(request: HttpRequest) -> Actor:
    """Who works here; raises NotPermitted."""
    return actor_permitted(request, permissions.readers, _("On-call schedules are for people who work here."))


def kept(request: HttpRequest, slug: str) -> tuple[Actor, Schedule]:
    """A schedule and who keeps it; raises NotPermitted, NotFound."""
    actor = reader(request)
    found = queries.schedule_called(actor, slug)
    if not permissions.keepers(actor, found):
        raise NotPermitted(str(NOT_KEPT))
    return actor, found


def worked_in(request: HttpRequest, slug: str) -> tuple[Actor, Schedule]:
    """A schedule and who works in it or keeps it; raises NotPermitted, NotFound."""
    actor = reader(request)
    found = queries.schedule_called(actor, slug)
    if not permissions.overriders(actor, found):
        raise NotPermitted(_("Overrides and swaps are made by who works in the schedule, and by its keepers."))
    return actor, found
