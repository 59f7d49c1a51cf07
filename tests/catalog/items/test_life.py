"""A catalog item's life: versions beside the live one, a second person where it takes one, and what the database holds."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalog.items import operations, queries
from catalog.models import CatalogItem, CatalogItemVersion, Entitlement
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, MissingInformation, NotFound, NotPermitted, StaleVersion, WrongState
from tests.factories.items import BY_MANAGER, a_live_item, a_team, an_item, edited, published
from tests.factories.knowledge import somebody

pytestmark = pytest.mark.django_db


def _versions(item: CatalogItem) -> list[tuple[int, str]]:
    return list(CatalogItemVersion.objects.filter(item=item).order_by("number").values_list("number", "state"))


def test_an_edit_of_what_is_live_is_a_draft_beside_it_and_who_asks_gets_the_live_one() -> None:
    item = a_live_item(name="Laptop")
    draft = edited(item, name="Laptop, lighter", price_minor=1)
    assert (draft.status, draft.number, draft.live, draft.name) == ("draft", 2, 1, "Laptop")
    asked = queries.offered_by_slug(somebody("requester"), item.slug)
    assert (asked.text.number, asked.text.name, asked.text.price_minor) == (1, "Laptop", 12_900)
    published(draft)
    assert _versions(item) == [(1, "outdated"), (2, "published")]
    assert queries.live_version(CatalogItem.objects.get()).name == "Laptop, lighter"


def test_a_draft_that_is_not_wanted_leaves_the_live_version() -> None:
    item = a_live_item()
    edited(item, summary="Not wanted.")
    kept = operations.discard(CatalogItem.objects.get(), actor=somebody("owner", "item-writer"))
    assert (kept.status, kept.live, kept.number, kept.needs_second) == ("published", 1, 1, False)
    assert edited(kept, summary="Wanted.").number == 3
    assert _versions(item) == [(1, "published"), (2, "discarded"), (3, "draft")]


@pytest.mark.parametrize(
    ("approval", "fulfilment"),
    [
        ({"steps": []}, None),
        (
            {"steps": [{"when": {"all": [{"field": "port", "op": "is", "value": 22}]}, "parts": [{"who": "manager"}]}]},
            None,
        ),
        (BY_MANAGER, {"tasks": [{"key": "open", "title": "Open", "kind": "change", "change_model": "ports"}]}),
    ],
    ids=["nobody is asked", "nobody is asked in every case", "it opens a change"],
)
def test_what_takes_a_second_person_is_published_by_another_and_the_database_agrees(
    approval: Any, fulfilment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.items.queries.naming._models", [lambda: {"ports": "Firewall ports"}])
    writer = somebody("owner", "item-writer")
    item = an_item(writer, approval=approval, **({"fulfilment": fulfilment} if fulfilment else {}))
    assert item.needs_second
    with pytest.raises(NotPermitted):
        operations.publish(item, actor=writer, at=timezone.now())
    with pytest.raises(DatabaseError, match="second person"), transaction.atomic():
        CatalogItemVersion.objects.filter(item=item).update(
            state="published", published_by=writer.id, published_at=timezone.now()
        )
    assert operations.publish(item, actor=somebody("owner", "another"), at=timezone.now()).live == 1


def test_who_wrote_it_publishes_it_where_somebody_approves_each_request() -> None:
    writer = somebody("owner", "item-writer")
    assert published(an_item(writer), by=writer).live == 1
    with pytest.raises(NotPermitted):
        operations.publish(an_item(writer), actor=Actor.system("tests"), at=timezone.now())


def test_what_was_proposed_or_published_is_not_rewritten() -> None:
    item = operations.propose(an_item(), actor=somebody("owner"), at=timezone.now())
    with pytest.raises(WrongState):
        edited(item, summary="Meanwhile.")
    for change in ({"price_minor": 1}, {"form": {"sections": []}}, {"approval": {"steps": []}}, {"writers": []}):
        with pytest.raises(DatabaseError, match="stays as it was proposed"), transaction.atomic():
            CatalogItemVersion.objects.filter(item=item).update(**change)
    returned = operations.return_to_writers(item, actor=somebody("owner"), because="Which port?")
    assert edited(returned, summary="Any port.").newest.summary == "Any port."


def test_nothing_is_published_without_something_to_do_and_somebody_who_answers() -> None:
    idle = an_item(fulfilment={"tasks": []})
    with pytest.raises(MissingInformation, match="what is done"):
        published(idle)
    item = edited(an_item(), owner=None)
    with pytest.raises(MissingInformation, match="answers for it"):
        published(item)


def test_a_retired_item_is_offered_to_nobody_and_comes_back_as_a_draft() -> None:
    item = a_live_item()
    gone = operations.retire(item, actor=somebody("owner"), because="Too old.")
    assert (gone.status, gone.live) == ("retired", None)
    with pytest.raises(NotFound):
        queries.offered_by_slug(somebody("requester"), item.slug)
    assert operations.revise(gone, actor=somebody("owner"), at=timezone.now()).status == "draft"


def test_a_stale_page_writes_nothing() -> None:
    item = an_item()
    edited(item, summary="Newer.")
    with pytest.raises(StaleVersion):
        operations.edit_item(item, actor=somebody("owner"), version=1, at=timezone.now(), summary="Older.")


def test_an_agent_writes_items_of_their_team_alone() -> None:
    agent = User.objects.create(username="desk-agent", roles=["agent"])
    ours, theirs = a_team(), a_team("network")
    ours.members.add(agent)
    actor = actor_for(agent, Door.WEB)
    made = an_item(actor, team=ours)
    assert edited(made, by=actor, summary="Ours.").newest.summary == "Ours."
    for deed in (
        lambda: an_item(actor, team=theirs),
        lambda: edited(an_item(team=theirs), by=actor, summary="Mine."),
        lambda: edited(made, by=actor, team=theirs),
    ):
        with pytest.raises(NotPermitted):
            deed()


def test_a_bundle_names_items_that_are_there_and_no_bundles() -> None:
    one, other = a_live_item(name="One"), a_live_item(name="Other")
    bundle = an_item(bundle=[one.slug, other.slug], fulfilment={"tasks": []})
    assert bundle.newest.bundle == ["one", "other"]
    for odd in (["missing"], [bundle.slug]):
        with pytest.raises(InvalidInput):
            an_item(bundle=odd)
    with pytest.raises(InvalidInput, match="itself"):
        edited(bundle, bundle=[bundle.slug])


def test_the_hash_is_that_of_the_content() -> None:
    item = an_item(name="Same")
    before = item.newest.hash
    assert edited(item, summary="Other.").newest.hash != before
    assert edited(item, summary="").newest.hash == before


def test_items_and_their_words_follow_a_merged_team_and_documents_find_it_by_its_old_name() -> None:
    old, new = a_team("old-desk"), a_team("new-desk")
    item = a_live_item(team=old)
    edited(item, entitlements=[{"token": f"team:{old.pk}", "allow": True}, {"token": f"team:{new.pk}", "allow": False}])
    operations.items_follow(old, new, Actor.system("tests"))
    assert CatalogItem.objects.get().team == new
    assert list(Entitlement.objects.values_list("token", "allow")) == [(f"team:{new.pk}", False)]
    Team.objects.filter(pk=old.pk).update(retired_at=timezone.now(), merged_into=new)
    assert queries.team_called("old-desk") == new


def test_items_of_somebody_who_leaves_are_their_successors() -> None:
    item = a_live_item()
    leaver, heir = item.owner, User.objects.create(username="heir", roles=["owner"])
    assert leaver is not None
    assert [one.reference for one in queries.owned_by(leaver)] == [item.slug]
    operations.hand_over(leaver, heir, Actor.system("tests"), timezone.now())
    assert CatalogItem.objects.get().owner == heir
