"""Reads of configuration items."""

from catalog.cmdb.queries.items import (
    CHOOSABLE,
    as_found,
    by_reference,
    found_as_services,
    is_confidential,
    listed,
    visible_items,
)
from catalog.cmdb.queries.standing import class_label, of_team, owners_of_fields, standing_in, with_fields_of

__all__ = [
    "CHOOSABLE",
    "as_found",
    "by_reference",
    "class_label",
    "found_as_services",
    "is_confidential",
    "listed",
    "of_team",
    "owners_of_fields",
    "standing_in",
    "visible_items",
    "with_fields_of",
]
