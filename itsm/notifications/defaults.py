"""The rows in which administrators say how news come by default. It is written above, in `people`."""

from typing import Any

from django.db.models import Q, QuerySet

from itsm.notifications.models import RuleDefault
from itsm.notifications.rules import all_rules


def make_rows(**_sent: Any) -> None:
    """After migrating: a row for each rule of the product. Safe to run again."""
    RuleDefault.objects.bulk_create(
        [RuleDefault(event=one.event, relation=one.relation) for one in all_rules()], ignore_conflicts=True
    )


def known_rules() -> QuerySet[RuleDefault]:
    """Those of rules that there are: an earlier version of the product may have had others."""
    there = Q(pk__in=())
    for one in all_rules():
        there |= Q(event=one.event, relation=one.relation)
    return RuleDefault.objects.filter(there)
