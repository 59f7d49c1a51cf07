"""Who reads reports: everybody who works here, of what they may see."""

from itsm.accounts.permissions import anyone, staff

__all__ = ["anyone", "staff"]
