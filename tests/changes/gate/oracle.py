"""The oracle: the decision table written a second time from its prose, in its own words, without looking at the gate.

It reads a scene (a plain dict of words, see scenes.SCENE) and answers an outcome. It shares no code and no table with
changes.gate: the table below is the prose table, abbreviated, and the order of the questions is its own.
A approved · P peer · C cab · L later (postponed) · B blocked · E exception
"""

from typing import Any

WORD = {"A": "approved", "E": "exception", "P": "peer", "C": "cab", "L": "postponed", "B": "blocked"}
SEVERITY = "AEPCLB"

#                    healthy watch constr. recov. exhaust. low_conf. unmeas.1-2 unmeas.3-4 new    no_data burning|major
TABLE = """
standard             A       A     ?steps  P      L        P         P          A          P      P       L
normal/low           ?known  P     L       C      L        P         P          P          P      C       L
normal/medium        P       P     C       C      L        C         C          C          P      C       L
normal/high          C       C     C       C      B        C         C          C          C      C       B
reliability_fix      A       P     P       P      P        P         P          P          P      P       P
security_fix         P       P     P       P      P        P         P          P          P      P       P
"""
HEAD = (
    "healthy", "watch", "constrained", "recovering", "exhausted", "low_confidence", "unmeasured/critical",
    "unmeasured/other", "not_yet_measured", "no_data", "burning_fast",
)  # fmt: skip
PRODUCTION = {line.split()[0]: dict(zip(HEAD, line.split()[1:], strict=True)) for line in TABLE.strip().splitlines()}


def gone(scene: dict[str, Any], group: str) -> bool:
    return group in scene["missing"] or group in scene["spoilt"]


def what_it_is(scene: dict[str, Any]) -> list[str]:
    """Whose authority the evidence opens, the kinder of several counting."""
    independent = scene["purpose_proven"] and scene["purpose_by"] not in ("ana", "pipeline", "")
    purpose = scene["purpose"] if independent else "feature"
    bound = scene["artifact"] == "digest"
    if purpose == "flag_off" or (purpose == "rollback" and bound):
        return ["mitigation"]
    if purpose in ("rollback", "security_fix") and not bound:
        purpose = "feature"
    normal = "normal/" + risk_of(scene, standard=False)
    named = [purpose] if purpose in ("reliability_fix", "security_fix") else []
    kind = scene["change_class"]
    if kind == "standard" and not gone(scene, "model"):
        return ["standard", *named]
    trusted = scene["emergency_confirmed"] and not gone(scene, "incidents")
    if kind == "emergency" and trusted and (scene["overdue"] == 0 or gone(scene, "emergency")):
        return ["emergency", *named]
    if scene["environment"] == "production":
        return named or [normal]
    return [normal, *named]


def risk_of(scene: dict[str, Any], *, standard: bool) -> str:
    """The highest engine; what cannot be seen is medium; failed tests are medium."""
    risk = {"low": 0, "medium": 1, "high": 2}["low" if gone(scene, "calendar") else scene["risk"]]
    unseen = any(gone(scene, group) for group in ("calendar", "history") + (() if standard else ("reach",)))
    raised = unseen or scene["tests_failed"] > 0
    impact_known = standard or not gone(scene, "reach")
    if gone(scene, "history") and impact_known and not standard and scene["tier"] == 1:
        risk = 2  # a critical service with an unknown, so medium, probability of failure
    return ("low", "medium", "high")[max(risk, int(raised))]


def column(scene: dict[str, Any]) -> str:
    if gone(scene, "reach"):
        return "no_data"
    open_p1 = scene["state"] == "major" or scene["change_class"] == "emergency"  # the incident that it names
    if open_p1 and not gone(scene, "incidents"):
        return "burning_fast"
    state = "healthy" if scene["state"] == "major" else scene["state"]
    if gone(scene, "objectives"):
        return "no_data"
    if state == "unmeasured":
        return "unmeasured/critical" if scene["tier"] in (1, 2) else "unmeasured/other"
    if gone(scene, "budget"):
        return "burning_fast" if state == "burning_fast" and "budget" not in scene["missing"] else "no_data"
    return "exhausted" if state == "recovering" and gone(scene, "incidents") else state


