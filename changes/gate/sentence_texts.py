"""The texts of the gate: one for every code that it can speak (tests compare the tables with the sources).

Placeholders are named, `%` is written with a space before it. They are translated when they are read.
"""

from collections.abc import Mapping


def _(msgid: str) -> str:  # so that makemessages finds the sentences; the translation happens when they are read
    return msgid


HIDDEN_INCIDENT = _("an incident that you may not see")
REASONS: Mapping[str, str] = {
    "budget_healthy": _("{objective} has {observed} % of its budget free."),
    "budget_watch": _("{objective} has {observed} % of its budget free: one to watch."),
    "budget_constrained": _("{objective} has {observed} % of its budget free, more than {limit} % is needed."),
    "budget_recovering": _("{objective} is recovering from an exhausted budget ({observed} % free)."),
    "budget_exhausted": _("{objective} has used up its budget ({observed} % free), more than {limit} % is needed."),
    "budget_low_confidence": _("{objective} has too few measurements to be trusted ({observed} % free)."),
    "budget_unmeasured_tier_1_2": _("{service} (tier {tier}) has no objective that measures it here."),
    "budget_unmeasured_tier_3_4": _("{service} (tier {tier}) has no objective that measures it here."),
    "budget_not_yet_measured": _(
        "{objective} is not measured yet: {measured} of the first {needed} minutes are there, so a person decides."
    ),
    "budget_no_data": _("{objective} of {service} has no measurement that can be used: {because}."),
    "budget_burning_fast": _(
        "{objective} of {service} is burning its budget fast: {burn_1h} times as fast as it may over 1 h, "
        "{burn_6h} times over 6 h."
    ),
    "trust_impossible": _("{indicator} has sent impossible measurements since {since}."),
    "trust_vanished": _("Since {since} {indicator} counts next to no events, where there always were some."),
    "trust_flat": _("{indicator} has given the very same measurement over and over since {since}."),
    "trust_self_measured": _("Who asks also measures {objective}; the measurements alone do not decide."),
    "trust_delayed": _("The measurements of {indicator} usually come more than five minutes late."),
    "trust_thin": _("{indicator} has been measured too thinly since {since}."),
    "trust_failures_vanished": _("Since {since} {indicator} counts no failures at all, where there always were some."),
    "trust_low": _("The measurements of {objective} are trusted to {observed} %, {limit} % are needed."),
    "trust_unknown": _("Nobody has judged lately whether the measurements of {objective} can be trusted."),
    "major_incident": _("{service} has an open major incident: {incident}."),
    "reach_unknown": _("Nobody knows which services this change touches."),
    "reach_truncated": _("The change reaches more services than could be followed."),
    "service_not_in_reach": _("{service} is not among the services that this change was found to touch."),
    "reached_major_incident": _("{service}, which depends on this, has an open major incident: {incident}."),
    "reached_burning_fast": _("{service}, which depends on this, is burning its budget fast."),
    "reached_exhausted": _("{service}, which depends on this, has no budget left; its owner {team} is told."),
    "reached_unseen": _("{service}, which depends on this, cannot be seen ({state})."),
    "other_environment": _("{environment} is not production."),
    "calendar_closed": _("The calendar is closed by {kind} {reference} until {ends_at}."),
    "service_needs_owner": _("{service} came with an import, and nobody has said yet who owns it."),
    "calendar_lifted_by_asker": _(
        "Whoever asks lifted “{reference}”, which closed the calendar; somebody else agrees first."
    ),
    "calendar_word_unknown": _("Calendar entry {reference} is of an unknown kind: {kind}."),
    "conflict": _("{reference} is in the way ({kind})."),
    "conflict_word_unknown": _("{reference} conflicts in an unknown way: {kind}."),
    "capacity_runs_out": _(
        "{measure} of {item} may meet its limit from {soonest} on; this change may run until {ends_at}."
    ),
    "capacity_unusable": _("Whether {measure} of {item} stays clear of its limit cannot be told: {because}."),
    "capacity_unknown": _("When what {service} runs on is full cannot be told: {because}."),
    "allowance_missing": _("People decide about what {holder} wants: it has no allowance on {service}."),
    "allowance_self_given": _(
        "The allowance of {holder} on {service} came from somebody who wants this change; somebody else gives it."
    ),
    "allowance_empty": _("The allowance of {holder} on {service} is empty, so people decide."),
    "allowance_spent": _(
        "With this change {holder} would have {observed} % of the budget of {objective} at stake, and its allowance on "
        "{service} comes to {limit} %: people decide."
    ),
    "allowance_unknown": _("What agents and teams may draw on {service} cannot be told: {because}."),
    "invariant_violated": _(
        "What must always hold here does not ({invariants}): until somebody has cleared that, people decide."
    ),
    "invariants_unaudited": _(
        "Since {since} nobody has looked whether all that must hold here does; until then people decide."
    ),
    "policy_lapsed": _("The policy was to be reviewed by {review_on} by {accountable}; until then people decide."),
    "identity_missing": _("The request does not say its {missing}."),
    "word_unknown": _("“{word}” is not a known {field}."),
    "evidence_unusable": _("Evidence about {group} cannot be used: {because}."),
    "incident_unranked": _("{incident} has no priority yet, so it may be a major one."),
    "tests_failed": _("{failed} tests failed."),
    "scan_findings": _("The scan found {findings} blocking findings."),
    "asker_measures": _("Who wants this change is among those who measure {objective}: {measurers}."),
    "self_measured": _(
        "{objective} is measured, or was set up to be measured, only by people who want this change ({measurers}): "
        "another person looks at it."
    ),
    "risk_high": _("The risk is high."),
    "questions_unanswered": _("Nobody answered what the policy asks about such a change: {questions}."),
    "artifact_missing": _("It names no artifact, so an answer without people would be bound to nothing."),
    "artifact_can_change": _(
        "“{artifact}” can be moved to another artifact; only sha256: with 64 hex digits names one for ever."
    ),
    "fair_share": _(
        "{objective}: with this change its asker would hold {observed} % of the budget, {limit} % is the fair share; "
        "it waits until one of the asker's other changes is done."
    ),
    "rollback_unproven": _("It is not taken for a rollback: {because}. So it counts as a feature."),
    "backout_missing": _("There is no backout plan."),
    "emergency_share": _("{observed} % of this team's changes are emergencies, up to {limit} % are expected."),
    "reservation_does_not_fit": _("{objective} has {observed} % free; this change may burn {limit} %."),
    "one_at_a_time": _("{objective} allows few failures, and {observed} other change(s) hold part of it."),
    "needs_peer_review": _("A review by another person is not attested ({because})."),
    "needs_history_known": _("Changes like this have not run here yet."),
    "needs_progressive": _("A progressive rollout is not attested ({because})."),
    "needs_rollback_tested": _("A tested rollback is not attested ({because})."),
    "needs_tests": _("Passing tests are not attested ({because})."),
    "needs_scans": _("A clean scan is not attested ({because})."),
    "standard_refused": _("Not a standard change: {because} {detail}."),
    "emergency_refused": _("Not an emergency: {because} {detail}."),
    "purpose_unproven": _("The purpose {purpose} is not proven, so it counts as a feature."),
}
WOULD_HELP: Mapping[str, str] = {
    "backout_plan": _("a backout plan"),
    "artifact_named": _("an artifact named by sha256: and 64 hex digits"),
    "peer_review": _("a review by another person"),
    "progressive_tested": _("progressive rollout with tested rollback"),
    "tests_mended": _("no failing tests"),
    "tests_pass": _("passing tests, attested"),
    "scans_clean": _("a clean scan, attested"),
    "known_history": _("{runs} earlier run of such a change here, watched to a clean end"),
    "without_migration": _("no schema migration in it"),
    "inside_model_bounds": _("staying within the bounds of model {model} ({bounds})"),
    "model_certified": _("model {model} certified again"),
    "purpose_proven": _("proof for the purpose {purpose}"),
    "questions_answered": _("an answer to what is asked: {questions}"),
    "ask_after": _("ask after {at}"),
    "conflicts_resolved": _("{changes} out of the way"),
    "inside_maintenance": _("a window within {windows}"),
    "incident_closed": _("{incident} closed"),
    "reached_recovers": _("{service} well again"),
    "fresh_evidence": _("fresh evidence about {group}"),
    "done_before": _("a window that ends before {at}"),
    "capacity_forecast": _("a forecast of {measures} that can be used"),
    "allowance_given": _(
        "an allowance of at least {more} % of the headroom of {service} for {holder}, given by an owner of the service "
        "(team {team}) or a change manager without a stake in it"
    ),
    "allowance_raised": _("an allowance of at least {more} % of the headroom of {service} for {holder}"),
    "allowance_settled": _("the changes of {holder} in flight verified"),
    "more_budget": _("{more} % more budget on {objective}"),
    "burning_stops": _("{objective} no longer burning fast"),
    "trustworthy": _("measurements of {objective} that nothing speaks against"),
    "measured_by_another": _("{objective} measured by somebody without an interest in this change as well"),
    "fresh_measurement": _("a fresh measurement of {objective}"),
    "reservations_settled": _("changes in flight verified"),
}
CONDITIONS: Mapping[str, str] = {
    "progressive": _("Roll out progressively."),
    "one_at_a_time": _("One change at a time."),
    "review_afterwards": _("Review afterwards, by {due_at}."),
    "notify_owner": _("Tell {team}, who own {service}."),
}
# What has changed since somebody looked.
NEWS: Mapping[str, str] = {
    "major_opened": _("{service} has a major incident since: {incident}."),
    "major_over": _("The major incident {incident} of {service} is over."),
    "calendar_closes": _("The calendar is closed since by the {kind} “{reference}”, until {ends_at}."),
    "calendar_opens": _("The {kind} “{reference}” no longer closes the calendar."),
    "budget_burning_fast": _("{objective} is burning its budget fast since; it was {before} before."),
    "budget_exhausted": _("{objective} has used up its budget since; it was {before} before."),
    "budget_no_data": _("{objective} cannot be seen any more; it was {before} before."),
    "capacity_runs_out": _("{measure} may meet its limit from {soonest} on, before this change is over."),
    "capacity_unusable": _("It can no longer be told whether {measure} stays clear of its limit."),
    "capacity_clear": _("{measure} stays clear of its limit again."),
    "budget_moved": _("{objective} is {now}; it was {before} before."),
    "budget_gone": _("{objective} no longer speaks for this service."),
    "evidence_unseen": _("Evidence about {group} can no longer be used."),
    "reach_grown": _("It reaches more than before: {services}."),
    "reach_shrunk": _("It no longer reaches {services}."),
    "reached_trouble": _("{service}, which depends on this, is {now} since."),
    "reached_well": _("{service}, which depends on this, is well again."),
}
STANDINGS: Mapping[str, str] = {
    "": _("not known"),
    "healthy": _("healthy"),
    "watch": _("one to watch"),
    "constrained": _("constrained"),
    "recovering": _("recovering"),
    "exhausted": _("out of budget"),
    "low_confidence": _("measured too thinly"),
    "unmeasured": _("not measured"),
    "unmeasured_tier_1_2": _("not measured"),
    "unmeasured_tier_3_4": _("not measured"),
    "no_data": _("silent"),
    "burning_fast": _("burning fast"),
}
WORDS: Mapping[str, str] = {
    "missing": _("missing"),
    "stale": _("too old"),
    "undated": _("without a date"),
    "unsourced": _("without a source"),
    "from_the_future": _("dated in the future"),
    "out_of_range": _("not a possible number"),
    "unknown_word": _("in words that are not known"),
    "claimed": _("only claimed"),
    "truncated": _("more is measured than can be looked at"),
    "never_forecast": _("nothing was forecast yet"),
    "too_little": _("too little was measured yet"),
    "not_so_far": _("the forecast does not look so far ahead"),
    "sent_by_asker": _("it rests on the word of somebody who wants this change"),
    "sent_by_team": _("it rests on the word of the owner team's own programs"),
    "retired_by_asker": _("somebody who wants this change has stopped watching it"),
    "denied": _("denied"),
    "model_unknown": _("no approved change model covers it"),
    "model_not_approved": _("its model is not approved:"),
    "model_self_approved": _("whoever asks for this change approved its model; somebody else certifies it again:"),
    "outside_bounds": _("it leaves the model's bounds:"),
    "migration_outside_bounds": _("it migrates the schema, which its model does not allow:"),
    "model_suspended": _("its model is suspended after failures:"),
    "certification_lapsed": _("its model must be certified again:"),
    "incidents_unknown": _("open incidents cannot be seen,"),
    "no_open_incident": _("it names no open incident"),
    "other_service": _("the incident is about another service:"),
    "not_priority_1": _("the incident is not priority 1:"),
    "not_confirmed": _("nobody else confirmed the incident:"),
    "artifact_can_change": _("only an artifact named by sha256: and 64 hex digits is the same as before"),
    "never_ran_clean_here": _("this artifact has not succeeded here before, or has gone badly here since"),
    "touches_more": _("it touches other services as well"),
    "not_watched_to_its_end": _("its earlier deployment has not been watched to a clean end"),
    "seen_by_nobody_else": _("nobody but those who wanted it saw its earlier deployment work"),
    "runs_already": _("this artifact is what runs now"),
    "names_no_change_to_undo": _("it does not name the change that runs or just failed here"),
    "same_ci": _("the same service or item"),
    "related_ci": _("a service it depends on"),
    "reached_service": _("a service that it reaches"),
    "window": _("in the same window"),
    "implementer": _("the same implementer"),
    "deployment_target": _("running on the same target"),
    "failed_in_window": _("failed there lately"),
    "path_suspended": _("emergency reviews are overdue:"),
}
# Who holds an allowance, by the first word of how evidence names them.
HOLDERS: Mapping[str, str] = {"agent": _("software agent {name}"), "team": _("team {name}")}
# What the gate calls things, by the value that names them.
NAMES: Mapping[str, str] = {
    "requester": _("requester"),
    "author": _("author"),
    "content_hash": _("content"),
    "service": _("service"),
    "environment": _("environment"),
    "reach": _("what depends on it"),
    "calendar": _("the calendar"),
    "incidents": _("open incidents"),
    "history": _("earlier changes"),
    "change_class": _("class"),
    "purpose": _("purpose"),
    "feature": _("feature"),
    "reliability_fix": _("reliability fix"),
    "security_fix": _("security fix"),
    "rollback": _("rollback"),
    "flag_off": _("turning a flag off"),
    "experiment": _("chaos experiment"),
}
MONTHS = (
    _("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
    _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"),
)  # fmt: skip
JOINED = _("{first} and {second}")
MISSING_DATA = _("{service} has no measurement that can be used: {because}.")
DECIDES_LATER = _("{objective} is new: by its owner's word it decides from {gates_from} on.")
BESIDE_OTHERS = _(
    "{objective} is not measured yet ({measured} of the first {needed} minutes): beside the others it changes nothing."
)
STALE_MEASUREMENT = _("{objective} of {service} was last measured too long ago.")
NOT_YET_BACK = _(
    "{objective} has {observed} % of its budget free again; it must stay clear of {limit} % for an hour to count."
)
