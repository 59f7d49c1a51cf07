"""The typed fields that built-in classes begin with: what files of other systems say of such things.

An administrator edits and retires them as any other. Keys and units are those of `catalog.formats.vocabulary`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.formats.vocabulary import KEYS, label_of
from itsm.fields.vocabulary import Type

_EVERY = ("reported_status", "lifecycle", "deprecated", "labels", "links", "annotations")
_HARDWARE = ("serial_number", "vendor", "model", "asset_tag", "role")
_MACHINE = (
    *_HARDWARE, "platform", "os", "kernel", "architecture", "cpus", "memory_mib", "disk_gib", "hostname", "primary_ip",
    "ip_addresses", "machine_id",
)  # fmt: skip
_RUNS = ("kind", "version", "images", "replicas", "hosts", "ports")
# Root class -> the keys of its fields; its subclasses inherit them.
FIELDS_OF_CLASSES: Mapping[str, tuple[str, ...]] = {
    "service": _EVERY,
    "service_instance": (*_EVERY, "version"),
    "group": _EVERY,
    "application": (*_EVERY, "kind", "version"),
    "api": (*_EVERY, "api_type", "version"),
    "datastore": (*_EVERY, "kind", "version", "capacity"),
    "cluster": (*_EVERY, "kind", "platform", "version"),
    "workload": (*_EVERY, *_RUNS),
    "endpoint": (*_EVERY, "kind", "hosts", "ports"),
    "route": (*_EVERY, "kind", "hosts", "ports"),
    "server": (*_EVERY, *_MACHINE),
    "network_device": (*_EVERY, *_MACHINE),
    "storage": (*_EVERY, *_HARDWARE, "kind", "capacity", "storage_class"),
    "power": (*_EVERY, *_HARDWARE, "power_kw"),
    "place": (*_EVERY, *_HARDWARE, "facility", "address", "height_units"),
    "ip_network": (*_EVERY, "prefix", "role"),
    "certificate": _EVERY,
    "workstation": (*_EVERY, *_MACHINE),
    "printer": (*_EVERY, *_HARDWARE, "primary_ip"),
    "data_flow": _EVERY,
    "external_service": _EVERY,
    "resource": (*_EVERY, "kind", "version"),
}
_TYPES = {
    "text": Type.TEXT, "whole": Type.WHOLE, "decimal": Type.DECIMAL, "yes_no": Type.YES_NO, "labels": Type.LONG,
}  # fmt: skip


class FieldSeed(NamedTuple):
    """A built-in field; labels are kept as a long text, one a line."""

    key: str
    type: str
    label: str
    position: int


def fields_of(class_slug: str) -> Iterable[FieldSeed]:
    """What a class adds to those it inherits."""
    for position, key in enumerate(FIELDS_OF_CLASSES.get(class_slug, ())):
        yield FieldSeed(key, _TYPES[KEYS[key].kind], label_of(key), position)
