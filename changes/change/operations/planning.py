"""Who plans the work on a change: asked before anything of its tasks or of whom it hits is written."""

from django.utils.translation import gettext

from changes.change.models import Change
from changes.change.permissions import planners
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


def require_planner(change: Change, actor: Actor) -> None:
    """Raises NotPermitted for whoever does not plan the work on this change."""
    if not planners(actor, change):
        words = {"name": actor.name, "reference": change.reference}
        raise NotPermitted(gettext("%(name)s does not plan the work on %(reference)s.") % words)
