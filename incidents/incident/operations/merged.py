"""An incident that was merged lives on in another, and takes nothing itself."""

from typing import Any, ClassVar

from django.utils.translation import gettext

from incidents.incident.models import Incident
from itsm.kernel.errors import Conflict


class Merged(Conflict):
    """It lives on in another incident: write there."""

    code, title = "merged", "It was merged into another incident"
    members: ClassVar[dict[str, Any]] = {"survivor": {"type": "string", "description": "The incident it lives on in."}}


def require_unmerged(incident: Incident) -> None:
    """Raise Merged, naming the survivor, for one that lives on in another."""
    if incident.merged_into is not None:
        raise Merged(
            gettext("%(reference)s was merged into %(survivor)s; write there.")
            % {"reference": incident.reference, "survivor": incident.merged_into.reference},
            survivor=incident.merged_into.reference,
        )
