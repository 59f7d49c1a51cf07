"""The inventory (NetBox): sites, rooms, racks, devices, machines, addresses, cables, power and networks."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from itsm.home.demo.estate.machines import CARRIED, HOSTS_OF_A_SITE, SITES, Machine

_RACKS_OF_A_SITE = 6
# role, its name, maker, model, how many in a site
DEVICES = (
    ("hypervisor", "Hypervisor", "Nordhaus", "NX-650", HOSTS_OF_A_SITE), ("storage", "Storage", "Petra", "V-40", 2),
    ("access-switch", "Access switch", "Lumen", "A48", _RACKS_OF_A_SITE),
    ("core-router", "Core router", "Lumen", "C9", 2),
    ("firewall", "Firewall", "Wall", "F200", 1), ("load-balancer", "Load balancer", "Spread", "L4", 1),
)  # fmt: skip
# What the catalog makes of each role.
CLASSES = {
    "hypervisor": "physical_server", "storage": "storage", "access-switch": "switch", "core-router": "router",
    "firewall": "firewall", "load-balancer": "load_balancer",
}  # fmt: skip
_LEAVING = (0, "storage", 1)
_RENAMED = frozenset((17, 90, 151))  # machines that the inventory still calls by their old name
_NOT_THERE = frozenset((40, 41, 120, 121, 200))  # built last week, not entered yet


def serial_of(site: int, role: str, number: int) -> str:
    """On the plate of a device."""
    return f"LK{site + 1}{role[:3].upper()}{number + 1:04}"


def device_name(site: int, role: str, number: int) -> str:
    """As the inventory calls it."""
    return f"{role.split('-')[-1]}-{site + 1}-{number + 1:02}"


def netbox_page(machines: Sequence[Machine]) -> bytes:
    """One page of the REST API with everything in it."""
    found = [*_places(), *_devices(), *_virtual(machines), *_networks()]
    return json.dumps({"count": len(found), "next": None, "previous": None, "results": found}).encode()


def _of(path: str, number: int, status: str = "active", **said: Any) -> dict[str, Any]:
    url = f"https://netbox.larkspur.example/api/{path}/{number}/"
    return {"id": number, "url": url, "status": {"value": status, "label": status.title()}} | said


def _rack(site: int, number: int) -> dict[str, Any]:
    return {"id": 10 * (site + 1) + number, "name": f"{SITES[site][0]}{number + 1}"}


def _site(site: int) -> dict[str, Any]:
    return {"id": site + 1, "name": SITES[site]}


def _places() -> Iterator[dict[str, Any]]:
    for site, name in enumerate(SITES):
        yield _of("dcim/sites", site + 1, name=name, facility=f"DC{site + 1}")
        room = {"id": site + 1, "name": f"{name} hall 1"}
        yield _of("dcim/locations", site + 1, name=f"{name} hall 1", site=_site(site))
        for number in range(_RACKS_OF_A_SITE):
            rack = _rack(site, number)
            yield _of("dcim/racks", rack["id"], name=rack["name"], site=_site(site), location=room, u_height=42)
            yield _of("dcim/power-feeds", rack["id"], name=f"Feed {rack['name']}", rack=rack)


def _devices() -> Iterator[dict[str, Any]]:
    for site in range(len(SITES)):
        switches: list[int] = []
        for kind, (role, role_name, maker, model, count) in enumerate(DEVICES):
            for number in range(count):
                device = 1000 * (site + 1) + 100 * kind + number
                named = {"slug": role, "name": role_name}
                made = {"model": model, "manufacturer": {"name": maker}}
                cluster = {"id": site + 1} if role == "hypervisor" else None
                yield _of(
                    "dcim/devices", device, "decommissioning" if (site, role, number) == _LEAVING else "active",
                    name=device_name(site, role, number), role=named, device_type=made,
                    serial=serial_of(site, role, number), site=_site(site), rack=_rack(site, number % _RACKS_OF_A_SITE),
                    platform={"name": "Hypervisor 8"} if cluster else None, cluster=cluster,
                )  # fmt: skip
                switches += [device] if role == "access-switch" else []
        for number in range(HOSTS_OF_A_SITE):
            ends = (1000 * (site + 1) + number, switches[number % len(switches)])
            a, b = ([{"object": {"device": {"id": end}}}] for end in ends)
            yield _of("dcim/cables", ends[0], "connected", a_terminations=a, b_terminations=b)


def _virtual(machines: Sequence[Machine]) -> Iterator[dict[str, Any]]:
    for site, name in enumerate(SITES):
        yield _of(
            "virtualization/clusters", site + 1, name=f"{name} virtual", type={"slug": "vmware", "name": "VMware"}
        )
    for one in machines:
        if one.number in _NOT_THERE:
            continue
        name = f"old-{one.name}" if one.number in _RENAMED else one.name
        host = {"id": 1000 * (one.site + 1) + one.host}
        memory = one.pool.memory // 2 if one.number % 31 == 5 else one.pool.memory  # enlarged since, not entered
        yield _of(
            "virtualization/virtual-machines", one.number + 1, name=name, site=_site(one.site), device=host,
            cluster={"id": one.site + 1}, vcpus=one.pool.cpus, memory=memory, description=_purpose(one),
        )  # fmt: skip
        yield _of(
            "ipam/ip-addresses", one.number + 1, address=f"{one.address}/16", dns_name=one.fqdn,
            assigned_object={"virtual_machine": {"id": one.number + 1}},
        )  # fmt: skip


def _purpose(machine: Machine) -> str:
    """Written where machines are ordered for a service; of the others nobody wrote it."""
    service = next((one for one, (pool, _database) in CARRIED.items() if pool == machine.pool.prefix), "")
    return f"Carries {service}, as {machine.pool.size - 1} others do." if service else ""


def _networks() -> Iterator[dict[str, Any]]:
    for site in range(len(SITES)):
        for number, use in enumerate(("servers", "storage", "management", "backup")):
            prefix = f"10.{10 + site}.{64 * number}.0/18"
            yield _of("ipam/prefixes", 10 * (site + 1) + number, prefix=prefix, site=_site(site), description=use)
