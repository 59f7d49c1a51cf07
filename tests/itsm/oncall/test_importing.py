"""Schedules of other systems: read, compared minute by minute with the source's rendering, written once."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import EmailAddress, Team, User
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.oncall import importing
from itsm.oncall.models import Override, Schedule
from itsm.oncall.queries import on_duty
from tests.conftest import SYSTEM
from tests.itsm.oncall.exports import EXPORTS, NOW, PEOPLE, as_answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    made = accounts.add_team(actor=SYSTEM, slug="payments", name="Payments")
    for email in PEOPLE:
        name = email.partition("@")[0]
        accounts.add_user(actor=SYSTEM, username=name, name=name.title(), roles=["engineer"], teams=[made], email=email)
    return made


@pytest.mark.parametrize("source", EXPORTS)
def test_ours_is_the_sources_own_rendering_minute_by_minute(team: Team, source: str) -> None:
    found, _lines = importing.bring_in(source, EXPORTS[source](), actor=SYSTEM, at=NOW, team=team, dry_run=True)
    assert [one.differences for one in found] == [[]] * len(found)
    assert all(one.minutes > 6 * 1440 for one in found if one.read.name != "Ops – Crew")
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("source", EXPORTS)
def test_a_second_import_finds_what_the_first_made(team: Team, source: str) -> None:
    first, _lines = importing.bring_in(source, EXPORTS[source](), actor=SYSTEM, at=NOW, team=team)
    before = list(Schedule.objects.order_by("pk").values_list("slug", "version", "live_at"))
    second, _lines = importing.bring_in(source, EXPORTS[source](), actor=SYSTEM, at=NOW, team=team)
    assert {one.what for one in first} == {"created"}
    assert {one.what for one in second} == {"as it was"}
    assert list(Schedule.objects.order_by("pk").values_list("slug", "version", "live_at")) == before
    assert all(live is None for _slug, _version, live in before)
    assert Override.objects.count() == len([one for made in first for one in made.read.overrides])


@pytest.mark.parametrize("source", EXPORTS)
def test_answers_of_its_api_saved_as_they_came_are_the_same_file(team: Team, source: str) -> None:
    made, told = importing.bring_in(source, EXPORTS[source](), actor=SYSTEM, at=NOW, team=team, dry_run=True)
    found, lines = importing.bring_in(source, as_answered(source), actor=SYSTEM, at=NOW, team=team, dry_run=True)
    assert [one.differences for one in found] == [[]] * len(found)
    assert [(one.read.key, one.read.layers, one.minutes) for one in found] == [
        (one.read.key, one.read.layers, one.minutes) for one in made
    ]
    assert [len(one.read.overrides) for one in found] == [len(one.read.overrides) for one in made]
    assert lines == told


def test_what_differs_is_told_to_the_minute(team: Team) -> None:
    document = EXPORTS["pagerduty"]()
    entries = document["schedules"][0]["schedule"]["final_schedule"]["rendered_schedule_entries"]
    entries[0]["end"] = "2026-10-19T16:57:00+02:00"
    ((made, *_more), _lines) = importing.bring_in("pagerduty", document, actor=SYSTEM, at=NOW, dry_run=True)
    assert made.differing == 3
    (one,) = made.differences
    assert (one.there, one.here) == ((), (PEOPLE[1],))


def test_on_call_as_imported(team: Team) -> None:
    ((made,), _lines) = importing.bring_in("pagerduty", EXPORTS["pagerduty"](), actor=SYSTEM, at=NOW)
    assert made.schedule is not None
    assert made.schedule.team == team
    assert [layer.name for layer in made.schedule.layers.order_by("rank")] == ["Days", "Weeks"]
    assert not on_duty(made.schedule.pk, NOW.replace(hour=12)).is_gap


def test_people_whom_nobody_knows_are_refused_or_left_out(team: Team) -> None:
    document = EXPORTS["pagerduty"]()
    document["users"][1]["email"] = "gone@larkspur.test"
    with pytest.raises(Conflict, match=r"gone@larkspur\.test"):
        importing.bring_in("pagerduty", document, actor=SYSTEM, at=NOW)
    ((made,), _lines) = importing.bring_in(
        "pagerduty", document, actor=SYSTEM, at=NOW, leave_out_unknown=True
    )  # fmt: skip
    assert (made.what, made.unknown) == ("created", ["gone@larkspur.test"])


@pytest.mark.parametrize(
    ("source", "document"),
    [
        ("pagerduty", []), ("pagerduty", {"schedules": [7]}), ("pagerduty", {"schedules": [{"id": "x", "time_zone": "Mars"}]}),
        ("pagerduty", {"schedules": [{"id": "x", "schedule_layers": [{"rotation_turn_length_seconds": 7}]}]}),
        ("pagerduty", {"schedules": [{"id": "x", "schedule_layers": [{"rotation_turn_length_seconds": 3600}]}]}),
        ("opsgenie", {"schedules": [{"id": "x", "rotations": [{"type": "yearly"}]}]}), ("opsgenie", "text"),
        ("oncall", {"schedules": [{"id": "x", "shifts": ["a"]}], "on_call_shifts": [{"id": "a", "start": "noon"}]}),
        ("oncall", {"schedules": [{"id": "x", "shifts": 7}]}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where(source: str, document: Any) -> None:
    with pytest.raises(InvalidInput):
        importing.read_file(source, document, NOW)


def test_the_commands(team: Team, tmp_path: Path) -> None:
    file = tmp_path / "pagerduty.json"
    file.write_text(json.dumps(EXPORTS["pagerduty"]()))
    said = io.StringIO()
    call_command("import_oncall", str(file), source="pagerduty", team="payments", stdout=said)
    assert "Payments primary (PI7DH85): created; 2 layers" in said.getvalue()
    assert "minutes compared, 0 differ" in said.getvalue()
    assert "  /on-call/schedules/payments-primary/\n" in said.getvalue()
    assert "Nobody is paged by them yet" in said.getvalue()
    said = io.StringIO()
    call_command("on_call", schedule="payments-primary", at="2026-11-30T12:00:00+01:00", stdout=said)
    assert "payments-primary (not live): " in said.getvalue()
    with pytest.raises(CommandError, match="no schedule"):
        call_command("on_call", schedule="nothing")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_oncall", str(tmp_path / "none.json"), source="pagerduty")


def test_an_address_that_nobody_proved_is_nobodys(agent: User) -> None:
    """Else whoever writes a colleague's address into their account takes over their turns."""
    claimed = EmailAddress.objects.create(user=agent, email="ada@elsewhere.example")
    assert importing._people({"Ada@elsewhere.example"}) == {}
    claimed.verified_at = timezone.now()
    claimed.save()
    assert importing._people({"Ada@elsewhere.example"}) == {"ada@elsewhere.example": agent}
