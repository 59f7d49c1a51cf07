"""Those who wait hear in time, or somebody is paged: once for each stage, also after a kill, also without due rows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.major import operations
from incidents.models import Major
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.clocks import due, late
from itsm.clocks.models import Due
from itsm.configuration.known import DUTY_MANAGER
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Notification
from itsm.paging.models import Page
from tests.incidents.major.situations import fresh, live, proposed, resolved

pytestmark = pytest.mark.django_db
NOW = timezone.now
MINUTE = timedelta(minutes=1)


@pytest.fixture
def led(agent: User, manager: User, as_actor: Any) -> Major:
    """Live, severity 1, led by the manager; the agent speaks for it."""
    major = live(as_actor(agent), as_actor(manager))
    return operations.edit(major, actor=as_actor(manager), version=major.version, communications=agent)


def pages() -> Any:
    """Of major incidents: for the incident itself managers are called as well, where no route takes it."""
    return Page.objects.filter(path__startswith="/majors/")


def paged() -> list[str]:
    return sorted(pages().values_list("person__username", flat=True))


def swept(at: Any) -> int:
    return due.sweep(at, lanes=(Lane.PAGING,))


def test_who_speaks_is_paged_after_five_minutes_and_the_commander_after_fifteen(led: Major) -> None:
    assert led.next_update_at is not None
    for minutes, people in ((0, []), (4, []), (5, ["agent"]), (6, ["agent"]), (15, ["agent", "manager"])):
        swept(led.next_update_at + minutes * MINUTE)
        assert paged() == people, minutes
    operations.overdue_when_due(led.pk, led.next_update_at + 15 * MINUTE)
    assert paged() == ["agent", "manager"], "asked once more it is not said once more"
    assert fresh(led).is_overdue(led.next_update_at + MINUTE)
    assert pages().first().path == led.get_absolute_url()  # type: ignore[union-attr]
    assert Entry.objects.filter(event="major.late").count() == 2
    assert Notification.objects.filter(subject__contains="is overdue").count() == 2


def test_an_update_in_between_puts_everything_off(led: Major, agent: User, as_actor: Any) -> None:
    assert led.next_update_at is not None
    at = led.next_update_at + 4 * MINUTE
    told = operations.inform(led, actor=as_actor(agent), text="We roll back", at=at)
    swept(at + 30 * MINUTE)
    assert (paged(), told.next_update_at) == ([], at + 30 * MINUTE)


@pytest.mark.parametrize("kept", [0, 1])
def test_a_kill_between_the_page_and_its_mark_pages_once(led: Major, kept: int, monkeypatch: Any) -> None:
    """The worker dies before its transaction ends: nothing of it stands, and the next sweep does it. Once."""
    assert led.next_update_at is not None
    at = led.next_update_at + 5 * MINUTE
    broken = {"times": kept}
    page = operations.cadence.page_people

    def dies(*args: Any, **said: Any) -> None:
        page(*args, **said)
        if broken["times"]:
            broken["times"] -= 1
            raise SystemError("killed")

    monkeypatch.setattr(operations.cadence, "page_people", dies)
    for seconds in range(0, 60, 10):
        swept(at + timedelta(seconds=seconds))
    assert (paged(), fresh(led).paged) == (["agent"], 1)


def test_a_hundred_deleted_due_rows_are_found_by_who_watches(led: Major, manager: User, agent: User, as_actor: Any) -> None:  # fmt: skip
    more = [live(as_actor(agent), as_actor(manager)) for _ in range(3)]
    waiting = proposed(as_actor(agent))
    Due.objects.filter(record_kind="major").delete()
    at = max(one.next_update_at for one in [led, *more] if one.next_update_at) + 7 * MINUTE
    found = late.look(at)
    assert (found.found["majors"], found.left["majors"]) == (5, 0)
    assert paged() == ["agent", "manager", "manager", "manager", "manager"]
    assert fresh(waiting).unanswered_at == at
    assert late.look(at).found["majors"] == 0


def test_nobody_is_paged_for_what_is_over(led: Major, manager: User, as_actor: Any) -> None:
    assert led.next_update_at is not None
    resolved(led, as_actor(manager))
    assert (swept(led.next_update_at + 60 * MINUTE), paged()) == (0, [])


@pytest.mark.parametrize(("named", "people"), [("", ["manager"]), ("owner", ["owner"]), ("nobody", ["manager"])])
def test_the_duty_manager_is_paged_where_nobody_decides_in_five_minutes(
    named: str, people: list[str], agent: User, manager: User, owner: User, as_actor: Any, settings: Any
) -> None:
    setattr(settings, DUTY_MANAGER.variable.removeprefix("HEADROOM_"), named)
    major = proposed(as_actor(agent))
    swept(major.proposed_at + 4 * MINUTE)
    assert paged() == []
    swept(major.proposed_at + 5 * MINUTE)
    swept(major.proposed_at + 50 * MINUTE)
    assert paged() == people


def test_a_duty_manager_decides_whatever_their_role(agent: User, person: Any, as_actor: Any, settings: Any) -> None:
    settings.DUTY_MANAGER = "night"
    major = proposed(as_actor(agent))
    night = as_actor(person("agent", username="night"))
    assert operations.accept(major, actor=night, severity=2, at=NOW()).commander_id == night.id
