"""What a change really is: its class and its purpose, derived from evidence, whatever was claimed.

Promise: `standard` only within the bounds of an approved, certified, unsuspended model; `emergency` only with an open
P0/P1 of the same service that an alert or somebody without interest confirmed; a purpose only when it is proven. A
claim that was not accepted leaves a reason saying why, and the change is judged as normal, as a feature.
"""

from dataclasses import dataclass
from datetime import timedelta

from changes.gate.artifacts import is_immutable
from changes.gate.evidence import EarlierRelease, Model, OpenIncident
from changes.gate.measures import count
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import ChangeClass, Purpose, Risk, Row, recognised

# Whose word it is that an earlier release works. None: decisions from before it was asked, which replay as they were.
_SEEN = (None, "measured", "person")


@dataclass(frozen=True, slots=True)
class Derived:
    """Class and purpose of a change as proven, and what was claimed and refused."""

    change_class: ChangeClass
    purpose: Purpose
    purpose_row: Row | None  # the table row that the proven purpose opens
    refusals: tuple[Reason, ...]


def derive(case: UsableEvidence) -> Derived:
    """Class and purpose by what the evidence proves, never by the claim alone."""
    change_class, class_refusals = _class_of(case)
    purpose, row, purpose_refusals = _purpose_of(case)
    return Derived(change_class, purpose, row, class_refusals + purpose_refusals)


def _class_of(case: UsableEvidence) -> tuple[ChangeClass, tuple[Reason, ...]]:
    claimed = recognised(ChangeClass, case.change.claimed_class)
    if claimed is ChangeClass.STANDARD:
        why, value = _why_not_standard(case, case.model)
    elif claimed is ChangeClass.EMERGENCY:
        why, value = _why_not_emergency(case)
    else:
        return ChangeClass.NORMAL, ()
    if why is None:
        return claimed, ()
    fact = case.change.model if claimed is ChangeClass.STANDARD else case.evidence.incidents
    refusal = Reason(f"{claimed}_refused", values={"because": why, "detail": value}, source=fact.source)
    return ChangeClass.NORMAL, (refusal,)


def _why_not_standard(case: UsableEvidence, model: Model | None) -> tuple[str | None, str]:
    """A code and a detail; (None, "") when the model covers this change."""
    if model is None:
        trouble = case.trouble(case.change.model, "model") or "missing"
        return "model_unknown", "" if trouble == "missing" else f"({trouble})"
    if model.approved is not True or recognised(Risk, model.risk) is None:
        return "model_not_approved", model.slug
    if model.approved_by and model.approved_by in case.change.interested:
        return "model_self_approved", model.slug
    if model.broken_bounds:
        return "outside_bounds", ", ".join(model.broken_bounds)
    if case.change.migration is True and model.allows_migration is not True:
        return "migration_outside_bounds", model.slug
    if _suspended(case, model):
        return "model_suspended", model.slug
    if not _certified(case, model):
        return "certification_lapsed", model.slug
    return None, ""


def _suspended(case: UsableEvidence, model: Model) -> bool:
    failures, p1 = count(model.recent_failures), count(model.caused_p1)
    return (
        model.suspended is not False
        or failures is None
        or p1 is None
        or failures >= case.limits.model_failures_until_suspended
        or p1 >= case.limits.model_p1_until_suspended
    )


def _certified(case: UsableEvidence, model: Model) -> bool:
    if model.certified_at is None:
        return False
    return timedelta(0) <= case.at - model.certified_at <= timedelta(days=case.limits.model_certified_days)


def _why_not_emergency(case: UsableEvidence) -> tuple[str | None, str]:
    if case.incidents is None:
        return "incidents_unknown", case.troubles.get("incidents", "missing")
    named = case.change.named_incident
    found = next((each for each in case.incidents if named and each.reference == named), None)
    if found is None:
        return "no_open_incident", named
    if found.service not in case.services:
        return "other_service", found.service
    if count(found.priority, 1) is None:
        return "not_priority_1", named
    if not _confirmed(case, found):
        return "not_confirmed", named
    path = case.emergency_path
    if path is not None and count(path.overdue_reviews) != 0:
        return "path_suspended", str(path.overdue_reviews)
    return None, ""


def _confirmed(case: UsableEvidence, incident: OpenIncident) -> bool:
    by_others = {name for name in incident.confirmed_by if name} - case.change.interested
    return incident.alert is True or bool(by_others)


def _purpose_of(case: UsableEvidence) -> tuple[Purpose, Row | None, tuple[Reason, ...]]:
    claimed = recognised(Purpose, case.change.claimed_purpose)
    if claimed is None or claimed is Purpose.FEATURE:
        return Purpose.FEATURE, None, ()
    rows = {
        Purpose.RELIABILITY_FIX: (Row.RELIABILITY_FIX,) if _fixes(case) else (),
        Purpose.SECURITY_FIX: (Row.SECURITY_FIX,) if _removes_finding(case) else (),
        Purpose.ROLLBACK: (Row.ROLLBACK,) * _goes_back(case) + (Row.FLAG_OFF,) * _turns_off(case),
        Purpose.FLAG_OFF: (Row.FLAG_OFF,) if _turns_off(case) else (),
    }[claimed]
    if rows:
        return claimed, rows[0], ()
    why = why_not_back(case) if claimed is Purpose.ROLLBACK else ""
    code, values = ("rollback_unproven", {"because": why}) if why else ("purpose_unproven", {"purpose": claimed.value})
    return Purpose.FEATURE, None, (Reason(code, values=values),)


def _fixes(case: UsableEvidence) -> bool:
    work = case.proven(case.evidence.proof.fixes)
    if work is None:
        return False
    known = work.kind in ("problem", "postmortem_action")
    return known and bool(work.reference) and work.is_open is True and work.service in case.services


def _removes_finding(case: UsableEvidence) -> bool:
    finding = case.proven(case.evidence.proof.finding)
    digest = case.change.artifact_digest
    if finding is None or not is_immutable(digest):
        return False
    return bool(finding.reference) and finding.removed_by_digest == digest


def _goes_back(case: UsableEvidence) -> bool:
    return not why_not_back(case)


def why_not_back(case: UsableEvidence) -> str:
    """A word of `sentence_texts.WORDS`; empty for a rollback to what worked before, here and on this service alone."""
    earlier, change = case.proven(case.evidence.proof.earlier_release), case.change
    if not is_immutable(change.artifact_digest):
        return "artifact_can_change"
    if earlier is None or earlier.digest != change.artifact_digest or earlier.succeeded is not True:
        return "never_ran_clean_here"
    if earlier.service != change.service or earlier.environment != change.environment:
        return "never_ran_clean_here"
    if case.services != {change.service}:
        return "touches_more"
    if not _watched(case, earlier):
        return "not_watched_to_its_end"
    if earlier.witness not in _SEEN:
        return "seen_by_nobody_else"
    if earlier.running is not False:
        return "runs_already"
    return "" if earlier.rolls_back else "names_no_change_to_undo"


def _watched(case: UsableEvidence, earlier: EarlierRelease) -> bool:
    finished, clean = earlier.finished_at, earlier.watch_ended_at
    return finished is not None and clean is not None and finished < clean <= case.at


def _turns_off(case: UsableEvidence) -> bool:
    """A known flag of this service, and nothing deployed beside it."""
    switch, change = case.proven(case.evidence.proof.flag_switch), case.change
    if switch is None or not switch.flag or change.artifact_digest:
        return False
    return switch.turns_off is True and switch.service == change.service and case.services == {change.service}
