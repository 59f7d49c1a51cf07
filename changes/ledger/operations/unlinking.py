"""An incident is no longer named as caused by a change: then its run no longer counts as failed for it.

Promise: who wants the change, or another one of its service, takes no such word away, before its watch ends or after;
whoever does is named in the history of the change.
"""

from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from changes.change.models import Change
from changes.change.operations.counting import recount
from changes.change.operations.disinterest import is_own
from changes.ledger.models import ChangeCost
from changes.ledger.operations.following import note_cost
from changes.ledger.vocabulary import FailedBy
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.work.models import Link


def unlinking(link: Link, actor: Actor) -> Callable[[], None] | None:
    """What follows once this arrow is taken away; None where nothing does. Raises NotPermitted for who has a stake."""
    if (link.from_kind, link.to_kind, link.meaning) != (Change.kind, "incident", Link.Meaning.CAUSED):
        return None
    change = lifecycle.locked(Change.objects.select_related("service").get(pk=link.from_id))
    doing = gettext("say that a change did not cause an incident after all")
    if not actor.is_system:
        if is_own(change, actor):
            raise NotPermitted(
                gettext("%(name)s had a part in %(change)s: somebody else says that it did not cause this.")
                % {"name": actor.name, "change": change.reference}
            )
        if not actor.is_human:
            raise NotPermitted(gettext("A person says that a change did not cause an incident after all."))
        require_no_interest(actor, read_by_changes_of([change.service_id]), doing=doing)
    return lambda: _counted_again(change, actor)


def _counted_again(change: Change, actor: Actor) -> None:
    at = timezone.now()
    lifecycle.announce(change, "cause_withdrawn", actor=actor, at=at)
    if ChangeCost.objects.filter(change=change, why=FailedBy.INCIDENT).exists() and not note_cost(change, at).failed:
        recount(change, failed=False)
