"""Rounds and their lines as pages and REST read them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from catalog.cmdb.models import CI
from catalog.health.models import Round, RoundLine
from catalog.health.permissions import health_readers
from itsm.kernel.actors import Actor, Role

# The content of an item `c` that people confirm. A round freezes it, an answer is of it, and another is asked again.
CONTENT = (
    "md5(jsonb_build_array(c.name, c.ci_class_id, c.status, c.environment, c.team_id, c.support_team_id, c.description,"
    " c.attributes)::text)"
)
_NOW = RawSQL(  # noqa: S611 -- no word of anybody else's in it
    f"(SELECT {CONTENT} FROM catalog_ci c WHERE c.id = catalog_roundline.ci_id)",  # noqa: S608
    (),
    output_field=CharField(),
)


def visible_rounds(actor: Actor) -> QuerySet[Round]:
    """All rounds, the newest first, for who works here; their lines are of what the actor may see."""
    rows = Round.objects.select_related("ci_class", "team").order_by("-pk")
    return rows if health_readers(actor) else rows.none()


def lines_of(round: Round, actor: Actor) -> QuerySet[Any]:
    """The lines that this actor may see, with `content` (the hash of the item now), `changed` (since it was answered)
    and `waits` (for an answer, or for another)."""
    rows = RoundLine.objects.filter(round=round, ci__in=CI.objects.visible_to(actor)).annotate(content=_NOW)
    changed = ~Q(answer="") & ~Q(hash=F("content"))
    return (
        rows.annotate(changed=_truth(changed), waits=_truth(Q(answer="") | changed))
        .select_related("ci__ci_class", "ci__team", "team", "by")
        .order_by("pk")
    )


def _truth(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def asked_of(actor: Actor, lines: QuerySet[Any]) -> QuerySet[Any]:
    """Those that this actor may answer by their teams or roles: nobody asks a person for what they cannot say."""
    if actor.has(Role.OWNER, Role.MANAGER):
        return lines
    return lines.filter(Q(ci__team=None) | Q(ci__team__in=actor.teams))


@dataclass(frozen=True, slots=True)
class Progress:
    """Lines that the reader may see: all, waiting, of them offered as confirmed, and answered by answer."""

    total: int
    waiting: int
    offered: int
    answers: dict[str, int]


def progress(lines: QuerySet[Any]) -> Progress:
    """How far a round is, of these lines. One query."""
    found: dict[Any, int] = {}
    for row in lines.order_by().values("waits", "offered", "answer").annotate(n=Count("pk")):
        key = (row["waits"], row["offered"], row["answer"])
        found[key] = row["n"]
    answers: dict[str, int] = {}
    for (waits, _offered, answer), n in found.items():
        if not waits:
            answers[answer] = answers.get(answer, 0) + n
    return Progress(
        total=sum(found.values()),
        waiting=sum(n for (waits, _, _), n in found.items() if waits),
        offered=sum(n for (waits, offered, answer), n in found.items() if waits and offered and not answer),
        answers=answers,
    )


def open_rounds_for(actor: Actor) -> QuerySet[Round]:
    """Open rounds with a line that this actor may answer."""
    mine = asked_of(actor, RoundLine.objects.filter(round=OuterRef("pk"), ci__in=CI.objects.visible_to(actor)))
    return visible_rounds(actor).filter(Exists(mine), status="open")
