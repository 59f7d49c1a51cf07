"""The demo's two occasions: founding the company on an empty desk, and catching up with the time since.

Promise: the founding happens whole or not at all, once, and never on a desk with data of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Service
from changes.models import Change
from changes.operations import asking
from changes.workflow import Status
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.home.demo import founding, lives, measuring, troubles
from itsm.home.demo.clockwork import live
from itsm.home.demo.company import PEOPLE
from itsm.home.demo.founding import Company
from itsm.home.demo.promises import OURS, PROMISES
from itsm.home.demo.stories import STORIES, Fate
from itsm.kernel.actors import Door
from slo import operations as slo
from slo.engine.windows import LONGEST_WINDOW_DAYS
from slo.models import Indicator

Say = Callable[[str], None]


def is_founded() -> bool:
    return Indicator.objects.filter(slug__startswith=OURS).count() == len(PROMISES)


def is_empty() -> bool:
    """Nobody works here yet, so nothing can be mistaken for the demo's."""
    return not Service.objects.exists() and not User.objects.exists()


@transaction.atomic
def found(at: datetime, *, say: Say, longest_days: int = LONGEST_WINDOW_DAYS) -> dict[str, Any]:
    """The whole company with its past. `longest_days` caps the objectives' windows, for those in a hurry."""
    users, actors = founding.people()
    company = Company(users, actors, founding.services(actors["owner"], at))
    say("people and services are there")
    told = troubles.tell_all(company)
    minutes = founding.promises(company, at=at, longest_days=longest_days)
    say(f"{minutes} minutes are measured")
    past = [lives.of_change(story, company, at) for story in STORIES]
    live([*past, lives.of_calendar(company, at)], until=at)
    say(f"{len(past)} changes asked the gate")
    return {"people": len(users), "services": len(company.services), "incidents": told, "minutes": minutes}


def catch_up(at: datetime, *, say: Say) -> dict[str, Any]:
    """Measurements since last time, and questions that ran out meanwhile asked again."""
    minutes = measuring.record_missing(at)
    say(f"{minutes} minutes are measured")
    slo.evaluate(at=at)
    due.sweep(at)
    return {"minutes": minutes, "asked_again": _ask_again(at)}


def _ask_again(at: datetime) -> int:
    """What should be waiting but ran out of time while the desk was off is asked once more."""
    users = {user.username: user for user in User.objects.filter(username__in=[one.username for one in PEOPLE])}
    actors = {name: actor_for(user, Door.COMMAND) for name, user in users.items()}
    company = Company(users, actors, {service.slug: service for service in Service.objects.all()})
    waiting = {(story.service, story.summary): story for story in STORIES if story.fate is Fate.WAITING}
    drafts = Change.objects.filter(status=Status.DRAFT, service__slug__in={slug for slug, _ in waiting})
    again = 0
    for change in drafts.exclude(verdict="blocked").select_related("service"):
        story = waiting.get((change.service.slug, change.summary))
        if story is not None:
            asking.ask_gate(lives.request(story, company, at), actor=actors[story.by], at=at)
            again += 1
    return again
