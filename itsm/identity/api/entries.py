"""Who may do what here, by which scope of a token."""

from itsm.accounts import scopes
from itsm.api.permissions import Entry
from itsm.identity import permissions

READ = Entry(permissions.readers)
WRITE = Entry(permissions.keepers, scopes.PEOPLE_WRITE)