def cell(scene: dict[str, Any], row: str) -> str:
    """What the row says before anybody looks at what is missing."""
    production = scene["environment"] == "production"
    closed = None if gone(scene, "calendar") else scene["calendar"]
    if row == "mitigation":
        return "E"
    shut = closed == "lockdown" or (production and closed in ("freeze", "blackout"))
    if row == "emergency":
        return "P"
    if shut:
        return "P" if row == "security_fix" else "L"
    if not production:
        return "A" if row in ("standard", "normal/low") else "P"
    said = PRODUCTION[row][column(scene)]
    if said == "?steps":
        return "A" if scene["progressive"] == scene["rollback_tested"] == "attested" else "L"
    if said == "?known":
        known = scene["history_known"] and not gone(scene, "history")
        return "A" if scene["review"] == "attested" and known else "P"
    return said


def neighbours(scene: dict[str, Any], row: str) -> str:
    """Services only reached: hold when burning fast or in a major incident; else at most a peer."""
    state = None if gone(scene, "reach") else scene["reached"]
    if state == "burning_fast" or (state == "major" and not gone(scene, "incidents")):
        return "L" if row == "standard" or row.startswith("normal") else "P"
    return "P" if state in ("exhausted", "no_data") or (state and state not in KNOWN) else "A"


KNOWN = {"healthy", "watch", "constrained", "recovering", "low_confidence", "unmeasured", "not_yet_measured", "major"}


def people(scene: dict[str, Any], row: str) -> str:
    """Anything unproven asks for a person."""
    production = scene["environment"] == "production"
    needed = ["reach", "calendar", "history"] + ["incidents"] * production
    doubts = [gone(scene, group) for group in needed]
    doubts.append(scene["tests_failed"] > 0)
    doubts.append(production and measured(scene) and not trusted(scene))
    doubts.append(production and alone(scene))
    doubts.append(production and (scene["artifact"] != "digest" or scene["purpose"] == "flag_off"))
    doubts.append(risk_of(scene, standard=row == "standard") == "high")
    doubts.append(scene["change_class"] not in ("standard", "normal", "emergency"))
    doubts.append(production and row not in ("standard", "emergency") and not scene["backout"])
    if row == "emergency" and (gone(scene, "emergency") or float(scene["share"]) > 0.10):
        return "C"
    return "P" if any(doubts) else "A"


def measured(scene: dict[str, Any]) -> bool:
    """There is a reading that can be used, of an objective that decides."""
    closed = not gone(scene, "calendar") and scene["calendar"] in ("lockdown", "freeze", "blackout")
    unseen = any(gone(scene, group) for group in ("reach", "objectives", "budget"))
    return not closed and not unseen and scene["state"] not in ("unmeasured", "not_yet_measured")


def alone(scene: dict[str, Any]) -> bool:
    """Whoever wants the change is the only one who measures, and nobody allowed it; missing, it says nothing."""
    told = scene["state"] != "unmeasured" and not gone(scene, "reach") and "budget" not in scene["missing"]
    return told and scene["measured_alone"] is True


def trusted(scene: dict[str, Any]) -> bool:
    """Four fifths are enough; what nobody judged, or what is no share, is not trusted."""
    try:
        return 0.8 <= float(scene["trust"]) <= 1
    except (TypeError, ValueError):
        return False


def answer(scene: dict[str, Any], row: str) -> str:
    if row == "mitigation":
        return "E"
    said = [cell(scene, row), people(scene, row)]
    production = scene["environment"] == "production"
    closed = None if gone(scene, "calendar") else scene["calendar"]
    if production and closed not in ("lockdown", "freeze", "blackout"):
        said.append(neighbours(scene, row))
    return max(said, key=SEVERITY.index)


def expected(scene: dict[str, Any]) -> str:
    """Bad news about oneself never helps: the stricter of the answers with and without it."""
    told = [scene, {**scene, "tests_failed": 0}]
    return WORD[max((kindest(each) for each in told), key=SEVERITY.index)]


def kindest(scene: dict[str, Any]) -> str:
    return min((answer(scene, row) for row in what_it_is(scene)), key=SEVERITY.index)
