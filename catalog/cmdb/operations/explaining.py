"""An edit that no change covered, explained afterwards."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.models import Explanation, History
from catalog.cmdb.queries.covers import covering
from itsm import lifecycle
from itsm.accounts import interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank


def explain(history: History, *, actor: Actor, why: str = "", change: str = "") -> Explanation:
    """By a change that covered the edit after all, or in the words of another person than who made it.

    Raises NotPermitted (a program; by words, who made it), WrongState (it is accounted for), InvalidInput (neither, or
    a change that does not cover it) and Conflict (somebody explained it).
    """
    if not permissions.explainers(actor):
        raise NotPermitted(gettext("%(actor_name)s may not explain edits.") % {"actor_name": actor.name})
    if history.accounted:
        raise WrongState(gettext("This edit is accounted for."))
    if change:
        if covering(history.ci, history.at, change) != change:
            raise InvalidInput.about("change", gettext("%(change)s did not cover this edit.") % {"change": change[:20]})
    elif is_blank(why):
        raise InvalidInput.about("why", gettext("Name a change, or say why."))
    elif actor.person_id in interest.natural_persons([history.actor_id]):
        raise NotPermitted(gettext("Another person explains an edit; who made it names a change."))
    item = history.ci
    try:
        with transaction.atomic():
            made = Explanation.objects.create(
                history=history, at=timezone.now(), actor_id=actor.id, actor_name=actor.name,
                change_reference=change, why=why,
            )  # fmt: skip
            lifecycle.announce(item, "explained", actor=actor, changes={history.key: [None, change or why]})
    except IntegrityError as error:
        raise Conflict(gettext("Somebody explained it already.")) from error
    return made
