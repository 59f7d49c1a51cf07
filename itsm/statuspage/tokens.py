"""The links of mails: signed, for one subscriber and one purpose. Nothing lies in the database that opens a door.

Made as a mail leaves. A confirmation is good for 48 hours and once; an unsubscription for as long as one is
subscribed: whoever leaves is forgotten, and who comes again is another.
"""

from datetime import datetime, timedelta

from django.core import signing

from itsm.notifications.web_addresses import our_address
from itsm.statuspage.models import Subscriber

CONFIRM_WITHIN = timedelta(hours=48)
_CONFIRM, _LEAVE = "itsm.statuspage.confirm", "itsm.statuspage.unsubscribe"
_MAX_LENGTH = 120


def confirmation(subscriber: Subscriber) -> str:
    """Of the link that confirms."""
    return signing.Signer(salt=_CONFIRM).sign(f"{subscriber.pk}")


def unsubscription(subscriber: Subscriber) -> str:
    """Of the link that ends it."""
    return signing.Signer(salt=_LEAVE).sign(f"{subscriber.pk}")


def confirm_address(subscriber: Subscriber) -> str:
    return our_address(f"/status/confirm/{confirmation(subscriber)}/")


def leave_address(subscriber: Subscriber) -> str:
    return our_address(f"/status/unsubscribe/{unsubscription(subscriber)}/")


def to_confirm(token: str, at: datetime) -> Subscriber | None:
    """Who is to be confirmed by it; None where it is not ours, too late, or was used."""
    found = _subscriber(token, _CONFIRM)
    if found is None or found.confirmed_at is not None or at - found.asked_at > CONFIRM_WITHIN:
        return None
    return found


def to_leave(token: str) -> Subscriber | None:
    """Who leaves by it; None where it is not ours, or of who left or never confirmed."""
    found = _subscriber(token, _LEAVE)
    return found if found is not None and found.confirmed_at is not None else None


def _subscriber(token: str, salt: str) -> Subscriber | None:
    if len(token) > _MAX_LENGTH:
        return None
    try:
        number = int(signing.Signer(salt=salt).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Subscriber.objects.select_related("page").filter(pk=number, page__retired_at=None).first()
