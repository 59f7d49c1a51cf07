"""How a change of the demo lives: asked, decided, deployed, watched, closed; and the calendar around it."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from changes.calendar.operations import lockdowns, windows
from changes.change.operations import asking, attesting, checklist, deploying, impact, pausing, people_decide, reviewing
from changes.change.operations.asking import GateRequest
from changes.change.operations.planned import Outage
from changes.change.vocabulary import OutcomeCode
from changes.change.workflow import Status
from changes.change_models.vocabulary import TaskKind
from itsm.approvals.queries import open_about
from itsm.home.demo.clockwork import Life
from itsm.home.demo.founding import Company
from itsm.home.demo.scenarios import Ending, Scenario

if TYPE_CHECKING:
    from changes.models import Change, Deployment

_A_MOMENT, _A_WHILE, _A_ROLLOUT = timedelta(minutes=2), timedelta(minutes=24), timedelta(minutes=5)
_A_WATCH = timedelta(minutes=45)
_STOCKTAKING = (timedelta(hours=86), timedelta(hours=83))
_OUTCOMES = {
    Ending.DONE: OutcomeCode.SUCCESSFUL,
    Ending.ISSUES: OutcomeCode.WITH_ISSUES,
    Ending.FAILED: OutcomeCode.UNSUCCESSFUL,
}
_NOTES = {
    Ending.DONE: "Went as planned.",
    Ending.ISSUES: "The copy took two hours longer than planned; figures came late.",
    Ending.FAILED: "Rolled back within minutes; customers hardly noticed. Followed up by a problem record.",
}
_BECAUSE = {
    "accounts": "One hour signs out people who shop on the train. Try eight.",
    "data-platform": "Nobody has asked the auditors how long they need them.",
}
_LOOKED_BACK = {
    "review_worked": "No: it was taken back before it could.",
    "review_cost": "A few minutes of budget, and the evening of two people.",
    "review_follow_up": "The migration is rehearsed on a copy first; a problem record follows it up.",
}


def of_change(story: Scenario, company: Company, founded: datetime) -> Life:
    """From the question to as far as the story goes; it ends early where the answer does not allow more."""
    at = yield founded - story.ago
    change = asking.ask_gate(request(story, company, at), actor=company.actors[story.by], at=at).change
    if story.fate in (Ending.WAITING, Ending.RUNNING, Ending.REVIEWING):
        _plan(change, company, at)
    if story.fate is Ending.WAITING:
        return
    if story.fate is Ending.ON_HOLD:
        pausing.put_on_hold(
            change, actor=company.actors[story.by], at=at, hold_reason="The new scales come on Tuesday."
        )
        return
    if _waits(change):
        at = yield at + (_A_WHILE if story.service != "warehouse" else timedelta(hours=2))
        _people_act(change, story, company, at)
    at = yield at + _A_MOMENT
    change.refresh_from_db()
    if story.fate is Ending.APPROVED or change.status != Status.SCHEDULED:
        return
    deployment = deploying.start_deployment(
        change, artifact_digest=change.artifact_digest, actor=company.actors[story.by], at=at
    )
    if story.fate is not Ending.RUNNING:
        yield from _carried_out(deployment, story, company, at)


def _plan(change: "Change", company: Company, at: datetime) -> None:
    """Who does what around it, the first of it done already; and whom it would hit, as it stood then."""
    manager = company.actors["manager"]
    impact.take_impact(change, actor=manager, at=at)
    told = checklist.add_task(change, actor=manager, title="Tell the shops when it starts", task_kind=TaskKind.PLANNING)
    checklist.edit_task(change, told, actor=manager, done=True)
    checklist.add_task(change, actor=manager, title="Watch error rates during the first site")
    checklist.add_task(
        change, actor=manager, title="Try a refund at a real till", task_kind=TaskKind.TESTING, mandatory=True
    )


def _carried_out(deployment: "Deployment", story: Scenario, company: Company, at: datetime) -> Life:
    at = yield at + _A_ROLLOUT
    status = deployment.Status.ROLLED_BACK if story.fate is Ending.FAILED else deployment.Status.SUCCEEDED
    deploying.finish_deployment(deployment, actor=company.actors[story.by], status=status, at=at)
    if story.fate is Ending.REVIEWING:
        return
    at = yield at + _A_WATCH
    change = deployment.change
    change.refresh_from_db()
    if change.status == Status.REVIEWING:
        if change.review_due_at is not None:
            reviewing.review(change, actor=company.actors["manager"], at=at, **_LOOKED_BACK)
        deploying.close(
            change, actor=company.actors["manager"], outcome_code=_OUTCOMES[story.fate], note=_NOTES[story.fate]
        )


def request(story: Scenario, company: Company, at: datetime) -> GateRequest:
    """The question as the story's author sends it; what others vouch for is attested first."""
    digest = hashlib.sha256(f"{story.service} {story.version}".encode()).hexdigest()
    artifact = f"sha256:{digest}"
    if story.reviewed:
        _vouch(story, company, artifact, "peer_review", at)
    if story.finding:
        _vouch(story, company, artifact, "scans", at)
    return GateRequest(
        service=company.services[story.service],
        environment="production",
        change_class=story.change_class,
        purpose=story.purpose,
        summary=story.summary,
        plan="Roll out to one site, look at errors for ten minutes, then everywhere.",
        **_plans(story),
        artifact_digest=artifact,
        artifact_version=story.version,
        commit=digest[:12],
        window=_window(story, at),
        pipeline=_run(story, digest) if story.by == "pipeline" else {},
        proof={"peer_review": True, "tests_passed": 1200 + len(story.summary), "tests_failed": 0},
        exception={"finding": story.finding} if story.finding else {},
        migration=story.migration or None,
    )


