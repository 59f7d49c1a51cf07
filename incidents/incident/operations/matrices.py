"""The priority matrix: an administrator's next version, which holds for what comes and touches no record."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Matrix
from incidents.incident.operations import placing
from incidents.incident.vocabulary import Priority
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion
from itsm.locks import AdvisoryLock, one_at_a_time


@transaction.atomic
def renew_matrix(*, actor: Actor, cells: Sequence[int], version: int) -> Matrix:
    """The next version: nine priorities, by impact high, medium, low, and in each by urgency high, medium, low.

    `version`: the one that was read. Nothing different: the one that holds. Incidents keep their priority until their
    impact or urgency is said anew. Raises NotPermitted, InvalidInput, StaleVersion.
    """
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Administrators keep categories and the priority matrix."))
    placing.matrix()
    one_at_a_time(AdvisoryLock.VERSIONS)
    held = Matrix.objects.order_by("-version")[0]
    if version != held.version:
        words = gettext("The matrix is at version %(now)s; you read version %(read)s.")
        raise StaleVersion(words % {"now": held.version, "read": version}, version=held.version)
    if len(cells) != 9 or not set(cells) <= set(Priority.values):
        raise InvalidInput.about("cells", gettext("Say nine priorities from 1 to 5."))
    if list(cells) == list(held.cells):
        return held
    made = Matrix.objects.create(version=held.version + 1, cells=list(cells), by_id=actor.id, at=timezone.now())
    return lifecycle.created(made, actor=actor, changes={"cells": [list(held.cells), list(cells)]})
