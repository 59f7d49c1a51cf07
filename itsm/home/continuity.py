"""What an administrator is told on the desk of backups that are old; of a demo company there is nothing to lose."""

from django.conf import settings
from django.utils import timezone

from itsm.accounts.permissions import administrators
from itsm.continuity.models import ContinuityRun
from itsm.continuity.queries import Warn, standing
from itsm.home.queries import has_services
from itsm.kernel.actors import Actor


def continuity_warning(actor: Actor) -> Warn | None:
    """The worst one; none for others than administrators, in a demo, and in a desk that has nothing yet."""
    if settings.DEMO or not administrators(actor) or not (has_services() or ContinuityRun.objects.exists()):
        return None
    return next(iter(standing(timezone.now()).warnings), None)
