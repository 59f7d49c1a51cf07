"""Whom a window would hit is told before it is entered; nothing is written."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from changes.change.operations.previewing import whom_it_hits
from changes.models import CalendarOccurrence, CalendarWindow, Change, Evaluation
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.factories.catalog import relies_on
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = T0.replace(hour=22, minute=0) + DAY


@pytest.fixture
def service(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


@pytest.fixture
def hits(managing):
    def hit(window_type="freeze", starts=NIGHT, lasts=HOUR, at=T0, **more):
        found = whom_it_hits(
            actor=managing, at=at, window_type=window_type, starts_at=starts, ends_at=starts + lasts, **more
        )
        return [change.summary for change in found]

    return hit


def test_what_may_start_and_what_waits_with_a_time_is_hit(service, asker, hits) -> None:
    ask(service, asker, change_class="standard", summary="May start")
    ask(service, asker, summary="At night", window=(NIGHT, NIGHT + HOUR))
    ask(service, asker, summary="Some time")
    ask(service, asker, summary="For ever", window=(NIGHT + 90 * DAY, datetime(9999, 12, 31, 23, 59, tzinfo=UTC)))
    assert hits(starts=T0, lasts=2 * DAY) == ["May start", "At night"]
    assert hits() == ["At night"]
    assert hits(starts=NIGHT + HOUR) == []
    assert hits("maintenance") == []


def test_an_emergency_that_waits_with_a_time_is_hit(service, hits) -> None:
    Change.objects.create(
        summary="Burns", service=service, change_class="emergency", status="authorising", created_at=T0,
        window_start=NIGHT, window_end=NIGHT + HOUR,
    )  # fmt: skip
    assert hits("lockdown") == ["Burns"]


def test_what_recurs_hits_at_each_of_its_times(service, asker, hits) -> None:
    begins = NIGHT + 5 * DAY
    ask(service, asker, summary="Later", window=(begins + HOUR / 2, begins + 2 * HOUR))
    assert hits(rrule="FREQ=DAILY", zone="UTC") == ["Later"]
    assert hits(rrule="FREQ=DAILY;COUNT=3", zone="UTC") == []
    with pytest.raises(InvalidInput):
        hits(rrule="FREQ=HOURLY", zone="UTC")


def test_only_what_is_in_scope_is_hit(service, asker, hits) -> None:
    bank = a_service(tier=1)
    relies_on(service, bank)
    ask(service, asker, summary="Mine", window=(NIGHT, NIGHT + HOUR))
    ask(service, asker, summary="Elsewhere", environment="staging", window=(NIGHT, NIGHT + HOUR))
    assert hits() == ["Mine"]
    assert hits("lockdown") == ["Mine", "Elsewhere"]
    assert hits("lockdown", environments=["staging"]) == ["Elsewhere"]
    assert hits(services=[bank]) == []
    assert hits(services=[bank], with_dependents=True) == ["Mine"]
    assert hits(services=[bank], with_dependents=True, tiers=[1]) == []
    assert hits(tiers=[3]) == ["Mine"]


def test_nothing_is_written(service, asker, hits, approving) -> None:
    evaluation = ask(service, asker, change_class="standard", summary="May start")
    assert hits("lockdown", starts=T0) == ["May start"]
    assert not CalendarWindow.objects.exists()
    assert not CalendarOccurrence.objects.exists()
    evaluation.refresh_from_db()
    assert evaluation.status == Evaluation.Status.APPROVED
    with pytest.raises(NotPermitted):
        whom_it_hits(actor=approving, at=T0, window_type="freeze", starts_at=NIGHT, ends_at=NIGHT + HOUR)


def test_page_and_api_tell_it(asker, manager, web, api) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    begins = now + DAY
    change = ask(
        a_measured_service(at=now), asker, at=now, summary="Swap the disks", window=(begins, begins + HOUR)
    ).change
    words = {
        "window_type": "freeze", "name": "Sale", "reason": "So.", "starts_at": f"{begins - HOUR:%Y-%m-%dT%H:%M}",
        "ends_at": f"{begins + HOUR:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    page = web(manager).post("/changes/calendar/preview/", words)
    assert (page.status_code, "Swap the disks" in page.content.decode()) == (200, True)
    odd = web(manager).post("/changes/calendar/preview/", words | {"rrule": "FREQ=SECONDLY", "zone": "UTC"})
    assert odd.status_code in (400, 422)
    assert "daily or more rarely" in odd.content.decode()
    body = {
        "kind": "freeze", "name": "Sale", "reason": "So.", "starts_at": begins.isoformat(),
        "ends_at": (begins + HOUR).isoformat(),
    }  # fmt: skip
    told = api(manager).post("/api/v1/calendar-windows/preview/", body, format="json")
    assert (told.status_code, [one["number"] for one in told.json()["changes"]]) == (200, [change.reference])
