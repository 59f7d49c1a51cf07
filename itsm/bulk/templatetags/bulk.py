"""{% bulk_selection "incident" %}: the bar of what is selected in a list, with its place for results."""

from typing import Any

from django import template

from itsm.bulk import asking

register = template.Library()


@register.inclusion_tag("bulk/partials/selection.html")
def bulk_selection(record_kind: str) -> dict[str, Any]:
    """Stands before the list's rows; js/bulk.js shows it while something is selected."""
    return {"record_kind": record_kind, "offered": asking.offered(record_kind)}
