"""What people and teams answer for in paging."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.oncall.models import Schedule
from itsm.paging.models import Escalation, EscalationPolicy, StepTarget


def paged_as(person: User) -> list[Duty]:
    """Policies that page somebody by name."""
    policies = EscalationPolicy.objects.standing().filter(steps__targets__person=person).distinct()
    return [_of_policy(one, _("it pages others alone; refused where nobody would be left")) for one in policies]


def any_target(person: int) -> list[QuerySet[StepTarget]]:
    """Places of a person in policies, retired ones too: without any there is nothing to hand over."""
    return [StepTarget.objects.filter(person=person)]


def policies_of(team: Team) -> list[Duty]:
    """A team's policies."""
    return [
        _of_policy(one, _("it is of the other team"))
        for one in EscalationPolicy.objects.standing().filter(team=team)
    ]  # fmt: skip


def targets_of(team: Team) -> list[Duty]:
    """Policies that page all of a team."""
    steps = StepTarget.objects.filter(team=team, step__policy__retired_at=None).select_related("step__policy")
    return [_of_policy(one.step.policy, _("it pages the other team")) for one in steps]


def running_of(team: Team) -> list[Duty]:
    """Escalations under way in a queue."""
    otherwise = _("it goes on in the other")
    return [
        Duty(_("escalation"), one.reference, one.title, one.get_absolute_url(), otherwise, passes=True)
        for one in Escalation.objects.still_open().filter(team=team)
    ]


def nothing_of(team: Team) -> list[Duty]:
    """Nothing that is open."""
    return []


def _of_policy(policy: EscalationPolicy, otherwise: str) -> Duty:
    return Duty(
        _("escalation policy"), policy.slug, policy.name, policy.get_absolute_url(), otherwise, passes=True
    )  # fmt: skip


def using_schedule(schedule: Schedule) -> list[str]:
    """The names of the policies that page by it."""
    policies = EscalationPolicy.objects.standing().filter(steps__targets__schedule=schedule).distinct()
    return list(policies.order_by("name").values_list("name", flat=True))
