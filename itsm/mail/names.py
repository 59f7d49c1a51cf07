"""Addresses of mail: how they are compared, and which are ours."""

from collections.abc import Collection
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from itsm.configuration.reading import MailServer
from itsm.mail.models import Mailbox


def plain(address: str) -> str:
    """As it is compared: small letters, without blanks around it."""
    return address.strip().lower()


def domain_of(address: str) -> str:
    """What stands behind the @, "" where nothing does."""
    return plain(address).rpartition("@")[2] if "@" in address else ""


def sender_address() -> str:
    """What mail of no mailbox comes from."""
    return plain(parseaddr(MailServer().sender)[1])


def our_domains() -> set[str]:
    """Those that our Message-IDs end in."""
    found = {domain_of(address) for box in Mailbox.objects.all() for address in box.addresses}
    return found | {home_domain(), domain_of(sender_address())} - {""}


def our_addresses() -> set[str]:
    """Every address that mail of ours comes from or answers go to: mail from one of these is our own."""
    rows = Mailbox.objects.values_list("address", "aliases")
    return {plain(one) for address, aliases in rows for one in (address, *aliases)} | {sender_address()}


def home_domain() -> str:
    """The name of this installation, for what belongs to no mailbox; an address of numbers names nothing."""
    host = (urlsplit(settings.BASE_URL).hostname or "").lower()
    return host if "." in host and not host[-1].isdigit() else "headroom.invalid"


def mailbox_for(*, addresses: Collection[str] = (), team_id: int | None = None) -> Mailbox | None:
    """The mailbox that one of these addresses belongs to; else the team's; else the default one."""
    if addresses:
        named = {untagged(one) for one in addresses}
        found = Mailbox.objects.filter(Q(address__in=named) | Q(aliases__overlap=list(named))).order_by("id").first()
        if found is not None:
            return found
    theirs = Mailbox.objects.filter(team=team_id).order_by("-is_default", "id").first() if team_id else None
    return theirs or Mailbox.objects.filter(is_default=True).first()


def untagged(address: str) -> str:
    """An address without what stands behind its +."""
    local, _at, domain = plain(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
