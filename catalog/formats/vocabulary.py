"""The keys under which documents carry attributes: one list, so that classes and formats mean the same by a word."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["text", "whole", "decimal", "yes_no", "labels"]


class Key(NamedTuple):
    """`kind`: how its value is written (labels: a list of "key=value" texts or words). `unit`: what a number counts."""

    kind: Kind
    unit: str = ""


KEYS: Mapping[str, Key] = {
    # what it is
    "serial_number": Key("text"), "vendor": Key("text"), "model": Key("text"), "asset_tag": Key("text"),
    "role": Key("text"), "platform": Key("text"), "kind": Key("text"), "api_type": Key("text"),
    "labels": Key("labels"), "links": Key("labels"), "annotations": Key("labels"),
    # what the file says of its state, beside the life cycle
    "reported_status": Key("text"), "lifecycle": Key("text"), "deprecated": Key("yes_no"),
    # machines
    "os": Key("text"), "kernel": Key("text"), "architecture": Key("text"), "cpus": Key("whole"),
    "memory_mib": Key("whole", "MiB"), "disk_gib": Key("decimal", "GiB"), "hostname": Key("text"),
    "primary_ip": Key("text"), "ip_addresses": Key("labels"), "machine_id": Key("text"),
    # networks, places, power
    "prefix": Key("text"), "facility": Key("text"), "address": Key("text"), "height_units": Key("whole", "U"),
    "power_kw": Key("decimal", "kW"),
    # what runs
    "images": Key("labels"), "replicas": Key("whole"), "hosts": Key("labels"), "ports": Key("labels"),
    "version": Key("text"), "capacity": Key("text"), "storage_class": Key("text"),
}  # fmt: skip
_LABELS = {
    "os": "Operating system",
    "cpus": "CPUs",
    "api_type": "Type of API",
    "primary_ip": "Primary IP address",
    "ip_addresses": "IP addresses",
}


def label_of(key: str) -> str:
    """What a key is called: "Memory (MiB)" for memory_mib or attributes.memory_mib; "owner team" for owner_team, which
    is none of `KEYS`."""
    key = key.removeprefix("attributes.")
    if key not in KEYS:
        return key.replace("_", " ")
    unit = KEYS[key].unit
    name = key.removesuffix(f"_{unit.lower()}").replace("_", " ")
    label = _LABELS.get(key, name[0].upper() + name[1:])
    return f"{label} ({unit})" if unit else label
