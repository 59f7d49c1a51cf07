"""Queues, categories and the priority matrix: what places an incident."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext

from incidents.incident.models import Category, Incident, Matrix
from incidents.incident.vocabulary import Level
from itsm.accounts.models import Team
from itsm.accounts.queries.assignable import queue_names
from itsm.accounts.queues import rights_in_queues
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor


def queues_for(actor: Actor) -> QuerySet[Team]:
    """The queues that the actor may open records in, by name."""
    rights = rights_in_queues(actor)
    shown = Team.objects.queues().exclude(pk__in=rights.hidden - rights.create).order_by("name")
    return shown if rights.opens_anywhere else shown.filter(pk__in=rights.create)


def names_of_queues_for(actor: Actor, besides: Team) -> list[tuple[int, str]]:
    """Ids and names of the same, 200 at most, and last of this one, in which a record lies: to choose from."""
    rights = rights_in_queues(actor)
    hidden = {*(rights.hidden - rights.create), besides.pk}
    return [*queue_names(hidden, None if rights.opens_anywhere else rights.create), (besides.pk, besides.name)]


def categories(actor: Actor) -> list[tuple[Category, Team | None]]:
    """The tree in order, each with the queue of new ones where the reader may see that."""
    rights = rights_in_queues(actor)
    found = Category.objects.select_related("team").order_by("path")
    return [(one, one.team if rights.sees(one.team_id) else None) for one in found]


def matrices() -> list[Matrix]:
    """The versions of the priority matrix, the one that holds first."""
    return list(Matrix.objects.select_related("by").order_by("-version")[:50])


def matrix_grid(matrix: Matrix) -> list[tuple[str, list[int]]]:
    """Its rows: the impact, and the priorities by urgency."""
    return [(str(level.label), list(matrix.cells[3 * row : 3 * row + 3])) for row, level in enumerate(Level)]


def matrix_differences(before: Sequence[int], after: Sequence[int]) -> list[tuple[str, str, int, int]]:
    """Impact, urgency, priority before and after, of each cell that is different."""
    levels = [str(level.label) for level in Level]
    pairs = enumerate(zip(before, after, strict=True))
    return [(levels[n // 3], levels[n % 3], old, new) for n, (old, new) in pairs if old != new]


def priority_said(incident: Incident) -> str:
    """Why a person's priority holds: what the matrix said, who said otherwise, and their words.

    "P2 = impact high x urgency medium (matrix 3). Ada made it P1: payroll tonight."
    """
    by_rule = ""
    newest = Matrix.objects.first()
    if newest is not None and incident.impact is not None and incident.urgency is not None:
        by_rule = gettext("P%(p)s = impact %(impact)s x urgency %(urgency)s (matrix %(version)s).") % {
            "p": newest.priority(incident.impact, incident.urgency), "impact": Level(incident.impact).label,
            "urgency": Level(incident.urgency).label, "version": newest.version,
        }  # fmt: skip
    spoke = Entry.objects.filter(record_kind=Incident.kind, record_id=incident.pk, changes__has_key="priority").first()
    who = spoke.actor_name if spoke is not None else gettext("A person")
    made = gettext("%(who)s made it P%(p)s") % {"who": who, "p": incident.priority}
    why = f": {incident.priority_why}" if incident.priority_why else ""
    return f"{by_rule} {made}{why}".strip().rstrip(".") + "."
