"""What would help as steps that somebody can take: what to do, with which tool or which person, where, from when.

A remedy of the gate says in code and values what would have to be otherwise; here it is said how one gets there. Each
code of the gate has a step; a test compares the two.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import MOST_PEOPLE, Case
from changes.change.agent_tools.shapes import Step, Way
from changes.change.agent_tools.waiting_for import holders_of, in_the_way, looks_after, open_incidents
from changes.change.agent_tools.wording import named, ours
from changes.gate.budget_states import level_limit
from changes.gate.sentences import help_sentence
from changes.gate.verdict import Help, HelpStep, Values
from changes.gate.vocabulary import Purpose
from itsm.notifications.web_addresses import our_address
from slo.engine.states import Level

Make = Callable[[Case, Values], Step]
ASK = "ask_gate"
_ATTEST_AT = "/api/v1/attestations/"


def ways(case: Case) -> list[Way]:
    """What would help, as the verdict has it: the kindest first, of those the shortest."""
    return [way_of(case, one) for one in case.verdict.what_would_help]


def way_of(case: Case, help: Help) -> Way:
    """One help as steps: whoever asks does theirs first, then others, then time."""
    parts = help.parts or (HelpStep(help.code, help.values),)
    steps = merged([step_of(case, one) for one in parts])
    return Way(leads_to=help.outcome, steps=steps)


def step_of(case: Case, part: HelpStep) -> Step:
    """The step of one part of a help; a code that has none yet is said as the gate says it."""
    make = STEPS.get(part.code)
    if make is not None:
        return make(case, part.values)
    said = help_sentence(Help(part.code, case.verdict.outcome, ours(part.values)))
    return Step(do=_("Needed: %(what)s.") % {"what": said}, who="person", people=case.owning)


def merged(steps: list[Step]) -> list[Step]:
    """What is asked again is asked once, with everything that it needs, after what people have to do before."""
    asks = [one for one in steps if one.tool == ASK]
    others = [one for one in steps if one.tool != ASK]
    if len(asks) < 2:
        return [*others, *asks]
    arguments: dict[str, Any] = {}
    for one in asks:
        arguments |= one.arguments
    supply = dict.fromkeys(name for one in asks for name in one.you_supply)
    soonest = max((one.not_before for one in asks if one.not_before), default=None)
    together = Step(
        do=" ".join(one.do for one in asks), who="you", tool=ASK, arguments=arguments,
        you_supply=[name for name in supply if name not in arguments], not_before=soonest,
    )  # fmt: skip
    return [*others, together]


def again(case: Case, do: str, *supply: str, not_before: datetime | None = None, **said: Any) -> Step:
    """Ask anew, with this besides."""
    about = {"change": case.change.reference} if case.change is not None else dict(case.asked)
    needs = () if case.change is not None else ("summary",)
    return Step(
        do=do, who="you", tool=ASK, arguments={**about, **said}, you_supply=[*needs, *supply], not_before=not_before
    )


def _backout(case: Case, values: Values) -> Step:
    return again(case, _("Ask again with `backout`: how to go back, step by step."), "backout")


def _artifact(case: Case, values: Values) -> Step:
    said = _("Ask again with `artifact_digest`: sha256: and the 64 hex digits of exactly what you deploy.")
    return again(case, said, "artifact_digest")


def _attested(about: str, what: str) -> Make:
    def step(case: Case, values: Values) -> Step:
        words = {"what": what, "about": about, "at": _ATTEST_AT, "digest": _digest(case)}
        do = _(
            "Have one of these people or programs, who has no part in it, %(what)s and attest it: "
            "POST %(at)s with about=%(about)s for %(digest)s. You and your owner cannot. Then ask again."
        )
        return Step(do=do % words, who="person", people=case.attesting(about), where=our_address("/changes/attestors/"))

    return step


def _digest(case: Case) -> str:
    digest = case.change.artifact_digest if case.change is not None else ""
    return digest if digest.startswith("sha256:") else _("the artifact's digest")


def _tests(case: Case, values: Values) -> Step:
    """Failures that whoever asks told of are mended by whoever asks; else somebody has to have seen them pass."""
    tests = case.evidence.proof.tests
    if tests.value is not None and not tests.attested and tests.value.failed:
        do = _("Mend what fails, build anew, and ask again with the new `artifact_digest` and `tests_failed` 0.")
        return again(case, do, "artifact_digest", tests_failed=0)
    return _attested("tests", _("run the tests"))(case, values)


def _scans(case: Case, values: Values) -> Step:
    found = case.evidence.proof.scans.value
    if found:
        do = _("Remove what the scan found, build anew, have the new artifact scanned, and ask again with its digest.")
        return again(case, do, "artifact_digest")
    return _attested("scans", _("scan it"))(case, values)


def _history(case: Case, values: Values) -> Step:
    """It is earned, by a run that people let go."""
    do = _(
        "This answer gets kinder once a change of this kind has run here and was watched to a clean end "
        "(%(runs)s still to come). Let people decide this time."
    )
    return Step(do=do % {"runs": values.get("runs", "1")}, who="time")


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


def _certified(case: Case, values: Values) -> Step:
    do = _("Have one of these people certify the model %(model)s again; then ask again.") % ours(values)
    return Step(do=do, who="person", people=case.owning, where=our_address("/changes/models/"))


def _purpose(case: Case, values: Values) -> Step:
    if values.get("purpose") == Purpose.SECURITY_FIX.value:
        do = _(
            "Name the finding (`finding` or `cve`) and have one of these scan %(digest)s clean and attest it "
            "(POST %(at)s, about=scans); then ask again."
        )
        return Step(
            do=do % {"digest": _digest(case), "at": _ATTEST_AT}, who="person", people=case.attesting("scans"), tool=None
        )
    do = _(
        "Have one of these people, who has no part in it, say on an open problem of this service that this change "
        "fixes it; then ask again."
    )
    return Step(do=do, who="person", people=case.vouching, where=our_address("/problems/"))


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


def _conflicts(case: Case, values: Values) -> Step:
    others = in_the_way(named(values, "changes"))
    do = _("Wait until %(changes)s is out of the way; ask these people when that is. Then ask again.")
    names = [name for one in others for name in one.people]
    ends = [one.ends for one in others]
    known = max((one for one in ends if one), default=None) if all(ends) else None
    people = list(dict.fromkeys(names))[:MOST_PEOPLE]
    return Step(do=do % ours(values), who="person", people=people, not_before=known)


def _in_maintenance(case: Case, values: Values) -> Step:
    do = _("Ask again for a window within the maintenance that it has to keep (free_slots names such windows).")
    return again(case, do, "window_start", "window_end")


def _incident(case: Case, values: Values) -> Step:
    said = ours(values)["incident"]
    do = _("Wait until %(incident)s is resolved; these people work on it. Then ask again.")
    people = open_incidents(named(values, "incident"), case.eyes)
    return Step(
        do=do % {"incident": said if said[:4] == "INC-" else _("an incident")},
        who="person", people=people[:MOST_PEOPLE] or case.owning, tool=None,
    )  # fmt: skip


def _others_well(case: Case, values: Values) -> Step:
    do = _("Wait until %(service)s, which depends on it, is well again; who_is_on_call says who works on it.")
    first = next(iter(named(values, "service")), case.service.slug)
    return Step(
        do=do % ours(values), who="time", tool="who_is_on_call", arguments={"service": first},
        people=looks_after(first, case.eyes, case.at),
    )  # fmt: skip


def _fresh(case: Case, values: Values) -> Step:
    do = _("Headroom could not read %(group)s freshly; ask again in a minute. Where that stays so, tell these people.")
    return again(case, do % ours(values), not_before=case.at + timedelta(minutes=1)).model_copy(
        update={"people": case.owning}
    )


def _before(case: Case, values: Values) -> Step:
    at = datetime.fromisoformat(values["at"])
    window = case.evidence.change.window
    lasts = window.ends_at - window.starts_at if window is not None else timedelta(hours=1)
    do = _("Ask again for a window that ends at %(at)s or before.")
    return again(case, do % {"at": clock(at)}, window_start=(at - lasts).isoformat(), window_end=at.isoformat())


def _forecast(case: Case, values: Values) -> Step:
    do = _("Have one of these people see to a usable capacity forecast of %(measures)s; then ask again.")
    return Step(
        do=do % ours(values), who="person", people=case.owning,
        where=our_address("/measures/"),
    )  # fmt: skip


def _more_budget(case: Case, values: Values) -> Step:
    """Budget comes back as old failures leave the window; nobody can give it."""
    recovers = _recovery(case, values)
    words = {
        "objective": values["objective"], "level": values.get("level", ""), "more": _percent(values.get("more", "0")),
        "at": clock(recovers) if recovers else "",
    }  # fmt: skip
    do = (
        _("Wait: %(objective)s needs %(more)s %% more of its budget (%(level)s); with no further failures by %(at)s.")
        if recovers
        else _(
            "Wait: %(objective)s needs %(more)s %% more of its budget (%(level)s). When it will have it cannot be told "
            "yet. A reliability fix or a rollback may go sooner."
        )
    )
    return Step(do=do % words, who="time", not_before=recovers)


def _recovery(case: Case, values: Values) -> datetime | None:
    """When it is expected to have so much again, and to have had it for as long as counts."""
    limits = case.policy.limits
    limit = level_limit(Level(values["level"]), limits) if values.get("level") in set(Level) else None
    reach = case.evidence.reach.value
    for one in reach.direct if reach is not None else ():
        fact = one.budgets.get(values["objective"])
        if fact is None or fact.value is None or limit is None:
            continue
        wanted = limit + limits.hysteresis_margin
        found = next((at for ratio, at in fact.value.recovers_at.items() if Decimal(ratio) == wanted), None)
        return found + timedelta(seconds=limits.hysteresis_seconds) if found is not None else None
    return None


def _percent(text: str) -> str:
    return f"{Decimal(text) * 100:.3f}".rstrip("0").rstrip(".")


def _burning(case: Case, values: Values) -> Step:
    do = _("Wait until %(objective)s no longer burns fast; who_is_on_call says who works on it.")
    return Step(
        do=do % ours(values), who="time", tool="who_is_on_call", arguments={"service": case.service.slug},
        people=looks_after(case.service.slug, case.eyes, case.at),
    )  # fmt: skip


def _measured_again(case: Case, values: Values) -> Step:
    do = _("Wait for a fresh measurement of %(objective)s. Where none comes, one of these people looks at its source.")
    return Step(
        do=do % ours(values), who="person", people=case.owning,
        where=our_address(f"/slos/{values['objective']}/"),
    )  # fmt: skip


def _trustworthy(case: Case, values: Values) -> Step:
    do = _("Have one of these people see why the measurements of %(objective)s are doubted; the page says it.")
    return Step(
        do=do % ours(values), who="person", people=case.owning,
        where=our_address(f"/slos/{values['objective']}/"),
    )  # fmt: skip


def _another_measures(case: Case, values: Values) -> Step:
    do = _("Have one of these people let somebody without an interest in this change measure %(objective)s as well.")
    return Step(
        do=do % ours(values), who="person", people=case.owning,
        where=our_address(f"/slos/{values['objective']}/"),
    )  # fmt: skip


def _settled(case: Case, values: Values) -> Step:
    holders = holders_of(case.service.pk, case.environment, case.at)
    words = {"changes": ", ".join(one.reference for one in holders) or _("the changes in flight")}
    do = _("Wait until %(changes)s is verified and gives its share of the budget back: 30 clean minutes after it ends.")
    ends = [one.ends for one in holders]
    known = max((one for one in ends if one), default=None) if all(ends) else None
    return Step(do=do % words, who="time", not_before=known, people=_people_of(holders))


def _people_of(holders: list[Any]) -> list[str]:
    return list(dict.fromkeys(name for one in holders for name in one.people))[:MOST_PEOPLE]


def clock(at: datetime) -> str:
    """An instant as agents and people read it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


STEPS: Mapping[str, Make] = {
    "backout_plan": _backout,
    "artifact_named": _artifact,
    "peer_review": _attested("peer_review", "review it"),
    "progressive_tested": _attested("progressive", "roll it out in stages, with a way back that was tried,"),
    "tests_pass": _tests,
    "scans_clean": _scans,
    "known_history": _history,
    "without_migration": _no_migration,
    "inside_model_bounds": _inside_bounds,
    "model_certified": _certified,
    "purpose_proven": _purpose,
    "questions_answered": _questions,
    "ask_after": _after,
    "conflicts_resolved": _conflicts,
    "inside_maintenance": _in_maintenance,
    "incident_closed": _incident,
    "reached_recovers": _others_well,
    "fresh_evidence": _fresh,
    "done_before": _before,
    "capacity_forecast": _forecast,
    "more_budget": _more_budget,
    "burning_stops": _burning,
    "trustworthy": _trustworthy,
    "measured_by_another": _another_measures,
    "fresh_measurement": _measured_again,
    "reservations_settled": _settled,
}
