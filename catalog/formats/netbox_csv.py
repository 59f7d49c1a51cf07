"""NetBox's CSV as the objects that REST would give: headings of the export ("Device role") or the import (role).

A table says nowhere what it lists: the name of the file does ("netbox_devices.csv"), or people do.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from catalog.formats.csv_rows import rows_in
from catalog.formats.documents import File
from catalog.formats.options import Options
from catalog.formats.yaml import Broken

_FILES = {
    "sites": "dcim.site", "locations": "dcim.location", "racks": "dcim.rack", "devices": "dcim.device",
    "virtual_chassis": "dcim.virtualchassis", "power_feeds": "dcim.powerfeed", "clusters": "virtualization.cluster",
    "virtual_machines": "virtualization.virtualmachine", "prefixes": "ipam.prefix",
}  # fmt: skip
_HEADINGS = {
    "type": "device_type", "device": "device", "vcpus": "vcpus", "memory_mb": "memory", "disk_mb": "disk",
    "disk_gb": "disk", "ip_address": "primary_ip", "ipv4_address": "primary_ip4", "serial_number": "serial",
    "height": "u_height", "virtual_cpus": "vcpus", "manufacturer": "manufacturer", "device_role": "role",
}  # fmt: skip


def objects_of_table(file: File, options: Options) -> Iterator[tuple[dict[str, Any], str]]:
    """Each row as an object, with its place. Raises Broken."""
    stem = re.sub(r"\.csv\Z", "", re.split(r"[/\\]", file.name)[-1].lower()).replace("-", "_").removeprefix("netbox_")
    model = options.endpoint or _FILES.get(stem, "")
    if not model:
        names = ", ".join(f"netbox_{name}.csv" for name in _FILES)
        raise Broken(file.name, gettext("What this table lists is told by its name; known are %s.") % names)
    headings: list[str] = []
    for line, cells in rows_in(file, options):
        if not headings:
            headings = [_heading(cell, model) for cell in cells]
            continue
        said: dict[str, Any] = {key: cell for key, cell in zip(headings, cells, strict=False) if key and cell.strip()}
        if "tags" in said:
            said["tags"] = [tag.strip() for tag in said["tags"].split(",")]
        said["_model"] = model
        yield said, gettext("%(file)s, line %(line)d") % {"file": file.name, "line": line}


def _heading(cell: str, model: str) -> str:
    word = re.sub(r"[^a-z0-9]+", "_", cell.strip().lower()).strip("_")
    if word == "type" and model != "dcim.device":
        return "type"
    return _HEADINGS.get(word, word)
