"""After mappings changed, everybody whom the provider knows is given what its groups mean now, by what it said last."""

from datetime import datetime

from django.db import DatabaseError
from django.utils.translation import gettext as _

from itsm.identity.models import ExternalIdentity, IdentityProvider
from itsm.identity.operations.planning import as_said, preview_known
from itsm.identity.operations.provisioning import provision
from itsm.kernel.errors import DomainError

MOST = 500  # people at once; the rest follows with the next run


def settle(at: datetime) -> int:
    """What is owed by all providers. Safe to run twice, and together. Returns how many people were given or lost
    something."""
    done = 0
    for provider in IdentityProvider.objects.standing().filter(settling_owed=True).order_by("pk"):
        before = IdentityProvider.objects.filter(pk=provider.pk, version=provider.version)
        before.update(settling_owed=False)  # what is changed from here on is owed anew
        changed = preview_known(provider, most=100_000).changed
        for plan in changed[:MOST]:
            done += _settled(provider, plan.identified.subject, at)
        if len(changed) > MOST:
            IdentityProvider.objects.filter(pk=provider.pk).update(settling_owed=True)
    return done


def _settled(provider: IdentityProvider, subject: str, at: datetime) -> int:
    known = ExternalIdentity.objects.filter(provider=provider, subject=subject, ended_at=None).first()
    if known is None:
        return 0
    said_at = known.said_at
    try:
        provision(provider, as_said(known), at=at)
    except (DomainError, DatabaseError) as error:
        said = _("%(who)s was not given what the groups say: %(why)s") % {"who": subject, "why": error}
        IdentityProvider.objects.filter(pk=provider.pk).update(last_error=said[:300])
        return 0
    ExternalIdentity.objects.filter(pk=known.pk).update(said_at=said_at)  # the provider said nothing new
    return 1
