"""What is used once: kept in the database, so that it holds in every process and after a crash."""

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from itsm.identity.models import IdentityProvider
from itsm.single_sign_on.models import CameBack, ProviderSession, UsedAnswer

SESSIONS_KEPT = timedelta(days=2)  # longer than any session of ours lasts


def hashed(text: str) -> str:
    """What is kept of a name."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def use_up(provider: IdentityProvider, name: str, *, until: datetime) -> bool:
    """Whether this is its first use. Two at once: one of them."""
    try:
        with transaction.atomic():
            UsedAnswer.objects.create(provider=provider, key_hash=hashed(name), expires_at=until)
    except IntegrityError:
        return False
    return True


def forget(at: datetime) -> int:
    """Take away what could not be used any more. Returns how many rows went."""
    used = UsedAnswer.objects.filter(expires_at__lt=at).delete()[0]
    waiting = CameBack.objects.filter(expires_at__lt=at).delete()[0]
    return used + waiting + ProviderSession.objects.filter(at__lt=at - SESSIONS_KEPT).delete()[0]
