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
        'lifecycle.announce(change, "answered", actor=actor, changes={"decision": [None, decision]}, remark=comment)',
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
        "Panel(authority.role, role, team, authority.quorum, change.interested),",
        "Panel(authority.role, role, team, authority.quorum, ()),",
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
        return list(people.filter(roles__contains=[approval.role]).distinct())""",
        """people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    return list(people.filter(roles__contains=[approval.role]).distinct())""",
        ("test_who_is_excluded_is_not_told_though_the_role_is_theirs", "test_they_are_neither_told_nor_heard"),
    ),
    Mutant(
        "people who have left are told",
        """people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN).exclude(pk__in=approval.excluded)
        return list(people.filter(roles__contains=[approval.role]).distinct())""",
        """people = User.objects.filter(account_type=User.AccountType.HUMAN).exclude(pk__in=approval.excluded)
    return list(people.filter(roles__contains=[approval.role]).distinct())""",
        ("test_people_who_have_left_are_not_asked",),
    ),
    Mutant(
        "programs are told",
        """people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN).exclude(pk__in=approval.excluded)
        return list(people.filter(roles__contains=[approval.role]).distinct())""",
        """people = User.objects.filter(is_active=True).exclude(pk__in=approval.excluded)
    return list(people.filter(roles__contains=[approval.role]).distinct())""",
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
        '"IF NEW.by_id = ANY (approval.excluded) OR EXISTS (",',
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
        "who judges, starts or approves does not share the calendar",
        'cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [AdvisoryLock.CALENDAR])',
        "pass",
        ("test_who_asks_waits_for_who_closes_it_and_is_held_by_it",),
    ),
    Mutant(
        "who approves does not share the calendar",
        """share_calendar() # before the change, as everywhere
    change = lifecycle.locked(change)
    approval = approvals.answer(""",
        """change = lifecycle.locked(change)
    approval = approvals.answer(""",
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
)
