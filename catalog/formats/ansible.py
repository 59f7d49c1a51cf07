"""Facts that Ansible gathered: `{ansible_facts}`, files of a fact cache, or host -> facts.

A fixed list of facts is read and nothing else: not the environment, the command line, host keys or local facts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from ipaddress import ip_address
from typing import Any

from django.utils.translation import gettext

from catalog.formats.documents import File, Measured
from catalog.formats.drafting import Draft, Gathered, NotTaken, at, first, instant, items, mapping, word
from catalog.formats.options import Options
from catalog.formats.yaml import found_in, sentence_of, within
from itsm.safe_yaml.trees import Refused

_SUFFIX = re.compile(r"\.(json|ya?ml|txt)\Z", re.IGNORECASE)
_NOT_A_HOST = frozenset(("", "-", "stdin", "facts", "ansible", "ansible_facts", "setup", "hosts", "cache"))
_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "kernel": ("kernel",), "architecture": ("architecture",), "cpus": ("processor_vcpus",),
    "memory_mib": ("memtotal_mb",), "vendor": ("system_vendor",), "model": ("product_name",),
    "serial_number": ("product_serial",), "machine_id": ("machine_id",), "hostname": ("hostname",),
    "primary_ip": ("default_ipv4", "address"),
}  # fmt: skip
_LONGEST = 120


def read_ansible(files: Sequence[File], options: Options, gathered: Gathered) -> None:
    """Every host of the files. Raises Broken."""
    for file in files:
        for found in found_in(file):
            if isinstance(found.value, Refused):
                gathered.count += 1
                gathered.refuse(found.place, sentence_of(found.value))
                continue
            for host, facts in within(file, _hosts(file.name, found.value)):
                gathered.attempt(host or found.place, partial(_take, host, facts, found.place, gathered))


def _hosts(file: str, value: Any) -> Iterator[tuple[str, Any]]:
    """(name of the host, "" where it has none; what is said of it)"""
    if not isinstance(value, dict) or not value or _is_facts(value):
        name = _SUFFIX.sub("", re.split(r"[/\\]", file)[-1])
        yield ("" if name.lower() in _NOT_A_HOST else name), value
    else:
        yield from ((str(host), said) for host, said in value.items())


def _is_facts(value: Mapping[str, Any]) -> bool:
    known = ("ansible_facts", "unreachable", "failed", "fqdn", "product_uuid", "date_time")
    return any(key in value for key in known) or any(key.startswith("ansible_") for key in value)


class _Facts:
    """With or without the prefix `ansible_`, as versions and caches differ."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        inner = said.get("ansible_facts")
        self.said = inner if isinstance(inner, dict) else said

    def get(self, name: str, *path: str) -> Any:
        """The fact, or what stands in it below these keys; None where it is not there."""
        found = self.said.get(f"ansible_{name}", self.said.get(name))
        return at(found, *path) if path else found


def _take(host: str, said: Any, place: str, gathered: Gathered) -> None:
    if not isinstance(said, dict):
        raise NotTaken(gettext("These are no facts of a host."))
    if said.get("unreachable") is True:
        raise NotTaken(gettext("The host could not be reached: there are no facts."))
    if said.get("failed") is True:
        raise NotTaken(gettext("Gathering facts failed."))
    gathered.add(_draft(host, _Facts(said), place))


def _draft(host: str, facts: _Facts, place: str) -> Draft:
    fqdn = word(facts.get("fqdn"))
    fqdn = fqdn if fqdn and "." in fqdn and not fqdn.lower().startswith("localhost") else None
    serial, uuid = word(facts.get("product_serial")), word(facts.get("product_uuid"))
    hostname = word(facts.get("hostname"))
    name = first((_short(hostname, fqdn), fqdn, hostname, word(host), serial, uuid))
    if not (fqdn or serial or uuid) or name is None:
        raise NotTaken(gettext("It has no fully qualified name, serial number or UUID to know it by."))
    key = first((word(host), fqdn, serial, uuid)) or name
    is_guest = word(facts.get("virtualization_role")) == "guest"
    class_slug = "virtual_machine" if is_guest else "physical_server"
    draft = Draft(key.lower()[:255], class_slug, name[:200], host or name, place)
    for scheme, value in (("fqdn", fqdn), ("serial", serial), ("uuid", uuid), ("name", facts.get("hostname"))):
        draft.identify(scheme, value)
    draft.identify("vendor", facts.get("system_vendor"))
    draft.identify("machine_id", facts.get("machine_id"))
    for attribute, path in _ATTRIBUTES.items():
        draft.say(attribute, facts.get(*path))
    draft.say("os", " ".join(filter(None, (word(facts.get(one)) for one in ("distribution", "distribution_version")))))
    draft.say("ip_addresses", _addresses(facts))
    draft.observed_at = instant(facts.get("date_time", "iso8601"))
    draft.measures += _measures(facts)
    return draft


def _addresses(facts: _Facts) -> list[str]:
    """Those by which others reach it."""
    found = []
    for one in items(facts.get("all_ipv4_addresses")):
        try:
            address = ip_address(word(one) or "")
        except ValueError:
            continue
        if not address.is_loopback and not address.is_link_local:
            found.append(str(address))
    return found


def _measures(facts: _Facts) -> Iterator[Measured]:
    """How full each file system is, in per cent: what is added to it changes the value, and not the limit."""
    seen = set()
    for mount in items(facts.get("mounts")):
        path = word(at(mount, "mount")) or ""
        total, free = at(mount, "size_total"), at(mount, "size_available")
        if not (isinstance(total, int) and isinstance(free, int) and 0 <= free <= total and 0 < total < 2**60):
            continue
        slug = "disk-" + (re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:40].strip("-") or "root")
        if path.startswith("/") and slug not in seen and mapping(mount).get("fstype") != "squashfs":
            seen.add(slug)
            name = gettext("Disk %(path)s used") % {"path": path}
            yield Measured(slug, name[:_LONGEST], "%", round(Decimal(100 * (total - free)) / total, 2), Decimal(100))


def _short(hostname: str | None, fqdn: str | None) -> str | None:
    """The first part of a full name, which is what people and other tools call the machine."""
    return hostname if hostname and fqdn and fqdn.lower().startswith(f"{hostname.lower()}.") else None
