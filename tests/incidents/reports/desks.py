"""A desk of some weeks for tests: two open queues and a confidential one, with clocks of all outcomes."""

import random
from datetime import datetime, timedelta

from incidents.incident.models import Incident
from itsm.accounts.models import Team, User
from itsm.clocks.models import Clock
from itsm.work.models import TimeWorked
from tests.factories.slo import a_service

MET, BREACHED = Clock.Outcome.MET, Clock.Outcome.BREACHED


def a_desk(now: datetime, people: list[User], *, size: int = 40, seed: int = 7) -> list[Incident]:
    """So many incidents, drawn by a seed: open, resolved, closed, cancelled, merged, reopened, moved, escalated."""
    draw, worked = random.Random(seed), random.Random(seed)
    teams = [
        Team.objects.create(slug=slug, name=slug.title(), takes_work=True, confidential=slug == "payroll")
        for slug in ("vpn", "mail", "payroll")
    ]
    service = a_service(slug="checkout", name="Checkout", team=teams[0])
    made: list[Incident] = []
    for number in range(size):
        opened = now - timedelta(days=draw.randrange(60), hours=draw.randrange(24), minutes=draw.randrange(60))
        state = draw.choice(["new", "in_progress", "on_hold", "resolved", "closed", "cancelled"])
        over = min(opened + timedelta(hours=draw.randrange(200)), now - timedelta(minutes=1))
        said: dict[str, object] = {"hold_reason": "vendor"} if state == "on_hold" else {}
        if state == "cancelled":
            survivor = next((one for one in made if one.merged_into_id is None), None) if draw.random() < 0.5 else None
            said = {"cancel_code": "merged" if survivor else "withdrawn", "merged_into": survivor, "updated_at": over}
        if state in {"resolved", "closed"}:
            said = {"resolved_at": over, "resolution": "Done.", "resolution_code": "solved"}
            said |= {"first_contact": draw.random() < 0.4, "acknowledged_at": over, "first_response_at": over}
            said |= {name: draw.randrange(90_000) for name in ("acknowledge_s", "response_s", "resolve_s")}
        one = Incident.objects.create(
            title=f"Cannot print {number}", opened_at=opened, status=state, team=draw.choice(teams),
            service=draw.choice([service, None]), priority=draw.randrange(1, 6), assigned_to=draw.choice([*people, None]),
            caller=draw.choice(people), channel=draw.choice(["mail", "phone", "import"]),
            reopened=draw.randrange(2), reassigned=draw.randrange(3), escalated_functionally=draw.randrange(2), **said,
        )  # fmt: skip
        made.append(one)
        for _entry in range(worked.randrange(3)):
            day = (now - timedelta(days=worked.randrange(20))).date()
            TimeWorked.objects.create(
                record_kind=Incident.kind, record_id=one.pk, by=worked.choice(people), minutes=worked.randrange(1, 90),
                day=day, at=now,
            )  # fmt: skip
        if state in {"resolved", "closed"}:
            _stop_clocks(one, over, draw)
    return made


def _stop_clocks(incident: Incident, over: datetime, draw: random.Random) -> None:
    for name, cycles in (("first_response", 1), ("resolve", 1), ("update", draw.randrange(3))):
        for cycle in range(1, cycles + 1):
            outcome = draw.choice([MET, BREACHED, ""])
            Clock.objects.create(
                record_kind="incident", record_id=incident.pk, name=name, cycle=cycle, state=Clock.State.STOPPED,
                counted_s=draw.randrange(90_000), target_s=3600, outcome=outcome, outcome_at=over if outcome else None,
                by_change=outcome == BREACHED and draw.random() < 0.3,
            )  # fmt: skip
