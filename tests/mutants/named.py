"""Faults that once went unnoticed, each with the tests that notice it now. `make mutants` makes them, one at a time.

A fault is a replacement of source text. The text is looked for in the whole product, spaces and line ends aside, and
must stand there exactly once: so it follows files that move. Where it is no longer found, `test_named.py` fails in every
run: say anew how the fault would be made.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """`before` becomes `after`, and at least one of `killed_by` (names of test functions) fails."""

    name: str
    before: str
    after: str
    killed_by: tuple[str, ...]
    in_schema: bool = False  # the text is part of a migration: tables are made anew


NAMED = (
    # People are told, asked and heard.
    Mutant(
        "a ticket alert tells nobody",
        "notify( User.objects.filter(teams=team, is_active=True, account_type=User.AccountType.HUMAN),",
        "notify( User.objects.none(),",
        ("test_it_is_told_to_the_people_of_the_services_team",),
    ),
    Mutant(
        "a ticket alert tells people who have left",
        "notify( User.objects.filter(teams=team, is_active=True, account_type=User.AccountType.HUMAN),",
        "notify( User.objects.filter(teams=team, account_type=User.AccountType.HUMAN),",
        ("test_it_is_told_to_the_people_of_the_services_team",),
    ),
    Mutant(
        "a person's answer leaves no audit entry",
        'lifecycle.announce(change, "answered", actor=actor, changes=approvals.noted(approval), remark=comment)',
        "pass",
        ("test_an_answer_is_in_the_audit_trail_with_who_gave_it_and_their_words",),
    ),
    Mutant(
        "the author is not excluded",
        "ids: set[Any] = {self.requested_by_id, self.author_id, self.implementer_id, *self.program_owners}",
        "ids: set[Any] = {self.requested_by_id, self.implementer_id, *self.program_owners}",
        ("test_who_asked_wrote_or_carries_it_out_is_excluded_when_people_are_asked",),
    ),
    Mutant(
        "the implementer is not excluded",
        "ids: set[Any] = {self.requested_by_id, self.author_id, self.implementer_id, *self.program_owners}",
        "ids: set[Any] = {self.requested_by_id, self.author_id, *self.program_owners}",
        ("test_who_asked_wrote_or_carries_it_out_is_excluded_when_people_are_asked",),
    ),
    Mutant(
        "nobody is excluded when people are asked",
        "return Panel(authority.role, role, team, authority.quorum, change.interested)",
        "return Panel(authority.role, role, team, authority.quorum, ())",
        ("test_who_asked_wrote_or_carries_it_out_is_excluded_when_people_are_asked",),
    ),
    Mutant(
        "an open ask is kept though it does not exclude them",
        "or approval.content_hash != change.content_hash or not change.interested <= set(approval.excluded)",
        "or approval.content_hash != change.content_hash",
        ("test_who_asked_wrote_or_carries_it_out_is_excluded_when_people_are_asked",),
    ),
    Mutant(
        "excluded people are told",
        """people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN).exclude(pk__in=approval.excluded)
    asked = people.filter(roles__contains=[approval.role])""",
        """people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    asked = people.filter(roles__contains=[approval.role])""",
        ("test_who_is_excluded_is_not_told_though_the_role_is_theirs", "test_they_are_neither_told_nor_heard"),
    ),
    Mutant(
        "people who have left are told",
        """people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN).exclude(pk__in=approval.excluded)
    asked = people.filter(roles__contains=[approval.role])""",
        """people = User.objects.filter(account_type=User.AccountType.HUMAN).exclude(pk__in=approval.excluded)
    asked = people.filter(roles__contains=[approval.role])""",
        ("test_people_who_have_left_are_not_asked",),
    ),
    Mutant(
        "programs are told",
        """people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN).exclude(pk__in=approval.excluded)
    asked = people.filter(roles__contains=[approval.role])""",
        """people = User.objects.filter(is_active=True).exclude(pk__in=approval.excluded)
    asked = people.filter(roles__contains=[approval.role])""",
        ("test_people_who_have_left_are_not_asked",),
    ),
    Mutant(
        "owners of the team are no peers",
        "ANSWERS = Rules(team_roles=(Role.ENGINEER, Role.APPROVER, Role.OWNER),",
        "ANSWERS = Rules(team_roles=(Role.ENGINEER, Role.APPROVER),",
        ("test_engineers_approvers_and_owners_of_the_team_are_peers",),
    ),
    Mutant(
        "approvers of the team are no peers",
        "ANSWERS = Rules(team_roles=(Role.ENGINEER, Role.APPROVER, Role.OWNER),",
        "ANSWERS = Rules(team_roles=(Role.ENGINEER, Role.OWNER),",
        ("test_engineers_approvers_and_owners_of_the_team_are_peers",),
    ),
    Mutant(
        "owners and approvers of the team see nothing waiting",
        "if rules.admit_by_team(actor):",
        "if actor.has(ActorRole.ENGINEER):",
        ("test_engineers_approvers_and_owners_of_the_team_are_peers",),
    ),
    Mutant(
        "owners and approvers of the team are not named as deciders",
        "roles__overlap=list(rules_of(approval.record_kind).team_roles))",
        'roles__overlap=["engineer"])',
        ("test_engineers_approvers_and_owners_of_the_team_are_peers",),
    ),
    Mutant(
        "the database does not look at who is excluded",
        '"IF ARRAY[NEW.by_id, NEW.in_place_of_id] && approval.excluded OR EXISTS (",',
        '"IF false AND EXISTS (",',
        ("test_raw_sql_cannot_slip_past_four_eyes",),
        in_schema=True,
    ),
    # What is taken back, and what is not.
    Mutant(
        "an objective that does not gate takes approvals back",
        "if objective.gating and not budget.is_new and budget.state in COLLAPSED:",
        "if not budget.is_new and budget.state in COLLAPSED:",
        ("test_an_objective_that_does_not_gate_takes_nothing_back",),
    ),
    Mutant(
        "a declined correction keeps its due row",
        """current.decided_by, current.decided_at = actor.name[:150], at
        due.cancel(Correction.kind, current.pk, EXPIRES)
    return current""",
        """current.decided_by, current.decided_at = actor.name[:150], at
    return current""",
        ("test_what_was_decided_is_owed_nothing_more",),
    ),
    Mutant(
        "the incident is not told that its burn ended",
        "if incident is not None and incident.status != Status.CLOSED:",
        "if False and incident is not None and incident.status != Status.CLOSED:",
        ("test_the_incident_is_told_that_its_burn_ended",),
    ),
    Mutant(
        "a closed incident is told that its burn ended",
        "if incident is not None and incident.status != Status.CLOSED:",
        "if incident is not None:",
        ("test_one_that_people_closed_before_hears_nothing_more",),
    ),
    Mutant(
        "what is postponed has conditions",
        "if judgement.outcome in (Outcome.POSTPONED, Outcome.BLOCKED):",
        "if judgement.outcome is Outcome.BLOCKED:",
        ("test_what_is_postponed_has_no_conditions",),
    ),
    Mutant(
        "what is blocked has conditions",
        "if judgement.outcome in (Outcome.POSTPONED, Outcome.BLOCKED):",
        "if judgement.outcome is Outcome.POSTPONED:",
        ("test_what_is_blocked_has_none_either",),
    ),
    # Locks and turns.
    Mutant(
        "whoever entered a maintenance decides what the clock asks about it",
        "asked_by=window.created_by if actor.is_system else None,",
        "asked_by=None,",
        ("test_what_recurs_asks_about_each_time_a_week_ahead_once_and_follows_its_calendar",),
    ),
    Mutant(
        "who judges, starts or approves does not share the calendar",
        'cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [AdvisoryLock.CALENDAR])',
        "pass",
        ("test_who_asks_waits_for_who_closes_it_and_is_held_by_it",),
    ),
    Mutant(
        "a start that the wall never shows goes back by the gap",
        "return local.replace(tzinfo=zone, fold=0).astimezone(UTC)",
        "return local.replace(tzinfo=zone, fold=1).astimezone(UTC)",
        ("test_the_wall_clock_is_what_is_meant",),
    ),
    Mutant(
        "a free time is offered that something begins in",
        "met = coming if coming and ends and coming.starts_at < start + lasts else None",
        "met = coming if coming and ends and coming.starts_at < start else None",
        ("test_the_golden_day",),
    ),
    Mutant(
        "what recurs is not written down again at night",
        "write_down(window, [one for one in found if one.ends_at > at], at)",
        "pass",
        ("test_every_night_it_goes_on_and_twice_is_once",),
    ),
    Mutant(
        "who approves does not share the calendar",
        """share_calendar() # before the change, as everywhere
    change = lifecycle.locked(change)
    if approvals.already_cast(""",
        """change = lifecycle.locked(change)
    if approvals.already_cast(""",
        ("test_who_approves_waits_for_who_closes_it_and_is_told",),
    ),
    Mutant(
        "the budgets are locked without the calendar",
        "share_calendar() return lock_gating_budgets(service_id, environment, at=at)",
        "return lock_gating_budgets(service_id, environment, at=at)",
        (
            "test_who_starts_waits_for_who_closes_it_and_does_not_start",
            "test_who_asks_waits_for_who_closes_it_and_is_held_by_it",
        ),
    ),
    Mutant(
        "who closes the calendar waits for nobody",
        'cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.CALENDAR])',
        "pass",
        ("test_who_closes_it_waits_for_what_is_being_approved_and_takes_it_back",),
    ),
    Mutant(
        "a time-out does not lock the change",
        'return live_evaluation(lifecycle.locked(Change.objects.only("pk").get(pk=change_id)))',
        'return live_evaluation(Change.objects.only("pk").get(pk=change_id))',
        ("test_a_time_out_waits_for_who_decides_at_the_same_moment",),
    ),
    Mutant(
        "what no longer waits is judged",
        "if evaluation.status != Evaluation.Status.PENDING: return evaluation",
        "",
        ("test_what_people_approved_since_is_not_judged", "test_nor_is_what_was_cancelled_since"),
    ),
    Mutant(
        "an alert is not locked while its news are told",
        'alert = _full(BurnAlert.objects.select_for_update(of=("self",), no_key=True).filter(pk=alert_id)).get()',
        "alert = _full(BurnAlert.objects.filter(pk=alert_id)).get()",
        ("test_the_news_of_an_alert_are_told_once",),
    ),
    Mutant(
        "evaluations take no turns",
        """with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.EVALUATION])
        count""",
        """with transaction.atomic(), connection.cursor() as cursor:
        count""",
        ("test_also_where_they_evaluate_other_objectives",),
    ),
    Mutant(
        "who changes what is measured takes no turn",
        """cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.EVALUATION])
        cursor.execute(
            "SELECT FROM slo_budget""",
        """cursor.execute(
            "SELECT FROM slo_budget""",
        ("test_also_where_they_evaluate_other_objectives",),
    ),
    # What can be saved.
    Mutant(
        "fields are not cleaned",
        "record.clean_fields(exclude={field.name for field in record._meta.fields} - {*names})",
        "pass",
        (
            "test_an_edit_to_something_that_the_field_does_not_take_is_refused_and_undone",
            "test_a_step_that_fills_in_too_much_is_refused_and_undone",
        ),
    ),
    Mutant(
        "what was not touched is cleaned as well",
        "record.clean_fields(exclude={field.name for field in record._meta.fields} - {*names})",
        "record.clean_fields()",
        ("test_what_was_not_touched_is_not_looked_at_again",),
    ),
    # Limits, at equality.
    Mutant(
        "a reservation that exactly fits is postponed",
        "if amount > room:",
        "if amount >= room:",
        ("test_a_reservation_that_exactly_fits_is_held",),
    ),
    Mutant(
        "a fair share cannot be used up",
        "if mine is None or mine + amount > most:",
        "if mine is None or mine + amount >= most:",
        ("test_the_fair_share_may_be_used_up",),
    ),
    Mutant(
        "ten allowed failures are too few for the gate",
        "return allowed is None or allowed < limits.allowed_failures_from",
        "return allowed is None or allowed <= limits.allowed_failures_from",
        ("test_ten_allowed_failures_are_enough",),
    ),
    Mutant(
        "ten allowed failures are too few for the evaluation",
        "OR l.most_granted < l.min_allowed * l.unit * 1e9)",
        "OR l.most_granted <= l.min_allowed * l.unit * 1e9)",
        ("test_exactly_ten_allowed_failures_are_enough",),
    ),
    Mutant(
        "coverage of 0.9 is too little for the gate",
        "(sound(budget.coverage, 0, 1) or 0) < limits.coverage_from",
        "(sound(budget.coverage, 0, 1) or 0) <= limits.coverage_from",
        ("test_nine_tenths_of_the_window_are_enough",),
    ),
    Mutant(
        "coverage of 0.9 is too little for the evaluation",
        "(l.coverage < %(enough_coverage)s OR",
        "(l.coverage <= %(enough_coverage)s OR",
        ("test_confidence_needs_coverage_and_ten_allowed_failures",),
    ),
    Mutant(
        "a level begins at its limit",
        "if limit is None or room > limit + margin:",
        "if limit is None or room >= limit + margin:",
        ("test_a_level_lies_above_its_limit",),
    ),
    Mutant(
        "high risk begins above its limit",
        "if score >= high_from:",
        "if score > high_from:",
        ("test_answers_at_the_limit_are_graded_up", "test_a_blast_radius_at_the_limit_is_graded_up"),
    ),
    Mutant(
        "medium risk begins above its limit",
        "return Risk.MEDIUM if score >= medium_from else Risk.LOW",
        "return Risk.MEDIUM if score > medium_from else Risk.LOW",
        ("test_a_failure_probability_at_the_limit_is_graded_up", "test_a_blast_radius_at_the_limit_is_graded_up"),
    ),
    Mutant(
        "a row that a total outage only just reaches counts as reachable",
        "return self.factor(window_days) * error_budget_ppb < PPB",
        "return self.factor(window_days) * error_budget_ppb <= PPB",
        ("test_a_row_that_a_total_outage_only_just_reaches_never_fires",),
    ),
    Mutant(
        "half an hour is not just before",
        "lead <= timedelta(minutes=30) else",
        "lead < timedelta(minutes=30) else",
        ("test_half_an_hour_is_just_before_and_the_first_minute_still_is",),
    ),
    Mutant(
        "the first minute counts as during",
        "if candidate.began_at >= started + _MINUTE:",
        "if candidate.began_at >= started:",
        ("test_half_an_hour_is_just_before_and_the_first_minute_still_is",),
    ),
    Mutant(
        "what ended two hours before is no candidate cause",
        "candidate.ended_at < started - BEFORE",
        "candidate.ended_at <= started - BEFORE",
        ("test_what_ended_exactly_two_hours_before_may_still_be_the_cause",),
    ),
    # Edges of the gate.
    Mutant(
        "a freeze is open at its first instant",
        "entry.starts_at <= starts < entry.ends_at or starts",
        "entry.starts_at < starts < entry.ends_at or starts",
        ("test_a_freeze_is_closed_from_its_first_instant_up_to_its_end",),
    ),
    Mutant(
        "a freeze is closed at its end",
        "entry.starts_at <= starts < entry.ends_at or starts",
        "entry.starts_at <= starts <= entry.ends_at or starts",
        ("test_a_freeze_is_closed_from_its_first_instant_up_to_its_end",),
    ),
    Mutant(
        "a freeze that begins where a window ends holds it",
        "or starts < entry.starts_at < ends",
        "or starts < entry.starts_at <= ends",
        ("test_a_window_that_ends_where_a_freeze_begins_is_open",),
    ),
    Mutant(
        "a window without length is its start",
        "if window is None or window.ends_at <= window.starts_at:",
        "if window is None or window.ends_at < window.starts_at:",
        ("test_a_window_without_length_counts_as_the_instant_of_the_question",),
    ),
    Mutant(
        "freezes that touch are two",
        "if entry.starts_at <= end < entry.ends_at: end",
        "if entry.starts_at < end < entry.ends_at: end",
        ("test_freezes_that_touch_hold_to_the_end_of_the_last",),
    ),
    Mutant(
        "a reading of ten minutes is too old",
        "at - budget.watermark > timedelta(seconds=limits.no_data_after_seconds)",
        "at - budget.watermark >= timedelta(seconds=limits.no_data_after_seconds)",
        ("test_a_reading_of_ten_minutes_is_the_oldest_that_counts",),
    ),
    Mutant(
        "a reading of this instant is of the future",
        "budget.watermark is not None and budget.watermark > at:",
        "budget.watermark is not None and budget.watermark >= at:",
        ("test_a_reading_of_this_instant_counts_and_one_of_the_next_does_not",),
    ),
    Mutant(
        "more than the whole budget is believed",
        "if any(number is None for number in numbers) or headroom_of(budget) > 1:",
        "if any(number is None for number in numbers):",
        ("test_nobody_has_more_than_the_whole_budget_nor_less_than_none_of_anything",),
    ),
    Mutant(
        "what burns as fast as it earns recovers",
        "burn < limits.recovering_burn_below",
        "burn <= limits.recovering_burn_below",
        ("test_it_recovers_while_it_burns_less_than_it_earns_and_the_fix_is_verified",),
    ),
    Mutant(
        "a level rises after more than the hour",
        "at - since >= timedelta(seconds=limits.hysteresis_seconds)",
        "at - since > timedelta(seconds=limits.hysteresis_seconds)",
        ("test_a_level_rises_after_exactly_the_hour",),
    ),
    Mutant(
        "an incident of the second priority holds a change",
        "count(incident.priority, 1) is not None",
        "count(incident.priority, 2) is not None",
        ("test_a_first_priority_or_major_incident_of_the_service_holds_it",),
    ),
    Mutant(
        "ten runs are too few for what is held",
        "history.runs < limits.reservation_history_runs",
        "history.runs <= limits.reservation_history_runs",
        ("test_after_ten_runs_what_is_held_follows_history",),
    ),
    Mutant(
        "less than the floor is held",
        "return max((probability * cost)",
        "return min((probability * cost)",
        ("test_never_less_is_held_than_the_floor",),
    ),
    Mutant(
        "more failures than runs are a history",
        "and failures <= weighted <= runs",
        "and weighted <= runs",
        ("test_a_history_that_cannot_be_is_no_history",),
    ),
    Mutant(
        "an ask is due before it is put",
        "due_at=case.at + timedelta(minutes=rule.due_minutes)",
        "due_at=case.at - timedelta(minutes=rule.due_minutes)",
        ("test_the_authority_that_the_policy_names_is_asked_in_its_time",),
    ),
    Mutant(
        "people are asked where they do not decide",
        "if judgement.outcome not in (Outcome.PEER, Outcome.CAB): return None",
        "",
        ("test_nobody_is_asked_where_people_do_not_decide",),
    ),
    Mutant(
        "the word of nobody is proof",
        "independent = bool(fact.principal) and fact.principal not in",
        "independent = fact.principal not in",
        ("test_a_review_counts_of_somebody_apart_who_says_yes",),
    ),
    Mutant(
        "the stated age hides a date of the future",
        "return min(by_date, self.age_seconds) if min(by_date, self.age_seconds) < 0 else max(by_date, self.age_seconds)",
        "return max(by_date, self.age_seconds)",
        ("test_neither_the_date_nor_the_stated_age_hides_the_other",),
    ),
    Mutant(
        "the date hides a stated age",
        "return min(by_date, self.age_seconds) if min(by_date, self.age_seconds) < 0 else max(by_date, self.age_seconds)",
        "return by_date",
        ("test_neither_the_date_nor_the_stated_age_hides_the_other",),
    ),
    Mutant(
        "an incident whose priority is no priority is nothing",
        "for incident in case.incidents or (): if count(incident.priority, 100)",
        "for incident in ():\n        if count(incident.priority, 100)",
        ("test_an_incident_whose_priority_is_no_priority_asks_for_a_person",),
    ),
    Mutant(
        "who measures alone is trusted in full",
        "if trust is None or not budget.is_self_measured: return trust",
        "return trust",
        ("test_of_a_budget_that_its_asker_measures_a_mark_counts_twice",),
    ),
    Mutant(
        "what nobody judges goes",
        "key=strictness, default=Outcome.CAB)",
        "key=strictness, default=Outcome.APPROVED)",
        ("test_what_nobody_judges_is_for_the_board",),
    ),
    Mutant(
        "what came later is no part of the fingerprint",
        "if value is not None or not came_later:",
        "if not came_later:",
        ("test_what_came_later_is_part_of_the_evidence_where_it_is_known_and_of_no_older_decision",),
    ),
    Mutant(
        "a closure of some kinds of change holds none",
        "return tuple(one for one in entries if one.change_kinds is None or mine <= set(one.change_kinds))",
        "return tuple(one for one in entries if one.change_kinds is None)",
        ("test_it_is_for_the_kinds_of_change_that_are_proven_not_claimed",),
    ),
    Mutant(
        "a lockdown is written down before anybody approved it",
        "if not is_draft: occurring.write_down(window, times, at)",
        "occurring.write_down(window, times, at)",
        ("test_nothing_is_held_before_a_second_person_approved_what_is_written",),
    ),
    Mutant(
        "who drafted a lockdown is asked about it",
        'Panel("change manager", Role.MANAGER.value, excluded=wrote), content_hash=content_hash(current),',
        'Panel("change manager", Role.MANAGER.value), content_hash=content_hash(current),',
        ("test_nothing_is_held_before_a_second_person_approved_what_is_written",),
    ),
    Mutant(
        "lifted, a lockdown resumes what somebody else holds",
        "if change.status == Status.ON_HOLD and change.held_at == hold.held_at: return hold",
        "return hold",
        ("test_what_was_moved_on_meanwhile_or_missed_its_window_is_not_asked_about",),
    ),
    Mutant(
        "who came during a lockdown is judged before those that it held",
        "if some_return_before(change, at):",
        "if change.pk is None:",
        ("test_enforced_it_holds_what_may_start_and_lifted_each_has_its_place_again",),
    ),
    Mutant(
        "a freeze closes other environments",
        "starts, ends = window_of(case) kinds = (Closure.LOCKDOWN,) if case.non_production else tuple(HOLDING)",
        "starts, ends = window_of(case)\n    kinds = tuple(HOLDING)",
        ("test_elsewhere_than_in_production_only_a_lockdown_closes",),
    ),
    Mutant(
        "a lockdown elsewhere lasts as long as a freeze",
        "end = max(entry.ends_at for entry in covering) kinds = (Closure.LOCKDOWN,) if case.non_production else tuple(HOLDING)",
        "end = max(entry.ends_at for entry in covering)\n    kinds = tuple(HOLDING)",
        ("test_a_lockdown_elsewhere_ends_with_the_lockdown_though_a_freeze_goes_on",),
    ),
    Mutant(
        "a proven security fix goes as a plain change",
        "if own is None and purpose is not None and not non_production: return (purpose,)",
        "",
        ("test_a_proven_purpose_takes_the_place_of_a_normal_change",),
    ),
    Mutant(
        "tests that never ran are proof",
        "return tests is not None and tests.failed == 0 and (count(tests.passed) or 0) > 0",
        "return tests is not None and tests.failed == 0",
        ("test_tests_are_proven_by_one_that_passed_and_none_that_failed_on_the_word_of_somebody_apart",),
    ),
    Mutant(
        "a share that nobody can count is fair",
        "if mine is None or mine + amount > most:",
        "if mine is not None and mine + amount > most:",
        ("test_a_share_that_nobody_can_count_is_no_fair_share",),
    ),
    Mutant(
        "one that helps is said to change every budget",
        "change(fact) if slug in objectives else fact",
        "change(fact)",
        ("test_only_the_named_budgets_are_changed",),
    ),
    # Edges of operations.
    Mutant(
        "what is postponed lives beyond its deadline",
        "evaluation.deadline is not None and at >= evaluation.deadline",
        "evaluation.deadline is not None and at > evaluation.deadline",
        ("test_what_is_postponed_ends_at_the_deadline_of_its_first_postponement",),
    ),
    Mutant(
        "each postponement has a deadline of its own",
        "if evaluation.deadline is None: evaluation.deadline = verdict.deadline",
        "evaluation.deadline = verdict.deadline",
        ("test_what_is_postponed_ends_at_the_deadline_of_its_first_postponement",),
    ),
    Mutant(
        "what lives just an hour is warned of",
        "if until - NOTICE > at:",
        "if until - NOTICE >= at:",
        ("test_what_lives_just_an_hour_is_not_warned_of",),
    ),
    Mutant(
        "a window that ends now is to come",
        "if ends_at <= at: said",
        "if ends_at < at:\n        said",
        ("test_a_window_that_ends_now_is_over",),
    ),
    Mutant(
        "a draft is asked about after its window",
        "if change.window_end is not None: refuse_past(change.window_end, at)",
        "",
        ("test_a_draft_is_not_asked_about_again_once_its_window_is_over",),
    ),
    Mutant(
        "a window is closed at its first instant",
        "change.window_start and at < change.window_start",
        "change.window_start and at <= change.window_start",
        ("test_a_start_is_good_from_the_first_instant_of_the_window",),
    ),
    Mutant(
        "what is held of a budget ends with the authorisation",
        "until=until + HOLD_FOR",
        "until=until",
        ("test_what_is_held_of_a_budget_outlives_the_authorisation",),
    ),
    Mutant(
        "who was kept out of the first ask is asked the second time",
        "{*change.interested, *before.excluded, *({actor.id}",
        "{*change.interested, *({actor.id}",
        ("test_whoever_was_kept_out_of_the_first_ask_is_kept_out_of_the_second",),
    ),
    Mutant(
        "who carries it out is asked whether it may still go",
        "*before.excluded, *({actor.id} if actor.id else ())}",
        "*before.excluded}",
        ("test_four_eyes_hold_for_still",),
    ),
    Mutant(
        "approvers who have left are told of the end",
        "decision=ApprovalDecision.Decision.APPROVE, by__is_active=True,",
        "decision=ApprovalDecision.Decision.APPROVE,",
        ("test_an_approver_who_has_left_hears_nothing_of_the_end",),
    ),
    Mutant(
        "approvers of another content are told of the end",
        "content_hash=change.content_hash, decision=ApprovalDecision.Decision.APPROVE, by__is_active",
        "decision=ApprovalDecision.Decision.APPROVE, by__is_active",
        ("test_nor_does_one_who_approved_another_content",),
    ),
    Mutant(
        "an answer about another content is left to the database",
        "if approval.content_hash != content_hash:",
        "if False:",
        ("test_an_answer_about_another_content_is_refused_in_words",),
    ),
    Mutant(
        "another environment than the authorised one is started",
        "if environment and canonical(environment) != change.environment:",
        "if False:",
        ("test_another_environment_than_the_authorised_one_is_refused_and_a_name_for_it_is_not",),
    ),
    Mutant(
        "anybody takes a word back",
        "if actor.id is None or not permissions.attestation_authors(actor, word):",
        "if actor.id is None:",
        ("test_a_word_is_taken_back_once_by_whoever_said_it",),
    ),
    Mutant(
        "a word about a tag is proof",
        "if not is_immutable(artifact_digest): sentence",
        "if False:\n        sentence",
        ("test_nothing_is_proven_about_a_tag",),
    ),
    Mutant(
        "a model answers for another service",
        "if model is not None and request.service.pk not in {model.service_id, *model.also_services}:",
        "if False:",
        ("test_a_model_of_another_service_answers_for_nothing",),
    ),
    Mutant(
        "budget is held for no time",
        "if ratio <= 0 or until <= at:",
        "if ratio <= 0 or until < at:",
        ("test_a_reservation_holds_something_for_some_time",),
    ),
    Mutant(
        "a reservation outlives its last instant for its holder",
        "released_at__isnull=True, expires_at__lte=at",
        "released_at__isnull=True, expires_at__lt=at",
        ("test_at_the_instant_of_its_end_it_holds_nothing_and_its_holder_may_hold_anew",),
    ),
    Mutant(
        "releasing releases what others hold",
        '.filter(holder=holder, released_at__isnull=True) .order_by("objective_id")',
        '.filter(released_at__isnull=True)\n            .order_by("objective_id")',
        ("test_releasing_leaves_what_others_hold",),
    ),
    Mutant(
        "a step forgets its words",
        '_noted(RecordEvent(current, f"{current.kind}.{taken.done}", actor, changes, taken), remark)',
        '_noted(RecordEvent(current, f"{current.kind}.{taken.done}", actor, changes, taken))',
        ("test_a_step_is_noted_once_with_its_words_and_is_no_birth",),
    ),
    Mutant(
        "every step is a birth",
        "if born is not None: created(current, actor=actor, changes=born)",
        "created(current, actor=actor, changes=born)",
        ("test_a_step_is_noted_once_with_its_words_and_is_no_birth",),
    ),
    Mutant(
        "of many news nobody hears",
        "caught = {id(one) for _asked, named in answers for one in named}",
        "caught = {id(one) for _asked, named in answers for one in ()}",
        ("test_of_many_news_those_are_told_that_somebody_acts_on_in_their_order",),
    ),
    Mutant(
        "an edit that changes nothing is a new version",
        "if changes: deed = deeds.under_way(record)",
        "if True:\n        deed = deeds.under_way(record)",
        ("test_an_edit_that_changes_nothing_leaves_the_version_as_it_was_read",),
    ),
    Mutant(
        "a receiver that says nothing of what it acts on hears nothing",
        "return acts_on(news) if acts_on is not None else news",
        "return acts_on(news) if acts_on is not None else ()",
        ("test_a_receiver_that_does_not_say_what_it_acts_on_is_told_everything",),
    ),
    # Clocks.
    Mutant(
        "a recount misses what began in its very second",
        "same = begin >= at and basis.calendar == new.calendar",
        "same = begin > at and basis.calendar == new.calendar",
        ("test_a_recount_reaches_what_began_in_that_very_second",),
    ),
    Mutant(
        "a clock that has stopped takes new terms",
        "if settled and event.happened in (Happened.RETARGETED, Happened.RECOUNTED):",
        "if False:",
        ("test_a_new_target_leaves_a_settled_outcome_alone",),
    ),
    Mutant(
        "who was late before a change is late by the change",
        "elif not late: reading.reached_at, reading.by_change = at, True",
        "elif True: reading.reached_at, reading.by_change = at, True",
        ("test_what_was_late_before_a_change_is_nobodys_change",),
    ),
    Mutant(
        "a day ends twice where midnight is read twice",
        "return _readings(day, minute, zone)[1 if minute < 24 * 60 else 0]",
        "return _readings(day, minute, zone)[1]",
        ("test_a_day_ends_once_where_midnight_is_read_twice",),
    ),
    Mutant(
        "a threshold that moved while it waited is told",
        "if due_now is None or due_now > at or threshold in clock.told:",
        "if threshold in clock.told:",
        ("test_a_warning_that_was_moved_while_it_waited_is_not_told",),
    ),
    Mutant(
        "every warning that has passed is told",
        "passed = [(name, at) for name, at in thresholds if at <= now] if passed and passed[-1][0] not in told: coming[passed[-1][0]] = passed[-1][1]",
        "coming |= {name: at for name, at in thresholds if at <= now and name not in told}",
        ("test_of_what_has_passed_the_gravest_alone_is_told",),
    ),
    # Times in CSV files.
    Mutant(
        "a seventh digit of a second counts",
        'timedelta(microseconds=int(seconds.partition(".")[2][:6].ljust(6, "0")))',
        'timedelta(microseconds=int(seconds.partition(".")[2][:7].ljust(6, "0")))',
        ("test_of_a_second_the_first_six_digits_count",),
    ),
    # Typed fields.
    Mutant(
        "a requester sees every field",
        "return [one for one in live(owner, actor) if works_here or one.requester_sees]",
        "return live(owner, actor)",
        ("test_requesters_see_and_fill_in_what_they_are_meant_to_and_nothing_else",),
    ),
    Mutant(
        "a requester fills in every field",
        "return [one for one in live(owner, actor) if works_here or one.requester_fills]",
        "return live(owner, actor)",
        ("test_requesters_see_and_fill_in_what_they_are_meant_to_and_nothing_else",),
    ),
    Mutant(
        "an edit leaves the side table as it was",
        "typed_values.mirror(Incident.kind, current.pk, current.attributes, sent)",
        "pass",
        ("test_ranges_are_found_by_the_side_table_that_follows_every_write",),
    ),
    Mutant(
        "a field that becomes filterable has no old values in the side table",
        "values.mirror_all(field, owner_of(field.set.owner).records(field.set.owner))",
        "pass",
        ("test_ranges_are_found_by_the_side_table_that_follows_every_write",),
    ),
    Mutant(
        "what nobody touched is judged by new rules",
        "if self.touched(value): try:",
        "if True:\n            try:",
        ("test_only_touched_values_are_judged_by_new_rules_and_retired_options_may_stay",),
    ),
    Mutant(
        "an incident is resolved without its required fields",
        "typed_values.require_to_resolve(current.kind, current.attributes, actor=actor)",
        "pass",
        ("test_required_fields_are_asked_for_in_their_time_and_listed",),
    ),
    Mutant(
        "a rule of zero is no rule",
        'if value is None or value is False or value == "" or value == []:',
        'if value in (None, "", [], False):',
        ("test_what_does_not_fit_is_refused_with_a_pointer_to_the_field",),
    ),
    Mutant(
        "a retired field that is asked for finds records",
        "return _NOTHING if self.why else found",
        "return found",
        ("test_a_retired_field_hides_keeps_its_values_and_says_why_a_filter_finds_nothing",),
    ),
    # Macros and placeholders: nothing is read twice, nothing is told to whom it does not concern, all or nothing.
    Mutant(
        "what is filled into a text is read again",
        "return known[1] if is_blank(value) else value\n\n    return _PLACE.sub(fill, text)",
        "return known[1] if is_blank(value) else value\n\n    return _PLACE.sub(fill, _PLACE.sub(fill, text))",
        (
            "test_one_hundred_and_fifty_payloads_of_template_engines_stay_as_they_are_written_as_text_and_as_value",
            "test_a_caller_whose_name_is_a_placeholder_is_called_just_that_and_one_without_a_name_is_greeted",
        ),
    ),
    Mutant(
        "a macro is saved with a placeholder that there is not",
        "texts.check(actions)",
        "pass",
        ("test_a_placeholder_that_there_is_not_cannot_be_saved_and_the_list_is_said",),
    ),
    Mutant(
        "a reply names a parent in a confidential queue",
        "if parent is None or (parent.team.confidential and (public or parent.team_id != incident.team_id)):",
        "if parent is None:",
        ("test_a_text_to_the_caller_names_nothing_that_the_caller_may_not_see",),
    ),
    Mutant(
        "a reply names who works in a confidential queue",
        "discreet = public and incident.team.confidential",
        "discreet = False",
        ("test_a_text_to_the_caller_names_nothing_that_the_caller_may_not_see",),
    ),
    Mutant(
        "looking at a macro does it",
        "raise _LookedAtOnly",
        "return Preview([Line(one) for one in actions])",
        ("test_looking_at_a_macro_keeps_nothing_and_tells_nobody",),
    ),
    Mutant(
        "a macro that was changed since it was looked at is applied",
        "if macro_version is not None and macro_version != current.version:",
        "if False:",
        ("test_the_macro_and_the_record_are_those_that_were_looked_at",),
    ),
    Mutant(
        "whoever works here changes the macros of everyone",
        "if administrators(actor) and rights_in_queues(actor).sees(team_id): return True",
        "return True",
        ("test_whose_it_is_says_who_keeps_it",),
    ),
    Mutant(
        "the template of a confidential queue is offered to everybody",
        "return Template.objects.filter(_not_hidden(actor))",
        "return Template.objects.all()",
        ("test_one_of_a_confidential_queue_is_there_for_its_people_alone",),
    ),
    Mutant(
        "a template tells the name of a queue that the reader may not see",
        "return {name: value for name, value in template.values.items() if name in stand}",
        "return dict(template.values)",
        ("test_what_is_gone_or_unseen_is_left_out_when_a_record_begins",),
    ),
    # Files: as private as their note, shown as what they are, never without their bytes.
    Mutant(
        "a picture is known by its first bytes",
        "return kind if is_whole(data) and not _MARKUP.search(data) else ShownType.OTHER",
        "return kind",
        ("test_none_of_the_polyglots_is_shown",),
    ),
    Mutant(
        "markup inside of a whole picture is shown",
        "return kind if is_whole(data) and not _MARKUP.search(data) else ShownType.OTHER",
        "return kind if is_whole(data) else ShownType.OTHER",
        ("test_none_of_the_polyglots_is_shown",),
    ),
    Mutant(
        "a picture may go on behind its end",
        'if name == b"IEND": return end == size and length == 0',
        'if name == b"IEND":\n            return True',
        ("test_a_picture_that_ends_elsewhere_is_none",),
    ),
    Mutant(
        "every file is shown by a browser",
        "inline = attachment.shows_inline and not download",
        "inline = not download",
        ("test_by_what_they_are_with_every_wall",),
    ),
    Mutant(
        "a file is shown before the scanner has spoken",
        "return self.is_clean and self.shown_type in INLINE",
        "return self.shown_type in INLINE",
        ("test_nothing_is_shown_before_the_scanner_has_spoken",),
    ),
    Mutant(
        "a private file is given to the caller who knows its address",
        "if attachment is None or how is None or not (how.reads_all or (attachment.is_clean and not attachment.private)):",
        "if attachment is None or how is None or not (how.reads_all or attachment.is_clean):",
        ("test_a_file_is_as_private_as_its_note",),
    ),
    Mutant(
        "private files are named on the caller's page",
        "return live().filter(Q(state=State.CLEAN) | own, note__private=False)",
        "return live().filter(Q(state=State.CLEAN) | own)",
        ("test_a_private_file_is_among_nobody_elses_whichever_notes_they_read",),
    ),
    Mutant(
        "whoever sees any record is given its files",
        "return Reading(seen[0], any(permissions.readers(actor, one) for one in seen)) if seen else None",
        "return Reading(incident, bool(seen)) if incident is not None else None",
        ("test_nobody_else_is_given_one_byte",),
    ),
    Mutant(
        "the sweep looks at rows without waiting for who keeps the same bytes",
        'cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [AdvisoryLock.FILE_BYTES, _number(path.name)])',
        "pass",
        ("test_the_sweep_waits_for_who_keeps_the_same_bytes",),
    ),
    Mutant(
        "bytes of what was just withdrawn go at once",
        "needed = Q(withdrawn_at=None) | Q(withdrawn_at__gt=timezone.now() - KEPT_FOR)",
        "needed = Q(withdrawn_at=None)",
        ("test_what_was_withdrawn_goes_after_a_day_unless_another_needs_it",),
    ),
    Mutant(
        "two who send at once are counted apart",
        "_hold_person(actor.id)",
        "pass",
        ("test_limits_hold_when_many_send_at_once",),
    ),
    Mutant(
        "what was taken back makes room for more on the same day",
        "sent = Attachment.objects.filter(by=actor.id, at__gt=since)",
        "sent = Attachment.objects.filter(by=actor.id, at__gt=since, withdrawn_at=None)",
        ("test_sending_and_taking_back_is_sending",),
    ),
    Mutant(
        "a picture of any size is unpacked",
        'if picture.width * picture.height > MAX_PIXELS: # said in its head, before anything is unpacked raise ValueError("too many pixels")',
        "Image.MAX_IMAGE_PIXELS = None",
        ("test_the_child_looks_at_the_head_before_it_unpacks",),
    ),
    Mutant(
        "a silent scanner is taken for a clean file",
        "return {0: State.CLEAN, 1: State.REFUSED}.get(ran.returncode, State.WAITING)",
        "return {1: State.REFUSED}.get(ran.returncode, State.CLEAN)",
        ("test_its_exit_is_its_word",),
    ),
    Mutant(
        "names keep what turns the reading direction",
        '_HIDES = {"Cc", "Cf",',
        '_HIDES = {"Cc",',
        ("test_a_name_is_what_can_be_read_of_it",),
    ),
    Mutant(
        "who sent a file may take it back for ever",
        "is_fresh = actor.id == attachment.by_id and now < attachment.at + TAKEN_BACK_WITHIN",
        "is_fresh = actor.id == attachment.by_id",
        ("test_who_sent_it_for_an_hour_then_a_manager_with_a_trace",),
    ),
    Mutant(
        "what the desk planned and worked is printed for the caller",
        "return frozenset({TOLD_WITH_ITS_NOTE}) | (frozenset() if reads_all else OF_THE_DESK)",
        "return frozenset({TOLD_WITH_ITS_NOTE})",
        ("test_for_the_caller_nothing_private_is_in_it",),
    ),
    Mutant(
        "private notes are printed for the caller",
        "reads_all = permissions.readers(actor, incident) and not as_caller",
        "reads_all = permissions.readers(actor, incident)",
        ("test_for_the_caller_nothing_private_is_in_it",),
    ),
    Mutant(
        "the export says the time worked to callers",
        "one.minutes_worked = worked.get(one.pk, 0) if reads(one) else None",
        "one.minutes_worked = worked.get(one.pk, 0)",
        ("test_the_export_says_it_to_who_works_there_alone",),
    ),
    Mutant(
        "time is corrected by anybody who works there",
        'if entry.by_id != actor.id: raise NotPermitted(gettext("Time is corrected by who worked it."))',
        "pass",
        ("test_works_there_notes_it_and_corrects_their_own_with_a_trace",),
    ),
    # Lists never widen, and what is kept of them is the reader's.
    Mutant(
        "a term of a retired field is lost",
        "if retired(term, reading): return rows.none()",
        "if retired(term, reading): continue",
        ("test_a_view_that_asks_for_a_retired_field_shows_nothing_and_says_why",),
    ),
    Mutant(
        "a kept view counts what is hidden",
        "return narrowed(Incident.objects.visible_to(actor), terms_of(pairs_of(view.query)), reading)",
        "return narrowed(Incident.objects.all(), terms_of(pairs_of(view.query)), reading)",
        ("test_kept_views_are_counted_as_the_reader_sees_them",),
    ),
    Mutant(
        "a tab outlives the sharing of its view",
        "seen = [one for one in kept if one.view is None or _sees(actor, one.view)]",
        "seen = list(kept)",
        ("test_a_tab_is_gone_once_its_view_is_shared_no_longer",),
    ),
    Mutant(
        "free work of every queue is next",
        "free = Q(assigned_to=None, team__in=sorted(rights_in_queues(actor).change))",
        "free = Q(assigned_to=None)",
        ("test_work_comes_by_band_then_by_what_is_due_first",),
    ),
    Mutant(
        "what is grave is crowded out",
        "for part in (rows.filter(GRAVE), rows) for row in part[:MOST]",
        "for part in (rows,) for row in part[:MOST]",
        ("test_what_is_grave_is_never_crowded_out",),
    ),
    # A page that asks again tells nobody more than the page itself.
    Mutant(
        "who is on a record is told to who does not read it whole",
        "read = {one.pk: one.reference for one in found if permissions.readers(actor, one)}",
        "read = {one.pk: one.reference for one in found}",
        ("test_a_requester_sees_nobody_and_is_not_shown",),
    ),
    Mutant(
        "a requester's open record says who is on it",
        'here = _sign_of_life(request, incident, actor) if reads_all else ""',
        "here = _sign_of_life(request, incident, actor)",
        ("test_a_requester_sees_nobody_and_is_not_shown",),
    ),
    Mutant(
        "a private note moves the stamp that a requester reads",
        "note = queries.newest_note(incident, with_private=reads_all)",
        "note = queries.newest_note(incident, with_private=True)",
        ("test_a_private_note_moves_nothing_for_the_caller",),
    ),
    Mutant(
        "the entry of a private note moves the stamp that a requester reads",
        'entry = queries.newest_event(incident, without={"incident.noted", *record.left_out(reads_all=reads_all)})',
        "entry = queries.newest_event(incident, without=set())",
        ("test_a_private_note_moves_nothing_for_the_caller",),
    ),
    Mutant(
        "a list that asks again is told of rows that its reader may not see",
        "elsewhere = list(asked.rows.filter(pk__in=missing)) if missing else []",
        "elsewhere = list(Incident.objects.filter(pk__in=missing)) if missing else []",
        ("test_a_confidential_record_is_as_one_that_never_was",),
    ),
    Mutant(
        "a reply crosses another unseen",
        "if seen is not None and (meanwhile := queries.replied_since(current, actor, seen)):",
        "if seen is None and (meanwhile := queries.replied_since(current, actor, seen or 0)):",
        ("test_a_reply_that_crosses_another_shows_it_first_and_keeps_the_words",),
    ),
    # Many at once.
    Mutant(
        "each operation of a deed is an entry of its own",
        "if deed is not None and deed.actor == news.actor:",
        "if False:",
        ("test_team_take_reply_and_resolve_are_one_entry_one_mail_and_one_version",),
    ),
    Mutant(
        "each operation of a deed is a mail of its own",
        "if (deed := deeds.under_way(record)) is not None:",
        "if (deed := deeds.under_way(None)) is not None:",
        ("test_team_take_reply_and_resolve_are_one_entry_one_mail_and_one_version",),
    ),
    Mutant(
        "a list of actions stays half done where one waits for a second person",
        'if getattr(done, "awaits", None) is not None:',
        "if False:",
        ("test_taking_back_never_lets_changes_go_without_a_second_person",),
    ),
    Mutant(
        "taking back overwrites what somebody changed since",
        "lifecycle.check_version(lifecycle.locked(incident), version, required=True)",
        "pass",
        ("test_what_somebody_changed_since_stays_and_says_who",),
    ),
    Mutant(
        "taking back goes by the rights of the one who sent it as they were",
        "record = _record(bulk, row, actor) back =",
        "record = actions.known(bulk.record_kind).model.objects.get(pk=row.record_id)\n            back =",
        ("test_who_lost_sight_of_one_changes_it_no_more",),
    ),
    Mutant(
        "a macro edited under way does something else to the rest",
        "actor=actor, frozen=todo)",
        "actor=actor)",
        ("test_a_macro_edited_under_way_does_to_the_rest_what_was_sent",),
    ),
    Mutant(
        "a rule brings a confidential record into the open",
        "if record.team.confidential and (rule.own_queue or not team.confidential):",
        "if False:",
        ("test_a_rule_brings_nothing_from_a_confidential_queue_into_the_open",),
    ),
    Mutant(
        "two workers do a row twice",
        "left = bulk.rows.select_for_update(no_key=True, skip_locked=True).filter(result=R.WAITING)",
        "left = bulk.rows.filter(result=R.WAITING)",
        ("test_several_workers_share_the_rows",),
    ),
    Mutant(
        "all or none is each by itself",
        "kept = row raise _Stopped",
        "kept = row",
        ("test_nothing_is_changed_and_the_first_that_refused_is_named",),
    ),
    Mutant(
        "what is closed is given another priority",
        "if incident.status not in {Status.CLOSED, Status.CANCELLED}: return",
        "return",
        ("test_of_fifty_44_are_done_3_not_found_2_refused_and_1_is_unchanged",),
    ),
    # New work is placed by rules.
    Mutant(
        "a later rule that matches decides too",
        "if outcome.decided_by is None and (rule.team_id is not None or rule.assign != Assign.NONE):",
        "if rule.team_id is not None or rule.assign != Assign.NONE:",
        ("test_the_first_that_matches_decides_and_additions_of_all_that_match_apply",),
    ),
    Mutant(
        "a rule takes what somebody chose",
        "if not (rule.override or kind.blank_team(record)):",
        "if not rule.override and False:",
        ("test_a_queue_and_a_person_that_somebody_chose_stay",),
    ),
    Mutant(
        "two at once take the same turn",
        "turn = Turn.objects.select_for_update(no_key=True).filter(rule=rule).first()",
        "turn = Turn.objects.filter(rule=rule).first()",
        ("test_two_at_once_are_never_both_given_to_the_same_person",),
    ),
    Mutant(
        "a rule lets somebody follow what they may not see",
        "return [one for one in people if one.pk in inside]",
        "return list(people)",
        ("test_no_rule_lets_somebody_follow_what_they_may_not_see",),
    ),
    Mutant(
        "a trace names the rule of a hidden queue",
        "if team_id is not None and not rights_in_queues(actor).sees(team_id):",
        "if team_id is not None and team_id < 0:",
        ("test_a_rule_of_a_hidden_queue_is_in_no_list_trace_or_dry_run",),
    ),
    Mutant(
        "a trace names what its reader may not see",
        'if not any(name.removeprefix("not.") in _SECRET_FIELDS for name, _value in pairs_of(query)):',
        "if True:",
        ("test_a_rule_of_a_hidden_queue_is_in_no_list_trace_or_dry_run",),
    ),
    Mutant(
        "a dry run forgets what it gave",
        "self._given.update([after] if after is not None else [])",
        "self._given.update([])",
        ("test_a_dry_run_says_what_routing_does",),
    ),
    Mutant(
        "a typed trial asks rules that its reader may not know",
        "with transaction.atomic(), only({rule.pk for rule in rules(actor)}):",
        "with transaction.atomic():",
        ("test_a_rule_of_a_hidden_queue_is_in_no_list_trace_or_dry_run",),
    ),
    Mutant(
        "a rule of a lead adds tasks everywhere",
        "if rule.own_queue and lies_in != rule.team_id:",
        "if rule.own_queue and rule.team_id is None:",
        ("test_a_leads_rule_adds_nothing_to_what_lies_elsewhere",),
    ),
    Mutant(
        "a renamed category leaves what lies under it behind",
        "under = _rename_under(current, before)",
        "under = {}",
        ("test_are_renamed_with_what_lies_under_them",),
    ),
    # Who is told what, and when it leaves.
    Mutant(
        "telling: one hears of one's own deed",
        "if user_id is not None and user_id != by:",
        "if user_id is not None:",
        ("test_nobody_hears_of_their_own_deed_and_nobody_of_what_no_rule_names",),
    ),
    Mutant(
        "telling: a duty is wished away",
        "if rule.duty or wished is None:",
        "if wished is None:",
        ("test_what_is_wished_off_is_off_and_a_duty_is_not",),
    ),
    Mutant(
        "telling: what waits holds up what is urgent",
        "owed.due_at, owed.aggregate = way.mail_at, owed.key",
        "owed.due_at = way.mail_at",
        ("test_what_is_urgent_passes_and_does_not_stand_behind_what_waits",),
    ),
    Mutant(
        "telling: who lost sight is mailed all the same",
        "if notification is None or not still_seen(notification.to, [notification]):",
        "if notification is None:",
        ("test_who_loses_sight_before_it_leaves_is_mailed_nothing",),
    ),
    Mutant(
        "telling: a digest is collected again",
        "Notification.objects.filter(pk__in=[one.pk for one in found]).update(collected_at=at)",
        "pass",
        ("test_what_is_collected_leaves_as_one_mail_once",),
    ),
    Mutant(
        "telling: quiet hours have no end across midnight",
        "ends_tomorrow = begin > end and shown >= begin",
        "ends_tomorrow = False",
        ("test_a_mail_of_quiet_hours_comes_as_they_end",),
    ),
    Mutant(
        "telling: mails of clocks leave at night",
        "return hours_at(calendar, what.at).next_open if calendar is not None else None",
        "return None",
        ("test_no_mail_of_a_clock_leaves_outside_of_open_hours_in_a_simulated_year",),
    ),
    Mutant(
        "telling: who only watches reads what is for the desk",
        "for one in told[pk] if private or one not in _FOR_READERS}",
        "for one in told[pk]}",
        ("test_an_assignee_who_only_watches_from_now_on_gets_public_words_alone",),
    ),
    Mutant(
        "telling: watchers hear the desk's own words",
        'Rule("incident.escalated", _("It is escalated"), "assignee"),',
        'Rule("incident.escalated", _("It is escalated"), "watcher"),',
        ("test_watchers_hear_no_words_that_are_for_the_desk",),
    ),
    Mutant(
        "a breach stands a second after the day has closed",
        '("breach", reading.late_by(1))',
        '("breach", reading.due_at + timedelta(seconds=1))',
        ("test_a_day_that_ends_as_time_is_up_is_late_as_the_next_one_opens",),
    ),
    Mutant(
        "who a confidential record is shared with does not find it",
        "theirs += shared_with(actor)",
        "pass",
        ("test_who_a_confidential_record_is_shared_with_finds_it_and_nobody_else",),
    ),
    Mutant(
        "new zone data move nothing",
        "if _standing(one.clock) != before:",
        "if False:",
        ("test_what_runs_and_what_closes_is_due_anew_and_what_is_settled_stays",),
    ),
    # Reports count what their reader may see, exactly, and each number opens its rows.
    Mutant(
        "a report counts what its reader may not see",
        "return Incident.objects.filter(seen(actor)).order_by()",
        "return Incident.objects.order_by()",
        ("test_nothing_of_a_hidden_queue_is_named_or_counted",),
    ),
    Mutant(
        "a report counts what was merged into another",
        "return found if measure == Measure.TOTAL else Q(merged_into=None) & found",
        "return found",
        ("test_each_figure_counts_these_tickets",),
    ),
    Mutant(
        "a backlog is that of today, whatever instant is asked for",
        'return Q(pk__in=OpenSpan.objects.filter(begun_at__lt=at, ended_at__gte=at).values("incident"))',
        'return Q(pk__in=OpenSpan.objects.filter(begun_at__lt=at, ended_at__year=9999).values("incident"))',
        ("test_a_backlog_stays_what_it_was_when_tickets_are_worked_on_later",),
    ),
    Mutant(
        "a report is mailed as its owner sees it",
        "actor = actor_for(reader, Door.COMMAND)",
        "actor = actor_for(mail.report.owner, Door.COMMAND)",
        ("test_each_reader_gets_what_they_may_see_and_nothing_else",),
    ),
    Mutant(
        "a report is mailed to who no longer works here",
        "return person.is_active and person.is_human and permissions.makers(actor_for(person, Door.COMMAND))",
        "return True",
        ("test_who_may_no_longer_read_reports_gets_none",),
    ),
    Mutant(
        "an export writes typed fields that its reader may not see",
        "return self.fields if self.reads(one) else [field for field in self.fields if field.requester_sees]",
        "return self.fields",
        ("test_a_typed_field_is_there_for_whom_it_may_be_seen",),
    ),
    # Whatever people type is text wherever it is shown.
    Mutant(
        "a cell may begin with a formula after what is not seen",
        "text.startswith(_FORMULA, _UNSEEN.match(text).end())",
        "text.startswith(_FORMULA)",
        ("test_no_cell_of_a_table_is_a_formula_and_lines_of_json_say_what_was_typed",),
    ),
    Mutant(
        "a line end in a subject stays",
        'subject=" ".join(subject.split()),',
        "subject=subject,",
        ("test_a_mail_is_plain_text_and_no_text_is_a_line_of_its_head",),
    ),
    # Items keep what they know, and who may not see one learns nothing of it.
    Mutant(
        "an edit in production needs no change",
        "accounted=key not in tracked or bool(reference) or _is_learned(key, before, origin),",
        "accounted=True,",
        ("test_an_edit_in_production_without_a_change_is_flagged_and_a_covered_one_is_not",),
    ),
    Mutant(
        "a history names items that its reader may not see",
        "return value if number_in(value, PREFIX) in self._seen else HIDDEN",
        "return value",
        ("test_a_confidential_item_carries_impact_and_is_named_nowhere",),
    ),
    Mutant(
        "a graph that changed is not read anew",
        "if key == kept.key: return kept",
        "if kept.key: return kept",
        ("test_a_snapshot_is_of_this_transaction_and_kept_until_the_graph_changes",),
    ),
    Mutant(
        "a purge takes the same key of other classes",
        "return CI.objects.filter(of_class(found)) if found is not None else CI.objects.none()",
        "return CI.objects.all()",
        ("test_a_purge_leaves_the_same_key_of_another_class_alone",),
    ),
    Mutant(
        "a change covers edits for ever",
        "Q(finished_at=None) | Q(finished_at__gte=at - STILL_COVERS),",
        "",
        ("test_a_change_that_runs_in_production_covers_its_services_and_what_is_below",),
    ),
    Mutant(
        "what somebody lives with counts as bad",
        "return Q(cleared_at=None) & (Q(accepted_until=None) | Q(accepted_until__lte=at))",
        "return Q(cleared_at=None)",
        ("test_what_is_accepted_counts_as_bad_again_when_the_time_is_over",),
    ),
    Mutant(
        "an answer in a round is of what nobody saw",
        "if current.content != seen:",
        "if False:",
        ("test_what_changes_after_its_answer_is_asked_again_and_an_answer_is_of_what_was_seen",),
    ),
    Mutant(
        "scores count what their reader may not see",
        "return visible_items(actor).exclude(status=Status.RETIRED)",
        "return CI.objects.exclude(status=Status.RETIRED)",
        ("test_the_pages_lead_from_a_score_to_its_rows_and_a_round_is_answered_one_by_one",),
    ),
    Mutant(
        "a member that an import brings makes its group hold for longer",
        "group.needs = _enough(group, len(providers)) + more[group.pk]",
        "group.needs = _enough(group, len(providers))",
        ("test_a_member_that_joins_by_an_import_lets_no_group_hold_for_longer",),
    ),
    Mutant(
        "items become one, and whoever is judged may loosen by that what both rest on",
        "loosens = may_loosen(actor, [item, into])",
        "loosens = True",
        (
            "test_items_that_become_one_leave_what_both_rest_on_as_strict_as_it_was",
            "test_of_two_relations_of_items_that_become_one_the_stricter_stays",
        ),
    ),
    # Policies are data: what they are tested on, and who lets them rule.
    Mutant(
        "a back-test judges evidence that knows the future",
        "if is_newer(text, at): return Refusal.FUTURE",
        "if False: return Refusal.FUTURE",
        ("test_evidence_that_knows_the_future_is_refused",),
    ),
    Mutant(
        "a back-test judges evidence that is not what its hash says",
        'if sha256_of({"evidence": plain, "policy": policy_hash}) != evidence_hash:',
        "if False:",
        ("test_evidence_that_knows_the_future_is_refused",),
    ),
    Mutant(
        "a change that never ran went well",
        "if not ran: return Quadrant.UNKNOWN",
        "",
        ("test_ten_changes_fall_into_their_quadrants",),
    ),
    Mutant(
        "whoever waits for an answer lets a kinder policy rule",
        'require_no_interest(actor, _every_service(), doing=gettext("let a policy rule"))',
        "pass",
        ("test_who_waits_for_an_answer_lets_no_policy_rule",),
    ),
    Mutant(
        "a P1 that its changes caused does not stop a model",
        'for model in found.filter(status=ChangeModel.Status.APPROVED).order_by("pk"):',
        "for model in found.none():",
        ("test_one_p1_stops_a_model_and_its_users_hear_of_it",),
    ),
    # Delegates and substitutes, votes, proof, reminders, marks.
    Mutant(
        "hands: a no is forgotten once its author has an interest",
        "return said if vote in _STRICTER else said & valid",
        "return said & valid",
        (
            "test_what_becomes_of_votes",
            "test_a_no_goes_on_counting_when_its_author_gets_an_interest_later_and_a_yes_does_not",
        ),
    ),
    Mutant(
        "hands: a substitute takes back a member's no",
        "if cast.by == seat or not is_held:",
        "if cast.by == seat or True:",
        ("test_what_becomes_of_votes",),
    ),
    Mutant(
        "hands: who votes for two seats counts twice",
        "if last[cast.by] is cast:",
        "if last[cast.by]:",
        ("test_what_becomes_of_votes",),
    ),
    Mutant(
        "hands: who decides for somebody with an interest votes",
        "barred = frozenset(interested | bound_by(delegations, interested))",
        "barred = frozenset(interested)",
        ("test_who_may_vote_keeps_out_with_whom_they_decide_for",),
    ),
    Mutant(
        "hands: who decides for an excluded person answers",
        "return self.bound_to is None and (self.is_asked or self.place_of is not None)",
        "return self.is_asked or self.place_of is not None",
        ("test_nobody_decides_in_the_place_of_whoever_is_excluded_not_even_by_their_own_right",),
    ),
    Mutant(
        "hands: a loop of delegates is taken",
        "_refuse_loop(actor.id, delegate, begins, ends_at)",
        "pass",
        ("test_a_delegation_is_not_delegated_on_and_makes_no_loop",),
    ),
    Mutant(
        "hands: what one keeps out of is counted as waiting",
        ".exclude(asks_bound(actor.id, at))",
        "",
        ("test_nobody_decides_in_the_place_of_whoever_is_excluded_not_even_by_their_own_right",),
    ),
    Mutant(
        "hands: a proof lasts for ever",
        "return actor.proved_at is not None and timezone.now() - actor.proved_at < GOOD_FOR",
        "return actor.proved_at is not None",
        ("test_a_proof_is_good_for_five_minutes",),
    ),
    Mutant(
        "hands: an emergency is approved without a proof",
        "if decision == ApprovalDecision.Decision.APPROVE and permissions.weighs_much(change):",
        "if False:",
        ("test_a_token_is_not_enough",),
    ),
    Mutant(
        "hands: an ask is reminded of again and again",
        "approval.reminded_at = at",
        "pass",
        ("test_three_quarters_on_who_has_not_answered_is_reminded_once_with_a_pre_read",),
    ),
    Mutant(
        "hands: what is well carries the mark of having asked for people",
        '"" if reason.outcome is None or (reason.outcome in PEOPLE and is_well(reason)) else reason.outcome.value,',
        '"" if reason.outcome is None else reason.outcome.value,',
        ("test_of_every_scene_the_deciding_sentence_and_the_rows_agree",),
    ),
    # The lives of changes, their tasks, and who looks back.
    Mutant(
        "what people approved lives on when its content is another",
        "void = evaluation if evaluation and evaluation.content_hash != current.content_hash else None",
        "void = None",
        (
            "test_whoever_does_what_in_whatever_order_each_change_stands_where_its_life_says",
            "test_each_of_forty_material_edits_voids_what_was_approved",
        ),
    ),
    Mutant(
        "an edit takes away more than was read",
        "agreed is not None and agreed != lost.mark:",
        "agreed is not None and not agreed:",
        ("test_who_is_asked_first_takes_nothing_away_unread",),
    ),
    Mutant(
        "two works of one content are one",
        "AND requested_by_id = %(asker)s AND summary = %(summary)s",
        "AND requested_by_id = %(asker)s AND %(summary)s::text IS NOT NULL",
        ("test_two_works_of_one_content_and_different_names_are_two",),
    ),
    Mutant(
        "a person asks without a way back",
        "if by_hand:",
        "if False:",
        ("test_by_hand_it_is_asked_for_and_at_the_gate_people_decide",),
    ),
    Mutant(
        "a draft is submitted without a way back",
        "require_way_back(change) return ask_anew(",
        "return ask_anew(",
        ("test_a_draft_is_not_submitted_without",),
    ),
    Mutant(
        "a change goes by override once its answer has ended",
        "change.overridden = False",
        "pass",
        ("test_the_page_says_what_it_costs_and_what_follows_and_the_mark_is_everywhere",),
    ),
    Mutant(
        "what was asked lives on while it is on hold",
        "live = live_evaluation(change) if live is None:",
        "live = None\n    if live is None:",
        ("test_what_may_go_gives_its_share_back_and_is_asked_for_anew",),
    ),
    Mutant(
        "a time-out leaves what waits for people waiting",
        "if approval is not None and approval.due_at is not None and approval.due_at <= at:",
        "if False:",
        (
            "test_whoever_does_what_in_whatever_order_each_change_stands_where_its_life_says",
            "test_nobody_decides_in_time_never_means_yes",
        ),
    ),
    Mutant(
        "anybody who may decide takes a change back to draft",
        "return actor.is_system or (actor.id is not None and actor.id == change.requested_by_id)",
        "return actor.is_system or actor.id is not None",
        (
            "test_whoever_does_what_in_whatever_order_each_change_stands_where_its_life_says",
            "test_only_the_asker_edits_with_the_version_they_read",
        ),
    ),
    Mutant(
        "a failure owes no review",
        "or _OF_ENDINGS.get(ended)",
        "",
        ("test_what_failed_is_looked_back_at",),
    ),
    Mutant(
        "a mandatory task holds nothing up",
        'return _("Still to do: %(tasks)s.") % {"tasks": "; ".join(titles)} if titles else None',
        "return None",
        ("test_a_mandatory_task_holds_up_the_step_of_its_kind",),
    ),
    Mutant(
        "a clean watch closes what still waits for a test",
        "return may and its_tests_and_reviews(change) is None",
        "return may",
        ("test_a_mandatory_task_holds_up_the_step_of_its_kind",),
    ),
    Mutant(
        "what comes with a model is taken away",
        "if change.model is not None and any(",
        "if False and any(",
        ("test_who_has_a_part_in_it_takes_no_promise_away",),
    ),
    Mutant(
        "whoever carries it out takes the look back away",
        "if (kind or task.task_kind) == TaskKind.REVIEW and not had_no_part(actor, change):",
        "if False:",
        ("test_who_has_a_part_in_it_takes_no_promise_away",),
    ),
    Mutant(
        "a manager without a seat in the emergency board looks back",
        "return actor.has(Role.MANAGER) if board is None else actor.id in board.members",
        "return actor.has(Role.MANAGER)",
        ("test_members_of_the_board_for_emergencies_look_back_and_no_manager_without_a_seat",),
    ),
    Mutant(
        "a review that was written is reminded of",
        "due.cancel(change.kind, change.pk, AHEAD, OVERDUE)",
        "pass",
        ("test_what_was_looked_back_at_reminds_nobody",),
    ),
    # Boards: what is pressing, whose votes count, who closes, when they meet, what their deciding is worth.
    Mutant(
        "a board's agenda forgets how new a change is",
        "product = self.risk * self.scarcity * self.conflict * self.novelty",
        "product = self.risk * self.scarcity * self.conflict",
        ("test_the_score_of_an_item",),
    ),
    Mutant(
        "what nobody can see is not pressing",
        "scarcity = Decimal(1) if headroom is None else",
        "scarcity = Decimal(0) if headroom is None else",
        ("test_what_nobody_can_see_ranks_as_the_most_pressing",),
    ),
    Mutant(
        "who has an interest votes in a board",
        "ask.pk: Sitting(members[ask.panel_id], interested[ask.record_id])",
        "ask.pk: Sitting(members[ask.panel_id], frozenset())",
        ("test_who_may_vote_about_each_of_many_is_who_may_about_it_alone",),
    ),
    Mutant(
        "a stake in one service is one in all of an agenda",
        "asked & {service, *items}",
        "asked",
        ("test_who_may_vote_about_each_of_many_is_who_may_about_it_alone",),
    ),
    Mutant(
        "a chair with an interest closes an item",
        "if actor.id in {*approval.excluded, *interested_in(change)}:",
        "if actor.id in {*approval.excluded}:",
        ("test_a_chair_who_wants_something_since_the_ask_closes_nothing_of_that_service",),
    ),
    Mutant(
        "a meeting of the schedule that was moved or cancelled is planned again",
        "new = [one for one in _coming(current, at) if one.starts_at not in known]",
        "new = [one for one in _coming(current, at) if not current.meetings.filter(starts_at=one.starts_at, "
        'status="planned").exists()]',
        ("test_the_next_meetings_are_planned_once_and_what_was_moved_or_cancelled_stays_so",),
    ),
    Mutant(
        "a vote in the minutes leads to another one's entry",
        'entries[change, actor].append((pk, changes.get("decision", [None, None])[1]))',
        'entries[change, actor].insert(0, (pk, changes.get("decision", [None, None])[1]))',
        ("test_each_vote_of_one_person_leads_to_its_own_entry",),
    ),
    Mutant(
        "the value report claims something of three questions as of one",
        "if chance(pairs.only_people, pairs.only_automatic) * max(asked, 1) > _CHANCE:",
        "if chance(pairs.only_people, pairs.only_automatic) > _CHANCE:",
        ("test_several_risk_classes_together_claim_no_more_often_than_one",),
    ),
    Mutant(
        "the value report compares what is not alike",
        "count = min(len(people), len(automatic))",
        "count = min(len(people), len(automatic)) or 1",
        ("test_too_few_pairs_or_no_overlap_are_insufficient_whatever_they_show",),
    ),
    Mutant(
        "boards: what somebody looks at gives way to another item once it is settled",
        "next((one for one in items if one.ask.pk == chosen), None) or _off_the_agenda(meeting, chosen)",
        "next((one for one in items if one.ask.pk == chosen), None)",
        ("test_a_word_about_a_settled_item_stands_beside_that_item_and_in_no_other_s_form",),
    ),
    Mutant(
        "boards: a word that comes too late stands in the form of the next one",
        "too_late, form = (form, None) if place is None else (None, form)",
        "too_late = None",
        ("test_a_word_that_comes_too_late_stands_in_no_other_s_form",),
    ),
    Mutant(
        "boards: a vote sent twice with one id counts twice",
        "if approvals.already_cast(change, actor=actor, decision=decision, vote_id=vote_id): return change",
        "pass",
        ("test_a_vote_sent_twice_with_one_id_counts_once_also_after_it_is_settled",),
    ),
    Mutant(
        "boards: a recusal leaves as many who may vote as before",
        "left = len(may) - len(recused)",
        "left = len(may)",
        ("test_a_recusal_lowers_the_quorum_where_nobody_stands_above", "test_what_becomes_of_votes"),
    ),
    Mutant(
        "boards: recusals take the quorum down to nobody",
        "needed = quorum if left >= quorum else max(1, quorum - len(recused))",
        "needed = quorum if left >= quorum else quorum - len(recused)",
        ("test_what_becomes_of_votes",),
    ),
    Mutant(
        "boards: who may not vote helps a quorum by declining",
        "counted = len(approved) + len(declined & valid)",
        "counted = len(approved) + len(declined)",
        ("test_a_no_goes_on_counting_when_its_author_gets_an_interest_later_and_a_yes_does_not",),
    ),
    Mutant(
        "boards: an item is closed without its quorum",
        "if votes.outcome is Outcome.OPEN or evaluation is None or",
        "if evaluation is None or",
        ("test_the_chair_closes_an_item_as_the_votes_stand",),
    ),
    Mutant(
        "boards: an item is closed before the meeting is in session",
        'if current.status != MeetingStatus.IN_SESSION: raise WrongState(gettext("Items are closed while',
        'if False: raise WrongState(gettext("Items are closed while',
        ("test_an_item_is_closed_in_session_only",),
    ),
    Mutant(
        "boards: minutes say again what those before them said",
        '**({"decided_at__gt": since} if since else {})',
        "**{}",
        ("test_minutes_begin_where_those_of_the_last_meeting_end",),
    ),
    Mutant(
        "boards: what the meeting settled counts as settled before it",
        "(meeting.opened_at is None or ask.decided_at < meeting.opened_at)",
        "True",
        ("test_a_board_settles_twelve_items_nine_of_them_before_it_meets",),
    ),
    # The questionnaire, and versions of models.
    Mutant(
        "silence about what is asked is kinder than no question",
        "untold = _judge_as_told(UsableEvidence(silent, case.policy.unasked))",
        "untold = _judge_as_told(UsableEvidence(silent, case.policy))",
        ("test_no_answer_and_no_silence_is_kinder_than_no_question",),
    ),
    Mutant(
        "an open question weighs nothing",
        "return tuple(one.name for one in asked if one.weight_of(answers.get(one.name)) is None)",
        "return ()",
        ("test_an_open_question_is_unknown_and_leads_to_people",),
    ),
    Mutant(
        "a condition may name a later question",
        'if name not in earlier: yield f"asked_when.{name[:40]}: only an earlier question, or {PRODUCTION}"',
        "if name not in earlier: continue",
        ("test_an_odd_questionnaire_is_refused_by_its_path",),
    ),
    Mutant(
        "who wrote a part of a version approves it",
        "actor.id is not None and actor.id not in draft.writers",
        "actor.id not in {None, draft.written_by_id}",
        ("test_an_edit_is_a_draft_that_a_second_person_approves",),
    ),
    Mutant(
        "a path with .. in it stays within a pattern",
        'and ".." not in path.split("/")',
        "",
        ("test_what_leaves_a_bound_or_does_not_say_is_named",),
    ),
    Mutant(
        "looking anew at an impact loses what was added by hand",
        'kept.save(update_fields=["taken_at", "of", "found"])',
        'kept.by_hand = []\n    kept.save(update_fields=["taken_at", "of", "found", "by_hand"])',
        ("test_looking_anew_never_loses_what_was_added_by_hand",),
    ),
)
