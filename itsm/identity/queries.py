"""What pages and other apps read of providers and of whom they know."""

from itsm.accounts.models import User
from itsm.identity.models import ExternalIdentity
from itsm.kernel.actors import Actor


def count_identities(person: User) -> int:
    """How many providers know this account."""
    return ExternalIdentity.objects.filter(user=person).count()


def follow_person(old: User, new: User, actor: Actor) -> int:
    """Two accounts of one person became one: who comes in as the old one comes in as the new one, where the provider
    does not know that one already."""
    there = ExternalIdentity.objects.filter(user=new).values("provider")
    return ExternalIdentity.objects.filter(user=old).exclude(provider__in=there).update(user=new)
