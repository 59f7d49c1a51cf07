"""Two accounts of one person become one: nothing is lost, nobody gains rights, history keeps both names."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Article, CatalogItem
from changes.change_models import operations as change_models
from changes.change_models.permissions import model_deciders
from changes.models import ChangeModel
from incidents.incident import operations as incidents
from itsm.accounts import interest
from itsm.accounts import operations as accounts
from itsm.accounts.models import EmailAddress, Membership, User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.plans import Part, Step, answer_plan, begin
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.search.models import Document
from tests.factories.changes import BOUNDS, a_measured_service
from tests.factories.items import an_item as a_draft
from tests.factories.knowledge import a_draft as an_article
from tests.factories.knowledge import somebody
from tests.factories.requests import a_request, an_item

pytestmark = pytest.mark.django_db
HASH = "a" * 64


@pytest.fixture
def two(person: Any, payments: Any) -> tuple[User, User]:
    old, new = person("requester", username="ada.old"), person("requester", username="ada")
    for one, address in ((old, "ada@old.example"), (new, "ada@shop.example")):
        EmailAddress.objects.create(user=one, email=address, is_primary=True, verified_at=timezone.now())
    return old, new


@pytest.fixture
def merge(two: Any, admin: User, as_actor: Any) -> Any:
    return lambda **more: accounts.merge_people(two[0], **{"into": two[1], "actor": as_actor(admin), **more})


def test_what_was_theirs_is_the_other_s_and_history_keeps_both_names(
    two: Any, merge: Any, as_actor: Any, api: Any
) -> None:
    old, new = two
    mine = incidents.open_incident(actor=as_actor(old), title="Printer is on fire", priority=3)
    asked = a_request(as_actor(old), an_item())
    ended = merge(reason="Married")
    mine.refresh_from_db()
    asked.refresh_from_db()
    assert (mine.caller, mine.opened_by, asked.by, asked.requested_for) == (new, new, new, new)
    assert (ended.is_active, ended.merged_into) == (False, new)
    assert api(new).get(f"/api/v1/incidents/{mine.reference}/").status_code == 200
    assert api(new).get(f"/api/v1/requests/{asked.reference}/").status_code == 200
    kept = Document.objects.get(record_kind="incident", record_id=mine.pk)
    assert f"user:{new.pk}" in kept.audience
    assert f"user:{old.pk}" not in [*kept.audience, *kept.about]
    assert Entry.objects.filter(record_kind="incident", event="incident.created", actor_id=old.pk).exists()
    told = {one.event: one for one in Entry.objects.filter(event__in=["user.merged", "user.absorbed"])}
    assert (told["user.merged"].record_id, told["user.absorbed"].record_id) == (old.pk, new.pk)
    assert told["user.merged"].changes["incidents"] == [1, 0]


def test_addresses_pass_and_each_keeps_what_it_is(two: Any, merge: Any) -> None:
    old, new = two
    merge()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.email, new.email) == ("", "ada@shop.example")
    assert [(one.email, one.is_primary, one.verified_at is not None) for one in new.addresses.all()] == [
        ("ada@shop.example", True, True),
        ("ada@old.example", False, True),
    ]


def test_who_had_no_address_gets_the_other_s_as_the_primary_one(two: Any, merge: Any) -> None:
    two[1].addresses.all().delete()
    merge()
    assert User.objects.get(username="ada").email == "ada@old.example"


def test_every_way_in_ends_and_nobody_comes_back(two: Any, merge: Any, web: Any, admin: User, as_actor: Any) -> None:
    browser = web(two[0])
    merge()
    assert browser.get("/").status_code == 302
    with pytest.raises(Conflict, match="merged into ada"):
        accounts.reactivate(two[0], actor=as_actor(admin))
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=two[0].pk).update(is_active=True)


def test_nobody_gets_rights_by_a_merge(two: Any, merge: Any, payments: Any, admin: User, as_actor: Any) -> None:
    old, new = two
    User.objects.filter(pk=old.pk).update(roles=["requester", "admin"])
    old.refresh_from_db()
    Membership.objects.create(user=old, team=payments, lead=True)
    preview = accounts.merge_preview(old, into=new, actor=as_actor(admin))
    assert preview.ends == ["role Administrator", "member of Payments"]
    with pytest.raises(Conflict, match="alone leads Payments"):
        merge()
    assert "alone leads" in accounts.merge_preview(old, into=new, actor=as_actor(admin)).blocked
    Membership.objects.create(user=admin, team=payments, lead=True)
    merge()
    new.refresh_from_db()
    assert (new.roles, list(new.teams.all())) == (["requester"], [])


def test_the_two_are_one_person_for_four_eyes(two: Any, merge: Any, person: Any, payments: Any, as_actor: Any) -> None:
    old, new = two
    sue = person("requester", username="sue")
    steps = [Step((Part("one", frozenset({old.pk, new.pk, sue.pk}), 2, "Two of them"),))]
    begin(payments, steps, content_hash=HASH, excluded=[], at=timezone.now(), due_at=None, subject="x")
    answer_plan(payments, actor=as_actor(old), decision="approve", comment="", content_hash=HASH, at=timezone.now())
    merge()
    with pytest.raises(NotPermitted, match="Four eyes"):
        answer_plan(payments, actor=as_actor(new), decision="approve", comment="", content_hash=HASH, at=timezone.now())
    ask = ApprovalRequest.objects.get()
    with pytest.raises(IntegrityError, match="four eyes"), transaction.atomic():
        ApprovalDecision.objects.create(ask=ask, by=new, decision="approve", content_hash=HASH, at=timezone.now())
    assert interest.natural_persons([old.pk]) == {new.pk}
    assert interest.accounts_of([new.pk]) >= {old.pk, new.pk}
    assert interest.natural_person_of_each([old.pk]) == {old.pk: new.pk}


def test_who_asked_by_one_account_does_not_decide_by_the_other(
    two: Any, merge: Any, person: Any, payments: Any, as_actor: Any
) -> None:
    old, new = two
    sue = person("requester", username="sue")
    steps = [
        Step((Part("one", frozenset({new.pk, sue.pk}), 1, "One"),)),
        Step((Part("two", frozenset({new.pk, sue.pk}), 1, "Two"),)),
    ]
    begin(payments, steps, content_hash=HASH, excluded=[old.pk], at=timezone.now(), due_at=None, subject="x")
    merge()
    say = {"decision": "approve", "comment": "", "content_hash": HASH, "at": timezone.now()}
    with pytest.raises(NotPermitted, match="Four eyes"):
        answer_plan(payments, actor=as_actor(new), **say)
    answer_plan(payments, actor=as_actor(sue), **say)
    with pytest.raises(NotPermitted, match="Four eyes"):  # nor in the step that is asked later
        answer_plan(payments, actor=as_actor(new), **say)


def test_a_chain_of_merges_leads_to_who_goes_on(two: Any, merge: Any, person: Any, admin: User, as_actor: Any) -> None:
    merge()
    last = person("requester", username="ada.last")
    accounts.merge_people(two[1], into=last, actor=as_actor(admin))
    assert set(User.objects.filter(merged_into=last).values_list("username", flat=True)) == {"ada", "ada.old"}
    assert interest.natural_persons([two[0].pk]) == {last.pk}


@pytest.mark.parametrize(
    ("by", "into", "error"),
    [("ada", "ada", NotPermitted), ("admin", "ada.old", InvalidInput), ("engineer", "ada", NotPermitted), ("admin", "robot", InvalidInput)],
)  # fmt: skip
def test_whoever_may_not_and_whatever_is_no_pair_is_refused(
    two: Any, person: Any, merge: Any, engineer: User, as_actor: Any, by: str, into: str, error: Any
) -> None:
    person("engineer", username="robot", account_type="service", owner=engineer)
    User.objects.filter(username="ada").update(roles=["admin"])
    with pytest.raises(error):
        merge(actor=as_actor(User.objects.get(username=by)), into=User.objects.get(username=into))
    assert User.objects.get(username="ada.old").merged_into is None


def test_by_the_page_one_looks_first_and_types_the_name(two: Any, web: Any, admin: User) -> None:
    browser = web(admin)
    assert browser.get("/people/ada.old/merge/").status_code == 200
    text = browser.get("/people/ada.old/merge/?into=ada").content.decode()
    assert all(words in text for words in ("ada@old.example", 'data-confirm="ada.old"'))
    assert User.objects.get(username="ada.old").is_active
    done = browser.post("/people/ada.old/merge/", {"into": "ada", "reason": "Married"})
    assert done["Location"] == "/people/ada/"
    assert "the same person as" in browser.get("/people/ada.old/").content.decode()


def test_over_rest_a_preview_and_the_merge(two: Any, api: Any, admin: User, engineer: User) -> None:
    at = "/api/v1/people/ada.old/"
    seen = api(admin).get(f"{at}merge-preview/?into=ada").json()
    assert (seen["addresses"], seen["blocked"], seen["ends"]) == (["ada@old.example"], None, [])
    assert api(admin).get(f"{at}merge-preview/?into=nobody").status_code == 400
    assert api(engineer).post(f"{at}merge/", {"into": "ada"}, format="json").status_code == 403
    done = api(admin).post(f"{at}merge/", {"into": "ada"}, format="json").json()
    assert (done["active"], done["merged_into"]) == (False, "ada")
    assert api(admin).post(f"{at}merge/", {"into": "ada"}, format="json").status_code == 409


def test_who_goes_on_keeps_out_as_the_one_who_ended(two: Any, merge: Any, as_actor: Any) -> None:
    old, new = two
    item = a_draft(somebody("owner", "writer"), approval={"steps": []})
    CatalogItem.objects.filter(pk=item.pk).update(writers=[old.pk])
    article = an_article(somebody("agent", "author"))
    Article.objects.filter(pk=article.pk).update(writers=[old.pk])
    model = change_models.propose_model(
        actor=Actor.system("models"), service=a_measured_service(), slug="port", at=timezone.now(), **BOUNDS
    )
    ChangeModel.objects.filter(pk=model.pk).update(proposed_by=old)
    User.objects.filter(pk=new.pk).update(roles=["owner"])
    new.refresh_from_db()
    assert model_deciders(as_actor(new), ChangeModel.objects.get(pk=model.pk))
    merge()
    assert new.pk in CatalogItem.objects.get(pk=item.pk).writers
    assert new.pk in Article.objects.get(pk=article.pk).writers
    assert not model_deciders(as_actor(new), ChangeModel.objects.get(pk=model.pk))
