"""Who was not let in, and why: for administrators, for thirty days."""

from datetime import datetime, timedelta

from itsm.identity.models import MAX_SUBJECT, IdentityProvider, RefusedSignIn
from itsm.identity.vocabulary import Refusal

KEPT = timedelta(days=30)
MOST = 2000  # of one provider: whoever asks again and again fills no disk


def note_refusal(provider: IdentityProvider, reason: Refusal, sentence: str, *, said: str = "", at: datetime) -> None:
    """Note it. `said`: who it was, as far as anybody said. Raises nothing; where there are too many, none is added."""
    if RefusedSignIn.objects.filter(provider=provider, at__gt=at - KEPT).count() >= MOST:
        return
    RefusedSignIn.objects.create(
        provider=provider, at=at, reason=reason, sentence=_readable(sentence)[:500], said=_readable(said)[:MAX_SUBJECT]
    )


def _readable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())


def forget(at: datetime) -> int:
    """Take away what is older than thirty days. Returns how many rows went."""
    return RefusedSignIn.objects.filter(at__lt=at - KEPT).delete()[0]
