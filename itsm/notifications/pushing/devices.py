"""Devices of a person: added by them alone, on that device; ended by them, or by its push service."""

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted
from itsm.notifications.addresses import OutgoingRefused, is_listed, permitted_addresses
from itsm.notifications.outbox import owe_all
from itsm.notifications.outgoing import OutgoingFailed
from itsm.notifications.push_models import PushDevice
from itsm.notifications.pushing import keys, messages
from itsm.notifications.pushing.owing import owe_push
from itsm.notifications.targets import target_of

MOST = 20


def devices_of(actor: Actor) -> QuerySet[PushDevice]:
    """One's own, the oldest first."""
    return PushDevice.objects.filter(user=actor.id or 0)


@transaction.atomic
def add(*, actor: Actor, name: str, endpoint: str, p256dh: str, auth: str, shows_content: bool = False) -> PushDevice:
    """News come to this browser from now on; the same browser again is the same device, of whoever asks last.

    Raises NotPermitted (programs), InvalidInput (no push service, no such key, too many), and says so where this
    instance has no key to send with.
    """
    _person(actor)
    if not keys.is_available():
        raise InvalidInput(gettext("This desk has no key for push: an administrator sets HEADROOM_WEB_PUSH_KEY."))
    _check_keys(p256dh, auth)
    _check_endpoint(endpoint)
    if devices_of(actor).exclude(endpoint=endpoint).count() >= MOST:
        raise InvalidInput(gettext("At most %(most)d devices: end one that you no longer use.") % {"most": MOST})
    former = PushDevice.objects.select_for_update(no_key=True, of=("self",)).select_related("user").filter(
        endpoint=endpoint
    ).exclude(user=actor.id).first()  # fmt: skip
    said = {"user_id": actor.id, "name": name.strip()[:120] or gettext("A browser"), "p256dh": p256dh, "auth": auth}
    device, is_new = PushDevice.objects.update_or_create(
        endpoint=endpoint, defaults={**said, "shows_content": shows_content}
    )  # fmt: skip
    if former is not None:  # they hear no more there: their history says since when
        record_event("user.push_device_ended", former.user, actor=actor, changes={"device": [former.name, None]})
    if is_new or former is not None:
        record_event("user.push_device_added", device.user, actor=actor, changes={"device": [None, device.name]})
    return device


@transaction.atomic
def show_content(device_id: int, *, actor: Actor, shows_content: bool) -> PushDevice:
    """Whether titles may be read on this device, locked as it may be. Raises NotPermitted, NotFound (not one's own)."""
    device = _own(device_id, actor)
    if device.shows_content != shows_content:
        device.shows_content = shows_content
        device.save(update_fields=["shows_content"])
        changes = {f"{device.name}: shows titles": [not shows_content, shows_content]}
        record_event("user.push_device_edited", device.user, actor=actor, changes=changes)
    return device


@transaction.atomic
def end(device_id: int, *, actor: Actor) -> None:
    """No news come to it any more. Raises NotPermitted, NotFound (not one's own)."""
    device = _own(device_id, actor)
    record_event("user.push_device_ended", device.user, actor=actor, changes={"device": [device.name, None]})
    device.delete()


@transaction.atomic
def attempt(device_id: int, *, actor: Actor) -> PushDevice:
    """Send it something now, to try it. Raises NotPermitted, NotFound (not one's own)."""
    device = _own(device_id, actor)
    owe_all([owe_push(device.pk, [], f"push-trial-{device.pk}-{timezone.now().timestamp():.0f}")])
    return device


def shown(receipt: str) -> bool:
    """A device says that it showed something. Whether the receipt is one of ours; repeating it changes nothing else."""
    device_id = messages.device_of(receipt)
    return device_id is not None and bool(PushDevice.objects.filter(pk=device_id).update(shown_at=timezone.now()))


def _own(device_id: int, actor: Actor) -> PushDevice:
    _person(actor)
    found = devices_of(actor).select_for_update(of=("self",), no_key=True).select_related("user").filter(pk=device_id)
    device = found.first()
    if device is None:
        raise NotFound(gettext("You have no such device."))
    return device


def _person(actor: Actor) -> None:
    if not actor.is_human or actor.id is None:
        raise NotPermitted(gettext("Everybody says for themselves what reaches them."))


def _check_keys(p256dh: str, auth: str) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.decoded(p256dh))
        if len(keys.decoded(auth)) != 16:
            raise ValueError(auth)
    except ValueError:
        raise InvalidInput.about("p256dh", gettext("These are no keys of a browser's subscription.")) from None


def _check_endpoint(endpoint: str) -> None:
    try:
        target = target_of(endpoint, None)
        addresses = permitted_addresses(target.host, target.port)
        is_private = all(is_listed(one, target.host, target.port) for one in addresses)
    except (OutgoingRefused, OutgoingFailed) as error:
        raise InvalidInput.about("endpoint", str(error)) from error
    if target.scheme != "https" and not is_private:
        raise InvalidInput.about("endpoint", gettext("A push service is spoken to over https."))
