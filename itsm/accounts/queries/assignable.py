"""Who may be given work."""

from django.db.models import QuerySet

from itsm.accounts.models import User


def assignable() -> QuerySet[User]:
    """People who work here: active, and with another role than requester's alone; by name."""
    people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    return people.exclude(roles__contained_by=["requester"]).order_by("name", "username")
