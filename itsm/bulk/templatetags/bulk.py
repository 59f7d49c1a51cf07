"""{% bulk_selection "incident" %}: the bar of what is selected in a list, with its place for results."""

from typing import Any

from django import template

from itsm.accounts.actors import actor_of
from itsm.bulk import asking, macros
from itsm.work import actions

register = template.Library()


@register.inclusion_tag("bulk/partials/selection.html", takes_context=True)
def bulk_selection(context: template.Context, record_kind: str) -> dict[str, Any]:
    """Stands before the list's rows; js/bulk.js shows it while something is selected."""
    actor = actor_of(context["request"])
    kind = actions.known(record_kind).model.kind  # plain, so that the bar may be kept by it
    return {"record_kind": kind, "macros": tuple((one.slug, one.name) for one in macros.offered(record_kind, actor))}


@register.inclusion_tag("bulk/partials/offered.html")
def bulk_offered(record_kind: str) -> dict[str, Any]:
    """The buttons of what can be done to all: the same for everybody, so that the bar keeps them."""
    return {"offered": asking.offered(record_kind)}
