"""Scenes: evidence built from a handful of words, so that tests read as sentences.

A scene is a plain dict of knobs (SCENE below, everything proven and kind); `evidence(**knobs)` turns it into real
evidence. The oracle reads the same dict and never this module's output.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from changes.gate.evidence import (
    Budget,
    Calendar,
    CalendarEntry,
    ChangeEvidence,
    Conflict,
    DirectService,
    EarlierRelease,
    EmergencyPath,
    Evidence,
    Finding,
    FlagSwitch,
    History,
    LinkedWork,
    Model,
    OpenIncident,
    Proof,
    Reach,
    ReachedService,
    TestRun,
)
from changes.gate.facts import Fact, seen

AT = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # a Wednesday
DIGEST = "sha256:" + "ab" * 32
HEADROOM = {"healthy": "0.8", "watch": "0.4", "constrained": "0.031", "recovering": "-0.2", "exhausted": "-0.2"}

SCENE: dict[str, Any] = {
    "change_class": "standard",  # standard | normal | emergency | anything else
    "purpose": "feature",
    "purpose_proven": True,
    "purpose_by": "headroom",
    "environment": "production",
    "state": "healthy",  # of the one budget; unmeasured, no_data, ... as in the table; "major" too
    "tier": 3,
    "trust": "1",  # in its measurements; None: nobody judged
    "measured_alone": False,  # by who wants the change; "allowed": the owner has said that this may count
    "risk": "low",  # low | medium | high: from history for low, from conflicts and tests else
    "review": "attested",  # attested | claimed | self | none | stale
    "history_known": True,
    "backout": True,
    "progressive": "attested",
    "rollback_tested": "attested",
    "artifact": "digest",  # digest | tag | none; turning a flag off names none
    "calendar": None,  # freeze | blackout | lockdown | maintenance
    "reached": None,  # state of one reached service; "major"
    "tests_failed": 0,
    "emergency_confirmed": True,
    "share": "0.02",
    "overdue": 0,
    "missing": (),  # groups whose fact is absent
    "spoilt": {},  # group -> how: stale | future | undated | unsourced
}


def fact(value: Any, how: str = "fresh", *, by: str = "headroom", attested: bool = True) -> Fact[Any]:
    observed = {"stale": AT - timedelta(days=400), "future": AT + timedelta(minutes=5)}.get(how, AT)
    found: Fact[Any] = seen(
        value,
        at=AT,
        source="" if how == "unsourced" else "headroom",
        principal=by,
        fresh_for_seconds=86_400 * 30,
        observed_at=observed,
        attested=attested,
    )
    if how == "undated":
        return Fact(value, "headroom", by, attested)
    return found


def spoil(scene: dict[str, Any], group: str, value: Any) -> Fact[Any]:
    if group in scene["missing"]:
        return Fact.absent("headroom")
    return fact(value, scene["spoilt"].get(group, "fresh"))


def proof_fact(kind: str) -> Fact[Any]:
    return {
        "attested": fact(True, by="bea"),
        "self": fact(True, by="ana"),
        "claimed": fact(True, by="ana", attested=False),
        "stale": fact(True, "stale", by="bea"),
        "none": Fact.absent(),
    }[kind]


def budget(scene: dict[str, Any]) -> Budget:
    state = scene["state"]
    return Budget(
        objective_version=3,
        remaining=Decimal(HEADROOM.get(state, "0.8")),
        coverage=Decimal("0.5") if state == "low_confidence" else Decimal(1),
        allowed_failures=Decimal(1000),
        watermark=AT - timedelta(minutes=30 if state == "no_data" else 1),
        burns={"3d": Decimal("0.2")},
        flags=(state,) if state in ("burning_fast", "not_yet_measured") else (),
        measured_minutes=12 if state == "not_yet_measured" else 40_000,
        fix_verified=state == "recovering",
        trust=None if scene["trust"] is None else Decimal(scene["trust"]),
        self_measured_by=("ana",) if scene["measured_alone"] else (),
        self_measuring_allowed=scene["measured_alone"] == "allowed",
    )


def direct(scene: dict[str, Any]) -> DirectService:
    measured = scene["state"] != "unmeasured"
    return DirectService(
        slug="checkout",
        tier=scene["tier"],
        team="payments",
        objectives=spoil(scene, "objectives", ("availability",) if measured else ()),
        budgets={"availability": spoil(scene, "budget", budget(scene))} if measured else {},
    )


def incidents(scene: dict[str, Any]) -> tuple[OpenIncident, ...]:
    found: list[OpenIncident] = []
    if scene["state"] == "major":
        found.append(OpenIncident("INC-1", "checkout", 2, major=True))
    if scene["reached"] == "major":
        found.append(OpenIncident("INC-2", "shop", 1))
    if scene["change_class"] == "emergency":
        found.append(
            OpenIncident("INC-3", "checkout", 1, confirmed_by=("bea",) if scene["emergency_confirmed"] else ("ana",))
        )
    return tuple(found)


def purpose_proof(scene: dict[str, Any]) -> dict[str, Fact[Any]]:
    if not scene["purpose_proven"]:
        return {}
    by = scene["purpose_by"]
    return {
        "reliability_fix": {"fixes": fact(LinkedWork("PRB-1", "problem", "checkout", True), by=by)},
        "security_fix": {"finding": fact(Finding("CVE-1", DIGEST), by=by)},
        "rollback": {
            "earlier_release": fact(
                EarlierRelease(
                    DIGEST,
                    "checkout",
                    scene["environment"],
                    True,
                    AT - timedelta(days=2),
                    AT - timedelta(days=1),
                    running=False,
                    rolls_back="CHG-8",
                    witness="measured",
                ),
                by=by,
            )
        },
        "flag_off": {"flag_switch": fact(FlagSwitch("new-basket", "checkout", True), by=by)},
    }.get(scene["purpose"], {})


def artifact(scene: dict[str, Any]) -> str:
    if scene["purpose"] == "flag_off":
        return ""
    return {"digest": DIGEST, "tag": "checkout:latest", "none": ""}[scene["artifact"]]


def evidence(**knobs: Any) -> Evidence:
    unknown = knobs.keys() - SCENE.keys()
    assert not unknown, unknown
    scene = {**SCENE, **knobs}
    closed = CalendarEntry(
        scene["calendar"] or "maintenance", "CAL-1", AT - timedelta(hours=1), AT + timedelta(hours=4)
    )
    conflicts = {"low": (), "medium": ("implementer",), "high": ("failed_in_window",)}[scene["risk"]]
    reached = scene["reached"] and ("healthy" if scene["reached"] == "major" else scene["reached"])
    runs = 20 if scene["history_known"] else 0
    return Evidence(
        at=AT,
        change=ChangeEvidence(
            claimed_class=scene["change_class"],
            claimed_purpose=scene["purpose"],
            service="checkout",
            environment=scene["environment"],
            content_hash="content",
            requester="pipeline",
            author="ana",
            implementer="ana",
            artifact_digest=artifact(scene),
            named_incident="INC-3" if scene["change_class"] == "emergency" else "",
            model=spoil(scene, "model", Model("deploy", 1, True, "low", certified_at=AT - timedelta(days=30))),
        ),
        reach=spoil(
            scene,
            "reach",
            Reach((direct(scene),), (ReachedService("shop", 2, reached, "web"),) if reached else ()),
        ),
        calendar=spoil(
            scene,
            "calendar",
            Calendar((closed,) if scene["calendar"] else (), tuple(Conflict(kind, "CHG-9") for kind in conflicts)),
        ),
        incidents=spoil(scene, "incidents", incidents(scene)),
        history=spoil(scene, "history", History(runs, Decimal(runs), Decimal(0))),
        emergency=spoil(scene, "emergency", EmergencyPath(Decimal(scene["share"]), scene["overdue"])),
        proof=Proof(
            backout=fact(True, by="ana", attested=False) if scene["backout"] else Fact.absent(),
            peer_review=proof_fact(scene["review"]),
            tests=fact(TestRun(120, scene["tests_failed"]), by="ana", attested=False),
            rollback_tested=proof_fact(scene["rollback_tested"]),
            progressive=proof_fact(scene["progressive"]),
            **purpose_proof(scene),
        ),
    )


def with_budget(found: Evidence, **fields: Any) -> Evidence:
    """The same scene with other figures of its one budget."""
    reach = found.reach.value
    assert reach is not None
    service = reach.direct[0]
    fact = service.budgets["availability"]
    assert fact.value is not None
    told = replace(fact, value=replace(fact.value, **fields))
    direct = (replace(service, budgets={"availability": told}),)
    return replace(found, reach=replace(found.reach, value=replace(reach, direct=direct)))
