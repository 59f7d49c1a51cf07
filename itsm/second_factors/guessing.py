"""Guesses of codes are counted in the database, by account and network: nobody locks a colleague out from elsewhere."""

import ipaddress
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.second_factors.models import WrongTry

MOST = 5
WITHIN = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
TOLD_AT = 10  # wrong codes of a day, from anywhere: whoever makes them knows the password


def network_of(address: str) -> str:
    """The network of an address, hashed: /24, of IPv6 /64. All addresses of a house are one guesser."""
    try:
        found = ipaddress.ip_address(address)
        found = getattr(found, "ipv4_mapped", None) or found
        net = str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 64}", strict=False))
    except ValueError:
        net = ""
    return salted_hmac("itsm.second_factors.network", net, algorithm="sha256").hexdigest()[:32]


def require_few(user_id: int, request: HttpRequest) -> None:
    """Raise InvalidInput for an account that was guessed at five times from this network within a quarter of an hour.

    What is right is refused then, too. Tries of one account are counted one after the other.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user_id)
    since = timezone.now() - WITHIN
    if WrongTry.objects.filter(user_id=user_id, network=_network(request), at__gt=since).count() >= MOST:
        raise InvalidInput(gettext("Too many wrong codes came from your network. Wait a quarter of an hour."))


def note_wrong(user: User, request: HttpRequest, at: datetime) -> None:
    """Count it. The tenth within a day is told the person: whoever guesses knows their password."""
    WrongTry.objects.create(user=user, network=_network(request), at=at)
    if WrongTry.objects.filter(user=user, at__gt=at - FORGOTTEN_AFTER).count() == TOLD_AT:
        body = _(
            "Whoever does that has your password already. If it is not you, choose another password, and end your "
            "other sessions on your profile."
        )
        subject = _("Somebody guesses the codes of your second factor")
        notify([user], subject, body=body, path="/profile/", record=user, by=("account.changed", "self"))


def forget_old(at: datetime) -> int:
    """What counts no more is gone. Returns how many."""
    return WrongTry.objects.filter(at__lt=at - FORGOTTEN_AFTER).delete()[0]


def _network(request: HttpRequest) -> str:
    return network_of(str(request.META.get("REMOTE_ADDR", "")))
