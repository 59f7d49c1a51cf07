"""Pages of agreements and offerings."""

from catalog.agreements.views.agreements import agreement, agreements, keep, new
from catalog.agreements.views.offerings import keep_offering, new_offering, offering, offerings
from catalog.agreements.views.promises import for_service

__all__ = [
    "agreement",
    "agreements",
    "for_service",
    "keep",
    "keep_offering",
    "new",
    "new_offering",
    "offering",
    "offerings",
]
