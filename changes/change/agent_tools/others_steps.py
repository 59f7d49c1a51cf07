"""Steps that others take, or time does: by name, where and from when, as far as anybody can tell."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import MOST_PEOPLE, Case
from changes.change.agent_tools.making import ATTEST_AT, Make, attested_by, clock, digest_of
from changes.change.agent_tools.shapes import Step
from changes.change.agent_tools.waiting_for import Other, holders_of, in_the_way, looks_after, open_incidents
from changes.change.agent_tools.wording import is_ours, named, ours
from changes.gate.budget_states import level_limit
from changes.gate.sentences import holder_named
from changes.gate.verdict import Values
from changes.gate.vocabulary import Purpose
from itsm.notifications.web_addresses import our_address
from slo.engine.states import Level


def _history(case: Case, values: Values) -> Step:
    """It is earned, by a run that people let go."""
    do = _(
        "This answer gets kinder once a change of this kind has run here and was watched to a clean end "
        "(%(runs)s still to come). Let people decide this time."
    )
    return Step(do=do % {"runs": values.get("runs", "1")}, who="time")


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
            do=do % {"digest": digest_of(case), "at": ATTEST_AT},
            who="person",
            people=case.attesting("scans"),
            tool=None,
        )
    do = _(
        "Have one of these people, who has no part in it, say on an open problem of this service that this change "
        "fixes it; then ask again."
    )
    return Step(do=do, who="person", people=case.vouching, where=our_address("/problems/"))


def _conflicts(case: Case, values: Values) -> Step:
    others = in_the_way(named(values, "changes"))
    do = _("Wait until nothing is in the way: %(changes)s. Ask these people when that is. Then ask again.")
    names = [name for one in others for name in one.people]
    ends = [one.ends for one in others]
    known = max((one for one in ends if one), default=None) if all(ends) else None
    people = list(dict.fromkeys(names))[:MOST_PEOPLE]
    return Step(do=do % ours(values), who="person", people=people, not_before=known)


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


def _allowance(case: Case, values: Values) -> Step:
    """Without one people decide about what an agent wants: whoever has no stake in it gives a share."""
    said = _held(values) | {"more": _percent(values.get("more", "0"))}
    do = _(
        "Have one of these people give %(holder)s an allowance of at least %(more)s %% of the headroom of %(service)s; "
        "then ask again."
    )
    return Step(do=do % said, who="person", people=case.owning, where=_given_at(case, values, said["more"]))


def _held(values: Values) -> dict[str, str]:
    """The values, with the holder in words, as reasons name it."""
    said = ours(values)
    return said | {"holder": holder_named(said.get("holder", ""), _)}


def _given_at(case: Case, values: Values, percent: str) -> str:
    """Where it is given, with the form filled in; a name that somebody chose stays out of it."""
    holder = values.get("holder", "")
    kind, _colon, name = holder.partition(":")
    named = {"service": case.service.slug, "percent": percent} | ({kind: name} if is_ours("holder", holder) else {})
    return our_address(f"/allowances/?{urlencode(named)}")


def _allowance_settled(case: Case, values: Values) -> Step:
    holders = holders_of(case.service.pk, case.environment, case.at)
    do = _("Wait until the other changes of %(holder)s are verified: 30 clean minutes after each ends. Then ask again.")
    ends = [one.ends for one in holders]
    known = max((one for one in ends if one), default=None) if all(ends) else None
    return Step(do=do % _held(values), who="time", not_before=known, people=_people_of(holders))


def _people_of(holders: Sequence[Other]) -> list[str]:
    return list(dict.fromkeys(name for one in holders for name in one.people))[:MOST_PEOPLE]


# What somebody says of an artifact, which has to be named before.
OF_ONE_ARTIFACT = frozenset({"peer_review", "progressive_tested", "tests_pass", "scans_clean", "purpose_proven"})
OTHERS: Mapping[str, Make] = {
    "peer_review": attested_by("review it", "peer_review"),
    "progressive_tested": attested_by(
        "see to rollout in stages and a tried way back", "progressive", "rollback_tested"
    ),
    "known_history": _history,
    "model_certified": _certified,
    "purpose_proven": _purpose,
    "conflicts_resolved": _conflicts,
    "incident_closed": _incident,
    "reached_recovers": _others_well,
    "capacity_forecast": _forecast,
    "more_budget": _more_budget,
    "burning_stops": _burning,
    "trustworthy": _trustworthy,
    "measured_by_another": _another_measures,
    "fresh_measurement": _measured_again,
    "reservations_settled": _settled,
    "allowance_given": _allowance,
    "allowance_raised": _allowance,
    "allowance_settled": _allowance_settled,
}
