"""Who is told: asked for, confirmed by the link of a mail, ended by one click."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.erasure.queries import words_of
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.notifications.outbox import enqueue
from itsm.statuspage.models import Component, StatusPage, Subscriber, Subscription
from itsm.statuspage.operations.owing import MAIL
from itsm.statuspage.tokens import CONFIRM_WITHIN
from itsm.statuspage.vocabulary import Channel

AN_HOUR = timedelta(hours=1)
LONGEST_ADDRESS = 254  # RFC 5321: a path of 256 octets, two of them brackets
MOST_ASKS = 5  # of one address in an hour
MOST_FROM = 20  # addresses from one place in an hour


def of_person(person: User) -> QuerySet[Subscriber]:
    """Addresses of an account, also of before, that subscribe, on whatever page."""
    theirs = {word.lower() for word, _plain in words_of(person) if "@" in word}
    return Subscriber.objects.filter(address__in=theirs)


def forget_person(person: User) -> int:
    """Who is erased is told nothing more, and their addresses go: masked they were told for ever, at no address."""
    count = of_person(person).count()
    of_person(person).delete()
    return count


@transaction.atomic
def subscribe(
    page: StatusPage,
    *,
    address: str,
    everything: bool,
    components: Collection[str],
    at: datetime,
    asked_from: str = "",
    language: str = "en",
) -> None:
    """Somebody wants an address to be told: it is asked whether it does, by mail. `components`: codes; `asked_from`:
    the client's address.

    The same comes of it whether the address is new, asked already, or subscribed: nobody learns who is. Raises
    InvalidInput for what is no address, or names nothing that the page shows.
    """
    address = address.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidInput.about("address", gettext("This is no mail address.")) from error
    if len(address) > LONGEST_ADDRESS:
        raise InvalidInput.about("address", gettext("This is no mail address."))
    chosen = _chosen(page, everything, components)
    place = salted_hmac("itsm.statuspage.asked_from", f"{asked_from} {at:%Y-%m-%d}").hexdigest() if asked_from else ""
    row = {"page": page, "channel": Channel.MAIL, "address": address}
    Subscriber.objects.bulk_create(
        [Subscriber(**row, asked_at=at, asks_since=at, asks=0, language=language)], ignore_conflicts=True
    )
    found = Subscriber.objects.select_for_update(no_key=True).get(**row)
    if not _counted(found, at) or _too_many_from(place, at):
        return
    if found.confirmed_at is None:
        found.everything, found.asked_at, found.asked_from = everything, at, place
        _set(found, chosen)
    found.save()
    enqueue(MAIL, {"subscriber": found.pk, "confirm": True}, aggregate=f"status-sub:{found.pk}")


def _chosen(page: StatusPage, everything: bool, components: Collection[str]) -> list[Component]:
    readable = [one for one in components if "\0" not in one]  # which no code holds, and no statement takes
    found = list(Component.objects.filter(page=page, retired_at=None, code__in=readable))
    if len(found) != len(set(components)):
        raise InvalidInput.about("components", gettext("The page shows no such component."))
    if not everything and not found:
        raise InvalidInput.about("components", gettext("Choose what you want to be told about."))
    return [] if everything else found


def _counted(found: Subscriber, at: datetime) -> bool:
    """Whether the address is asked once more within the hour."""
    if at - found.asks_since >= AN_HOUR:
        found.asks, found.asks_since = 0, at
    if found.asks >= MOST_ASKS:
        return False
    found.asks += 1
    return True


def _too_many_from(place: str, at: datetime) -> bool:
    if not place:
        return False
    return Subscriber.objects.filter(asked_from=place, asked_at__gt=at - AN_HOUR).count() >= MOST_FROM


def _set(subscriber: Subscriber, components: Collection[Component]) -> None:
    subscriber.subscriptions.all().delete()
    Subscription.objects.bulk_create([Subscription(subscriber=subscriber, component=one) for one in components])


@transaction.atomic
def confirm(subscriber: Subscriber, *, at: datetime) -> Subscriber:
    """The address is told from now on. Raises NotFound where it was confirmed already, or left."""
    found = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber.pk, confirmed_at=None).first()
    if found is None:
        raise NotFound(gettext("This link does not lead anywhere any more."))
    found.confirmed_at, found.asked_from = at, ""
    found.save(update_fields=["confirmed_at", "asked_from"])
    return found


@transaction.atomic
def unsubscribe(subscriber: Subscriber) -> None:
    """The address is told nothing more, and forgotten. Raises NotFound where it left already."""
    gone, _ = Subscriber.objects.filter(pk=subscriber.pk).delete()
    if not gone:
        raise NotFound(gettext("This link does not lead anywhere any more."))


def forget_unconfirmed(at: datetime) -> int:
    """Addresses that were asked and did not say yes are forgotten. How many rows went. Raises nothing."""
    gone, _ = Subscriber.objects.filter(confirmed_at=None, asked_at__lt=at - CONFIRM_WITHIN).delete()
    return gone
