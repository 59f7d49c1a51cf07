"""SCIM over HTTP: every address of `urls.py`."""

from itsm.scim.views.about import Config, Described, Nowhere
from itsm.scim.views.groups import Groups, OneGroup, SearchAll, SearchGroups
from itsm.scim.views.users import OneUser, SearchUsers, Users

__all__ = [
    "Config",
    "Described",
    "Groups",
    "Nowhere",
    "OneGroup",
    "OneUser",
    "SearchAll",
    "SearchGroups",
    "SearchUsers",
    "Users",
]
