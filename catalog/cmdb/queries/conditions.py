"""How items are just now, as monitors say."""

from django.db.models import QuerySet

from catalog.cmdb.models import CI, Condition


def open_conditions(item: CI) -> QuerySet[Condition]:
    """What monitors found of the item and have not taken back, the newest first, with who said it."""
    return Condition.objects.filter(ci=item, until=None).select_related("said_by").order_by("-since", "-pk")
