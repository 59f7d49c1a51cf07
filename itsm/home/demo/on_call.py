"""Who is on call at Larkspur: payments by weeks with days above, the platform's nights, a gap, a swap, an override."""

from datetime import datetime, time, timedelta

from itsm.accounts.models import Team
from itsm.audit.recording import telling_of
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company
from itsm.oncall import operations
from itsm.oncall.models import Schedule

_ZONE = "Europe/Berlin"
_WORK = tuple((day, time(9), day, time(17)) for day in range(5))
_OFFICE = tuple((day, time(8), day, time(20)) for day in range(5))
_NIGHTS = tuple((day, time(20), (day + 1) % 7, time(8)) for day in range(7))


def go_on_call(company: Company, at: datetime) -> int:
    """Three schedules that have been live for five weeks; the hours of them are written down. How many."""
    since = at - timedelta(weeks=5)
    monday = (since - timedelta(days=since.weekday())).date()
    people = {name: (one.pk,) for name, one in company.people.items()}
    teams = {one.slug: one for one in Team.objects.filter(slug__in=("payments", "platform", "storefront"))}
    weeks = operations.Said(
        "weeks", 1, monday, time(9), (people["engineer"], people["approver"], people["owner"]), zone=_ZONE, name="Weeks"
    )
    days = operations.Said(
        "days", 1, monday, time(9), (people["engineer"], people["owner"]), _WORK, "covered", _ZONE, "Working hours"
    )
    nights = operations.Said(
        "days", 1, monday, time(20), (people["builder"], people["approver"]), _NIGHTS, zone=_ZONE, name="Nights"
    )
    office = operations.Said("weeks", 1, monday, time(8), (people["owner"],), _OFFICE, zone=_ZONE, name="Office hours")
    payments = _begun("Payments", teams["payments"], [days, weeks], since)
    _begun("Platform nights", teams["platform"], [nights, office], since)
    _begun("Storefront", teams["storefront"], [weeks], since)
    operations.write_served(since + timedelta(days=13))  # at most two weeks at a time
    operations.write_served(since + timedelta(days=26))
    operations.write_served(at)
    operations.override(
        payments, actor=company.actors["owner"], at=at, starts_at=at + timedelta(days=3),
        ends_at=at + timedelta(days=3, hours=6), people=[company.people["approver"]], reason="Dentist",
    )  # fmt: skip
    ahead = at + timedelta(days=8)
    operations.take_time_off(
        company.people["owner"], actor=company.actors["owner"], at=at, starts_at=ahead,
        ends_at=ahead + timedelta(days=4),
        note="Skiing",
    )  # fmt: skip
    return 3


def _begun(name: str, team: Team, layers: list[operations.Said], since: datetime) -> Schedule:
    with telling_of(since):
        made = operations.create_schedule(actor=FOUNDER, at=since, name=name, team=team, zone=_ZONE, layers=layers)
        return operations.go_live(made, actor=FOUNDER, version=made.version, at=since)
