"""What is to do on an item: given from findings, ticked by whoever may edit the item."""

from django.db import transaction
from django.utils.translation import gettext

from catalog.cmdb.models import CI
from catalog.cmdb.operations.locking import lock_items
from catalog.cmdb.permissions import item_editors
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.work import tasks
from itsm.work.models import Task


@transaction.atomic
def tick_task(item: CI, task: Task, *, actor: Actor, done: bool) -> Task:
    """It is done, or is to do after all. The caller found the task on the item, or on what lives on in it.

    Raises NotPermitted, and Conflict (others come first).
    """
    current = lock_items([item.pk])[item.pk]
    if not item_editors(actor, current):
        raise NotPermitted(gettext("%(actor_name)s may not edit this item.") % {"actor_name": actor.name})
    return tasks.edit_task(current, task, actor=actor, done=done)
