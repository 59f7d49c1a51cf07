"""What problems burned of error budgets: reckoned here, where outages are known, and told to the problems below.

The whole of the last 28 days is reckoned anew each time: late samples, verdicts of people, links of problems and edited
terms all change it, and none of them has to say so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.utils.translation import gettext

from incidents.incident.queries import confidential_among, opened_by_burns
from incidents.problem import operations as problems
from incidents.problem.operations import Burn
from incidents.problem.queries import Owners, owners_of_causes
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.kernel.references import number_in
from itsm.locks import AdvisoryLock, for_a_session
from slo.engine.samples import epoch_minute
from slo.engine.shares import Share, WeighedCause, shares_of
from slo.objectives.models import Objective, ObjectiveVersion, Outage, OutageCause

RANKED = timedelta(days=28)


class _Outage(NamedTuple):
    id: int
    objective: int
    started_at: datetime
    ended_at: datetime
    cost: Decimal


class _Objective(NamedTuple):
    slug: str
    service: int
    service_name: str


def rank_problems(*, actor: Actor, at: datetime) -> int:
    """Reckon what each problem burned in the 28 days before `at`, and note it. Returns how many figures stand.

    Raises NotPermitted for everybody but the system.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom itself reckons what problems burned."))
    with _one_at_a_time():
        return problems.note_burn(list(_burns(at)), at)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """For a session, not for a transaction: nothing is held open while it is reckoned."""
    with for_a_session(AdvisoryLock.PROBLEM_BURN, waits=True):
        yield


def _burns(at: datetime) -> Iterable[Burn]:
    columns = ("id", "objective_id", "started_at", "ended_at", "cost")
    lately = Outage.objects.filter(ended_at__gt=at - RANKED, ended_at__lte=at, cost__gt=0).order_by("id")
    outages = [_Outage(*row) for row in lately.values_list(*columns)]
    causes, titles = _causes(outages)
    allowed, objectives = _Allowed({one.objective for one in outages}), _objectives(outages)
    whole: dict[tuple[int | None, int], list[tuple[_Outage, Share]]] = defaultdict(list)
    for outage in outages:
        for share in shares_of(Fraction(outage.cost), causes.get(outage.id, ())):
            whole[share.owner, outage.objective].append((outage, share))
    for (owner, objective), parts in whole.items():
        named = objectives[objective]
        yield Burn(
            problem=owner,
            objective=named.slug,
            service=named.service,
            service_name=named.service_name,
            parts=[
                problems.BurnPart(
                    outage=outage.id,
                    started_at=outage.started_at,
                    ended_at=outage.ended_at,
                    reference=share.reference,
                    title=titles.get((outage.id, share.reference), ""),
                    share=share.share,
                    minutes=share.share * allowed.minutes(objective, outage.started_at),
                )
                for outage, share in parts
            ],
        )


def _causes(outages: Collection[_Outage]) -> tuple[dict[int, list[WeighedCause]], dict[tuple[int, str], str]]:
    """The causes of these outages with who owns them, and their titles. What lies in a confidential queue says nothing
    here: it would show in everybody's figures."""
    objective_of = {one.id: one.objective for one in outages}
    rows = list(
        OutageCause.objects.filter(outage__in=objective_of)
        .order_by("outage_id", "reference")
        .values_list("outage_id", "reference", "verdict", "score", "title")
    )
    numbers = {reference: number_in(reference, "INC") for _outage, reference, *_rest in rows}
    incidents = {number for number in numbers.values() if number is not None}
    hidden, opened_by = confidential_among(incidents), opened_by_burns(incidents)
    owners = owners_of_causes()
    found: dict[int, list[WeighedCause]] = defaultdict(list)
    titles = {}
    for outage, reference, verdict, score, title in rows:
        number = numbers[reference]
        if number in hidden:
            continue
        own = number is not None and opened_by.get(number, "").startswith(f"burn:{objective_of[outage]}:")
        found[outage].append(WeighedCause(reference, verdict, score, own, _owners(owners, reference, number)))
        titles[outage, reference] = title
    return found, titles


def _owners(owners: Owners, reference: str, incident: int | None) -> tuple[int, ...]:
    if incident is not None:
        return owners.of_incidents.get(incident, ())
    return owners.of_changes.get(number_in(reference, "CHG") or 0, ())


def _objectives(outages: Collection[_Outage]) -> dict[int, _Objective]:
    rows = Objective.objects.filter(pk__in={one.objective for one in outages})
    named = rows.values_list("pk", "slug", "service_id", "service__name")
    return {pk: _Objective(slug, service, name) for pk, slug, service, name in named}


class _Allowed:
    """How many minutes the budget of an objective allows, by the terms at an instant."""

    def __init__(self, objectives: Collection[int]) -> None:
        self._terms: dict[int, list[tuple[int, Fraction]]] = defaultdict(list)
        rows = ObjectiveVersion.objects.filter(objective__in=objectives).order_by("objective_id", "number")
        for objective, since, target, days in rows.values_list("objective_id", "from_minute", "target", "window_days"):
            self._terms[objective].append((since, (1 - Fraction(target)) * days * 1440))

    def minutes(self, objective: int, at: datetime) -> Fraction:
        """(1 - target) times the window, as promised then."""
        terms, minute = self._terms[objective], epoch_minute(at)
        held = [allowed for since, allowed in terms[1:] if since <= minute]
        return held[-1] if held else terms[0][1]
