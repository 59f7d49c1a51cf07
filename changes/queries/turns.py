"""Whose turn it is among the changes of one person that wait until others of theirs give back what they hold."""

from typing import NamedTuple

from django.db.models.functions import Coalesce

from changes.gate.vocabulary import Outcome
from changes.models import Evaluation
from changes.queries.verdicts import Explained

_SHARE = "fair_share"
_PERSON = Coalesce("change__author__owner", "change__author")


class Place(NamedTuple):
    """The `place`-th `of` so many; what was asked for first is judged first."""

    place: int
    of: int


def place_of(evaluation: Evaluation, said: Explained) -> Place | None:
    """Its place, where it waits for its asker's share; None for everything else. One query, or none."""
    waits = evaluation.status == Evaluation.Status.PENDING and evaluation.outcome == Outcome.POSTPONED.value
    if not waits or all(reason.code != _SHARE for reason in said.verdict.reasons):
        return None
    change = evaluation.change
    rows = Evaluation.objects.annotate(person=_PERSON).filter(
        status=Evaluation.Status.PENDING,
        outcome=Outcome.POSTPONED.value,
        change__service=change.service_id,
        change__environment=change.environment,
        decision__verdict__reasons__contains=[{"code": _SHARE}],
    )
    mine = Evaluation.objects.annotate(person=_PERSON).filter(pk=evaluation.pk).values("person")
    waiting = list(rows.filter(person__in=mine).order_by("change_id").values_list("pk", flat=True))
    return Place(waiting.index(evaluation.pk) + 1, len(waiting)) if evaluation.pk in waiting else None
