"""Ansible's facts: three shapes, a fixed list of facts, capacity, and hosts that say nothing."""

from datetime import UTC, datetime
from decimal import Decimal

from tests.catalog.formats.samples import SECRET, facts, reading, reasons

BARE = {key.removeprefix("ansible_"): value for key, value in facts()["ansible_facts"].items()}


def test_three_shapes_say_the_same_and_the_environment_is_not_among_it() -> None:
    shapes = [
        reading("ansible", facts(), names=("web-01",)),
        reading("ansible", facts()["ansible_facts"], names=("cache/web-01",)),
        reading("ansible", {"web-01": facts()}, names=("all.json",)),
        reading("ansible", {"web-01": {"ansible_facts": BARE}}, names=("all.json",)),
    ]
    for found in shapes:
        [one] = found.documents
        assert (one.key, one.class_slug, one.name) == ("web-01", "physical_server", "web-01")
        assert SECRET not in str(found)
        assert one.attributes == shapes[0].documents[0].attributes
    [one] = shapes[0].documents
    assert (one.identifiers["serial"], one.identifiers["fqdn"]) == ("4711", "web-01.shop.example")
    assert one.attributes["os"] == "Debian 12.5"
    assert one.attributes["ip_addresses"] == ["10.0.0.5"]
    assert one.observed_at == datetime(2026, 11, 12, 3, 10, 17, tzinfo=UTC)


def test_a_guest_is_a_virtual_machine_and_disks_are_measured() -> None:
    [one] = reading("ansible", facts(virtualization_role="guest")).documents
    assert one.class_slug == "virtual_machine"
    [disk] = one.measures
    assert (disk.slug, disk.name, disk.unit) == ("disk-root", "Disk / used", "%")
    assert (disk.value, disk.limit) == (Decimal(50), Decimal(100))


def test_a_time_without_a_zone_is_not_guessed() -> None:
    [one] = reading("ansible", facts(date_time={"iso8601": "2026-11-12T03:10:17"})).documents
    assert one.observed_at is None


def test_hosts_that_say_nothing_are_refused_by_name() -> None:
    nobody = facts(fqdn="localhost.localdomain", product_serial=None, product_uuid=None)
    found = reading(
        "ansible",
        {
            "a": {"unreachable": True, "msg": SECRET},
            "b": {"failed": True, "msg": SECRET},
            "c": nobody,
            "d": 5,
            "e": facts(),
        },
        names=("hosts.json",),
    )
    assert [one.key for one in found.documents] == ["e"]
    assert reasons(found).keys() == {"a", "b", "c", "d"}
    assert "could not be reached" in reasons(found)["a"]
    assert "UUID" in reasons(found)["c"]
    assert SECRET not in str(found)
