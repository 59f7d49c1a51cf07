"""Another rank counts at once: what it makes true is owed with it, worked out in batches, and goes on after a kill."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.models import CIClass, Renewal, Source
from catalog.reconciliation.operations import edit_source, remove_precedence, renewing, set_precedence
from catalog.reconciliation.tasks import renew_owed
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from tests.catalog.reconciliation.sources import BRINGER, bring, item, server

pytestmark = pytest.mark.django_db


@pytest.fixture
def csv() -> Source:
    """Says otherwise than the stronger NetBox, of two machines."""
    bring("netbox", server("n1", serial="1", os="12"), server("n2", serial="2", os="12"))
    bring("csv", server("c1", "n1", serial="1", os="11"), server("c2", "n2", serial="2", os="11"))
    return Source.objects.get(slug="csv")


def systems() -> list[Any]:
    return [item(key).attributes["os"] for key in ("n1", "n2")]


def test_another_rank_is_worked_out_as_soon_as_a_worker_looks(csv: Source) -> None:
    edit_source(csv, actor=BRINGER, version=csv.version, rank=1)
    assert (renew_owed(), systems()) == (2, ["11", "11"])
    assert renew_owed() == 0


def test_a_rule_for_a_class_is_worked_out_and_so_is_its_end(csv: Source) -> None:
    rule = set_precedence(CIClass.objects.get(slug="server"), csv, 1, actor=BRINGER, key="attributes.os")
    assert (renew_owed(), systems()) == (2, ["11", "11"])
    remove_precedence(rule, actor=BRINGER)
    assert (renew_owed(), systems()) == (2, ["12", "12"])


def test_another_name_of_a_source_owes_nothing(csv: Source) -> None:
    edit_source(csv, actor=BRINGER, version=csv.version, name="Sheet")
    assert not Renewal.objects.exists()
    edit_source(csv, actor=BRINGER, version=csv.version + 1, silent_after=timedelta(1))
    assert Renewal.objects.filter(ended_at=None).count() == 1


def test_what_was_killed_goes_on_where_it_stood(csv: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewing, "BATCH", 1)
    edit_source(csv, actor=BRINGER, version=csv.version, rank=1)
    work = renewing.renew_items

    def killed_at_the_second(items: list[int], *, actor: Actor, at: Any) -> None:
        if item("n2").pk in items:
            raise KeyboardInterrupt
        work(items, actor=actor, at=at)

    with monkeypatch.context() as patched:
        patched.setattr(renewing, "renew_items", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            renew_owed()
    assert systems() == ["11", "12"]
    assert (Renewal.objects.get().done, Renewal.objects.get().per_cent) == (1, 50)
    assert (renew_owed(), systems()) == (1, ["11", "11"])


def test_asked_for_again_it_begins_again(csv: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_source(csv, actor=BRINGER, version=csv.version, rank=1)
    Renewal.objects.update(through=item("n1").pk, done=1)
    edit_source(csv, actor=BRINGER, version=csv.version + 1, rank=2)
    assert (renew_owed(), systems()) == (2, ["11", "11"])


def test_pages_and_rest_say_that_items_are_being_worked_out(
    csv: Source, admin: User, web: Callable[[User], Client], api: Callable[[User], Any]
) -> None:
    browser, client = web(admin), api(admin)
    claims = f"/imports/of/{item('n1').reference}/"
    edit_source(csv, actor=BRINGER, version=csv.version, rank=1)
    assert "being worked out anew: 0" in browser.get("/imports/sources/").content.decode()
    assert "still to be worked out anew" in browser.get(claims).content.decode()
    assert client.get("/api/v1/sources/csv/").json()["renewed_per_cent"] == 0
    renew_owed()
    assert "being worked out anew" not in browser.get("/imports/sources/").content.decode()
    assert "still to be worked out anew" not in browser.get(claims).content.decode()
    assert client.get("/api/v1/sources/csv/").json()["renewed_per_cent"] is None
