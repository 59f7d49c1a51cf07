"""NetBox: pages, lists and both shapes of its CSV; classes by role, life cycle, places, what is folded into others."""

import pytest

from tests.catalog.formats.samples import SECRET, claims, document, netbox, page, reading, reasons

SITE = netbox("dcim/sites", 1, name="Berlin", facility="BER1")
RACK = netbox("dcim/racks", 2, name="R1", site={"id": 1, "name": "Berlin"}, location=None, u_height=42)
DEVICE = netbox(
    "dcim/devices", 3, name="esx-4", role={"id": 1, "slug": "server", "name": "Server"}, site={"id": 1}, rack={"id": 2},
    device_type={"model": "R650", "manufacturer": {"name": "Dell"}}, serial="4711", asset_tag="A-1", platform={"name": "ESXi"},
    primary_ip4={"id": 9, "address": "10.0.0.4/24"}, cluster={"id": 5}, comments=SECRET, custom_fields={"pw": SECRET},
    local_context_data={"pw": SECRET}, config_context={"pw": SECRET},
)  # fmt: skip
MACHINE = netbox(
    "virtualization/virtual-machines",
    4,
    name="web-01",
    vcpus=4.0,
    memory=16384,
    disk=100,
    cluster={"id": 5},
    device=None,
)
CLUSTER = netbox("virtualization/clusters", 5, name="vsphere", type={"slug": "vmware", "name": "VMware"})
SWITCH = netbox(
    "dcim/devices",
    6,
    name="sw-1",
    device_role={"slug": "access-switch", "name": "Access switch"},
    site={"id": 1},
    rack=None,
)
ADDRESSES = [
    netbox(
        "ipam/ip-addresses",
        8,
        address="10.0.0.9/24",
        dns_name="ilo.shop.example",
        assigned_object={"device": {"id": 3}},
    ),
    netbox(
        "ipam/ip-addresses",
        9,
        address="10.0.0.4/24",
        dns_name="esx-4.shop.example",
        assigned_object={"device": {"id": 3}},
    ),
    netbox("ipam/ip-addresses", 10, address="10.0.0.99/24", assigned_object=None),
    netbox("ipam/ip-addresses", 11, address="10.0.0.98/24", assigned_object={"virtual_machine": {"id": 404}}),
]
CABLE = netbox(
    "dcim/cables", 12, status={"value": "connected"}, a_terminations=[{"object": {"device": {"id": 6}}}],
    b_terminations=[{"object": {"device": {"id": 3}}}],
)  # fmt: skip
FEED = netbox("dcim/power-feeds", 13, name="A-feed", rack={"id": 2})
PREFIX = netbox("ipam/prefixes", 14, prefix="10.0.0.0/24", scope_type="dcim.site", scope={"id": 1})
ALL = [SITE, RACK, DEVICE, MACHINE, CLUSTER, SWITCH, *ADDRESSES, CABLE, FEED, PREFIX]


def test_a_page_becomes_items_places_and_relations() -> None:
    found = reading("netbox", page(*ALL))
    assert (found.count, len(found.documents), found.refused) == (len(ALL), 8, ())
    assert {one.key: one.class_slug for one in found.documents} == {
        "dcim.site:1": "site", "dcim.rack:2": "rack", "dcim.device:3": "physical_server", "dcim.device:6": "switch",
        "virtualization.virtualmachine:4": "virtual_machine", "virtualization.cluster:5": "hypervisor_cluster",
        "dcim.powerfeed:13": "power", "ipam.prefix:14": "ip_network",
    }  # fmt: skip
    assert claims(found) == {
        ("dcim.rack:2", "located_in", "dcim.site:1"), ("dcim.device:3", "located_in", "dcim.rack:2"),
        ("dcim.device:6", "located_in", "dcim.site:1"), ("dcim.device:3", "member_of", "virtualization.cluster:5"),
        ("virtualization.virtualmachine:4", "runs_on", "virtualization.cluster:5"),
        ("dcim.device:3", "connects_to", "dcim.device:6"), ("dcim.rack:2", "powered_by", "dcim.powerfeed:13"),
        ("ipam.prefix:14", "located_in", "dcim.site:1"),
    }  # fmt: skip


def test_a_device_is_known_by_its_serial_and_the_name_of_its_primary_address() -> None:
    found = reading("netbox", ALL)
    device = document(found, "dcim.device:3")
    assert device.identifiers == {
        "name": "esx-4", "serial": "4711", "vendor": "Dell", "asset_tag": "A-1", "fqdn": "esx-4.shop.example",
    }  # fmt: skip
    assert device.attributes["ip_addresses"] == ["10.0.0.4", "10.0.0.9"]
    assert device.attributes["primary_ip"] == "10.0.0.4"
    assert [(one.document, one.kind) for one in found.noted] == [("ipam.ipaddress:11", "apart")]
    assert SECRET not in str(found)


