"""{% bulk_selection "incident" %}: the bar of what is selected in a list, with its place for results."""

from typing import Any

from django import template

from itsm.accounts.actors import actor_of
from itsm.bulk import asking, macros

register = template.Library()
_MOST = 50


@register.inclusion_tag("bulk/partials/selection.html", takes_context=True)
def bulk_selection(context: template.Context, record_kind: str) -> dict[str, Any]:
    """Stands before the list's rows; js/bulk.js shows it while something is selected."""
    actor = actor_of(context["request"])
    macros_there = macros.offered(record_kind, actor)[:_MOST]
    return {"record_kind": record_kind, "offered": asking.offered(record_kind), "macros": macros_there}
