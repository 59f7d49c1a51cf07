"""What recurrence looks at: incidents of late, and problems that know the same."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from django.db.models import Q

from incidents.incident.models import Incident
from incidents.incident.workflow import Status as IncidentStatus
from incidents.problem.models import Problem, ProblemBurn
from incidents.problem.queries.linked import incident_ids, problem_ids
from incidents.problem.rules import ALIKE_WITHIN, GRAVE_WITHIN, UNOWNED_FROM_PERCENT, Group, Seen
from incidents.problem.vocabulary import CloseCode
from incidents.problem.workflow import STANDING, Status
from itsm.kernel.references import number_in

_REMEMBERED = timedelta(days=366)
_MOST_PROBLEMS = 50
_MOST_INCIDENTS = 50
_FRESH = timedelta(minutes=5)


def services_of_fresh(at: datetime) -> set[int]:
    """The services on which an incident was opened in the last five minutes. One query."""
    rows = Incident.objects.filter(opened_at__gt=at - _FRESH, opened_at__lte=at, service__isnull=False)
    return {pk for pk in rows.values_list("service", flat=True) if pk is not None}


def seen_lately(at: datetime, services: Collection[int] | None = None) -> list[Seen]:
    """The incidents of services that were opened in the last thirty days: none that was cancelled, none of a
    confidential queue, which says nothing here. `services`: only of these. One query."""
    rows = (
        Incident.objects.filter(
            opened_at__gt=at - max(ALIKE_WITHIN, GRAVE_WITHIN),
            opened_at__lte=at,
            service__isnull=False,
            team__confidential=False,
        )
        .exclude(status=IncidentStatus.CANCELLED)
        .order_by("pk")
        .only("pk", "service", "title", "category", "source_key", "opened_at", "priority", "major")
    )
    if services is not None:
        rows = rows.filter(service__in=list(services))
    return [_seen(one) for one in rows]


def seen_of(numbers: Collection[int]) -> list[Seen]:
    """These incidents as recurrence sees them. One query."""
    return [_seen(one) for one in Incident.objects.filter(pk__in=list(numbers)).order_by("pk")]


def _seen(one: Incident) -> Seen:
    rule = _alert_rule(one.source_key)
    return Seen(one.pk, one.service_id or 0, one.title, one.category_id, rule, one.opened_at, one.is_grave)


def _alert_rule(source_key: str | None) -> str:
    """The rule of the alert that opened it: its key without the occurrence, which is the last part."""
    return (source_key or "").rpartition(":")[0]


def standing_behind(numbers: Collection[int]) -> Problem | None:
    """A standing problem that one of these incidents is linked to; the oldest."""
    return Problem.objects.filter(status__in=STANDING, pk__in=problem_ids(numbers)).order_by("pk").first()


def known_again(group: Group, at: datetime) -> list[Problem]:
    """Problems of the last year that are about the same: by their signature, or by an incident of their own that the
    group holds too. The newest first."""
    linked = problem_ids([one.id for one in group.incidents])
    same = Q(signature=group.signature) | Q(service=group.service, pk__in=linked)
    rows = Problem.objects.filter(same, opened_at__gt=at - _REMEMBERED).exclude(close_code=CloseCode.CANCELLED)
    return list(rows.select_related("duplicate_of", "service").order_by("-pk")[:_MOST_PROBLEMS])


def closed_as_fixed(service_id: int, at: datetime) -> list[Problem]:
    """Problems of a service whose fix was said to hold, of the last year, the newest first."""
    rows = Problem.objects.filter(service=service_id, status=Status.CLOSED, close_code=CloseCode.FIX_APPLIED)
    return list(rows.filter(opened_at__gt=at - _REMEMBERED).order_by("-pk")[:_MOST_PROBLEMS])


def titles_behind(problem: Problem) -> list[str]:
    """What its incidents were called."""
    rows = Incident.objects.filter(pk__in=incident_ids(problem)).order_by("-pk")
    return list(rows.values_list("title", flat=True)[:_MOST_INCIDENTS])


def burned_by_nobody() -> Iterator[tuple[ProblemBurn, int, list[int]]]:
    """Of each service where a tenth of a budget or more was burned by what nobody owns: the row of the dearest
    objective, percent of that budget, and the incidents that lie near its outages. One query."""
    for row in ProblemBurn.objects.filter(problem=None, counts=True):
        share = Fraction(row.share)
        if share * 100 >= UNOWNED_FROM_PERCENT:
            numbers = {number_in(part["reference"], "INC") for part in row.parts}
            yield row, int(share * 100), sorted(number for number in numbers if number is not None)
