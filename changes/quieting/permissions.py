"""Who sees what a change would keep quiet."""

from itsm.accounts.permissions import colleagues

__all__ = ["colleagues"]
