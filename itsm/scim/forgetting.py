"""What a provider wrote of somebody goes with them when they are erased."""

from itsm.accounts.models import User
from itsm.scim.models import ScimUser


def count(person: User) -> int:
    """How many providers wrote them."""
    return ScimUser.objects.filter(user=person).count()


def forget(person: User) -> int:
    """Their name, addresses and groups as they were written; the provider finds nobody of that id any more."""
    rows = ScimUser.objects.filter(user=person)
    many = rows.count()
    rows.delete()
    return many
