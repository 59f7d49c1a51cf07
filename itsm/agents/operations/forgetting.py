"""What a person called their software agents goes with them when they are erased. What the agents did stays."""

from itsm.accounts.models import User
from itsm.agents.models import Agent


def count(person: User) -> int:
    """How many agents acted for them."""
    return Agent.objects.filter(account__owner=person.pk).count()


def forget(person: User) -> int:
    """Their names and purposes go, in the caller's transaction; how many."""
    User.objects.filter(owner=person.pk, account_type=User.AccountType.AGENT).update(name="")
    return Agent.objects.filter(account__owner=person.pk).update(purpose="", stop_reason="")
