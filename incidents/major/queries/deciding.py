"""Who decides whether an incident is a major one."""

from django.db.models import Q

from incidents.major.models import Major
from itsm.accounts.models import Role, User
from itsm.accounts.queues import members_of
from itsm.configuration.known import DUTY_MANAGER
from itsm.configuration.reading import held


def duty_managers() -> frozenset[int]:
    """Ids of the active people whom the setting names; empty where it names nobody."""
    names = str(held(DUTY_MANAGER)).split()
    if not names:
        return frozenset()
    people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    wanted = Q()
    for name in names:
        wanted |= Q(username__iexact=name)
    return frozenset(people.filter(wanted).values_list("pk", flat=True))


def who_decide(major: Major) -> set[int]:
    """Managers, the owners among the people of the service, and the duty managers, who hear of a proposal."""
    people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    found = set(people.filter(roles__contains=[Role.MANAGER.value]).values_list("pk", flat=True)[:50])
    service = major.incident.service
    if service is not None and service.team_id is not None:
        owners = members_of(service.team_id).filter(roles__contains=[Role.OWNER.value])
        found |= set(owners.values_list("pk", flat=True))
    return found | duty_managers()
