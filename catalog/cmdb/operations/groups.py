"""A group goes with the last relation that stood in it."""

from catalog.cmdb.models import Group


def forget_if_empty(group: int | None) -> None:
    """Of the group with this id, that a relation has left; None: it stood in none. Raises nothing."""
    if group is not None:
        Group.objects.filter(pk=group, relations=None).delete()
