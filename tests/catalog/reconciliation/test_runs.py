"""Runs: what sources say becomes items, and nothing is written where nothing changed."""

import pytest

from catalog.cmdb.models import CI, History, Identifier, Relation
from catalog.formats.documents import Claimed
from catalog.reconciliation.models import Conflict, SourceRecord
from catalog.services.models import Service
from itsm.audit.models import Entry
from tests.catalog.reconciliation.sources import bring, counts, item, server

pytestmark = pytest.mark.django_db


def test_golden_1_the_first_import_creates_and_the_second_writes_nothing() -> None:
    documents = [server("1", "web-01", serial="1", os="Debian 12"), server("2", "web-02", serial="2", cpus=4)]
    assert counts(bring("netbox", *documents)) == {"created": 2, "updated": 0, "unchanged": 0, "refused": 0}
    history, entries = History.objects.count(), Entry.objects.filter(record_kind="ci").count()
    versions = list(CI.objects.order_by("pk").values_list("version", flat=True))
    again = bring("netbox", *documents)
    assert counts(again) == {"created": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert (History.objects.count(), Entry.objects.filter(record_kind="ci").count()) == (history, entries)
    assert list(CI.objects.order_by("pk").values_list("version", flat=True)) == versions


def test_golden_2_netbox_holds_and_csv_is_one_conflict() -> None:
    bring("netbox", server("1", "web-01", serial="1", os="Debian 12"))
    run = bring("csv", server("a", "web-01", serial="1", os="Debian 11"))
    assert counts(run)["updated"] == 1
    assert item("1").attributes["os"] == "Debian 12"
    assert item("1") == item("a")
    assert [(one.key, one.values) for one in Conflict.objects.all()] == [
        ("attributes.os", {"holds": "Debian 12", "says": "Debian 11"})
    ]


def test_relations_wait_for_their_target_and_end_when_nobody_claims_them() -> None:
    runs_on = Claimed("runs_on", "out", "h")
    bring("netbox", server("v", serial="1", relations=[runs_on]))
    assert not Relation.objects.exists()
    bring("netbox", server("h", ci_class="physical_server", serial="2"))
    found = Relation.objects.get()
    assert (found.source, found.target) == (item("v"), item("h"))
    bring("netbox", server("v", serial="1"))
    found.refresh_from_db()
    assert found.ended_at is not None


def test_a_service_is_begun_as_a_service() -> None:
    bring(
        "backstage",
        server("component:default/shop", "Shop", ci_class="technical_service", identifiers={"slug": "shop"}),
    )
    service = Service.objects.get(slug="shop")
    assert item("component:default/shop").pk == service.pk
    assert service.needs_owner
    begun = History.objects.filter(ci=service.pk).order_by("pk")
    assert [(one.key, one.after, one.source) for one in begun] == [
        ("name", "Shop", "backstage"), ("status", "active", "backstage"),
    ]  # fmt: skip


def test_identifiers_are_those_of_the_records() -> None:
    bring("netbox", server("1", serial="1", fqdn="x.org"), server("2", serial="2", fqdn="x.org"))
    rows = Identifier.objects.order_by("scheme", "value", "ci").values_list("scheme", "value", "contested")
    assert list(rows) == [
        ("fqdn", "x.org", True),
        ("fqdn", "x.org", True),
        ("serial+vendor", "1 | dell", False),
        ("serial+vendor", "2 | dell", False),
    ]


def test_two_records_found_to_be_one_merge_their_items() -> None:
    bring("netbox", server("1", serial="1"))
    bring("csv", server("a", fqdn="x.org"))
    first, second = item("1"), item("a")
    bring("netbox", server("1", serial="1", fqdn="x.org"))
    second.refresh_from_db()
    assert second.merged_into == first
    assert item("a") == first
    assert SourceRecord.objects.filter(ci=first).count() == 2
