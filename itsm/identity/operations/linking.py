"""One company, two providers: who is written by the one comes in by the other."""

from datetime import datetime

from itsm.accounts.models import User
from itsm.identity.models import AllowedLink, ExternalIdentity, IdentityProvider


def wait_at(sign_in: IdentityProvider, user: User, *, written_by: IdentityProvider, at: datetime) -> None:
    """This account, which `written_by` made just now, waits at `sign_in` for whoever has its verified address there.

    That the two go together was confirmed with the configuration of `written_by`. Repeatable; raises nothing.
    """
    if not user.email or ExternalIdentity.objects.filter(provider=sign_in, user=user).exists():
        return
    AllowedLink.objects.bulk_create(
        [AllowedLink(provider=sign_in, user=user, allowed_by_id=written_by.made_by_id, at=at)], ignore_conflicts=True
    )
