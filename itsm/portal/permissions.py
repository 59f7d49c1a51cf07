"""Who may open what in the portal; everybody who is signed in may ask."""

from itsm.accounts.permissions import anyone, participants, staff
from itsm.announcements.permissions import announcers

__all__ = ["announcers", "anyone", "participants", "staff"]
