"""What each kind of object of NetBox becomes."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext

from catalog.formats.drafting import Draft, NotTaken, at, first, items, name_of, word
from catalog.formats.options import Options
from catalog.formats.units import converted

# Life cycle by NetBox's status. What stands here twice is told apart by the reported status.
_STATUS: Mapping[str, str] = {
    "active": "active", "offline": "active", "failed": "active", "paused": "active", "reserved": "active",
    "container": "active", "available": "stock", "planned": "planned", "staged": "building", "staging": "building",
    "inventory": "stock", "decommissioning": "active", "deprecated": "active", "retired": "retired",
}  # fmt: skip
_GOING = frozenset(("decommissioning", "deprecated"))
_ROLES: tuple[tuple[str, str], ...] = (  # the first word that a role's slug has
    ("firewall", "firewall"), ("load-balancer", "load_balancer"), ("loadbalancer", "load_balancer"),
    ("router", "router"), ("switch", "switch"), ("storage", "storage"), ("san", "storage"), ("nas", "storage"),
    ("pdu", "power"), ("ups", "power"), ("power", "power"), ("printer", "printer"), ("workstation", "workstation"),
    ("hypervisor", "physical_server"), ("server", "physical_server"),
)  # fmt: skip
_DISK_IN_MB_FROM = (4, 1)


class Record(NamedTuple):
    """One object: `model` as app.model, `number` its id in digits."""

    model: str
    number: str
    said: Mapping[str, Any]
    place: str

    @property
    def key(self) -> str:
        """app.model:id"""
        return f"{self.model}:{self.number}"


def chosen(raw: Any) -> str:
    """A choice, as `{value, label}` or as a text, in lower case; "" where there is none."""
    value = at(raw, "value") if isinstance(raw, dict) else raw
    return (word(value) or "").lower()


def key_to(model: str, raw: Any) -> str | None:
    """The key of a related object, where it is nested with its id."""
    number = word(at(raw, "id"))
    return f"{model}:{number}" if number and number.isdecimal() else None


def draft_of(record: Record, options: Options) -> Draft:
    """The document of one object. Raises NotTaken."""
    class_slug, tell = KINDS[record.model]
    said = record.said
    said_name = first(word(said.get(key)) for key in ("name", "prefix", "serial", "asset_tag"))
    if said_name is None:
        raise NotTaken(gettext("It has no name, serial number or asset tag to know it by."))
    draft = Draft(record.key, class_slug, name_of(said_name), record.key, record.place)
    draft.identify("name", said.get("name"))
    draft.identify("system", word(at(said.get("site"), "name")) or word(said.get("site")))
    draft.describe(said.get("description"))
    _status(chosen(said.get("status")), draft)
    draft.say("labels", [tag for one in items(said.get("tags")) if (tag := word(at(one, "slug")) or word(one))])
    tell(draft, said, options)
    return draft


def _status(reported: str, draft: Draft) -> None:
    draft.state = _STATUS.get(reported)
    if reported and reported != "active":
        draft.say("reported_status", reported)
    if reported in _GOING:
        draft.say("deprecated", True)
        draft.note("deprecated", gettext("Its status is “%s”.") % reported)


def _related(draft: Draft, type_: str, model: str, raw: Any) -> bool:
    """By its key; in a table, where there is only a name, by that. Whether there is one."""
    key = key_to(model, raw)
    if key is not None:
        draft.relate(type_, key)
    elif (name := word(raw)) is not None:
        draft.relate(type_, name, by="name")
    else:
        return False
    return True


def _located(draft: Draft, said: Mapping[str, Any], *places: str) -> None:
    """In the first of these that is said."""
    for place in places:
        model = {"rack": "dcim.rack", "site": "dcim.site"}.get(place, "dcim.location")
        if _related(draft, "located_in", model, said.get(place)):
            return


def _site(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    draft.say("facility", said.get("facility"))
    draft.say("address", said.get("physical_address"))


def _location(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    _located(draft, said, "parent", "site")


def _rack(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    draft.say("serial_number", said.get("serial"))
    draft.say("asset_tag", said.get("asset_tag"))
    draft.say("height_units", said.get("u_height"))
    _located(draft, said, "location", "site")


def _device(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    role = said.get("role") or said.get("device_role")
    slug = word(at(role, "slug")) or re.sub(r"[^a-z0-9]+", "-", (word(role) or "").lower()).strip("-")
    draft.class_slug = _class_of(slug, said.get("platform"), options)
    draft.say("role", word(at(role, "name")) or word(role))
    kind = said.get("device_type")
    draft.say("model", word(at(kind, "model")) or word(kind))
    vendor = at(kind, "manufacturer", "name") or said.get("manufacturer")
    _hardware(draft, said, vendor)
    _machine(draft, said)
    _located(draft, said, "rack", "location", "site")
    _related(draft, "runs_on", "dcim.device", said.get("parent_device"))
    _related(draft, "member_of", "virtualization.cluster", said.get("cluster"))
    _related(draft, "member_of", "dcim.virtualchassis", said.get("virtual_chassis"))


def _class_of(role: str, platform: Any, options: Options) -> str:
    if role in options.roles:
        return options.roles[role]
    words = f"-{role}-"
    found = first(class_slug for part, class_slug in _ROLES if f"-{part}-" in words)
    return found or ("physical_server" if platform else "network_device")


def _hardware(draft: Draft, said: Mapping[str, Any], vendor: Any) -> None:
    for attribute, scheme, raw in (
        ("serial_number", "serial", said.get("serial")), ("asset_tag", "asset_tag", said.get("asset_tag")),
        ("vendor", "vendor", vendor),
    ):  # fmt: skip
        draft.say(attribute, raw)
        draft.identify(scheme, raw)


def _machine(draft: Draft, said: Mapping[str, Any]) -> None:
    draft.say("platform", word(at(said.get("platform"), "name")) or word(said.get("platform")))
    address = first(word(at(said.get(key), "address")) or word(said.get(key)) for key in ("primary_ip", "primary_ip4"))
    draft.say("primary_ip", address.split("/")[0] if address else None)


def _virtual_machine(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    _machine(draft, said)
    draft.say("cpus", said.get("vcpus"))
    draft.say("memory_mib", said.get("memory"))
    if options.api_version is not None:
        unit = "MB" if options.api_version >= _DISK_IN_MB_FROM else "GB"
        draft.say("disk_gib", converted(word(said.get("disk")) or "", unit, "GiB"))
    draft.identify("serial", said.get("serial"))
    if not _related(draft, "runs_on", "dcim.device", said.get("device")):
        _related(draft, "runs_on", "virtualization.cluster", said.get("cluster"))


def _cluster(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    kind = (word(at(said.get("type"), "slug")) or word(said.get("type")) or "").lower()
    if "kubernetes" in kind:
        draft.class_slug = "kubernetes_cluster"
    draft.say("kind", word(at(said.get("type"), "name")) or word(said.get("type")))


def _plain(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    return None


def _prefix(draft: Draft, said: Mapping[str, Any], options: Options) -> None:
    draft.say("prefix", said.get("prefix"))
    draft.identify("name", said.get("prefix"))
    draft.identify("system", word(at(said.get("vrf"), "name")) or word(said.get("vrf")) or "global")
    scope = said.get("scope") if word(said.get("scope_type")) == "dcim.site" else said.get("site")
    _related(draft, "located_in", "dcim.site", scope)


Tell = Callable[[Draft, Mapping[str, Any], Options], None]
KINDS: Mapping[str, tuple[str, Tell]] = {
    "dcim.site": ("site", _site), "dcim.location": ("room", _location), "dcim.rack": ("rack", _rack),
    "dcim.device": ("network_device", _device), "dcim.virtualchassis": ("cluster", _plain),
    "virtualization.virtualmachine": ("virtual_machine", _virtual_machine),
    "virtualization.cluster": ("hypervisor_cluster", _cluster), "ipam.prefix": ("ip_network", _prefix),
    "dcim.powerfeed": ("power", _plain),
}  # fmt: skip
