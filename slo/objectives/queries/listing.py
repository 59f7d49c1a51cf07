"""Objectives for lists and records: scoped to the actor, everything shown in one query."""

from collections.abc import Collection, Iterator

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext, ngettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from slo.engine.states import WORST_FIRST
from slo.measuring.queries.listing import measurers_of
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.members import with_members


def objectives(actor: Actor) -> QuerySet[Objective]:
    """Retired ones too: their history can still be read."""
    related = ("service", "indicator__data_source", "indicator__check_made", "budget")
    found = Objective.objects.visible_to(actor).select_related(*related)
    return with_members(found.prefetch_related(measurers_of("indicator__measurers")))


def by_slug(actor: Actor, slug: str) -> Objective:
    """The objective with its service, indicator and budget, or NotFound (also where it may not be seen)."""
    objective = objectives(actor).filter(slug=slug).first()
    if objective is None:
        raise NotFound(gettext("There is no objective %(slug)s, or you may not see it.") % {"slug": slug[:63]})
    return objective


def all_objectives(actor: Actor) -> QuerySet[Budget]:
    """Every budget with its objective and service, worst first, then by what is left."""
    order = [When(state=state.value, then=Value(place)) for place, state in enumerate(WORST_FIRST)]
    return (
        Budget.objects.filter(objective__in=Objective.objects.visible_to(actor).in_force())
        .select_related("objective__service__team", "objective__indicator")
        .annotate(urgency=Case(*order, default=Value(len(WORST_FIRST)), output_field=IntegerField()))
        .order_by("urgency", "headroom", "objective__slug")
    )


def objectives_in(environment: str) -> Iterator[str]:
    """What stands in an environment, for the register that asks before one is taken out, as "3 objectives".

    Retired ones count as well: their history names the environment.
    """
    number = Objective.objects.filter(environment=environment).count()
    if number:
        yield ngettext("%(number)d objective", "%(number)d objectives", number) % {"number": number}


def named(actor: Actor, ids: Collection[int]) -> dict[int, Objective]:
    """Those of these objectives that the actor may see, retired ones too, with their services. One query."""
    rows = Objective.objects.visible_to(actor).filter(pk__in=ids).select_related("service")
    return {one.pk: one for one in rows}
