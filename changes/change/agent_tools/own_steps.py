"""Steps that whoever asks takes: most of them end in asking again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import Case
from changes.change.agent_tools.making import ATTEST_AT, Make, again, attested_by, clock
from changes.change.agent_tools.shapes import Step
from changes.change.agent_tools.wording import named, ours
from changes.gate.verdict import Values
from itsm.notifications.web_addresses import our_address


def _backout(case: Case, values: Values) -> Step:
    return again(case, _("Ask again with `backout`: how to go back, step by step."), "backout")


def _artifact(case: Case, values: Values) -> Step:
    said = _("Ask again with `artifact_digest`: sha256: and the 64 hex digits of exactly what you deploy.")
    return again(case, said, "artifact_digest")


def _mended(case: Case, values: Values) -> Step:
    do = _("Mend what fails, build anew, and ask again with the new `artifact_digest` and `tests_failed` 0.")
    return again(case, do, "artifact_digest", tests_failed=0)


def _tests(case: Case, values: Values) -> Step:
    """Failures that somebody has seen in this artifact stay: another is built."""
    tests = case.evidence.proof.tests
    if tests.value is not None and tests.value.failed:
        do = _(
            "Mend what fails, build anew, and have one of these people or programs run the tests on the new artifact "
            "and attest it (POST %(at)s, about=tests); then ask again with its `artifact_digest`."
        )
        return again(case, do % {"at": ATTEST_AT}, "artifact_digest").model_copy(
            update={"people": case.attesting("tests")}
        )
    return attested_by(_("run the tests"), "tests")(case, values)


def _scans(case: Case, values: Values) -> Step:
    found = case.evidence.proof.scans.value
    if found:
        do = _("Remove what the scan found, build anew, have the new artifact scanned, and ask again with its digest.")
        return again(case, do, "artifact_digest")
    return attested_by(_("scan it"), "scans")(case, values)


def _no_migration(case: Case, values: Values) -> Step:
    do = _("Take the schema migration out into a change of its own, and ask again with `migration` false.")
    return again(case, do, "artifact_digest", migration=False)


def _inside_bounds(case: Case, values: Values) -> Step:
    do = _("Stay within the bounds of model %(model)s: it leaves %(bounds)s. Its bounds: %(where)s. Then ask again.")
    supply = [_BOUND_ARGUMENTS[one] for one in named(values, "bounds") if one in _BOUND_ARGUMENTS]
    return again(case, do % (ours(values) | {"where": our_address("/changes/models/")}), *dict.fromkeys(supply))


_BOUND_ARGUMENTS = {
    "environment": "environment", "repository": "repository", "workflow": "workflow", "hours": "window_start",
    "paths": "paths", "commits": "commits",
}  # fmt: skip


def _questions(case: Case, values: Values) -> Step:
    do = _("Ask again with `answers`: to each question of the policy (%(questions)s) one of its answers, truly.")
    return again(case, do % ours(values), "answers")


def _after(case: Case, values: Values) -> Step:
    at = datetime.fromisoformat(values["at"])
    if case.change is not None and case.evidence.change.window is None:
        do = _("At %(at)s it is judged again by itself; nothing is to be done for that.")
        return Step(do=do % {"at": clock(at)}, who="time", not_before=at)
    window = case.evidence.change.window
    lasts = window.ends_at - window.starts_at if window is not None else timedelta(hours=1)
    do = _("Ask again for a window that begins at %(at)s or later (see free_slots).")
    return again(case, do % {"at": clock(at)}, window_start=at.isoformat(), window_end=(at + lasts).isoformat())


def _in_maintenance(case: Case, values: Values) -> Step:
    do = _("Ask again for a window within the maintenance that it has to keep (free_slots names such windows).")
    return again(case, do, "window_start", "window_end")


def _before(case: Case, values: Values) -> Step:
    at = datetime.fromisoformat(values["at"])
    window = case.evidence.change.window
    lasts = window.ends_at - window.starts_at if window is not None else timedelta(hours=1)
    do = _("Ask again for a window that ends at %(at)s or before.")
    return again(case, do % {"at": clock(at)}, window_start=(at - lasts).isoformat(), window_end=at.isoformat())


def _fresh(case: Case, values: Values) -> Step:
    do = _("Headroom could not read %(group)s freshly; ask again in a minute. Where that stays so, tell these people.")
    return again(case, do % ours(values), not_before=case.at + timedelta(minutes=1)).model_copy(
        update={"people": case.owning}
    )


OWN: Mapping[str, Make] = {
    "artifact_named": _artifact,
    "backout_plan": _backout,
    "tests_mended": _mended,
    "tests_pass": _tests,
    "scans_clean": _scans,
    "without_migration": _no_migration,
    "inside_model_bounds": _inside_bounds,
    "questions_answered": _questions,
    "ask_after": _after,
    "inside_maintenance": _in_maintenance,
    "done_before": _before,
    "fresh_evidence": _fresh,
}
