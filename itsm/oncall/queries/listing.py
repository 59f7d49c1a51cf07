"""Finding schedules, and answering for services by who knows them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.oncall.models import Schedule
from itsm.oncall.models.schedule import ScheduleQuerySet
from itsm.oncall.queries.duty import OnDuty, require_near, standing

# f(actor, service_slug, at) -> the schedules that a service is answered by, most urgent first.
ByService = Callable[[Actor, str, datetime], list[Schedule]]
_by_service: list[ByService] = []


def by_service(find: ByService) -> None:
    """Who knows which schedules a service is answered by (its policies) says so, in `AppConfig.ready()`."""
    _by_service.append(find)


def schedules_of_service(actor: Actor, slug: str, at: datetime) -> list[Schedule]:
    """The schedules that answer for a service; raises NotFound as the registered sources do, none: []."""
    found: dict[int, Schedule] = {one.pk: one for find in _by_service for one in find(actor, slug, at)}
    return list(found.values())


def visible_schedules(actor: Actor) -> ScheduleQuerySet:
    """Those that are not retired, with their teams."""
    return Schedule.objects.visible_to(actor).filter(retired_at=None).select_related("team")


def schedule_called(actor: Actor, slug: str) -> Schedule:
    """Raises NotFound."""
    found = Schedule.objects.visible_to(actor).select_related("team").filter(slug=slug[:63].replace("\0", "")).first()
    if found is None:
        raise NotFound(gettext("There is no schedule %(name)s, or you may not see it.") % {"name": slug[:63]})
    return found


def in_use(schedule: Schedule) -> list[str]:
    """Names of what pages by it: it is not retired while there is any."""
    return [name for find in _users for name in find(schedule)]


_users: list[Callable[[Any], list[str]]] = []


def used_by(find: Callable[[Any], list[str]]) -> None:
    """What refers to schedules (policies) says what it is called, in `AppConfig.ready()`."""
    _users.append(find)


class OnCallRow(NamedTuple):
    """A schedule, who has it, and who is next."""

    schedule: Schedule
    duty: OnDuty
    following: OnDuty


def on_call_rows(actor: Actor, at: datetime, *, service: str = "", schedule: str = "") -> list[OnCallRow]:
    """Who is on call at an instant: of the schedules that answer for a service, of one, or of all. Raises NotFound."""
    require_near(at)
    if service:
        found = schedules_of_service(actor, service, at)
        if schedule:
            found = [one for one in found if one.slug == schedule]
    else:
        found = [schedule_called(actor, schedule)] if schedule else list(visible_schedules(actor))
    duties = standing(found, at)
    return [OnCallRow(one, *duties[one.pk]) for one in found]
