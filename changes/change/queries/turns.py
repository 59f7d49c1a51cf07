"""Whose turn it is among the changes of one person that wait until others of theirs give back what they hold."""

from typing import NamedTuple

from django.db.models import Count, Q

from changes.change.models import Change, Evaluation
from changes.change.queries.verdicts import Explained
from changes.change.workflow import WAITING
from changes.gate.vocabulary import Outcome
from itsm.accounts.interest import accounts_of

_SHARE = "fair_share"


class Place(NamedTuple):
    """The `place`-th `of` so many; what was asked for first is judged first."""

    place: int
    of: int


def place_of(evaluation: Evaluation, said: Explained) -> Place | None:
    """Its place, where it waits for its asker's share; None for everything else. Two queries, or none.

    Counted are all of the person's postponed changes of this service and environment, whatever each waits for: a
    change says that in a column, and its reasons stand in documents that would have to be opened one by one.
    """
    waits = evaluation.status == Evaluation.Status.PENDING and evaluation.outcome == Outcome.POSTPONED.value
    if not waits or all(reason.code != _SHARE for reason in said.verdict.reasons):
        return None
    change = evaluation.change
    waiting = Change.objects.filter(
        service=change.service_id,
        environment=change.environment,
        status__in=WAITING,
        verdict=Outcome.POSTPONED.value,
        author__in=accounts_of([change.author_id]),
    )
    counted = waiting.aggregate(place=Count("pk", filter=Q(pk__lte=change.pk)), of=Count("pk"))
    return Place(counted["place"], counted["of"]) if counted["place"] else None
