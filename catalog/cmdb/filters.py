"""Filters shared by the list of items and the API."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models import CI, CIClass, History
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.fields import fields_called, filterable_keys
from catalog.cmdb.queries.items import of_class
from catalog.cmdb.vocabulary import Status
from catalog.engine.impact import DEPTH, MAX_DEPTH
from itsm.accounts.actors import actor_of
from itsm.api.filters import Listed
from itsm.api.nearest import did_you_mean
from itsm.fields.filtering import Term
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.kernel.references import number_in

ATTR = "attr."
OPERATORS = ("in", "gte", "lte", "empty")
_MOST_WORDS = 50
# Edits that no change covers, and that nobody has explained.
_UNACCOUNTED = Exists(History.objects.filter(ci=OuterRef("pk"), accounted=False, explanation=None))


def of_item(filters: Listed, rows: QuerySet[Any], name: str, value: str, *columns: str) -> QuerySet[Any]:
    """Rows of the item of a reference, and of what lives on in it; none for an item that is not there. `columns`: where
    rows name it; `ci` where none are given. What is no reference is refused on the API: ValidationError."""
    number = number_in(value, PREFIX)
    if number is None:
        filters.refuse(name, _now("Send the reference of an item, such as CI-00042."))
        return rows.none()
    named = Q()
    for column in columns or ("ci",):
        named |= Q(**{column: number}) | Q(**{f"{column}__merged_into": number})
    return rows.filter(named)


class ItemFilter(Listed):
    """`class` finds what inherits from it too. `attr.<key>`: typed fields, also `__in`, `__gte`, `__lte`, `__empty`."""

    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    status = django_filters.ChoiceFilter(choices=Status.choices, label=_("State"), empty_label=_("Any state"))
    environment = django_filters.CharFilter(label=_("Environment"), max_length=40)
    team = django_filters.CharFilter(field_name="team__slug", label=_("Team"), max_length=63)
    unaccounted = django_filters.BooleanFilter(method="without_change", label=_("Edited without a change"))

    class Meta:
        model = CI
        fields = ("text", "status", "environment", "team", "unaccounted")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        plain: Any = data.copy() if data is not None else {}
        self.typed: list[tuple[str, str]] = []
        for name in [name for name in plain if name.startswith(ATTR)]:
            self.typed += [(name, value) for value in plain.getlist(name)]
            del plain[name]
        super().__init__(plain, *args, **kwargs)

    def matching(self, items: QuerySet[CI], name: str, value: str) -> QuerySet[CI]:
        found, number = Q(name__icontains=value), number_in(value, PREFIX)
        return items.filter(found | Q(pk=number) if number is not None else found)

    def of_class(self, items: QuerySet[CI], name: str, value: str) -> QuerySet[CI]:
        known = CIClass.objects.filter(slug=value).values_list("pk", flat=True).first()
        return items.filter(of_class(known)) if known is not None else items.none()

    def without_change(self, items: QuerySet[CI], name: str, value: bool) -> QuerySet[CI]:
        return items.filter(_UNACCOUNTED if value else ~_UNACCOUNTED)

    def filter_queryset(self, queryset: QuerySet[CI]) -> QuerySet[CI]:
        found: QuerySet[CI] = super().filter_queryset(queryset)
        for name, value in self.typed:
            found = found.filter(_typed(name, value, actor_of(self.request)))
        return found


# `class` is a word of Python's own.
ItemFilter.base_filters["class"] = django_filters.CharFilter(method="of_class", label=_("Class"), max_length=40)


def _typed(name: str, value: str, actor: Actor) -> Q:
    """The items whose field is so. InvalidInput for a key that no class has, and for what its type cannot be."""
    key, _sign, operator = name.removeprefix(ATTR).partition("__")
    fields = fields_called(key[:80])
    if not fields or (operator and operator not in OPERATORS):
        known = [f"{ATTR}{one}" for one in filterable_keys()]
        words = _now("There is no such field, or lists are not narrowed by it.") + did_you_mean(f"{ATTR}{key}", known)
        raise InvalidInput.about(name[:80], words)
    found = Q(pk__in=())
    try:
        for field in fields:
            found |= _asked(Term(field), operator, value, actor)
    except ValueError as error:
        raise InvalidInput.about(name[:80], str(error)) from error
    return found


def _asked(term: Term, operator: str, value: str, actor: Actor) -> Q:
    match operator:
        case "gte":
            return term.between(value, "")
        case "lte":
            return term.between("", value)
        case "empty":
            if value not in {"true", "false"}:
                raise ValueError(_now("Send true or false."))
            own = CIClass.objects.get(field_set=term.field.set_id)
            return of_class(own.pk) & (term.empty() if value == "true" else ~term.empty())
    return term.any_of(value.split(",")[:_MOST_WORDS] if operator == "in" else [value], actor)


def asked_of_impact(asked: Mapping[str, Any]) -> dict[str, Any]:
    """`direction` (up, down), `depth` (0 to 12) and `current`, as `queries.impact.impact` takes them. InvalidInput."""
    direction, context, depth = asked.get("direction", "up"), asked.get("context", ""), asked.get("depth", str(DEPTH))
    if direction not in {"up", "down"}:
        raise InvalidInput.about("direction", _now("Send up or down."))
    if context not in {"", "current"} or (context and direction == "down"):
        raise InvalidInput.about("context", _now("Send current, with direction up, or nothing."))
    if not depth.isascii() or not depth.isdigit() or int(depth[:4]) > MAX_DEPTH or len(depth) > 2:
        raise InvalidInput.about("depth", _now("Send a whole number from 0 to 12."))
    return {"direction": direction, "depth": int(depth), "current": bool(context)}
