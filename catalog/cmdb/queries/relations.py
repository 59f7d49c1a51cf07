"""Relations as pages and REST read them."""

from django.db import connection
from django.db.models import Q, QuerySet

from catalog.cmdb.models import CI, Group, Relation
from catalog.cmdb.queries.items import visible_items
from itsm.kernel.actors import Actor

_ABOVE = """
WITH RECURSIVE whole(id) AS (
  SELECT %(part)s::bigint
  UNION
  SELECT r.target_id FROM whole JOIN catalog_relation r ON r.source_id = whole.id AND r.ended_at IS NULL
  JOIN catalog_relationtype t ON t.id = r.type_id AND t.slug = 'part_of'
)
SELECT EXISTS (SELECT FROM whole WHERE id = %(whole)s)
"""


def visible_relations(actor: Actor) -> QuerySet[Relation]:
    """Living and ended relations of which the actor may see both ends."""
    items = visible_items(actor).values("pk")
    return Relation.objects.filter(source__in=items, target__in=items)


def of_item(actor: Actor, item: CI) -> QuerySet[Relation]:
    """The living relations of an item whose other end the actor may see."""
    return (
        visible_relations(actor)
        .filter(Q(source=item) | Q(target=item), ended_at=None)
        .select_related("source__ci_class", "target__ci_class", "type", "group")
        .order_by("type__slug", "pk")
    )


def members_of(actor: Actor, group: Group) -> tuple[list[tuple[Relation, CI]], int]:
    """The living relations of a group, each with the item that stands in it, and how many the actor may not see."""
    living = group.relations.filter(ended_at=None)
    seen = visible_relations(actor).filter(pk__in=living.values("pk"))
    rows = seen.select_related("source__ci_class", "target__ci_class", "type").order_by("pk")
    members = [(one, one.type.provider(one.source, one.target)) for one in rows]
    return members, living.count() - len(members)


def is_part_of(part: int, whole: int) -> bool:
    """Whether one item is, over any number of others, a part of another, or that itself. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, {"part": part, "whole": whole})
        return bool(cursor.fetchone()[0])
