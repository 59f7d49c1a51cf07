"""Who may answer an ask: the panel that was asked, and the rules that the app of the record gave."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import Team, User
from itsm.approvals import asked, eligibility, operations
from itsm.approvals.asked import Panel, Rules
from itsm.approvals.deciders import deciders
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import waiting_for
from itsm.kernel.actors import Role

pytestmark = pytest.mark.django_db
RULES = Rules(team_roles=(Role.AGENT,), stand_ins=(Role.AUDITOR,), scope="read")


@pytest.fixture
def thing() -> Any:
    """A record of an app that the platform has never heard of."""
    return SimpleNamespace(kind="thing", pk=7, reference="THG-7", get_absolute_url=lambda: "/things/7/")


@pytest.fixture
def with_rules() -> Iterator[None]:
    asked.decides("thing", RULES)
    yield
    del asked._rules["thing"]


def put(thing: Any, **panel: Any) -> ApprovalRequest:
    at = timezone.now()
    return operations.ask(
        thing, Panel("the owner", "owner", **panel), content_hash="a", at=at, due_at=None, subject="Waits"
    )


def able(one: ApprovalRequest, people: list[User], as_actor: Callable[..., Any]) -> set[str]:
    """Who may answer, as the refusal, the queue and the list of deciders say it; they agree."""
    may = {user.username for user in people if eligibility.may_answer(one, as_actor(user))}
    assert may == {user.username for user in people if waiting_for(as_actor(user)).exists()}
    shown = deciders(one)
    assert may == {user.username for user in [*shown.able, *shown.standing_in]}
    return may


def test_without_rules_the_asked_role_and_administrators_answer(
    thing: Any, payments: Team, person: Callable[..., User], as_actor: Callable[..., Any]
) -> None:
    people = [person("owner"), person("manager"), person("agent", payments), person("auditor"), person("admin")]
    assert able(put(thing, team=payments), people, as_actor) == {"owner", "admin"}


def test_the_rules_of_its_kind_admit_a_team_and_stand_ins(
    with_rules: None, thing: Any, payments: Team, person: Callable[..., User], as_actor: Callable[..., Any]
) -> None:
    people = [person("owner"), person("manager"), person("agent", payments), person("auditor"), person("admin")]
    one = put(thing, team=payments)
    assert able(one, people, as_actor) == {"owner", "agent", "auditor", "admin"}
    apart = put(thing, excluded={people[2].pk})
    assert able(apart, people, as_actor) == {"owner", "auditor", "admin"}
