"""Two accounts turn out to be one person: what the one wanted, the other decides about as little, over or not."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, Q, Value

from changes.change.models import Change
from itsm.accounts.models import User
from itsm.kernel.actors import Actor


def interest_follows(old: User, new: User, actor: Actor) -> int:
    """Whoever goes on keeps the interest of the account that ends, in the merge's transaction. How many changes.

    Raises nothing.
    """
    theirs = Q(requested_by=old) | Q(author=old) | Q(implementer=old) | Q(program_owners__contains=[old.pk])
    field: Any = ArrayField(BigIntegerField())
    with_new = Func(F("program_owners"), Value(new.pk), function="array_append", output_field=field)
    return Change.objects.filter(theirs).update(program_owners=with_new)
