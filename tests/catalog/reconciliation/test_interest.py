"""What sources say makes no answer of the gate kinder for who has an interest in it, or by a program."""

from typing import Any

import pytest

from catalog.cmdb.models import CI, Group, Relation
from catalog.cmdb.operations import relate
from catalog.formats.documents import Claimed, Document
from catalog.reconciliation.operations import apply, merge
from catalog.reconciliation.queries.kept import told
from catalog.reconciliation.queries.runs import counted
from catalog.services.queries import reached_from
from itsm.accounts import interest
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from tests.catalog.reconciliation.sources import begun, bring, item, server
from tests.factories.catalog import KEEPER, a_type, joined
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


def host(at: int, *, of: str = "k", **more: Any) -> Document:
    return server(
        f"h{at}", serial=f"H{at}", ci_class="container_host", relations=[Claimed("member_of", "out", of)], **more
    )


@pytest.fixture
def shop() -> Any:
    """Runs on a cluster with two hosts, one of which is enough."""
    bring("kubernetes", Document("k", "kubernetes_cluster", "prod"), host(1), host(2))
    service = a_service(slug="shop")
    joined(service, item("k"), "runs_on")
    return service


@pytest.fixture
def judged(shop: Any, engineer: User, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """An engineer whose change of the shop waits for its answer."""
    actor = actor_for(engineer, Door.API)
    stake = interest.Stake(engineer.pk, "CHG-00001")
    monkeypatch.setattr(interest, "_sources", [lambda services: [stake] if shop.pk in services else []])
    return actor


def felt(*hosts: int) -> bool:
    return bool(reached_from([item(f"h{at}").pk for at in hosts]))


def test_a_member_that_joins_by_an_import_lets_no_group_hold_for_longer(judged: Actor) -> None:
    assert (felt(1), felt(1, 2)) == (False, True)
    run = apply(begun("kubernetes", host(3), host(4)), actor=judged)
    assert (felt(1), felt(1, 2), felt(3, 4)) == (False, True, True)
    assert (run.counts["kept"], Group.objects.get().needs, Relation.objects.filter(type__slug="member_of").count()) == (
        1, 3, 4,
    )  # fmt: skip


def test_who_has_no_interest_brings_members_that_count(judged: Actor, manager: User) -> None:
    run = apply(begun("kubernetes", host(3)), actor=actor_for(manager, Door.API))
    assert (felt(1, 2), felt(1, 2, 3), run.counts["kept"]) == (False, True, 0)


def test_what_services_feel_does_not_end_in_an_older_item_that_is_retired(judged: Actor) -> None:
    bring("ansible", server("old", serial="1"))
    bring("csv", server("new", uuid="8ad1b1c4-0f3b-4c0f-9d53-5d7a3b8a1f00"))
    old, new = item("old"), item("new")
    joined(item("k"), new, "runs_on")
    CI.objects.filter(pk=old.pk).update(status="retired")
    assert reached_from([new.pk])
    both = server("both", serial="1", uuid="8ad1b1c4-0f3b-4c0f-9d53-5d7a3b8a1f00")
    apply(begun("netbox", both), actor=judged)
    assert (item("new"), item("new").status) == (old, "planned")
    assert reached_from([old.pk])


def test_items_that_become_one_leave_what_both_rest_on_as_strict_as_it_was(
    judged: Actor, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring("kubernetes", Document("k2", "kubernetes_cluster", "other"), host(3, of="k2"))
    assert felt(1, 2)
    monkeypatch.setattr(interest, "_sources", [lambda services: [interest.Stake(owner.pk, "CHG-00001")]])
    merge(item("k2"), item("k"), actor=actor_for(owner, Door.API))
    assert (felt(1, 2), felt(3), felt(1)) == (True, True, False)


def test_of_two_relations_of_items_that_become_one_the_stricter_stays(
    judged: Actor, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring("kubernetes", server("a", "a"), server("b", "b"), server("d", "d"), server("e", "e"))
    first, second, both, spare = (item(key) for key in "abde")
    runs_on = a_type("runs_on")
    for provider in (both, spare):
        relate(first, provider, runs_on, actor=KEEPER, group="either")
    relate(second, both, runs_on, actor=KEEPER)
    joined(a_service(slug="pay"), second, "runs_on")
    assert reached_from([both.pk])
    monkeypatch.setattr(interest, "_sources", [lambda services: [interest.Stake(owner.pk, "CHG-00001")]])
    merge(second, first, actor=actor_for(owner, Door.API))
    assert reached_from([both.pk])
    assert CI.objects.get(pk=second.pk).merged_into_id == first.pk


def test_what_was_kept_is_listed_with_why(judged: Actor, web: Any, api: Any, owner: User) -> None:
    relations = [Claimed("runs_on", "out", "h1")]
    bring("kubernetes", Document("k", "kubernetes_cluster", "prod", relations=relations))
    run = apply(begun("kubernetes", Document("k", "kubernetes_cluster", "prod")), actor=judged)
    said = [(one.what, one.text) for one in told(run, judged)]
    assert said == [("relation", f"{item('k').reference} runs on {item('h1').reference}")]
    (shown,) = api(owner).get(f"/api/v1/imports/{run.reference}/").json()["kept"]
    assert (shown["what"], shown["text"]) == said[0]
    page = web(owner).get(run.get_absolute_url()).content.decode()
    assert "Stays as strict as it was" in page
    assert "could let a change through" in page


def test_what_was_kept_of_a_confidential_item_is_kept_quiet(judged: Actor) -> None:
    run = apply(begun("kubernetes", host(3), host(4)), actor=judged)
    assert ([one.text for one in told(run, judged)], counted([run], judged)[run.pk].kept) == (
        [f"{item('k').reference} needs 3 of the group member_of"], 1,
    )  # fmt: skip
    CI.objects.filter(pk=item("k").pk).update(confidential=True)
    assert (told(run, judged), counted([run], judged)[run.pk].kept) == ([], 0)
