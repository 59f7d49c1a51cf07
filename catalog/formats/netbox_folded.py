"""What objects of NetBox say of others: addresses, cables and power feeds."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext

from catalog.formats.documents import Noted
from catalog.formats.drafting import Gathered, at, items, word
from catalog.formats.netbox_kinds import Record, key_to

FOLDED = frozenset(("ipam.ipaddress", "dcim.cable", "dcim.powerfeed"))


_MOST_ENDS = 16  # of a cable on one side


def fold(records: Sequence[Record], gathered: Gathered) -> None:
    """Into the documents that were read; noted where what they belong to was not."""
    for record in sorted(records, key=lambda one: (one.model, int(one.number))):
        tell = {"ipam.ipaddress": _address, "dcim.cable": _cable, "dcim.powerfeed": _feed}[record.model]
        if not tell(record, gathered):
            sentence = gettext("What it belongs to is not in these files; bring them in together.")
            gathered.noted.append(Noted(record.key, "apart", sentence))


def _holder(raw: Any) -> str | None:
    """The key of the device or machine that an interface, or another termination, belongs to."""
    device = key_to("dcim.device", at(raw, "device"))
    return device or key_to("virtualization.virtualmachine", at(raw, "virtual_machine"))


def _address(record: Record, gathered: Gathered) -> bool:
    said = record.said
    if not said.get("assigned_object"):
        return True  # a free address belongs to nothing
    draft = gathered.drafts.get(_holder(said.get("assigned_object")) or "")
    if draft is None:
        return False
    address = (word(said.get("address")) or "").split("/")[0]
    addresses = draft.attributes.get("ip_addresses")
    stood = addresses if isinstance(addresses, list) else []
    draft.say("ip_addresses", sorted({*stood, address} - {""}))
    name = word(said.get("dns_name"))
    if name is not None and (address == draft.attributes.get("primary_ip") or "fqdn" not in draft.identifiers):
        draft.identify("fqdn", name)
    return True


def _ends(record: Record, side: str) -> Iterator[str]:
    """Both shapes: lists of terminations, and a single one as before 3.3."""
    said = record.said
    terminations = [at(one, "object") for one in items(said.get(f"{side}_terminations"))]
    for one in [*terminations, said.get(f"termination_{side}")]:
        if (key := _holder(one)) is not None:
            yield key


def _cable(record: Record, gathered: Gathered) -> bool:
    found = False
    for one in sorted(set(_ends(record, "a")))[:_MOST_ENDS]:
        for other in sorted(set(_ends(record, "b")))[:_MOST_ENDS]:
            source, target = min(one, other), max(one, other)  # a cable has no direction: told once, always alike
            if source in gathered.drafts:
                gathered.drafts[source].relate("connects_to", target)
            elif target in gathered.drafts:
                gathered.drafts[target].relate("connects_to", source, "in")
            else:
                continue
            found = True
    return found


def _feed(record: Record, gathered: Gathered) -> bool:
    said, feed = record.said, gathered.drafts.get(record.key)
    if feed is None:
        return True
    fed = [key for one in items(said.get("connected_endpoints")) if (key := _holder(one)) is not None]
    rack = key_to("dcim.rack", said.get("rack"))
    for key in fed or ([rack] if rack else []):
        feed.relate("powered_by", key, "in")
    return True
