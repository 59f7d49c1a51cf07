"""Items as lists, pages and REST read them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext

from catalog.cmdb.models import CI, CIClass, Condition, History
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.vocabulary import Status
from catalog.services.models import Service
from itsm.fields.references import Reference
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.search import offers

KIND = CI.kind  # of what links to items


def visible_items(actor: Actor) -> QuerySet[CI]:
    """The items that this actor may see, as they are stored; those that live on in another are left out."""
    return CI.objects.visible_to(actor).filter(merged_into=None)


def hidden_from(actor: Actor) -> frozenset[int]:
    """Confidential items that are not this reader's to see: ids. One query."""
    known = CI.objects.visible_to(actor).filter(confidential=True).values("pk")
    return frozenset(CI.objects.filter(confidential=True).exclude(pk__in=known).values_list("pk", flat=True))


def hidden_items(actor: Actor) -> set[int]:
    """The same, and what lives on in one of them. Two queries at most."""
    secret = set(hidden_from(actor))
    return secret | set(CI.objects.filter(merged_into__in=secret).values_list("pk", flat=True)) if secret else secret


# The slug of the service that an item is; null of all others.
_SLUG = Subquery(Service.objects.filter(pk=OuterRef("pk")).values("slug")[:1])


# Whether a monitor has found something of it.
_REPORTED = Exists(Condition.objects.filter(ci=OuterRef("pk"), until=None))


def listed(actor: Actor) -> QuerySet[CI]:
    """As `visible_items`, with class, teams and `service_slug` (of an item that is a service, else None)."""
    return visible_items(actor).select_related("ci_class", "team", "support_team").annotate(service_slug=_SLUG)


def named_in(actor: Actor, text: str) -> list[int]:
    """The items whose references stand in a text, in order of number; what this actor may not see is not among them."""
    numbers = {number for one in text.replace(",", " ").split() if (number := number_in(one, PREFIX)) is not None}
    return sorted(visible_items(actor).filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else []


def by_reference(actor: Actor, text: str) -> CI:
    """The item of a reference such as CI-00042, with class and teams, also one that lives on in another.

    NotFound where there is none, or the actor may not see it.
    """
    number = number_in(text, PREFIX)
    found = (
        CI.objects.visible_to(actor)
        .select_related("ci_class", "team", "support_team", "merged_into")
        .annotate(service_slug=_SLUG, is_reported=_REPORTED)
        .filter(pk=number)
        .first()
        if number is not None
        else None
    )
    if found is None:
        raise NotFound(gettext("There is no item %(reference)s.") % {"reference": text[:40]})
    return found


def _choosable(actor: Actor, rules: Mapping[str, Any]) -> QuerySet[CI]:
    """What a field may point to: living items that its writer sees, of the class that it is held to."""
    found = visible_items(actor).exclude(status=Status.RETIRED)
    if "class" in rules:
        wanted = CIClass.objects.filter(slug=rules["class"]).values("pk")
        found = found.filter(ci_class__lineage__overlap=ArraySubquery(wanted))
    return found.order_by("pk")


def _called(rows: QuerySet[CI], name: str) -> QuerySet[CI]:
    number = number_in(name, PREFIX)
    return rows.filter(pk=number) if number is not None else rows.none()


# A field may point to an item that its writer sees; what lives on in another reads as what it was.
CHOOSABLE = Reference(
    _choosable, CI.objects.visible_to, "reference", _called,
    rule_names={"class": lambda: list(CIClass.objects.filter(retired_at=None).values_list("slug", flat=True))},
)  # fmt: skip


def is_confidential(item: CI) -> bool:
    """Whether only its owner team, managers and auditors may know of it."""
    return item.confidential


def unaccounted(item: CI) -> QuerySet[History]:
    """Edits of it that no change covers and nobody has explained, the newest first."""
    return History.objects.filter(ci=item, accounted=False, explanation=None).select_related("explanation")


def as_found(item: CI) -> offers.Entry:
    """How an item is found: by who works here, a confidential one by its team."""
    audience = offers.team(item.team_id) if item.confidential else (offers.STAFF,)
    words = f"{item.reference} {item.description}"
    return offers.Entry(item.name, item.get_absolute_url(), words, audience=audience, about=offers.team(item.team_id))


def found_as_services(ids: Collection[int]) -> set[int]:
    """Those of these items that are services, and are found as such. One query."""
    return set(Service.objects.filter(pk__in=ids).values_list("pk", flat=True))


def of_class(class_id: int) -> Q:
    """Items of a class, or of one that inherits from it. One query, for the classes."""
    return Q(ci_class__in=list(CIClass.objects.filter(lineage__contains=[class_id]).values_list("pk", flat=True)))
