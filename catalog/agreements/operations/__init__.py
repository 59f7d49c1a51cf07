"""Every write to agreements and offerings."""

from catalog.agreements.operations.agreements import (
    CONDITIONS,
    OF_CATEGORIES,
    agreements_follow,
    create_agreement,
    edit_agreement,
    retire_agreement,
    revive_agreement,
)
from catalog.agreements.operations.offerings import (
    create_offering,
    edit_offering,
    keep_within,
    retire_offering,
    revive_offering,
)

__all__ = [
    "CONDITIONS",
    "OF_CATEGORIES",
    "agreements_follow",
    "create_agreement",
    "create_offering",
    "edit_agreement",
    "edit_offering",
    "keep_within",
    "retire_agreement",
    "retire_offering",
    "revive_agreement",
    "revive_offering",
]
