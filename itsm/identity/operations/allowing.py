"""Accounts that are in use may be known by a provider: two administrators say so, once for each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.identity.models import AllowedLink, ExternalIdentity, IdentityProvider
from itsm.identity.operations import keeping
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState

MOST_LINKS = 5000


def allow_links(provider: IdentityProvider, people: Sequence[User], *, actor: Actor, at: datetime) -> IdentityProvider:
    """Let these accounts be known by this provider, by whoever has their address, verified, there. Once each.

    Of no use for who is known by it already; whom it had taken away, and whose account was opened here by hand, is
    known to it again as who they were there. It `awaits` a second administrator, where there is one.
    Raises NotPermitted, PasswordNeeded, InvalidInput (nobody, too many, programs), WrongState.
    """
    keeping.require_keeper(actor)
    if provider.withdrawn_at is not None:
        raise WrongState(_("%(name)s was withdrawn.") % {"name": provider.name})
    there = dict(ExternalIdentity.objects.filter(provider=provider).values_list("user", "ended_at"))
    known = {user for user, ended_at in there.items() if ended_at is None}
    people = [one for one in people if one.is_human and one.is_active and one.pk not in known]
    wanted = [one for one in people if one.email or one.pk in there]
    if not wanted or len(wanted) > MOST_LINKS:
        said = _("Name 1 to %(most)s people who are active, have a mail address and are not known by it yet.")
        raise InvalidInput.about("people", said % {"most": MOST_LINKS})
    payload = {"people": sorted(one.pk for one in wanted), "by": actor.account_id}
    if keeping.alone(actor, doing=_("let accounts be known by a provider of identity")):
        _allowed(provider, payload, actor, at)
        return provider
    names = ", ".join(sorted(one.username for one in wanted[:20]))
    after = (
        names if len(wanted) <= 20 else _("%(names)s and %(more)s more") % {"names": names, "more": len(wanted) - 20}
    )
    differences = [Difference(_("Known by whoever has their verified address there"), _("nobody"), after)]
    subject = _("Let %(count)s accounts be known by %(name)s") % {"count": len(wanted), "name": provider.name}
    return keeping.proposed(provider, keeping.LINK, subject, differences, payload, actor=actor, at=at)


def links_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises nothing."""
    _allowed(IdentityProvider.objects.get(pk=confirmation.record_id), confirmation.payload, actor, at)


@transaction.atomic
def _allowed(provider: IdentityProvider, payload: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    people = User.objects.filter(pk__in=payload["people"], is_active=True)
    gone = ExternalIdentity.objects.filter(provider=provider, user__in=people, ended_at__isnull=False)
    back = set(gone.values_list("user", flat=True))
    gone.update(ended_at=None, closed_as=None)
    allowed = [
        AllowedLink(provider=provider, user=one, allowed_by_id=payload["by"], at=at)
        for one in people
        if one.pk not in back
    ]
    AllowedLink.objects.bulk_create(allowed, ignore_conflicts=True)
    changes = {"people": [[], sorted(one.username for one in people)[:200]]}
    lifecycle.announce(provider, "linking_allowed", actor=actor, changes=changes)
