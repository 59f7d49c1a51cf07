"""Filters of SCIM as conditions of the database: what is listed here may be asked, nothing else."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from itsm.scim.errors import invalid_filter
from itsm.scim.grammar import Compared, Joined, Negated, Node, Within

Condition = Callable[[str, Any], Q]
_ORDER = {"gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}


def condition(node: Node, asked: Mapping[str, Condition]) -> Q:
    """`asked`: by attribute, what makes a condition of operator and value. Raises ScimRefused (invalidFilter)."""
    match node:
        case Compared(attribute=attribute, operator=operator, value=value):
            if attribute not in asked:
                raise invalid_filter(_("“%(name)s” cannot be asked for here.") % {"name": attribute[:100]})
            return asked[attribute](operator, value)
        case Within(attribute=attribute, inner=inner):
            return condition(_prefixed(inner, attribute), asked)
        case Joined(word=word, parts=parts):
            made = condition(parts[0], asked)
            for part in parts[1:]:
                made = made & condition(part, asked) if word == "and" else made | condition(part, asked)
            return made
        case Negated(inner=inner):
            return ~condition(inner, asked)


def _prefixed(node: Node, attribute: str) -> Node:
    """`emails[value eq "x"]` is `emails.value eq "x"`, as one part alone is asked for here."""
    if isinstance(node, Compared):
        return Compared(f"{attribute}.{node.attribute}", node.operator, node.value)
    raise invalid_filter(_("Within brackets one comparison is taken here."))


def _unfit(operator: str) -> Exception:
    return invalid_filter(_("That cannot be asked by “%(operator)s” here.") % {"operator": operator})


def folded(column: str) -> Condition:
    """A column that holds the text in folded case."""

    def made(operator: str, value: Any) -> Q:
        if operator == "pr":
            return ~Q(**{column: ""})
        if not isinstance(value, str):
            raise _unfit(operator)
        return _of_text(column, operator, value.casefold())

    return made


def exact(column: str) -> Condition:
    """A column whose text differs by case."""

    def made(operator: str, value: Any) -> Q:
        if operator == "pr":
            return ~Q(**{column: ""})
        if not isinstance(value, str):
            raise _unfit(operator)
        return _of_text(column, operator, value)

    return made


def _of_text(column: str, operator: str, value: str, without_case: str = "") -> Q:
    looks = {"eq": f"{without_case}exact", "co": f"{without_case}contains", "sw": f"{without_case}startswith",
             "ew": f"{without_case}endswith"}  # fmt: skip
    if operator == "ne":
        return ~Q(**{f"{column}__{looks['eq']}": value})
    if operator not in looks:
        raise _unfit(operator)
    return Q(**{f"{column}__{looks[operator]}": value})


def in_document(*path: str) -> Condition:
    """A text of the document, whatever its case."""
    column = "__".join(("document", *path))

    def made(operator: str, value: Any) -> Q:
        if operator == "pr":
            return Q(**{f"{column}__isnull": False})
        if not isinstance(value, str):
            raise _unfit(operator)
        return _of_text(column, operator, value, "i")

    return made


def yes_or_no(column: str) -> Condition:
    def made(operator: str, value: Any) -> Q:
        if operator == "pr":
            return Q()
        if operator not in ("eq", "ne") or not (isinstance(value, bool) or str(value).lower() in ("true", "false")):
            raise _unfit(operator)
        wanted = value if isinstance(value, bool) else str(value).lower() == "true"
        return Q(**{column: wanted == (operator == "eq")})

    return made


def one_of(column: str) -> Condition:
    """A column that holds several texts, in folded case."""

    def made(operator: str, value: Any) -> Q:
        if operator == "pr":
            return ~Q(**{column: []})
        if operator != "eq" or not isinstance(value, str):
            raise _unfit(operator)
        return Q(**{f"{column}__contains": [value.casefold()]})

    return made


def identifier(column: str) -> Condition:
    """An id; what is none is nobody's."""

    def made(operator: str, value: Any) -> Q:
        if operator not in ("eq", "ne") or not isinstance(value, str):
            raise _unfit(operator)
        number = number_of(value)
        found = Q(**{column: number}) if number is not None else Q(pk__in=[])
        return found if operator == "eq" else ~found

    return made


def number_of(text: str) -> uuid.UUID | None:
    """The id that this is, as it is written here; None where it is none."""
    try:
        found = uuid.UUID(text)
    except (ValueError, AttributeError):
        return None
    return found if str(found) == text.lower() else None


def instant(column: str) -> Condition:
    def made(operator: str, value: Any) -> Q:
        at = _instant(value)
        if operator in _ORDER:
            return Q(**{f"{column}__{_ORDER[operator]}": at})
        if operator == "eq":
            return Q(**{column: at})
        raise _unfit(operator)

    return made


def _instant(value: Any) -> datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1900 < found.year < 2200:
        raise invalid_filter(_("An instant is written as 2026-11-29T12:00:00Z."))
    return found


_ALWAYS: Mapping[str, Condition] = {
    "id": identifier("pk"),
    "externalid": exact("external_id"),
    "meta.created": instant("created_at"),
    "meta.lastmodified": instant("changed_at"),
}
OF_USERS: Mapping[str, Condition] = {
    **_ALWAYS,
    "username": folded("user_key"),
    "active": yes_or_no("active"),
    "displayname": in_document("displayName"),
    "name.formatted": in_document("name", "formatted"),
    "name.givenname": in_document("name", "givenName"),
    "name.familyname": in_document("name", "familyName"),
    "emails": one_of("addresses"),
    "emails.value": one_of("addresses"),
    "groups": identifier("groups__pk"),
    "groups.value": identifier("groups__pk"),
}
OF_GROUPS: Mapping[str, Condition] = {
    **_ALWAYS,
    "displayname": folded("name_key"),
    "members": identifier("members__pk"),
    "members.value": identifier("members__pk"),
}
