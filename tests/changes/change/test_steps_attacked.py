"""Steps before an authority against who would have them said once and used for ever."""

import pytest

from changes.change.operations import asking, people_decide
from changes.models import Change
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from tests.changes.change.test_steps_before import Say, asked, people, rules, say, waiting
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
