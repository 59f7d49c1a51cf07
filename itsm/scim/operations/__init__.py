"""What a provider does by SCIM, done: users are people whom the identity knows, groups mean what was mapped."""

from itsm.scim.operations.following import FOLLOWING, follow_owed
from itsm.scim.operations.groups import change_group, create_group, delete_group
from itsm.scim.operations.people import change_user, create_user, delete_user
from itsm.scim.operations.seen import tag_of

__all__ = [
    "FOLLOWING",
    "change_group",
    "change_user",
    "create_group",
    "create_user",
    "delete_group",
    "delete_user",
    "follow_owed",
    "tag_of",
]
