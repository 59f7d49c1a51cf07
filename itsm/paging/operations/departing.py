"""What becomes of how somebody is reached when two accounts of theirs are merged, and when they are erased."""

from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.paging.models import ContactPoint, PersonalRule, StepTarget


def count_of_person(person: User) -> int:
    """Their phones, and the places at which policies page them."""
    return count_phones(person) + StepTarget.objects.filter(person=person).count()


def follow_person(old: User, new: User, actor: Actor) -> int:
    """Phones and places are the other account's; rules of one that has its own stay those. How many. Raises nothing."""
    has_own = PersonalRule.objects.filter(person=new).exists()
    taken = set(ContactPoint.objects.filter(person=new).values_list("channel", "address"))
    moved = StepTarget.objects.filter(person=old).update(person=new)
    for phone in ContactPoint.objects.filter(person=old):
        if (phone.channel, phone.address) not in taken:
            ContactPoint.objects.filter(pk=phone.pk).update(person=new)
            moved += 1
    rules = PersonalRule.objects.filter(person=old)
    if has_own:
        rules.delete()
    else:
        rules.filter(contact=None).update(person=new)
        rules.filter(contact__person=new).update(person=new)
    PersonalRule.objects.filter(person=old).delete()
    ContactPoint.objects.filter(person=old).delete()
    return moved


def count_phones(person: User) -> int:
    """How many numbers they left."""
    return ContactPoint.objects.filter(person=person).count()


def forget_phones(person: User) -> int:
    """Their numbers go, with the rules that name them."""
    found = count_phones(person)
    PersonalRule.objects.filter(person=person).delete()
    ContactPoint.objects.filter(person=person).delete()
    return found
