"""Who relates, merges, retires or imports at the same instant judges what the others left, never what was before."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from catalog.cmdb.models import CI, Arrow, Group, Relation
from catalog.cmdb.operations import edit_item, end_relation, relate, retire
from catalog.cmdb.operations.locking import hold_items
from catalog.formats.documents import Claimed
from catalog.reconciliation.operations import apply, batches, merge
from itsm.accounts import interest
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from itsm.kernel.errors import Conflict, MissingInformation, NotPermitted, WrongState
from tests.catalog.reconciliation.sources import BRINGER, begun, bring, item, server
from tests.factories.catalog import KEEPER, a_type, an_item, joined
from tests.factories.slo import a_service
from tests.itsm.rivals import Rival, rivals

pytestmark = pytest.mark.django_db(transaction=True)


def after(first: Callable[[], Any], second: Callable[[], Any]) -> Rival:
    """`second` begins when `first` has done everything but commit, and waits for it."""
    with rivals() as begin:
        with transaction.atomic():
            first()
            rival = begin(second)
            assert rival.waits()
        return rival


def relates(source: CI, target: CI, **terms: Any) -> Callable[[], Relation]:
    """With the items as they were read before anything happened."""
    source, target = (CI.objects.select_related("ci_class").get(pk=one.pk) for one in (source, target))
    return partial(relate, source, target, a_type("runs_on"), actor=KEEPER, **terms)


def test_nothing_is_related_to_what_has_just_been_merged_away() -> None:
    old, new, app = an_item(), an_item(), an_item("application")
    late = after(lambda: merge(new, old, actor=KEEPER), relates(app, new))
    with pytest.raises(WrongState):
        late.result()
    assert not Relation.objects.filter(target=new, ended_at=None).exists()


def test_a_relation_that_has_just_begun_goes_along_with_a_merge() -> None:
    old, new, app = an_item(), an_item(), an_item("application")
    after(relates(app, new), lambda: merge(new, old, actor=KEEPER)).result()
    assert list(Arrow.objects.values_list("consumer", "provider")) == [(app.pk, old.pk)]


def test_nothing_is_related_to_what_has_just_been_retired() -> None:
    host, app = an_item(), an_item("application")
    late = after(lambda: retire(host, actor=KEEPER), relates(app, host))
    with pytest.raises(WrongState):
        late.result()


def test_what_something_has_just_come_to_rest_on_is_not_retired_without_a_reason() -> None:
    host, app = an_item(), an_item("application")
    late = after(relates(app, host), lambda: retire(host, actor=KEEPER))
    with pytest.raises(MissingInformation):
        late.result()


def test_who_joins_a_group_that_has_just_begun_joins_its_first_member(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, first, second = a_service(slug="shop"), an_item(), an_item()
    stake = interest.Stake(owner.pk, "CHG-00001")
    monkeypatch.setattr(interest, "_sources", [lambda services: [stake] if shop.pk in services else []])
    consumer = CI.objects.get(pk=shop.pk)
    by_judged = partial(relates(consumer, second, group="hosts"), actor=actor_for(owner, Door.API))
    late = after(relates(consumer, first, group="hosts"), by_judged)
    with pytest.raises(NotPermitted):
        late.result()


def test_a_group_whose_last_member_leaves_is_there_for_the_next() -> None:
    first, second, app = an_item(), an_item(), an_item("application")
    alone = relates(app, first, group="hosts")()
    after(lambda: end_relation(alone, actor=KEEPER, version=1), relates(app, second, group="hosts")).result()
    assert [one.target_id for one in Group.objects.get().relations.all()] == [second.pk]


def test_a_group_that_somebody_has_just_joined_outlives_its_former_member() -> None:
    first, second, app = an_item(), an_item(), an_item("application")
    alone = relates(app, first, group="hosts")()
    after(relates(app, second, group="hosts"), lambda: end_relation(alone, actor=KEEPER, version=1)).result()
    assert [one.target_id for one in Group.objects.get().relations.all()] == [second.pk]


def test_a_relation_that_went_along_with_a_merge_ends_where_it_is_now() -> None:
    old, new, app = an_item(), an_item(), an_item("application")
    made = joined(app, new, "runs_on")
    after(lambda: merge(new, old, actor=KEEPER), lambda: end_relation(made, actor=KEEPER, version=1)).result()
    told = [(one.before, one.after) for one in app.history.filter(key="relation:runs_on").order_by("pk")]
    assert told == [(None, new.reference), (new.reference, old.reference), (old.reference, None)]


def test_an_import_brings_no_arrow_to_what_has_just_been_retired() -> None:
    bring("netbox", server("h", serial="H", ci_class="physical_server"))
    host = item("h")
    run = begun("netbox", server("v", serial="V", relations=[Claimed("runs_on", "out", "h")]))
    after(lambda: retire(host, actor=KEEPER), lambda: apply(run, actor=BRINGER)).result()
    assert not Arrow.objects.exists()


@pytest.mark.parametrize("first_word", [True, False])
def test_a_word_by_hand_is_not_lost_to_an_import_that_begins_before_it_is_stored(first_word: bool) -> None:
    bring("netbox", server("v", serial="V", cpus=2))
    mine = item("v")
    if not first_word:
        edit_item(mine, actor=KEEPER, version=None, version_required=False, description="Of the shop")
    run = begun("netbox", server("v", serial="V", cpus=4))
    by_hand = lambda: edit_item(mine, actor=KEEPER, version=None, version_required=False, attributes={"cpus": 8})  # noqa: E731
    after(by_hand, lambda: apply(run, actor=BRINGER)).result()
    assert item("v").attributes["cpus"] == 8


def test_an_import_that_relates_an_older_item_late_keeps_nobody_waiting_in_a_ring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring("netbox", server("h", serial="H", ci_class="physical_server"))
    bring("netbox", server("v", serial="V"))
    host, guest = item("h"), item("v")
    by_hand = relates(guest, host)
    run = begun("netbox", server("v", serial="V", cpus=2, relations=[Claimed("runs_on", "out", "h")]))
    with rivals() as begin:
        waiting: list[Rival] = []

        def hold_and_let_a_hand_in(items: Any) -> None:
            hold_items(items)
            if not waiting:
                waiting.append(begin(by_hand))
                assert waiting[0].waits()

        monkeypatch.setattr(batches, "hold_items", hold_and_let_a_hand_in)
        apply(run, actor=BRINGER)
        with pytest.raises(Conflict):
            waiting[0].result()
    assert Relation.objects.filter(ended_at=None).count() == 1
