"""The demo's two occasions: founding the company on an empty desk, and catching up with the time since.

Promise: the founding happens whole or not at all, once, and never on a desk with data of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.services.queries import every_service
from changes.change.operations import asking
from changes.change.queries.listing import listed
from changes.change.workflow import Status
from changes.gate.vocabulary import Outcome
from changes.start_up.operations import judge_past
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.home.demo import (
    alerts,
    asked_for,
    boards,
    capacity,
    change_scenarios,
    configuration,
    costs,
    deliveries,
    desk,
    experiments,
    founding,
    improvements,
    incidents,
    knowledge,
    mail,
    majors,
    measuring,
    nights,
    offered,
    on_call,
    paging,
    platforms,
    portal,
    postmortems,
    practice,
    problems,
    public,
    refinements,
    requestable,
    software_agents,
    webhooks,
    workloads,
)
from itsm.home.demo.clockwork import live
from itsm.home.demo.company import FOUNDER, PEOPLE
from itsm.home.demo.founding import Company
from itsm.home.demo.objectives import OURS
from itsm.home.demo.scenarios import SCENARIOS, Ending, Scenario
from itsm.kernel.actors import Door
from itsm.kernel.errors import DomainError
from slo.measuring.queries import indicators
from slo.objectives import operations as slo

Say = Callable[[str], None]


def is_founded() -> bool:
    return indicators(FOUNDER).filter(slug__startswith=OURS).exists()


def is_empty() -> bool:
    """Nobody works here yet, so nothing can be mistaken for the demo's."""
    return not every_service().exists() and not User.objects.exists()


@transaction.atomic
def found(at: datetime, *, say: Say) -> dict[str, Any]:
    """The whole company with its past."""
    users, actors = founding.people()
    desk.open_queues(users)
    desk.keep_macros(users["admin"])
    desk.agree(at)
    company = Company(users, actors, founding.services(actors["owner"], actors["engineer"], at))
    offered.offer(company.services, at)
    say("people and services are there")
    items = configuration.bring_in(company, at)
    say(f"{items} configuration items came from three tools")
    told = sum(tell(company, at) for tell in (incidents.tell_all, nights.happened, desk.past_weeks, desk.converse))
    say(f"{mail.come_in(company, at)} mails came in")
    desk.share_views(company)
    say(f"{knowledge.write_down(company, at)} articles are written")
    portal.announce(company, at)
    say(f"{portal.hear(at)} people said how something was handled")
    minutes = founding.promises(company, at=at)
    refinements.refine(company.services, actors, at=at)
    say(f"{minutes} minutes are measured")
    past = [change_scenarios.of_change(story, company, at) for story in SCENARIOS]
    live(
        [
            capacity.of_forecasts(at),
            *past,
            change_scenarios.of_calendar(company, at),
            experiments.of_experiment(company, at),
            experiments.of_listening(company, at),
            boards.of_boards(company, at),
            software_agents.of_delivery(company, at),
        ],
        until=at,
    )
    say(f"{len(past)} changes asked the gate")
    say(f"{deliveries.tell(company, at)} deployments were imported, {judge_past(at)} judged as the gate would have")
    say(f"{platforms.send(company, at)} deliveries of a code host came in")
    founding.delegates(company, at)
    refinements.correct(actors, at=at)
    say(f"{requestable.offer(company, at)} things can be asked for")
    practice.keep_practice(company, at=at)  # counts what each model saved, so after the last of them
    say(f"{asked_for.ask(company, at)} of them were asked for")
    say(f"{costs.reckon_past(at)} changes are debited")
    learned = problems.tell(company, at)
    postmortems.tell(company, at)
    majors.tell(company, at)
    improvements.propose_some(company, at)
    say(f"{on_call.go_on_call(company, at)} schedules say who is on call")
    webhooks.tell(company, at)
    workloads.trust(company, at)
    alerts.keep(company, at)
    say(f"{paging.call(company, at)} people were called")
    say(f"{software_agents.triage(company, at)} proposals of a software agent came in")
    say(f"the public is told of {public.tell(company, at)} things")
    say(f"{learned} problems are known")
    return {
        "people": len(users),
        "services": len(company.services),
        "items": items,
        "incidents": told,
        "minutes": minutes,
    }


def catch_up(at: datetime, *, say: Say) -> dict[str, Any]:
    """Measurements since last time, and questions that ran out meanwhile asked again."""
    minutes = measuring.record_missing(at)
    say(f"{minutes} minutes are measured")
    slo.evaluate(at=at)
    slo.recompute_outages(actor=FOUNDER, at=at)
    slo.rank_problems(actor=FOUNDER, at=at)
    due.sweep(at)
    return {"minutes": minutes, "asked_again": _ask_again(at)}


def _ask_again(at: datetime) -> int:
    """What should be waiting but ran out of time while the desk was off is asked once more."""
    users = {user.username: user for user in User.objects.filter(username__in=[one.username for one in PEOPLE])}
    actors = {name: actor_for(user, Door.COMMAND) for name, user in users.items()}
    company = Company(users, actors, {service.slug: service for service in every_service()})
    return sum(_asked(story, company, at) for story in _ran_out() if story.by in actors)


def _ran_out() -> list[Scenario]:
    """Stories that wait for ever, whose change is a draft by now; what was blocked stays so."""
    drafts = listed(FOUNDER).filter(status=Status.DRAFT).exclude(verdict=Outcome.BLOCKED)
    found = set(drafts.values_list("service__slug", "summary"))
    return [story for story in SCENARIOS if story.fate is Ending.WAITING and (story.service, story.summary) in found]


def _asked(story: Scenario, company: Company, at: datetime) -> bool:
    """A visitor may have changed who may do what, or edited the change: then it stays as it is."""
    try:
        asking.ask_gate(change_scenarios.request(story, company, at), actor=company.actors[story.by], at=at)
    except DomainError:
        return False
    return True
