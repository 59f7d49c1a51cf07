"""Pages of agreements and offerings."""

from catalog.agreements.views.agreements import agreement, agreements, keep, new
from catalog.agreements.views.offerings import keep_offering, new_offering, offering, offerings
from catalog.agreements.views.promises import for_service, in_short, of_item

__all__ = [
    "agreement",
    "agreements",
    "for_service",
    "in_short",
    "keep",
    "keep_offering",
    "new",
    "new_offering",
    "of_item",
    "offering",
    "offerings",
]
