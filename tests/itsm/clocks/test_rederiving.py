"""New zone data: what runs is due anew, once; what is settled never moves."""

import shutil
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.agreements import operations as agreements
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.incident.operations.closing import CLOSING
from itsm.accounts.models import Team, User
from itsm.calendars import operations as calendars
from itsm.clocks.calendars import hours_of
from itsm.clocks.models import Clock, Due
from itsm.clocks.rederiving import rederive
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db
BEGAN = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def new_zone_data(tmp_path: Path) -> Iterator[Any]:
    """Call it, and clocks in Berlin show what those in Athens show: an hour earlier, all year."""
    known = zoneinfo.TZPATH

    def arrive() -> None:
        source = next(Path(one) / "Europe/Athens" for one in known if (Path(one) / "Europe/Athens").exists())
        (tmp_path / "Europe").mkdir()
        shutil.copy(source, tmp_path / "Europe/Berlin")
        zoneinfo.reset_tzpath([str(tmp_path), *known])

    yield arrive
    zoneinfo.reset_tzpath(known)
    zoneinfo.ZoneInfo.clear_cache()
    hours_of.cache_clear()


@pytest.fixture
def network() -> Team:
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    berlin = calendars.create_calendar(
        actor=SYSTEM, at=datetime(2020, 1, 1, tzinfo=UTC), name="Berlin", zone="Europe/Berlin", week=week
    )
    agreements.create_agreement(
        actor=SYSTEM, at=datetime(2020, 1, 1, tzinfo=UTC), name="Gold", calendar=berlin, targets={"resolve": 240}
    )
    return Team.objects.create(slug="network", name="Network", takes_work=True, calendar=berlin)


def opened(team: Team, title: str) -> Incident:
    return incidents.open_incident(
        actor=SYSTEM, title=title, team=team, priority=3, channel="phone", at=datetime(2027, 3, 1, 6, tzinfo=UTC)
    )


def test_what_runs_and_what_closes_is_due_anew_and_what_is_settled_stays(
    network: Team, agent: User, new_zone_data: Any
) -> None:
    running, settled = opened(network, "Runs"), opened(network, "Settled")
    incidents.resolve(
        settled, actor=SYSTEM, resolution="Gone", resolution_code="solved", at=datetime(2027, 3, 1, 12, tzinfo=UTC)
    )
    kept = list(Clock.objects.filter(record_id=settled.pk).order_by("pk").values())
    assert list(rederive(timezone.now())) == []  # nothing changed, nothing moves
    new_zone_data()
    moved = {one.what: (one.before, one.after) for one in rederive(timezone.now())}
    assert len(moved) == 2
    clock = Clock.objects.get(record_id=running.pk, name="resolve")
    assert moved[str(clock)] == (datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2027, 3, 1, 11, tzinfo=UTC))
    assert Incident.objects.get(pk=running.pk).next_due == datetime(2027, 3, 1, 11, tzinfo=UTC)
    breach = Due.objects.get(name="sla_breach", record_id=clock.pk, done_at=None)
    assert breach.at == datetime(2027, 3, 1, 11, 0, 1, tzinfo=UTC)
    assert moved[settled.reference] == (datetime(2027, 3, 4, 16, tzinfo=UTC), datetime(2027, 3, 4, 15, tzinfo=UTC))
    assert Due.objects.get(name=CLOSING).at == datetime(2027, 3, 4, 15, tzinfo=UTC)
    assert list(Clock.objects.filter(record_id=settled.pk).order_by("pk").values()) == kept
    said = StringIO()
    call_command("clocks", "rederive", stdout=said)
    assert said.getvalue() == '{"moved": 0}\n'


def test_a_repair_after_new_zone_data_moves_no_settled_outcome_and_mends_what_is_wrong(
    network: Team, agent: User, new_zone_data: Any
) -> None:
    late, torn = opened(network, "Late"), opened(network, "Torn")
    for one in (late, torn):  # due at 12:00 by the old data, at 11:00 by the new
        at = datetime(2027, 3, 1, 11, 30, tzinfo=UTC)
        incidents.resolve(one, actor=SYSTEM, resolution="Gone", resolution_code="solved", at=at)
    kept = list(Clock.objects.filter(record_id=late.pk).order_by("pk").values())
    assert {one["outcome"] for one in kept if one["name"] == "resolve"} == {"met"}
    Clock.objects.filter(record_id=torn.pk, name="resolve").update(target_s=60)
    new_zone_data()
    zoneinfo.ZoneInfo.clear_cache()
    hours_of.cache_clear()
    said = StringIO()
    call_command("clocks", "verify", "--repair", stdout=said)
    assert '"faults": 1, "repaired": 1, "settled_otherwise": 2' in said.getvalue()
    assert list(Clock.objects.filter(record_id=late.pk).order_by("pk").values()) == kept
    mended = Clock.objects.get(record_id=torn.pk, name="resolve")
    assert (mended.target_s, mended.outcome) == (240 * 60, "met")
    call_command("clocks", "verify", stdout=StringIO())
