"""What announcements do about news of others."""

from collections.abc import Sequence
from typing import Any

from itsm.accounts.models import Team
from itsm.announcements import operations
from itsm.lifecycle import RecordEvent, record_changed

_MERGED = "team.merged"


def team_moved(news: RecordEvent, **_: Any) -> None:
    """What was said to a team that is merged is said to the other one."""
    if news.event == _MERGED:
        into = Team.objects.get(slug=news.changes["merged_into"][1])
        operations.follow_team(news.record, into, news.actor)


def acted_on(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    return [one for one in news if one.event == _MERGED]


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    record_changed.connect(team_moved, sender=Team, dispatch_uid="announcements: teams", acts_on=acted_on)
