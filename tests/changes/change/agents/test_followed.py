"""An agent that does only what it is told reaches "approved", or a true dead end, from whatever situation it begins in."""

from collections import Counter

import pytest

from tests.changes.change.agents.followed import Follower
from tests.changes.change.agents.situations import Situation, groups
from tests.factories.slo import T0
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db
HOW_MANY, SAMPLE = 300, 12


@pytest.mark.heavy
@pytest.mark.parametrize("numbers", groups(HOW_MANY if IN_FULL else SAMPLE, 6), ids=str)
def test_who_follows_what_is_next_arrives(numbers, tool, cast):
    ended: Counter[str] = Counter()
    for number in numbers:
        situation = Situation(number, cast)
        follower = Follower(tool, situation.service, T0, situation.random, stands=situation.state)
        try:
            story = follower.follow(follower.ask(**situation.question))
        except Exception as error:
            raise AssertionError(f"situation {number}: {situation.told}") from error
        ended[story.ended] += 1
    assert set(ended) <= {"approved", "dead end"}