def test_the_order_of_a_page_makes_no_difference() -> None:
    forwards, backwards = reading("netbox", ALL), reading("netbox", ALL[::-1])
    assert {one.key: (one.identifiers, one.attributes) for one in forwards.documents} == {
        one.key: (one.identifiers, one.attributes) for one in backwards.documents
    }
    assert claims(forwards) == claims(backwards)


def test_disks_count_only_where_the_version_says_in_what() -> None:
    key = "virtualization.virtualmachine:4"
    sizes = [
        document(reading("netbox", [MACHINE], api_version=one), key).attributes.get("disk_gib")
        for one in (None, (4, 0), (4, 2))
    ]
    assert sizes == [None, "93.132257", "0.093132"]
    assert document(reading("netbox", [MACHINE]), key).attributes["memory_mib"] == 16384
    assert document(reading("netbox", [MACHINE]), key).attributes["cpus"] == 4


@pytest.mark.parametrize(
    ("reported", "status", "kept", "flagged"),
    [
        ("active", "active", None, False), ("offline", "active", "offline", False), ("failed", "active", "failed", False),
        ("planned", "planned", "planned", False), ("staged", "building", "staged", False), ("inventory", "stock", "inventory", False),
        ("decommissioning", "active", "decommissioning", True), ("odd", None, "odd", False),
    ],
)  # fmt: skip
def test_the_status_follows_and_the_reported_one_is_kept(
    reported: str, status: str | None, kept: str | None, flagged: bool
) -> None:
    for said in ({"value": reported, "label": reported.title()}, reported):
        [found] = reading("netbox", [DEVICE | {"status": said}]).documents
        assert (found.status, found.attributes.get("reported_status")) == (status, kept)
        assert found.attributes.get("deprecated", False) is flagged


@pytest.mark.parametrize(
    ("role", "platform", "class_slug"),
    [
        ("core-switch", None, "switch"), ("edge-router", None, "router"), ("firewall", "x", "firewall"), ("pdu", None, "power"),
        ("patch-panel", None, "network_device"), ("odd", {"name": "Debian"}, "physical_server"), ("mine", None, "storage"),
        ("observer", None, "network_device"),
    ],
)  # fmt: skip
def test_the_role_says_the_class(role: str, platform: object, class_slug: str) -> None:
    device = DEVICE | {"role": {"slug": role}, "platform": platform}
    assert reading("netbox", [device], roles={"mine": "storage"}).documents[0].class_slug == class_slug


def test_what_cannot_be_known_again_is_refused_by_name() -> None:
    nameless = netbox("dcim/devices", 7, name=None, serial="", asset_tag=None, role={"slug": "server"})
    numberless = {key: value for key, value in DEVICE.items() if key != "id"} | {"display": "esx-4"}
    elsewhere = netbox("plugins/secrets", 3, name="x")
    nothing = {"id": 5, "name": "y"}
    found = reading("netbox", page(nameless, numberless, elsewhere, nothing, 5, RACK))
    assert [one.key for one in found.documents] == ["dcim.rack:2"]
    assert [one.document for one in found.refused] == [
        "dcim.device:7",
        "esx-4",
        "file-0, document 1",
        "file-0, document 1",
        "file-0, document 1",
    ]
    assert "serial number" in reasons(found)["dcim.device:7"]
    assert "no id" in reasons(found)["esx-4"]


def test_the_export_and_the_import_shape_of_its_csv_are_read_alike() -> None:
    export = "Name,Status,Site,Rack,Role,Manufacturer,Type,Serial number,Asset tag,IP Address,ID\nesx-4,Active,Berlin,R1,Server,Dell,R650,4711,,10.0.0.4/24,3\n"
    imported = "id,name,status,site,rack,device_role,manufacturer,device_type,serial,asset_tag,primary_ip4\n3,esx-4,active,Berlin,R1,Server,Dell,R650,4711,,10.0.0.4/24\n"
    for table in (export, imported):
        [found] = reading("netbox", table, names=("netbox_devices.csv",)).documents
        assert (found.key, found.class_slug, found.status) == ("dcim.device:3", "physical_server", "active")
        assert found.identifiers == {"name": "esx-4", "system": "Berlin", "serial": "4711", "vendor": "Dell"}
        assert found.attributes["primary_ip"] == "10.0.0.4"
        assert [(one.type, one.target, one.by) for one in found.relations] == [("located_in", "R1", "name")]
    assert reading("netbox", export, names=("things.csv",)).broken
    assert "no id" in reasons(reading("netbox", "Name\nx\n", names=("netbox_sites.csv",)))["netbox_sites.csv, line 2"]