def _plans(story: Scenario) -> dict[str, Any]:
    """A way back, or why there is none; people write the plans around it as well."""
    if story.summary.startswith("Drop"):
        return {"no_backout_because": "A dropped table does not come back. A dump of it is kept for thirty days."}
    back: dict[str, Any] = {"backout": "Roll back to the version before; takes four minutes."}
    if story.by == "pipeline":
        return back
    return back | {
        "test_plan": "A purchase and a refund at a real till, before and after.",
        "communication_plan": "The shops an hour before; the desk once it is done.",
        "outage": Outage(10) if story.migration else None,
    }


def _vouch(story: Scenario, company: Company, artifact: str, about: str, at: datetime) -> None:
    # For a review 1 passed means yes; for a scan nothing failed means clean.
    attesting.attest(
        actor=company.actors["code-host"], service=company.services[story.service], artifact_digest=artifact,
        about=about, source="code host", at=at, passed=1,
    )  # fmt: skip


def _window(story: Scenario, at: datetime) -> tuple[datetime, datetime] | None:
    if not story.window_days:
        return None
    opens = at.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    return opens, opens + timedelta(days=story.window_days)


def _run(story: Scenario, digest: str) -> dict[str, str]:
    return {
        "provider": "github",
        "repository": f"larkspur/{story.service}",
        "workflow": "deploy",
        "run_id": str(int(digest[:8], 16)),
        "attempt": "1",
        "job": "production",
    }


def _waits(change: "Change") -> bool:
    return any(one.status == one.Status.PENDING for one in change.evaluations.all())


def _people_act(change: "Change", story: Scenario, company: Company, at: datetime) -> None:
    """Somebody decides, or the author thinks better of it. What waits for time is left to time."""
    change.refresh_from_db()
    if story.fate is Ending.CANCELLED:
        people_decide.cancel(change, actor=company.actors[story.by], why="Goes with the next release.", at=at)
    elif change.verdict in ("peer", "cab") and _waits(change):
        yes = story.fate is not Ending.DECLINED
        said = [("approver", yes)]
        asked = open_about(change)
        if asked is not None and asked.panel_kind:  # a board: two votes; where they differ, its meeting decides
            said.append(("owner", True))
        for name, agrees in said:
            who = replace(company.actors[name], proved_at=timezone.now())
            comment = "Read it, looks safe." if agrees else _BECAUSE[story.service]
            people_decide.decide_by_person(
                change, actor=who, decision="approve" if agrees else "decline", comment=comment, at=at
            )


def of_calendar(company: Company, founded: datetime) -> Life:
    """A freeze that was lifted early, one that is coming, a night for patches every week; a lockdown waits for a second
    change manager."""
    manager = company.actors["manager"]
    at = yield founded - _STOCKTAKING[0]
    stocktaking = windows.add_window(
        actor=manager, window_type="freeze", name="Stocktaking", starts_at=at, ends_at=at + timedelta(hours=20),
        reason="Counts must not move while shelves are counted.", services=[company.services["warehouse"]], at=at,
    )  # fmt: skip
    at = yield founded - _STOCKTAKING[1]
    windows.lift_window(stocktaking, actor=manager, version=stocktaking.version, at=at)
    at = yield founded - timedelta(hours=3)
    opens = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=7)
    windows.add_window(
        actor=manager, window_type="freeze", name="Anniversary sale", starts_at=opens,
        ends_at=opens + timedelta(days=3), reason="Three days with the year's most orders.",
        environments=["production"], at=at,
    )  # fmt: skip
    sunday = opens + timedelta(days=6 - opens.weekday(), hours=2)
    windows.add_window(
        actor=manager, window_type="maintenance", name="Patch night", starts_at=sunday,
        ends_at=sunday + timedelta(hours=3), reason="What may be patched is patched in these hours.", tiers=[3, 4],
        rrule="FREQ=WEEKLY", zone="UTC", at=at,
    )  # fmt: skip
    peak = windows.add_window(
        actor=manager, window_type="lockdown", name="Peak weekend", starts_at=opens + timedelta(days=10),
        ends_at=opens + timedelta(days=12), reason="Nothing moves while the whole country orders at once.",
        change_kinds=["standard", "normal"], at=at,
    )  # fmt: skip
    lockdowns.submit(peak, actor=manager, at=at)
