"""Corrections that may be seen, and those of one objective for its page, with the steps open to the reader."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.workflow import Step
from slo.objectives.models import Correction, Objective
from slo.objectives.queries import wording
from slo.objectives.workflow import CORRECTION, CorrectionStatus

MOST = 20
_TONES = {"proposed": "blue", "approved": "green"}


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction as a page shows it, with the steps that the reader may take."""

    correction: Correction
    steps: list[Step]

    @property
    def when(self) -> str:
        """From when to when, for people."""
        return wording.stretch(self.correction.starts_at, self.correction.ends_at)

    @property
    def tone(self) -> str:
        """Blue waits for somebody, green holds, what is over is grey."""
        return _TONES.get(self.correction.status, "grey")

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.correction.status == CorrectionStatus.PROPOSED


def corrections(actor: Actor) -> QuerySet[Correction]:
    """The corrections of objectives that this actor may see."""
    seen = Objective.objects.visible_to(actor)
    return Correction.objects.filter(objective__in=seen).select_related("objective__service")


def open_corrections_of(origins: str) -> list[Correction]:
    """What was proposed from what begins so and is neither over nor declined, oldest first, with its objective."""
    still = (CorrectionStatus.PROPOSED, CorrectionStatus.APPROVED)
    found = Correction.objects.filter(origin__startswith=origins, status__in=still)
    return list(found.select_related("objective").order_by("pk"))


def known_corrections_of(origins: str, starts_at: datetime) -> set[int]:
    """The objectives that a period from there on was proposed for from what begins so, whatever became of it."""
    found = Correction.objects.filter(origin__startswith=origins, starts_at=starts_at)
    return set(found.values_list("objective_id", flat=True))


def correction_rows(actor: Actor, objective: Objective) -> list[CorrectionRow]:
    """The newest ones, what waits for a decision first. One query."""
    rows = list(objective.corrections.order_by("-starts_at", "-pk")[:MOST])
    rows.sort(key=lambda one: one.status != CorrectionStatus.PROPOSED)
    for one in rows:
        one.objective = objective
    return [CorrectionRow(one, CORRECTION.open_to(actor, one)) for one in rows]


def correction_by_id(actor: Actor, slug: str, pk: int) -> Correction:
    """With its objective and service; NotFound also where it may not be seen."""
    found = (
        Correction.objects.filter(pk=pk, objective__slug=slug, objective__in=Objective.objects.visible_to(actor))
        .select_related("objective__service")
        .first()
    )
    if found is None:
        raise NotFound(gettext("There is no such correction."))
    return found
