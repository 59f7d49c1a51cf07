"""The history of items as readers see it."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from catalog.cmdb.models import CI, History
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.items import visible_items
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in

_REFERENCE = re.compile(r"CI-\d{1,12}\Z", re.ASCII)
HIDDEN = "..."  # in the place of an item that the reader may not see


def history_of(item: CI) -> QuerySet[History]:
    """Its rows, the newest first, each with its explanation."""
    return History.objects.filter(ci=item).select_related("explanation").order_by("-id")


def whys(item: CI) -> dict[str, History]:
    """Key -> the row that made its value what it is. One query."""
    newest = History.objects.filter(ci=item).order_by("key", "-id").distinct("key")
    return {one.key: one for one in newest}


class Shown:
    """References in values of the history, as a reader may see them. One query for all rows."""

    def __init__(self, actor: Actor, rows: Iterable[History]) -> None:
        named = {
            number
            for row in rows
            for value in (row.before, row.after)
            if isinstance(value, str) and _REFERENCE.match(value) and (number := number_in(value, PREFIX))
        }
        found = visible_items(actor).filter(pk__in=named).values_list("pk", "name") if named else ()
        self._seen = dict(found)

    def value(self, value: Any) -> Any:
        """The value, or "..." where it names an item that is not the reader's to see."""
        if not (isinstance(value, str) and _REFERENCE.match(value)):
            return value
        return value if number_in(value, PREFIX) in self._seen else HIDDEN

    def named(self, value: Any) -> str:
        """The same with the name of the item."""
        shown = str(self.value(value))
        name = self._seen.get(number_in(shown, PREFIX) or 0) if _REFERENCE.match(shown) else None
        return f"{name} {shown}" if name else shown
