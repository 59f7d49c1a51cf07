"""What is left of an incident whose texts were purged: its number, its instants, its codes and who had it."""

from collections.abc import Collection

from django.db.models import Case, Value, When
from django.utils.translation import gettext

from incidents.incident.models import Incident

# What its history says of these fields goes too; that they were changed, by whom and when, stays.
WORDS = ("title", "description", "reason", "resolution", "priority_why", "attributes", "labels")


def purge_texts(ids: Collection[int]) -> None:
    """Empty the words of these incidents; for the run of retention, in its transaction.

    Their versions stay as they are: nobody worked on them. Reports count them as before.
    """
    said = gettext("Texts purged")
    Incident.objects.filter(pk__in=ids).update(
        title=said,
        description="",
        reason="",
        resolution=Case(When(resolution="", then=Value("")), default=Value(said)),
        priority_why="",
        attributes={},
        labels=[],
    )
