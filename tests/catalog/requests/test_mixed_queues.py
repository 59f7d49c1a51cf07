"""A request whose items lie in two queues, of which one becomes confidential: search says no more of it than its page."""

from collections.abc import Callable

import pytest

from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.search.finding import find, visible_to
from tests.factories.requests import a_request, an_item

pytestmark = pytest.mark.django_db


def test_search_loses_it_for_whom_one_of_its_queues_is_hidden(
    requester: User, person: Callable[..., User], as_actor: Callable[[User], Actor]
) -> None:
    hr = Team.objects.create(slug="hr", name="HR", takes_work=True)
    made = a_request(as_actor(requester), an_item("zeppelin"), an_item("severance", team=hr))
    member, other = person("agent", hr, username="member"), person("agent", username="other")

    def found(one: User) -> list[int]:
        actor = as_actor(one)
        hits = [hit.record_id for hit in find(actor, "zeppelin").documents if hit.record_kind == made.kind]
        assert [hit.record_id for hit in find(actor, made.reference).documents] == hits
        assert list(visible_to(actor).filter(record_kind=made.kind).values_list("record_id", flat=True)) == hits
        return hits

    assert [found(one) for one in (member, other, requester)] == [[made.pk]] * 3
    Team.objects.filter(pk=hr.pk).update(confidential=True)
    assert [found(one) for one in (member, other, requester)] == [[made.pk], [], [made.pk]]
    Team.objects.filter(pk=hr.pk).update(confidential=False)
    assert found(other) == [made.pk]
