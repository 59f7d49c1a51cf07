"""What macros and templates know of incidents."""

from incidents.macros.queries.offered import choices
from incidents.macros.queries.values import placeholder_values

__all__ = ["choices", "placeholder_values"]
