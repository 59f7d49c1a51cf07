"""What Ansible saw on the machines: newer than the inventory, silent about what it cannot reach."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from itsm.home.demo.estate.inventory import serial_of
from itsm.home.demo.estate.machines import DOMAIN, HOSTS_OF_A_SITE, SITES, Machine

_UNREACHABLE = frozenset((33, 144))
_LONG_UNSEEN = frozenset((12, 77, 160))  # seen last a quarter ago
_FULL = 83  # the machine whose disk is nearly so


def fact_cache(machines: Sequence[Machine], at: datetime) -> bytes:
    """host -> facts."""
    hosts: dict[str, Any] = {one.name: _machine(one, at) for one in machines}
    for site in range(len(SITES)):
        for number in range(HOSTS_OF_A_SITE):
            hosts[f"hypervisor-{site + 1}-{number + 1:02}"] = _hypervisor(site, number, at)
    return json.dumps(hosts).encode()


def _machine(one: Machine, at: datetime) -> dict[str, Any]:
    if one.number in _UNREACHABLE:
        return {"unreachable": True, "msg": "Failed to connect to the host via ssh"}
    seen = at - (timedelta(days=95) if one.number in _LONG_UNSEEN else timedelta(hours=3))
    size = 2**37
    free = size // 25 if one.number == _FULL else size // 2 + one.number * 2**26
    return _facts(
        one.name, seen, product_serial=f"VMware-56 4d {one.number:03}", system_vendor="VMware, Inc.",
        product_uuid=f"564d0000-0000-4000-8000-{one.number:012}", virtualization_role="guest",
        distribution="Debian", distribution_version="13.1" if one.number % 5 else "12.11",
        processor_vcpus=one.pool.cpus, memtotal_mb=one.pool.memory, default_ipv4={"address": one.address},
        all_ipv4_addresses=[one.address, "127.0.0.1"],
        mounts=[{"mount": "/", "fstype": "ext4", "size_total": size, "size_available": free}],
    )  # fmt: skip


def _hypervisor(site: int, number: int, at: datetime) -> dict[str, Any]:
    return _facts(
        f"hypervisor-{site + 1}-{number + 1:02}", at - timedelta(hours=3), virtualization_role="host",
        product_serial=serial_of(site, "hypervisor", number), system_vendor="Nordhaus", product_name="NX-650",
        distribution="Debian", distribution_version="13.1", processor_vcpus=96, memtotal_mb=786432,
    )  # fmt: skip


def _facts(name: str, seen: datetime, **said: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "hostname": name,
        "fqdn": f"{name}.{DOMAIN}",
        "architecture": "x86_64",
        "kernel": "6.12.48",
    }
    facts |= {"date_time": {"iso8601": seen.strftime("%Y-%m-%dT%H:%M:%SZ")}, **said}
    return {"ansible_facts": {f"ansible_{key}": value for key, value in facts.items()}}
