"""What parents, children, survivors and what was merged into them share: one change at a time, rows locked in order."""

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.kernel.references import number_in
from itsm.locks import AdvisoryLock


def one_at_a_time() -> None:
    """Hold, to the end of the transaction, that nobody else changes who belongs to whom."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.KINSHIP])


def locked_together(ids: Collection[int]) -> dict[int, Incident]:
    """These incidents as they stand now, by id, locked in the order of their ids."""
    held = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("team", "caller")
    return {one.pk: one for one in held.filter(pk__in=ids).order_by("pk")}


def named(actor: Actor, text: str, field: str) -> int:
    """The id of the incident of this reference, among those that the actor may see. Raises InvalidInput."""
    number = number_in(text.strip(), "INC")
    if number is None or not Incident.objects.visible_to(actor).filter(pk=number).exists():
        words = gettext("There is no incident %(text)s, or you may not see it.") % {"text": text.strip()[:20]}
        raise InvalidInput.about(field, words)
    return number


def require_works_on(actor: Actor, incident: Incident) -> None:
    """Raise NotPermitted, naming the right and the queue, for who may not change this one."""
    if not permissions.workers(actor, incident):
        raise NotPermitted(
            gettext("%(name)s may not change %(reference)s: no right to change in %(team)s.")
            % {"name": actor.name, "reference": incident.reference, "team": incident.team.name}
        )
