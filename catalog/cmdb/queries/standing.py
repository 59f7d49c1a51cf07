"""What stands in an environment, belongs to a team or has the fields of a class: for who would take that away."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext

from catalog.cmdb.models import CI, CIClass
from catalog.cmdb.queries.items import of_class
from catalog.cmdb.vocabulary import FIELDS_OF, Status
from catalog.services.models import Service
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team


def standing_in(environment: str) -> Iterable[str]:
    """How many items stand in an environment, in words; nothing where none does."""
    count = CI.objects.filter(environment=environment).count()
    if count:
        yield ngettext("%(count)s item", "%(count)s items", count) % {"count": count}


def of_team(column: str) -> Callable[[Team], Iterable[Duty]]:
    """Items that name a team in this column and are no services: those are told as services."""

    def find(team: Team) -> Iterable[Duty]:
        return [
            Duty(gettext("item"), one.reference, one.name, one.get_absolute_url(), gettext("stays with a retired team"))
            for one in items_of(team, column)[:200]
        ]

    return find


def items_of(team: Team, column: str) -> QuerySet[CI]:
    """The living items that name this team in this column, services aside."""
    services = Service.objects.values("pk")
    return CI.objects.filter(**{column: team}).exclude(status=Status.RETIRED).exclude(pk__in=services)


def owners_of_fields() -> list[str]:
    """The owner of each class's fields."""
    return [f"{FIELDS_OF}:{slug}" for slug in CIClass.objects.order_by("slug").values_list("slug", flat=True)]


def class_label(owner: str) -> str:
    """The class of an owner of fields, as people read it."""
    found = CIClass.objects.filter(slug=owner.partition(":")[2]).first()
    return str(found) if found is not None else owner


def with_fields_of(owner: str) -> QuerySet[Any]:
    """The items that have the fields of this owner."""
    found = CIClass.objects.filter(slug=owner.partition(":")[2]).values_list("pk", flat=True).first()
    return CI.objects.filter(of_class(found)) if found is not None else CI.objects.none()
