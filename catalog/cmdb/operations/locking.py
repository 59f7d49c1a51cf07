"""Items as they stand now, and nobody moves them meanwhile.

Always in the order of their ids: two who want the same items wait for each other, and not in a ring.
"""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.cmdb.models import CI


def lock_items(items: Iterable[int]) -> dict[int, CI]:
    """Id -> the item with its class, locked until the caller's transaction ends; what is no item is left out.

    Who relates items, merges or retires them locks both ends, and judges them only then. Raises nothing.
    """
    return {one.pk: one for one in _in_order(items).select_for_update(of=("self",), no_key=True)}


def hold_items(items: Iterable[int]) -> None:
    """The same of many, which are read later. Raises nothing."""
    list(_in_order(items).select_related(None).select_for_update(no_key=True).values_list("pk"))


def _in_order(items: Iterable[int]) -> QuerySet[CI]:
    return CI.objects.select_related("ci_class").filter(pk__in=set(items)).order_by("pk")
