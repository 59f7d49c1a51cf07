"""People, policies and providers to page with."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from itsm.accounts.models import Team, User
from itsm.clocks import due
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.paging.models import ContactPoint, EscalationPolicy, EscalationStep, PagingProvider, StepTarget
from itsm.paging.queries import subjects

# Something that can burn, which nobody keeps.
subjects.register("thing", subjects.SubjectKind(is_over=lambda number: False))
PAGING = (Lane.PAGING,)
TEMPLATE = '{"to": "{to}", "text": "{text}", "id": "{id}"}'


def a_policy(
    team: Team, *steps: Any, name: str = "payments, high", at: datetime | None = None, **said: Any
) -> EscalationPolicy:
    """A policy that is live. A step is a list of people, or (a dictionary of its terms, such a list)."""
    policy = EscalationPolicy.objects.create(
        slug=name.lower().replace(" ", "-").replace(",", ""), name=name, team=team, live_at=at or timezone.now(), **said
    )
    for position, step in enumerate(steps, 1):
        terms, targets = step if isinstance(step, tuple) else ({}, step)
        made = EscalationStep.objects.create(policy=policy, position=position, **{"wait_s": 300, **terms})
        for one in targets:
            StepTarget.objects.create(
                step=made, **({"kind_of": "person", "person": one} if isinstance(one, User) else one)
            )
    return policy


def a_phone(person: User, number: str = "+4915112345678", channel: str = "sms") -> ContactPoint:
    """Verified."""
    return ContactPoint.objects.create(person=person, channel=channel, address=number, verified_at=timezone.now())


def a_provider(url: str, name: str = "first", **said: Any) -> PagingProvider:
    return PagingProvider.objects.create(
        **{"name": name, "channel": "sms", "url": f"{url}/{name}", "template": TEMPLATE, **said}
    )


def lane_works(at: datetime) -> None:
    """What the keeper of the lane does until nothing is left at that instant."""
    while outbox.relay(at, lanes=PAGING) + due.sweep(at, lanes=PAGING):
        continue
