"""From where somebody signs in: a place that is new for them is told by mail, with a way to end what began there."""

import re
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext, ngettext

from itsm import lifecycle
from itsm.accounts import other_ways
from itsm.accounts.actors import actor_for
from itsm.accounts.models import AddressClass, KnownPlace, Session, User
from itsm.kernel.actors import Door
from itsm.kernel.errors import NotFound
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

FORGOTTEN_AFTER = timedelta(days=180)
LINK_FOR = timedelta(days=7)
_SALT = "itsm.accounts.known_places"
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("SamsungBrowser", "Samsung"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """The kind of browser, "Firefox on Linux"; of what is none, its first word. An update makes no other place."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    word = re.match(r"[A-Za-z][\w.-]{0,40}", user_agent)
    return browser or system or (word[0] if word else "unknown")


def note_place(user: User, *, user_agent: str, address_class: str, by: str, at: datetime) -> bool:
    """In the transaction of a sign-in: the place is known from now on. True where it was new and told to the person.

    The very first place of somebody is theirs, and told nobody.
    """
    device = device_of(user_agent)
    first_ever = not KnownPlace.objects.filter(user=user).exists()
    place, new = KnownPlace.objects.get_or_create(
        user=user, device=device, address_class=address_class, defaults={"first_seen_at": at, "last_seen_at": at}
    )
    if not new:
        KnownPlace.objects.filter(pk=place.pk).update(last_seen_at=at)
    if not new or first_ever:
        return False
    where = AddressClass(address_class).label if address_class else ""
    told = {"place": [None, f"{device}, {address_class}"], "by": [None, other_ways.name_of(by)]}
    lifecycle.announce(user, "signed_in", actor=actor_for(user, Door.WEB), changes=told)
    _tell(user, place, where, at)
    return True


def _tell(user: User, place: KnownPlace, where: object, at: datetime) -> None:
    body = _(
        "%(device)s, from %(where)s, at %(at)s UTC. If that was you, nothing is to be done. If it was not: follow the "
        "link, which ends that session, then choose another password and look at your second factors."
    ) % {"device": place.device, "where": where or "?", "at": f"{at:%Y-%m-%d %H:%M}"}
    subject = _("You signed in from a new place")
    path = f"/sign-in/unknown/{signing.dumps([place.pk, user.pk], salt=_SALT)}/"
    notify([user], subject, body=body, path=path, record=user, by=("account.new_place", "self"))


def place_of(token: str) -> KnownPlace:
    """The place that the link of a mail is about. Raises NotFound: made up, older than a week, gone."""
    try:
        pk, user_id = signing.loads(token, salt=_SALT, max_age=LINK_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        pk, user_id = 0, 0
    found = KnownPlace.objects.select_related("user").filter(pk=pk, user_id=user_id).first()
    if found is None:
        raise NotFound(gettext("This link has expired, or was never ours. Your sessions are listed on your profile."))
    return found


@transaction.atomic
def disown(token: str) -> int:
    """Who reads the mail says that it was not them: every session that began at that place ends, and it is unknown
    again. Returns how many sessions ended. Repeatable. Raises NotFound."""
    place = place_of(token)
    begun = Session.objects.filter(user=place.user, created_at__gte=place.first_seen_at - timedelta(minutes=1))
    theirs = [
        one.pk for one in begun if (device_of(one.device), one.address_class) == (place.device, place.address_class)
    ]
    Session.objects.filter(pk__in=theirs).delete()
    told = {"sessions": [len(theirs), 0], "place": [place.device, None]}
    lifecycle.announce(place.user, "place_disowned", actor=actor_for(place.user, Door.MAIL), changes=told)
    place.delete()
    return len(theirs)


def ended_sentence(ended: int) -> str:
    """What is said to who disowned a place."""
    sentence = ngettext("%(count)s session has ended.", "%(count)s sessions have ended.", ended) % {"count": ended}
    return f"{sentence} {gettext('Now choose another password: somebody may know yours.')}"


def forget_old(at: datetime) -> int:
    """Places of long ago are forgotten, but the last one of everybody. Returns how many."""
    newest = KnownPlace.objects.values("user").annotate(last=Max("last_seen_at")).values("last")
    old = KnownPlace.objects.filter(last_seen_at__lt=at - FORGOTTEN_AFTER).exclude(last_seen_at__in=newest)
    return old.delete()[0]
