"""Larkspur's boards: who decides about what, a meeting that is over, one to come with votes cast already."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from changes.boards.operations import agenda, keeping, meetings
from changes.boards.queries.asks import open_of
from itsm.accounts.models import Team
from itsm.home.demo.clockwork import Life
from itsm.home.demo.founding import Company

_FOUNDED, _MET, _LASTED, _VOTED = (
    timedelta(hours=170),
    timedelta(hours=129),
    timedelta(minutes=35),
    timedelta(minutes=15),
)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ZONE = "Europe/Berlin"
# What members have said of what is open by now: one agrees with the first item, one wants to talk about the second.
_SAID = (("owner", "approve", ""), ("manager", "discuss", "Who is on call that evening?"))


def of_boards(company: Company, founded: datetime) -> Life:
    """A board for the house that meets every week, one for emergencies, one of a team; and what has been decided."""
    at = yield founded - _FOUNDED
    people, actors = company.people, company.actors
    manager, chair = actors["manager"], actors["approver"]
    cab = keeping.found_board(
        actor=manager, at=at, name="Change advisory board", quorum=2,
        seats={people["approver"]: "chair", people["owner"]: "member", people["manager"]: "member",
               people["builder"]: "member", people["auditor"]: "adviser"},
    )  # fmt: skip
    keeping.found_board(
        actor=manager, at=at, name="Emergency board", quorum=1, is_emergency=True,
        seats={people["manager"]: "chair", people["approver"]: "member"},
    )  # fmt: skip
    keeping.found_board(
        actor=manager, at=at, name="Payments board", quorum=1, above=cab, teams=[Team.objects.get(slug="payments")],
        seats={people["approver"]: "chair", people["owner"]: "member"},
    )  # fmt: skip
    at = yield founded - _MET
    planned = meetings.plan_meeting(cab, actor=chair, starts_at=at, ends_at=at + timedelta(hours=1), at=at)
    meeting = meetings.open_meeting(planned, actor=chair, at=at)
    for name in ("owner", "manager", "auditor"):
        meetings.be_present(meeting, actor=actors[name], at=at)
    at = yield at + _LASTED
    for one in open_of(cab):
        agenda.note(meeting, one, actor=chair, notes="Auditors ask for five years of them: not before that is settled.")
        agenda.close_item(meeting, one, actor=chair, at=at, comment="As voted.")
    meetings.close_meeting(meeting, actor=chair, at=at)
    at = yield founded - _VOTED
    cab.refresh_from_db()
    keeping.edit_board(cab, actor=manager, version=cab.version, at=at, **_every_week(founded))
    for one, (name, vote, comment) in zip(open_of(cab), _SAID, strict=False):
        agenda.vote(one, actor=actors[name], vote=vote, comment=comment, vote_id=uuid4(), at=at)


def _every_week(founded: datetime) -> dict[str, Any]:
    """At ten by the clocks of the house, from tomorrow on."""
    first = (founded.astimezone(ZoneInfo(_ZONE)) + timedelta(days=1)).replace(
        hour=10, minute=0, second=0, microsecond=0
    )
    rule = f"FREQ=WEEKLY;BYDAY={_WEEKDAYS[first.weekday()]}"
    return {"rrule": rule, "zone": _ZONE, "first_meeting": first, "meeting_minutes": 60}
