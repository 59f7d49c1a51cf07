"""What changes do when something below moves: call one operation, here and now, and no network."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from changes.calendar.models import CalendarWindow
from changes.change.models import Change
from changes.change.operations import lockdowns, on_budget_change, on_calendar_change, requested, rolled_back
from changes.change.queries.fixes import state_of
from changes.change.vocabulary import ChangeClass
from changes.change.workflow import OVER
from changes.change_models import operations as change_models
from incidents.problem import operations as problems
from itsm.lifecycle import RecordEvent


def service_created(sender: type, news: RecordEvent, **_: Any) -> None:
    """A service owner said that deployments are standard changes here: make the model, on their name."""
    if births_of_services([news]) and news.changes.get("standard_deployments", [None, False])[1]:
        change_models.approve_deployments(news.record, actor=news.actor, at=timezone.now())


def births_of_services(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    return [one for one in news if one.event == "service.created"]


def budget_state_changed(sender: type, news: RecordEvent, **_: Any) -> None:
    if news.event == "budget.state_changed":
        on_budget_change.follow_state_changed(news.record, at=timezone.now())


def where_some_wait(events: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those of budgets on which a change waits or was let go; about the others nothing would be done."""
    changed = [one for one in events if one.event == "budget.state_changed"]
    services = {one.record.objective.service_id for one in changed}
    places = on_budget_change.where_some_wait(services, timezone.now())
    objectives = ((one, one.record.objective) for one in changed)
    return [one for one, objective in objectives if (objective.service_id, objective.environment) in places]


def calendar_moved(sender: type, news: RecordEvent, **_: Any) -> None:
    """The calendar closed, or what closed it was lifted."""
    window, is_lockdown = news.record, news.record.window_type == CalendarWindow.Kind.LOCKDOWN
    if news.event == "calendar_window.created" and not is_lockdown:
        on_calendar_change.follow_closed(window, at=news.at or timezone.now())
    elif news.event == "calendar_window.enforced":
        lockdowns.follow_enforced(window, at=window.enforced_at)
    elif news.event == "calendar_window.lifted":
        on_calendar_change.follow_lifted(at=window.lifted_at)
        if is_lockdown:
            lockdowns.follow_lifted(window, at=window.lifted_at)


def fix_is_over(sender: type, news: RecordEvent, **_: Any) -> None:
    """A change that fixes a problem is closed, or comes to nothing: who owns the problem hears of it."""
    if endings([news]):
        change: Change = news.record
        problems.follow_closed_fix(change.pk, change.reference, state_of(change), actor=news.actor)


def endings(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those by which a change ended."""
    return [one for one in news if one.step is not None and one.step.target in OVER]


def change_wanted(sender: type, news: RecordEvent, **_: Any) -> None:
    """A fulfilment task of a request wants its standard change: it is opened here and now."""
    if wishes([news]):
        requested.open_wanted(news.record.pk, at=news.at or timezone.now())


def wishes(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    return [one for one in news if one.event == "task.change_wanted"]


def requested_change_moved(sender: type, news: RecordEvent, **_: Any) -> None:
    """A change ended or came to a halt: what waits for it hears of it."""
    if halts_and_ends([news]):
        requested.moved(news.record, at=news.at or timezone.now())


def halts_and_ends(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those by which a change ended, or came to a halt."""
    return [one for one in news if one.step is not None and one.step.target in (*OVER, *requested.HELD_UP)]


def emergency_rolled_back(sender: type, news: RecordEvent, **_: Any) -> None:
    """An emergency change that was rolled back taught something: its incident needs a postmortem."""
    if rolled_back_emergencies([news]):
        rolled_back.require_postmortems(news.record)


def rolled_back_emergencies(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those by which an emergency change was rolled back."""
    return [
        one
        for one in news
        if one.step is not None and one.step.action == "roll_back" and one.record.change_class == ChangeClass.EMERGENCY
    ]
