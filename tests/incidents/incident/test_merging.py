"""Two incidents that are one: what moves, what stays apart, and what can be taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from incidents.incident import operations, queries
from incidents.incident.operations.merged import Merged
from incidents.incident.operations.merging import ConsentMissing
from incidents.incident.workflow import Status
from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.work.models import Link, Note
from itsm.work.operations import link
from itsm.work.watching import watch, watchers_of
from tests.factories.slo import a_service
from tests.incidents.incident.test_queues import a_queue
from tests.itsm.at_once import at_once
from tests.slo.proving import IN_FULL

SYSTEM = Actor.system("tests")


@pytest.fixture
def bo(person: Any) -> User:
    return person("requester", username="bo")


@pytest.fixture
def desk(agent: User, as_actor: Any) -> Actor:
    return as_actor(agent)


@pytest.fixture
def opened(bo: User, as_actor: Any) -> Callable[..., Incident]:
    return lambda title="Cannot print", by=None: operations.open_incident(actor=as_actor(by or bo), title=title)


def merged(source: Incident, into: Incident, desk: Actor, **more: Any) -> Incident:
    return operations.merge(source, actor=desk, into=into.reference, **more)


@pytest.mark.django_db
class TestMerging:
    def test_the_survivor_shows_what_lay_on_the_source(
        self, opened: Any, desk: Actor, person: Any, web: Any, agent: User
    ) -> None:
        first, second = opened(), opened("Cannot print either")
        nina = person("engineer", username="nina")
        watch(second, actor=desk, user=nina)
        watch(second, actor=desk, user=agent)
        watch(first, actor=desk, user=agent)
        operations.note(second, actor=desk, text="Toner was changed.")
        link(second, first, actor=desk, meaning=Link.Meaning.DUPLICATES)
        other = opened("Printer on fire")
        link(second, other, actor=desk, meaning=Link.Meaning.RELATES)
        gone = merged(second, first, desk)
        assert (gone.status, gone.cancel_code, gone.merged_into) == (Status.CANCELLED, "merged", first)
        assert {one.user for one in watchers_of(first)} == {nina, agent}
        assert list(Link.objects.values_list("from_id", "to_id", "meaning")) == [(first.pk, other.pk, "relates")]
        page = web(agent).get(first.get_absolute_url()).content.decode()
        assert "Toner was changed." in page
        assert f"on {second.reference}" in page, "marked where it was written"

    def test_chains_lead_to_the_root_and_replies_reach_it(
        self, opened: Any, desk: Actor, bo: User, as_actor: Any
    ) -> None:
        first, third, fifth = opened(), opened(), opened()
        merged(fifth, third, desk)
        merged(third, first, desk)
        fifth.refresh_from_db()
        assert fifth.merged_into == first
        assert operations.reply(fifth, actor=as_actor(bo), text="Still").record_id == first.pk
        sixth = opened()
        assert merged(sixth, fifth, desk).merged_into == first, "what is named lives on elsewhere"

    def test_the_source_takes_nothing_any_more(self, opened: Any, desk: Actor) -> None:
        first, second = opened(), opened()
        gone = merged(second, first, desk)
        for write in (
            lambda: operations.note(gone, actor=desk, text="x"),
            lambda: operations.reply(gone, actor=desk, text="x"),
            lambda: operations.edit(gone, actor=desk, version=gone.version, title="x"),
        ):
            with pytest.raises(Merged) as refused:
                write()
            assert refused.value.extra == {"survivor": first.reference}
        with pytest.raises(WrongState):
            operations.resolve(gone, actor=desk, resolution="x", resolution_code="solved")

    def test_a_confidential_one_is_merged_into_none_elsewhere_and_the_reverse_is_done(
        self, person: Any, as_actor: Any, opened: Any, agent: User
    ) -> None:
        hilda = person("agent", username="hilda")
        staff, more = a_queue("staff", hilda, confidential=True), a_queue("board", hilda, confidential=True)
        works = as_actor(hilda)
        secret, elsewhere = (operations.open_incident(actor=works, title="Letter", team=team) for team in (staff, more))
        public = operations.open_incident(actor=works, title="Printed")
        for open_one in (public, elsewhere):
            with pytest.raises(Conflict, match="confidential"):
                merged(secret, open_one, works, consent=True)
        gone = merged(public, secret, works)
        with pytest.raises(Merged) as refused:
            operations.note(gone, actor=as_actor(agent), text="x")
        assert secret.reference not in refused.value.detail, "who may not see the survivor hears of none"
        assert refused.value.extra == {}
        with pytest.raises(NotPermitted) as denied:
            operations.split(gone, actor=as_actor(agent), at=timezone.now())
        assert secret.reference not in denied.value.detail
        with pytest.raises(Conflict, match="you may not see"):
            merged(operations.open_incident(actor=works, title="x"), gone, as_actor(agent))

    def test_another_callers_words_are_shown_only_by_consent(
        self, opened: Any, desk: Actor, person: Any, bo: User, api: Any, agent: User
    ) -> None:
        ann = person("requester", username="ann")
        hers, his = opened(by=ann), opened()
        answer = api(agent).post(f"/api/v1/incidents/{hers.reference}/merge/", {"into": his.reference}, format="json")
        assert (answer.status_code, answer.json()["instead"]) == (422, "duplicates")
        assert answer.json()["type"].endswith("/consent-missing")
        with pytest.raises(ConsentMissing, match="bo will read the public notes of"):
            merged(hers, his, desk)
        merged(hers, his, desk, consent=True)
        assert [one.user for one in watchers_of(his)] == [ann], "she hears how it goes on"
        with pytest.raises(ConsentMissing, match=f"ann those of {(third := opened()).reference}"):
            merged(his, third, desk)  # her words would go along

    def test_what_has_no_such_survivor_is_refused(self, opened: Any, desk: Actor, agent: User, as_actor: Any) -> None:
        one, other = opened(), opened()
        with pytest.raises(InvalidInput):
            operations.merge(one, actor=desk, into="INC-99999")
        with pytest.raises(Conflict, match="itself"):
            merged(one, one, desk)
        network = a_queue("network", User.objects.create(username="nina", roles=["engineer"]))
        away = operations.open_incident(actor=desk, title="Slow", team=network)
        with pytest.raises(NotPermitted, match="no right to change in Network"):
            merged(one, away, desk)
        operations.resolve(other, actor=desk, resolution="x", resolution_code="solved")
        with pytest.raises(Conflict, match="is over"):
            merged(one, other, desk)

    def test_what_holds_changes_is_not_let_go_by_merging(self, desk: Actor, opened: Any, owner: User) -> None:
        grave = operations.open_incident(actor=desk, title="Down", service=a_service(), priority=1)
        with pytest.raises(Conflict, match="a second person confirms"):
            merged(grave, operations.open_incident(actor=desk, title="Slow"), desk)

    def test_children_go_along(self, opened: Any, desk: Actor) -> None:
        first, second, child = opened(), opened(), opened()
        Incident.objects.filter(pk=child.pk).update(parent=second)
        merged(second, first, desk)
        child.refresh_from_db()
        assert child.parent == first

    def test_a_parent_merged_into_its_child_leaves_that_as_the_parent(self, opened: Any, desk: Actor) -> None:
        parent, child, sibling = opened(), opened(), opened()
        Incident.objects.filter(pk__in=[child.pk, sibling.pk]).update(parent=parent)
        merged(parent, child, desk)
        child.refresh_from_db()
        sibling.refresh_from_db()
        assert (child.parent, sibling.parent) == (None, child)


@pytest.mark.django_db
class TestSplitting:
    def test_within_thirty_days_it_goes_on_by_itself(
        self, opened: Any, desk: Actor, bo: User, person: Any, as_actor: Any
    ) -> None:
        ann = person("requester", username="ann")
        hers, his = opened(by=ann), opened()
        gone = merged(hers, his, desk, consent=True)
        with pytest.raises(Conflict, match="30 days"):
            operations.split(gone, actor=desk, at=timezone.now() + timedelta(days=30, minutes=1))
        back = operations.split(gone, actor=desk, at=timezone.now() + timedelta(days=29))
        assert (back.status, back.cancel_code, back.merged_into) == (Status.IN_PROGRESS, "", None)
        assert not watchers_of(his).exists(), "she reads the other's words no longer"
        assert operations.reply(hers, actor=as_actor(ann), text="Mine again").record_id == hers.pk
        assert not queries.listed(as_actor(ann)).filter(pk=his.pk).exists()

    def test_only_what_was_merged_is_split_off(self, opened: Any, desk: Actor) -> None:
        gone = operations.cancel(opened(), actor=desk, cancel_code="withdrawn", reason="x")
        with pytest.raises(WrongState):
            operations.split(gone, actor=desk, at=timezone.now())
        assert "split" not in [step.action for step in gone.workflow.open_to(desk, gone)]


@pytest.mark.django_db
class TestTheDatabase:
    def test_no_survivor_is_merged_itself(self, opened: Any, desk: Actor) -> None:
        first, second, third = opened(), opened(), opened()
        merged(second, first, desk)
        held = {"status": "cancelled", "cancel_code": "merged"}
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.objects.filter(pk=third.pk).update(merged_into=second, **held)
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.objects.filter(pk=first.pk).update(merged_into=third, **held)

    def test_no_parent_has_a_parent(self, opened: Any) -> None:
        first, second, third = opened(), opened(), opened()
        Incident.objects.filter(pk=second.pk).update(parent=first)
        for child, parent in ((third, second), (first, third)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Incident.objects.filter(pk=child.pk).update(parent=parent)


@pytest.mark.django_db
@settings(
    max_examples=1000 if IN_FULL else 5,  # one costs half a second
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(moves=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), min_size=4, max_size=12))
def test_whatever_is_merged_and_split_every_word_reaches_one_root(
    moves: list[tuple[int, int, bool]], opened: Any, desk: Actor, bo: User, as_actor: Any
) -> None:
    """Of five, in any order: the roots are open, whatever was merged points to one, and each word lands there."""
    with transaction.atomic():
        five = [opened(f"One of five, {n}") for n in range(5)]
        roots = {one.pk: one.pk for one in five}
        for source, target, splits in moves:
            a, b = five[source], five[target]
            if splits and roots[a.pk] != a.pk:
                operations.split(a, actor=desk, at=timezone.now())
                roots[a.pk] = a.pk
            elif roots[a.pk] == a.pk and roots[b.pk] != a.pk:
                merged(a, b, desk)
                into = roots[b.pk]
                roots = {pk: into if root == a.pk else root for pk, root in roots.items()}
        for one in five:
            one.refresh_from_db()
            assert (one.merged_into_id or one.pk) == roots[one.pk]
            assert operations.reply(one, actor=as_actor(bo), text="Still").record_id == roots[one.pk]
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_that_are_merged_into_each_other_at_once_end_as_one(opened: Any, agent: User, as_actor: Any) -> None:
    first, second = opened(), opened()
    pairs = [(first, second), (second, first)]

    def work() -> Any:
        source, into = pairs.pop()
        return merged(source, into, as_actor(agent))

    ended = at_once(2, work)
    assert sorted(type(one).__name__ for one in ended) == ["Conflict", "Incident"], ended
    assert Incident.objects.filter(status=Status.CANCELLED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_chain_that_is_made_at_once_is_one_step_long(opened: Any, agent: User, as_actor: Any) -> None:
    first, second, third = opened(), opened(), opened()
    pairs = [(first, second), (second, third)]

    def work() -> Any:
        source, into = pairs.pop()
        return merged(source, into, as_actor(agent))

    ended = at_once(2, work)
    assert [type(one).__name__ for one in ended] == ["Incident", "Incident"], ended
    assert set(Incident.objects.filter(status=Status.CANCELLED).values_list("merged_into", flat=True)) == {third.pk}


@pytest.mark.django_db
def test_the_door_of_rest_takes_it_and_a_page_asks_for_it(
    opened: Any, agent: User, api: Callable[..., APIClient], web: Any
) -> None:
    first, second, third = opened(), opened(), opened()
    path = f"/api/v1/incidents/{second.reference}/"
    done = api(agent).post(f"{path}merge/", {"into": first.reference}, format="json").json()
    assert (done["state"], done["merged_into"], done["available"]) == ("cancelled", first.reference, ["split"])
    refused = api(agent).post(f"{path}notes/", {"text": "x"}, format="json")
    assert (refused.status_code, refused.json()["survivor"]) == (409, first.reference)
    assert api(agent).post(f"{path}split/", {}, format="json").json()["state"] == "in_progress"
    browser = web(agent)
    assert "Which incident does it live on in?" in browser.get(f"{third.get_absolute_url()}merge/").content.decode()
    browser.post(f"{third.get_absolute_url()}merge/", {"into": first.reference.lower()})
    third.refresh_from_db()
    assert third.merged_into == first
    assert "It lives on in" in browser.get(third.get_absolute_url()).content.decode()
    assert Note.objects.count() == 0
    assert Team.objects.filter(pk=third.team_id, triage=True).exists()
