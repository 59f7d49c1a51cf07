"""Who decides whether an incident is a major one."""

from django.db.models import Q
from django.utils import timezone

from incidents.major.models import Major
from itsm.accounts.models import User
from itsm.accounts.queues import managers, owners_in
from itsm.configuration.known import DUTY_MANAGER
from itsm.configuration.reading import held
from itsm.oncall.models import Schedule
from itsm.oncall.queries.duty import on_duty

_SCHEDULE = "schedule:"


def duty_managers() -> frozenset[int]:
    """Ids of the active people whom the setting names, by themselves or as those who have a schedule's duty now; empty
    where it names nobody, and while a schedule has a gap."""
    words = str(held(DUTY_MANAGER)).split()
    names = [one for one in words if not one.startswith(_SCHEDULE)]
    slugs = [one.removeprefix(_SCHEDULE) for one in words if one.startswith(_SCHEDULE)]
    return _named(names) | _on_duty(slugs)


def _on_duty(slugs: list[str]) -> frozenset[int]:
    now = timezone.now()
    found = Schedule.objects.filter(slug__in=slugs).values_list("pk", flat=True) if slugs else ()
    return frozenset(person for schedule in found for person in on_duty(schedule, now).people)


def _named(names: list[str]) -> frozenset[int]:
    if not names:
        return frozenset()
    people = User.objects.active_people()
    wanted = Q()
    for name in names:
        wanted |= Q(username__iexact=name)
    return frozenset(people.filter(wanted).values_list("pk", flat=True))


def who_decide(major: Major) -> set[int]:
    """Managers, the owners among the people of the service, and the duty managers, who hear of a proposal."""
    service = major.incident.service
    owners = owners_in(service.team_id if service is not None else None)
    return {*managers().values_list("pk", flat=True)[:50], *owners.values_list("pk", flat=True)} | duty_managers()
