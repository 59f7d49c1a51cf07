"""What bounces say (RFC 3464), and the addresses that nothing is sent to any more because of them.

5.1.x (there is no such address): at once. Another 5.x: the second time. 4.x: the third time within seven days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.mail.models import Bounce, OutgoingMail, UndeliverableAddress
from itsm.mail.names import our_addresses, plain

WITHIN = timedelta(days=7)
_TIMES = {"5": 2, "4": 3}
_SYSTEM = "mail"


@dataclass(frozen=True, slots=True)
class Bounced:
    """What a report was about: the address, the mail of ours with its record where known, and what followed."""

    address: str
    outgoing: OutgoingMail | None
    code: str
    is_undeliverable: bool
    is_news: bool  # it became undeliverable by this report
    is_told: bool = False  # that this mail is late, or does not arrive, was said before: its record has heard it


@transaction.atomic
def hear_bounce(
    *, message_id: str = "", recipient: str = "", code: str, said: str = "", at: datetime
) -> Bounced | None:
    """Count a report of a mail that was not delivered: by the original's Message-ID, then by the recipient.

    None for what is about no mail of ours and no address that we wrote to: anybody may send reports. Safe to hear
    twice: of one mail the same is counted once.
    """
    sent = OutgoingMail.objects.filter(message_id=message_id).first() if message_id else None
    if sent is None and recipient:
        sent = OutgoingMail.objects.filter(to=plain(recipient)).order_by("-id").first()
    if sent is None or sent.to in our_addresses():
        return None
    code, said = code[:12], " ".join(said.split())[:300]
    told, is_first = Bounce.objects.get_or_create(
        outgoing=sent, code=code, address=sent.to, defaults={"said": said, "at": at}
    )
    if is_first and code.startswith("5"):
        OutgoingMail.objects.filter(pk=sent.pk, bounced_at=None).update(bounced_at=at)
    same = Bounce.objects.filter(outgoing=sent, code__startswith=code[:1]) if code else Bounce.objects.none()
    is_told = not is_first or same.exclude(pk=told.pk).exists()
    is_news = is_first and _is_enough(sent.to, code, at) and _stop(told, at)
    return Bounced(sent.to, sent, code, is_news or is_undeliverable(sent.to), is_news, is_told)


def is_undeliverable(address: str) -> bool:
    """Whether nothing is sent there now."""
    return UndeliverableAddress.objects.filter(address=plain(address), lifted_at=None).exists()


def undeliverable_among(addresses: list[str]) -> set[str]:
    """Those (in small letters) that nothing is sent to now, in one query."""
    named = {plain(one) for one in addresses if one}
    if not named:
        return set()
    return set(UndeliverableAddress.objects.filter(address__in=named, lifted_at=None).values_list("address", flat=True))


def _is_enough(address: str, code: str, at: datetime) -> bool:
    if code.startswith("5.1."):
        return True
    lifted = UndeliverableAddress.objects.filter(address=address).exclude(lifted_at=None).order_by("-lifted_at").first()
    heard = Bounce.objects.filter(address=address, code__startswith=code[:1])
    if lifted is not None:
        heard = heard.filter(at__gt=lifted.lifted_at)
    if code.startswith("4"):
        heard = heard.filter(at__gt=at - WITHIN)
    return heard.count() >= _TIMES.get(code[:1], 3)


def _stop(told: Bounce, at: datetime) -> bool:
    """Nothing is sent there from now on. False where that is so already."""
    reason = told.said or gettext("Mail was not delivered there (%(code)s).") % {"code": told.code}
    made, is_new = UndeliverableAddress.objects.get_or_create(
        address=told.address, lifted_at=None, defaults={"since": at, "code": told.code, "reason": reason[:300]}
    )
    if is_new:
        record_event(
            "undeliverable_address.found", made, actor=Actor.system(_SYSTEM), changes={"code": [None, told.code]}
        )
    return is_new
