"""Steps before an authority against who would have them said once and used for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from changes.change.operations import asking, editing, people_decide
from changes.models import Change
from itsm.accounts.models import Team, User
from itsm.approvals.models import ApprovalRequest, Delegation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from tests.changes.change.test_steps_before import Say, asked, people, rules, say, waiting
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db
__all__ = ["people", "rules", "say", "waiting"]


def test_asked_anew_the_steps_are_asked_anew(waiting: Change, say: Say, asker: Actor) -> None:
    say(waiting, "lena")
    say(waiting, "olaf")
    assert [part for part, _who in asked()] == [""]
    say(waiting, "anna", "decline", "Not like this.")
    change = Change.objects.get(pk=waiting.pk)
    assert change.status == "draft"
    asking.ask_again(change, actor=asker, at=T0 + 5 * MINUTE)
    assert [part for part, _who in asked()] == ["1.1"]


def test_taken_back_and_asked_anew_the_steps_are_asked_anew(waiting: Change, say: Say, asker: Actor) -> None:
    say(waiting, "lena")
    say(waiting, "olaf")
    people_decide.revert(waiting, actor=asker, at=T0 + MINUTE)
    asking.ask_again(Change.objects.get(pk=waiting.pk), actor=asker, at=T0 + 5 * MINUTE)
    assert [part for part, _who in asked()] == ["1.1"]


def test_who_may_decide_about_changes_no_longer_is_not_heard_in_a_step(
    waiting: Change, say: Say, people: dict[str, User]
) -> None:
    User.objects.filter(pk=people["lena"].pk).update(roles=["requester"])
    people["lena"].refresh_from_db()
    with pytest.raises(NotPermitted):
        say(waiting, "lena")
    assert [part for part, _who in asked()] == ["1.1"]


def stands_in(delegate: User, person: User) -> None:
    Delegation.objects.create(
        person=person, delegate=delegate, starts_at=T0 - MINUTE, ends_at=timezone.now() + timedelta(days=1),
        made_at=T0 - MINUTE,
    )  # fmt: skip


def test_a_delegate_is_heard_in_a_step_only_with_a_role_that_decides(
    waiting: Change, say: Say, people: dict[str, User], person: Callable[..., User]
) -> None:
    stan = people["stan"] = person("requester", username="stan")
    stands_in(stan, people["lena"])
    for role in ("requester", "agent"):
        User.objects.filter(pk=stan.pk).update(roles=[role])
        stan.refresh_from_db()
        with pytest.raises(NotPermitted):
            say(waiting, "stan")
        assert [part for part, _who in asked()] == ["1.1"]
    User.objects.filter(pk=stan.pk).update(roles=["engineer"])
    stan.refresh_from_db()
    say(waiting, "stan")
    assert [part for part, _who in asked()] == ["2.1", "2.2"]


def test_who_approved_a_step_is_one_of_two_of_the_authority_and_not_both(
    rules: Callable[..., None], people: dict[str, User], payments: Team, asker: Actor, say: Say
) -> None:
    User.objects.filter(pk=people["lena"].pk).update(roles=["engineer", "approver"])
    people["lena"].refresh_from_db()
    rules([{"parts": [{"who": "team_lead"}]}])
    change = change_of(ask(a_measured_service(team=payments), asker))
    say(change, "lena")
    ApprovalRequest.objects.filter(status="open").update(quorum=2)
    assert say(change, "lena").status == "assessing"
    with pytest.raises(WrongState):
        say(change, "lena")
    assert say(change, "anna").status == "scheduled"


def test_one_stand_in_of_two_is_one_word(
    rules: Callable[..., None], people: dict[str, User], payments: Team, asker: Actor, say: Say,
    person: Callable[..., User],
) -> None:  # fmt: skip
    rules([{"parts": [{"who": "role", "value": "owner", "quorum": "2"}]}])
    change = change_of(ask(a_measured_service(team=payments), asker))
    people["stan"] = person("engineer", username="stan")
    for name in ("olaf", "omar"):
        stands_in(people["stan"], people[name])
    say(change, "stan")
    with pytest.raises(WrongState):
        say(change, "stan")
    assert [part for part, _who in asked()] == ["1.1"]
    with pytest.raises(WrongState):
        say(change, "olaf")  # in whose place it was said
    say(change, "omar")
    assert [part for part, _who in asked()] == [""]


def test_who_approved_a_step_and_then_carries_it_out_approved_nothing(
    waiting: Change, say: Say, people: dict[str, User], asker: Actor
) -> None:
    say(waiting, "lena")
    say(waiting, "olaf")
    now = Change.objects.get(pk=waiting.pk)
    editing.edit(now, actor=asker, version=now.version, at=T0 + MINUTE, implementer=people["lena"])
    with pytest.raises(WrongState):
        say(Change.objects.get(pk=waiting.pk), "anna", at=T0 + 2 * MINUTE)
    assert Change.objects.get(pk=waiting.pk).status != "scheduled"
