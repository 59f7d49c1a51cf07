"""An incident that was merged lives on in another, and takes nothing itself."""

from typing import Any, ClassVar

from django.utils.translation import gettext

from incidents.incident.models import Incident
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict


class Merged(Conflict):
    """It lives on in another incident: write there."""

    code, title = "merged", "It was merged into another incident"
    members: ClassVar[dict[str, Any]] = {"survivor": {"type": "string", "description": "The incident it lives on in."}}


def require_unmerged(incident: Incident, actor: Actor) -> None:
    """One that lives on in another takes nothing itself.

    Raises Merged, a Conflict that names the survivor to who may see that one.
    """
    if incident.merged_into is None:
        return
    if not Incident.objects.visible_to(actor).filter(pk=incident.merged_into.pk).exists():
        raise Merged(
            gettext("%(reference)s was merged into an incident that you may not see.")
            % {"reference": incident.reference}
        )
    raise Merged(
        gettext("%(reference)s was merged into %(survivor)s; write there.")
        % {"reference": incident.reference, "survivor": incident.merged_into.reference},
        survivor=incident.merged_into.reference,
    )
