"""Confidential items stay so, whatever sources bring of them; what only people decide is answered, not broken."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.cmdb.models import CI
from catalog.formats.documents import Claimed
from catalog.reconciliation.models import Conflict, Run, SourceRecord
from catalog.reconciliation.operations import accept, merge, split
from catalog.reconciliation.queries.runs import counted, report
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from tests.catalog.reconciliation.sources import bring, item, server
from tests.factories.catalog import an_item

pytestmark = pytest.mark.django_db


def secret(key: str) -> CI:
    CI.objects.filter(pk=item(key).pk).update(confidential=True)
    return item(key)


def test_a_confidential_item_lives_on_and_is_split_as_one(owner_actor: Actor) -> None:
    bring("netbox", server("n", serial="1"))
    bring("csv", server("c"))
    secret("c")
    merge(item("c"), item("n"), actor=owner_actor)
    assert item("n").confidential
    bring("ansible", server("a", serial="1"))
    parted = split(item("n"), list(SourceRecord.objects.filter(key="a")), actor=owner_actor)
    assert parted.confidential


def test_what_a_confidential_item_falls_apart_into_is_confidential() -> None:
    bring("netbox", server("n", serial="1"))
    bring("ansible", server("a", serial="1"))
    secret("n")
    bring("ansible", server("a", serial="2"))
    assert item("a") != item("n")
    assert item("a").confidential


def test_the_documents_of_an_import_do_not_name_what_is_not_seen(
    engineer: User, manager: User, api: Callable[[User], Any]
) -> None:
    run = bring("csv", server("open"), server("merger-with-acme"))
    secret("merger-with-acme")
    address = f"/api/v1/imports/{run.reference}/documents/"
    names = [sorted(one["document"] for one in api(who).get(address).json()["results"]) for who in (engineer, manager)]
    assert names == [["open"], ["merger-with-acme", "open"]]


def test_a_question_to_people_is_shown_with_its_import_and_is_not_settled_as_a_value(
    owner: User, owner_actor: Actor, web: Callable[[User], Client], api: Callable[[User], Any]
) -> None:
    bring("netbox", server("n", serial="1"))
    bring("csv", server("c"))
    bring("ansible", server("a", serial="1"))
    merge(item("c"), item("n"), actor=owner_actor)
    run = bring("ansible", server("a", serial="2"))
    asked = Conflict.objects.get(key="identity")
    assert web(owner).get(run.get_absolute_url()).status_code == 200
    assert web(owner).get(reverse("item_imports:conflicts")).status_code == 200
    for take in ("holds", "says"):
        answer = api(owner).post(f"/api/v1/conflicts/{asked.pk}/settle/", {"take": take}, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/take")


def test_that_sources_differ_is_accepted_by_who_may_edit_the_item(engineer: User, manager: User) -> None:
    bring("netbox", server("n", serial="1", os="12"))
    bring("csv", server("c", "n", serial="1", os="11"))
    CI.objects.filter(pk=item("n").pk).update(team=an_item().team)
    (asked,) = Conflict.objects.filter(key="attributes.os")
    with pytest.raises(NotPermitted):
        accept(asked, actor=actor_for(engineer, Door.WEB), why="So it is.")
    assert accept(asked, actor=actor_for(manager, Door.WEB), why="So it is.").state == "accepted"


@pytest.fixture
def world_of_three(manager: User) -> Run:
    """A run of an open item, a secret one that differs, and one that is gone with another secret one."""
    bring("netbox", server("open", "open", serial="1"), server("merger", "m", serial="2", os="Debian 13"))
    bring("csv", *(server(key) for key in ("left", "merger-left")))
    secret("merger")
    secret("merger-left")
    return bring(
        "csv",
        server("a", "open", serial="1"),
        server("b", "m", serial="2", os="Debian 12", relations=[Claimed("runs_on", "out", "a")]),
        complete=True,
    )


def test_no_count_of_an_import_includes_what_is_not_seen(world_of_three: Run, engineer: User, manager: User) -> None:
    mine, all_of_it = (
        counted([world_of_three], actor_for(one, Door.API))[world_of_three.pk] for one in (engineer, manager)
    )
    assert (all_of_it.read, all_of_it.total, all_of_it.through, all_of_it.updated + all_of_it.created) == (2, 2, 2, 2)
    assert (mine.read, mine.total, mine.through, mine.updated + mine.created) == (1, 1, 1, 1)
    assert [(one.held, one.claimed, one.gone) for one in (mine, all_of_it)] == [(0, 0, 1), (1, 1, 2)]


def test_doors_show_an_import_and_its_source_as_if_there_were_no_secret(
    world_of_three: Run, engineer: User, manager: User, api: Callable[[User], Any], web: Callable[[User], Client]
) -> None:
    reports, things = [], []
    for who in (engineer, manager):
        answer = api(who).get(f"/api/v1/imports/{world_of_three.reference}/").json()
        reports.append((answer["total"], answer["through"], answer["report"]["read"], answer["report"]["relations"]))
        things.append(api(who).get("/api/v1/sources/csv/").json()["things"])
        assert api(who).get("/api/v1/imports/").json()["results"][0]["total"] == answer["total"]
    assert reports == [(1, 1, 1, 0), (2, 2, 2, 1)]
    assert things == [1, 2]
    page = web(engineer).get(world_of_three.get_absolute_url()).content.decode()
    assert "1 read, 0 relations claimed" in page


def test_a_refused_document_about_what_is_not_seen_is_not_named(engineer: User, manager: User) -> None:
    bring("csv", server("merger-with-acme"))
    secret("merger-with-acme")
    run = bring("csv", server("merger-with-acme", cpus="many"), server("open", cpus="many"))
    named = [
        [one["document"] for one in report(run, actor_for(who, Door.API))["refused"]] for who in (engineer, manager)
    ]
    assert named == [["open"], ["merger-with-acme", "open"]]


def test_a_document_of_what_was_merged_into_a_secret_is_one_of_a_secret(engineer: User, owner_actor: Actor) -> None:
    run = bring("csv", server("c"))
    bring("netbox", server("n", serial="1"))
    merged = item("c")
    merge(item("n"), merged, actor=owner_actor)
    assert counted([run], actor_for(engineer, Door.API))[run.pk].total == 1
    secret("c")
    assert counted([run], actor_for(engineer, Door.API))[run.pk].total == 0
