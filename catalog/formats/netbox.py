"""NetBox: pages of its REST API, bare lists of the same objects, and its CSV.

Objects are known by app.model:id. Addresses, cables and power feeds say something of others: they are folded into the
documents that they belong to. Custom fields, comments and contexts are not read: whatever is written there stays there.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext

from catalog.formats.documents import File
from catalog.formats.drafting import Gathered, NotTaken, at, word
from catalog.formats.netbox_csv import objects_of_table
from catalog.formats.netbox_folded import FOLDED, fold
from catalog.formats.netbox_kinds import KINDS, Record, draft_of
from catalog.formats.options import Options
from catalog.formats.yaml import found_in, sentence_of, within
from itsm.safe_yaml.trees import Refused

_MODELS = {
    "dcim/sites": "dcim.site", "dcim/locations": "dcim.location", "dcim/racks": "dcim.rack",
    "dcim/devices": "dcim.device", "dcim/virtual-chassis": "dcim.virtualchassis", "dcim/cables": "dcim.cable",
    "dcim/power-feeds": "dcim.powerfeed", "virtualization/virtual-machines": "virtualization.virtualmachine",
    "virtualization/clusters": "virtualization.cluster", "ipam/prefixes": "ipam.prefix",
    "ipam/ip-addresses": "ipam.ipaddress",
}  # fmt: skip
_URL = re.compile(r"/api/([a-z-]+/[a-z-]+)/[0-9]+/?\Z", re.ASCII)


def read_netbox(files: Sequence[File], options: Options, gathered: Gathered) -> None:
    """Every object of the files. Raises Broken."""
    later: list[Record] = []
    for file in files:
        for value, place in _objects(file, options):
            record = gathered.attempt(_shown(value, place), partial(_take, value, place, options, gathered))
            if record is not None:
                later.append(record)
    fold(later, gathered)


def _objects(file: File, options: Options) -> Iterator[tuple[Any, str]]:
    head = file.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] not in (b"{", b"[") and not head.startswith((b"-", b"#", b"count:")):
        yield from objects_of_table(file, options)
        return
    for found in found_in(file):
        listed = found.value
        if isinstance(listed, dict) and isinstance(listed.get("results"), list):
            listed = listed["results"]  # a page; where the next one lies is nothing that is looked up
        for value in within(file, listed if isinstance(listed, list) else [listed]):
            yield value, found.place


def _shown(value: Any, place: str) -> str:
    model, number = _model(value, Options()), word(at(value, "id"))
    return f"{model}:{number}" if model and number else word(at(value, "display")) or place


def _model(value: Any, options: Options) -> str:
    if (table := at(value, "_model")) is not None:
        return str(table)
    match = _URL.search((word(at(value, "url")) or "").split("?")[0])
    return _MODELS.get(match[1], "") if match else options.endpoint


def _take(value: Any, place: str, options: Options, gathered: Gathered) -> Record | None:
    """None, or what is folded into others later. Raises NotTaken."""
    if isinstance(value, Refused):
        raise NotTaken(sentence_of(value))
    if not isinstance(value, dict):
        raise NotTaken(gettext("This is no object of NetBox."))
    model = _model(value, options)
    if model not in KINDS and model not in FOLDED:
        known = ", ".join(sorted(_MODELS.values()))
        raise NotTaken(gettext("What this is cannot be told from its address; known are %s.") % known)
    number = value.get("id")
    if isinstance(number, bool) or not re.fullmatch(r"[0-9]{1,18}", word(number) or "", re.ASCII):
        raise NotTaken(gettext("It has no id, by which it would be known again."))
    record = Record(model, str(word(number)), value, place)
    if model == "dcim.powerfeed" or model in KINDS:
        gathered.add(draft_of(record, options))
    return record if model in FOLDED else None
