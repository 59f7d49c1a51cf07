"""The pages of on-call: who has it, the calendar, the editor that looks first, overrides, swaps, time off, feeds."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.oncall import operations as oncall
from itsm.oncall.models import Layer, OnCallFeed, Override, Schedule, Swap, TimeOff
from itsm.oncall.queries import on_duty
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db
Web = Callable[..., Client]


@pytest.fixture
def schedule(engineer: User, agent: User, team: Any) -> Schedule:
    """Engineer today, agent tomorrow, nobody on the third day."""
    at = timezone.now()
    layer = oncall.Said("days", 1, at.date(), time(0), ((engineer.pk,), (agent.pk,), ()), zone="UTC")
    return oncall.create_schedule(actor=SYSTEM, at=at, name="Payments", team=team, zone="UTC", layers=[layer])


@pytest.fixture
def team(engineer: User) -> Any:
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import Membership

    made = accounts.add_team(actor=SYSTEM, slug="payments", name="Payments")
    Membership.objects.create(user=engineer, team=made)
    return made


def test_who_is_on_call(web: Web, manager: User, auditor: User) -> None:
    assert "Make the first schedule" in web(manager).get("/on-call/").content.decode()
    assert "Make the first schedule" not in web(auditor).get("/on-call/").content.decode()


def test_the_calendar_shows_shifts_and_gaps(web: Web, engineer: User, schedule: Schedule) -> None:
    page = web(engineer).get(f"{schedule.get_absolute_url()}?days=14").content.decode()
    assert 'class="duty duty-mine" colspan="48"' in page
    assert 'class="duty duty-gap" colspan="48"' in page
    assert "Gaps in 30 days" in page
    assert "Find cover" in page
    assert "not live" in page
    assert web(engineer).get(f"{schedule.get_absolute_url()}?from=x").status_code == 404
    assert "Payments" in web(engineer).get("/on-call/").content.decode()


def test_what_was_before_the_first_layer_is_not_known_and_no_gap(web: Web, engineer: User, schedule: Schedule) -> None:
    """An import lays its layers as it is made: nobody says that nobody was on call before."""
    laid = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    Layer.objects.update(effective_from=laid)
    page = web(engineer).get(f"{schedule.get_absolute_url()}?from={(laid - timedelta(days=4)).date()}").content.decode()
    assert "not known before" in page
    assert "duty-unknown" in page
    _before, _edge, after = page.partition("not known before")
    assert ">nobody</span>" in after, "a gap afterwards is one"
    assert "Who was on call before" in page


def test_the_editor_looks_first_and_then_saves(web: Web, manager: User, agent: User, schedule: Schedule) -> None:
    edit = f"{schedule.get_absolute_url()}edit/"
    page = web(manager).get(edit).content.decode()
    assert "engineer\nagent\n-" in page
    said = {
        "version": 1, "name": "Payments", "team": "payments", "zone": "UTC", "how": "look",
        "layer0-line": schedule.layers.get().pk, "layer0-place": 1, "layer0-people": "agent", "layer0-length": 1,
        "layer0-unit": "days", "layer0-anchor_date": f"{timezone.now():%Y-%m-%d}", "layer0-handoff": "00:00",
        "layer0-zone": "UTC", "layer0-count": "calendar", "layer0-only_at": "",
    }  # fmt: skip
    looked = web(manager).post(edit, said)
    assert looked.status_code == 200
    assert "if you save" in looked.content.decode()
    assert on_duty(schedule.pk, timezone.now()).people != (agent.pk,)
    assert web(manager).post(edit, {**said, "how": "save"}).status_code == 302
    assert on_duty(schedule.pk, timezone.now()).people == (agent.pk,)
    refused = web(manager).post(edit, {**said, "version": 2, "layer0-people": "nobody-here", "layer0-only_at": "Mo 9"})
    assert refused.status_code == 422
    assert "nobody called nobody-here" in refused.content.decode()
    assert "is no time such as" in refused.content.decode()


def test_cover_is_found_for_a_gap(web: Web, engineer: User, agent: User, schedule: Schedule) -> None:
    begin = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    asked = f"?from={quote(begin.isoformat())}&to={quote((begin + timedelta(days=1)).isoformat())}"
    page = web(engineer).get(f"{schedule.get_absolute_url()}override/{asked}").content.decode()
    assert "Free then" in page
    said = {"starts_at": f"{begin:%Y-%m-%dT%H:%M}", "ends_at": f"{begin:%Y-%m-%dT23:00}", "people": ["agent"]}
    assert web(engineer).post(f"{schedule.get_absolute_url()}override/", said).status_code == 302
    made = Override.objects.get()
    assert [one.person for one in made.people.all()] == [agent]
    assert web(engineer).post(f"/on-call/overrides/{made.pk}/withdraw/", {"version": 1}).status_code == 302


def test_a_swap_is_asked_for_and_taken_on_pages(web: Web, engineer: User, agent: User, schedule: Schedule) -> None:
    line = schedule.layers.get().pk
    ask = f"{schedule.get_absolute_url()}swap/{line}/0/"
    assert "Ask for a swap" in web(engineer).get(ask).content.decode()
    assert web(engineer).post(ask, {"note": "Concert"}).status_code == 302
    swap = Swap.objects.get()
    page = web(agent).get(schedule.get_absolute_url()).content.decode()
    assert f"/on-call/swaps/{swap.reference}/take/" in page
    assert web(agent).post(f"/on-call/swaps/{swap.reference}/take/").status_code == 302
    assert on_duty(schedule.pk, timezone.now()).people == (agent.pk,)
    assert web(engineer).get(f"{schedule.get_absolute_url()}swap/{line}/2/").status_code == 404


def test_time_off_and_feeds_are_ones_own(web: Web, engineer: User, agent: User, schedule: Schedule) -> None:
    client = web(engineer)
    begin = timezone.now() + timedelta(days=1)
    said = {"starts_at": f"{begin:%Y-%m-%dT%H:%M}", "ends_at": f"{begin + timedelta(days=2):%Y-%m-%dT%H:%M}"}
    assert client.post("/on-call/time-off/", said).status_code == 302
    assert client.post("/on-call/time-off/", {**said, "ends_at": said["starts_at"]}).status_code == 400
    off = TimeOff.objects.get()
    assert client.post(f"/on-call/time-off/{off.pk}/cancel/", {"version": 1}).status_code == 302
    page = client.post("/on-call/feeds/", {"schedule": "payments"}).content.decode()
    path = "/on-call/feeds/" + page.split("/on-call/feeds/")[1].split(".ics")[0] + ".ics"
    text = Client().get(path).content.decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:Payments: nobody" in text
    feed = OnCallFeed.objects.get()
    assert web(agent).post(f"/on-call/feeds/{feed.pk}/revoke/", {"version": 1}).status_code == 404
    assert client.post(f"/on-call/feeds/{feed.pk}/revoke/", {"version": 1}).status_code == 302
    assert Client().get(path).status_code == 404


def test_it_goes_live_and_is_retired_by_who_keeps_it(
    web: Web, engineer: User, manager: User, schedule: Schedule
) -> None:
    step = f"{schedule.get_absolute_url()}step/"
    assert web(engineer).post(f"{step}go-live/", {"version": 1}).status_code == 403
    assert web(manager).post(f"{step}go-live/", {"version": 1}).status_code == 302
    page = web(manager).get(schedule.get_absolute_url()).content.decode()
    assert "No escalation policy calls it" in page  # live, and still nobody would be woken
    assert web(manager).post(f"{step}retire/", {"version": 2}).status_code == 302
    assert web(manager).post(f"{step}sing/", {"version": 3}).status_code == 404
    assert on_duty(schedule.pk, timezone.now() + timedelta(seconds=1)).is_gap
