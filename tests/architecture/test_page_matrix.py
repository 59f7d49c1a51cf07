"""Who may open which page: every address that is not the API's, against a table written by hand."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse

from itsm.audit.models import Entry
from itsm.fields.models import Field
from tests.api.world import ROLES, World, browser, half_signed_in
from tests.slo.proving import IN_FULL, TURN, by_turns

pytestmark = pytest.mark.django_db

PUBLIC = {
    "accounts:sign_in", "accounts:forgotten", "problem", "sign_in", "statements:keys", "status:index", "portal:offline", "portal:manifest", "portal:icon", "portal:worker",
    *(f"oauth_metadata:{name}" for name in ("protected_resource", "protected_resource_of_mcp", "authorization_server")),
    "pipelines:command", "pipelines:checksum",
}  # fmt: skip
ONE_TIME = {"setup:administrator"}  # opened by its secret alone, whoever comes: see the tests of the set-up
# Opened by a link that carries its own proof: see the tests of coming in.
BY_LINK = {
    "accounts:new_password", "accounts:welcome", "changes:feed", "oncall:feed", "satisfaction:feedback", "satisfaction:chosen",
    "satisfaction:comment", "accounts:push_shown", "chats:link", "accounts:not_me",
    *(f"sign_in_factors:{name}" for name in ("ask", "passkey", "passkey_options", "second", "set_up", "set_up_one", "set_up_options")),
    *(f"status:{name}" for name in ("page", "by_key", "confirm", "unsubscribe", "asset")), "paging:answer",
}  # fmt: skip
KEEPERS = frozenset({"admin"})
MAIL_KEEPERS = frozenset({"manager", "admin"})
EVERYBODY = frozenset(ROLES)
STAFF = EVERYBODY - {"requester"}
AUTHORS = frozenset({"engineer", "manager", "owner", "admin"})
RESPONDERS = AUTHORS | {"agent"}
ANNOUNCERS = frozenset({"agent", "owner", "manager", "admin"})

IDENTITY_WRITES = ("choose", "add", "edit", "trust", "withdraw", "map", "end_mapping", "links")
SIGN_ON = ("begin", "back", "acs", "finish", "metadata", "logout", "signed_out")  # see the tests of single sign-on
BY_LINK |= {f"oauth:{name}" for name in ("authorize", "token", "register", "revoke")}  # see tests/itsm/oauth
BY_LINK |= {f"single_sign_on:{name}" for name in SIGN_ON}

_PARTS_OF_MAJORS = ("say", "add_stakeholder", "remove_stakeholder", "pin", "unpin", "add_task", "task")
_PARTS_OF_POSTMORTEMS = (
    "wording", "add_event", "edit_event", "remove_event", "add_action", "edit_action", "action",
)  # fmt: skip
# Who gets the page for GET. Doors for POST alone answer 405 to everybody who is signed in.
MAY_OPEN: dict[str, frozenset[str]] = {
    "administration:settings": frozenset({"admin"}),
    "continuity:backups": frozenset({"admin", "auditor"}),
    "home:healthz": frozenset({"admin", "auditor"}),
    "accounts:deactivate": KEEPERS,
    "accounts:edit_person": KEEPERS,
    "accounts:locked": KEEPERS,
    **dict.fromkeys(("accounts:doors", "accounts:sessions", "factor_rules:reset"), KEEPERS),
    **dict.fromkeys(("factor_rules:rules", "factor_rules:break_glass"), KEEPERS | {"auditor"}),
    **dict.fromkeys(("accounts:prove", "factors:list", "factors:add_app", "factors:add_key"), EVERYBODY),
    "accounts:location": KEEPERS,
    "accounts:locations": STAFF,
    "accounts:merge_person": KEEPERS,
    "accounts:new_location": KEEPERS,
    "accounts:new_person": KEEPERS,
    "accounts:new_team": KEEPERS,
    "accounts:notification_rules": KEEPERS,
    "accounts:people": STAFF,
    "accounts:people_import": KEEPERS,
    "accounts:person": STAFF,
    "accounts:profile": EVERYBODY,
    "accounts:rights": frozenset({"admin", "auditor", "engineer"}),  # the engineer's
    "accounts:team": STAFF,
    "accounts:teams": STAFF,
    "accounts:verify_address": EVERYBODY,
    "accounts:devices": EVERYBODY,
    "chats:list": EVERYBODY,
    "accounts:wishes": EVERYBODY,
    **dict.fromkeys(("portal:home", "portal:mine", "portal:status", "portal:announcement"), EVERYBODY),
    "portal:ask": EVERYBODY - {"auditor"},
    "portal:whom": frozenset(),
    "portal:want": frozenset(),  # of an item that is not there; who is offered what: see the tests of the portal
    **dict.fromkeys(
        ("statuspage:list", "statuspage:detail", "statuspage:incident", "statuspage:maintenance", "statuspage:about"),
        STAFF,
    ),
    **dict.fromkeys(
        (
            "statuspage:new_incident",
            "statuspage:new_maintenance",
            "statuspage:reschedule",
            "statuspage:withdraw",
        ),
        ANNOUNCERS,
    ),
    **dict.fromkeys(
        ("statuspage:create", "statuspage:edit", "statuspage:add_component", "statuspage:component"),
        frozenset({"manager", "admin"}),
    ),
    "portal:announcements": STAFF,
    "portal:announce": ANNOUNCERS,
    "portal:edit_announcement": ANNOUNCERS,
    "portal:report": STAFF,
    "satisfaction:report": STAFF,
    "agreements:detail": STAFF,
    "agreements:for_service": STAFF,
    "agreements:in_short": STAFF,
    "agreements:of_item": STAFF,
    "agreements:list": STAFF,
    "agreements:new": KEEPERS,
    "approvals:confirmation": STAFF,
    "approvals:confirmations": STAFF,
    "delegations:list": EVERYBODY,
    "waiting:queue": EVERYBODY,
    "bulk:ask": STAFF - {"auditor"},
    "bulk:result": frozenset(),  # who sent it alone: see the tests of bulk
    **dict.fromkeys(("agents:list", "agents:connect"), EVERYBODY),
    **dict.fromkeys(("agents:shut", "agents:open"), KEEPERS),
    "agents:detail": frozenset({"engineer", "admin", "auditor"}),
    "agents:edit": frozenset({"engineer"}),  # whose it is
    "oauth:consents": frozenset({"engineer", "admin", "auditor"}),
    **dict.fromkeys(("proposals:list", "proposals:detail", "proposals:report"), STAFF),
    "proposals:beside": EVERYBODY,  # a part: empty for who reads nothing of it
    "calendars:detail": STAFF,
    "calendars:list": STAFF,
    "calendars:create": KEEPERS,
    **dict.fromkeys(("erasure:person", "erasure:export"), KEEPERS),
    "erasure:fetch": frozenset(),  # what was exported, with the password: see tests/itsm/erasure
    **dict.fromkeys(("retention:rules", "retention:holds"), KEEPERS),
    **dict.fromkeys(("security:overview", "security:verification"), KEEPERS | {"auditor"}),
    **dict.fromkeys(("invariants:list", "invariants:detail"), MAIL_KEEPERS | {"auditor"}),
    "invariants:clear": MAIL_KEEPERS,
    **dict.fromkeys(("audit:history", "audit:entry", "audit:export", "audit:check"), KEEPERS | {"auditor"}),
    **dict.fromkeys(
        (f"webhooks:{name}" for name in ("list", "create", "detail", "edit", "rotate", "delete", "delivery")), KEEPERS
    ),
    **dict.fromkeys(("workloads:list", "workloads:detail"), KEEPERS | {"auditor"}),
    **dict.fromkeys(("directory:sync", "directory:run"), KEEPERS | {"auditor"}),
    "directory:let_go": KEEPERS,
    **dict.fromkeys(("roles:list", "roles:detail", "roles:built_in", "roles:why"), KEEPERS | {"auditor"}),
    **dict.fromkeys(("roles:new", "roles:edit", "roles:retire"), KEEPERS),
    **dict.fromkeys((f"workloads:{name}" for name in ("trust", "map", "withdraw", "withdraw_mapping")), KEEPERS),
    **dict.fromkeys(
        (f"identity:{name}" for name in ("list", "detail", "preview", "people", "refused")), KEEPERS | {"auditor"}
    ),
    **dict.fromkeys((f"identity:{name}" for name in IDENTITY_WRITES), KEEPERS),
    "pipelines:deliver": STAFF,
    **dict.fromkeys(("paging:mine", "paging:reached"), EVERYBODY),
    **dict.fromkeys(("paging:log", "paging:policies", "paging:policy", "paging:page", "paging:escalation"), STAFF),
    "paging:new_policy": AUTHORS,
    **dict.fromkeys(
        ("paging:edit_policy", "paging:retire"), frozenset({"engineer", "admin"})
    ),  # of the engineer's team
    "paging:hand_over": frozenset({"engineer"}),  # whom it paged
    **dict.fromkeys(("paging:providers", "paging:new_provider", "paging:provider"), KEEPERS),
    **dict.fromkeys(("escalation_routes:list", "escalation_routes:for_incident"), STAFF),
    **dict.fromkeys(("escalation_routes:new", "escalation_routes:edit", "escalation_routes:preset"), MAIL_KEEPERS),
    "catalog:detail": EVERYBODY,
    "catalog:edit": AUTHORS,
    "catalog:graph": STAFF,
    "catalog:import": AUTHORS,
    "catalog:list": EVERYBODY,
    "catalog:new": AUTHORS,
    **dict.fromkeys(("cis:list", "cis:csv", "cis:classes", "cis:class", "cis:detail", "cis:if_it_fails"), STAFF),
    **dict.fromkeys(
        ("cis:impact", "cis:impact_graph", "cis:for_service", "cis:history_for_service", "cis:group"), STAFF
    ),
    **dict.fromkeys(("cis:new", "cis:edit", "cis:identifiers", "cis:relate", "cis:end", "cis:step"), AUTHORS),
    "cis:new_class": KEEPERS,
    **dict.fromkeys(
        ("measures:list", "measures:detail", "measures:picture", "measures:of_item", "measures:for_service"), STAFF
    ),
    **dict.fromkeys(("measures:new", "measures:edit"), AUTHORS),
    **dict.fromkeys(
        ("health:scores", "health:findings", "health:finding", "health:rounds", "health:round", "health:of_item"), STAFF
    ),
    **dict.fromkeys(("health:new_round", "health:step"), frozenset({"owner", "manager", "admin"})),
    **dict.fromkeys(("knowledge:list", "knowledge:detail", "knowledge:by_slug"), EVERYBODY),
    "knowledge:version": EVERYBODY,  # the live one; others as their readers may
    **dict.fromkeys(("knowledge:new", "knowledge:edit", "knowledge:step"), RESPONDERS),
    "knowledge:terms": frozenset({"agent", "manager", "owner", "admin"}),  # the agent owns it
    **dict.fromkeys(("items:list", "items:detail"), EVERYBODY),
    **dict.fromkeys(("items:version", "items:preview"), STAFF),
    "items:new": RESPONDERS,
    # Of a team without members; the agent owns it.
    **dict.fromkeys(
        (f"items:{name}" for name in ("build", "section", "question", "step_of_approval", "task", "words", "step")),
        frozenset({"manager", "owner", "admin"}),
    ),
    "items:terms": frozenset({"agent", "manager", "owner", "admin"}),
    "answers:offered": RESPONDERS,
    **dict.fromkeys(("improvements:list", "improvements:detail"), STAFF),
    "improvements:new": STAFF - {"auditor"},
    **dict.fromkeys(("improvements:edit", "improvements:step"), frozenset({"agent", "manager", "owner", "admin"})),
    **dict.fromkeys(("oncall:now", "oncall:mine", "oncall:schedule", "oncall_report:report"), STAFF),
    **dict.fromkeys(("oncall:new", "oncall:edit"), frozenset({"manager", "admin"})),
    # The engineer works in its team and takes turns.
    **dict.fromkeys(("oncall:override", "oncall:swap"), frozenset({"engineer", "manager", "admin"})),
    "oncall:swap_step": frozenset({"engineer"}),
    "changes:attestors": STAFF,
    **dict.fromkeys(("allowances:list", "allowances:detail", "allowances:for_service", "allowances:for_agent"), STAFF),
    **dict.fromkeys((f"deployments:{name}" for name in ("services", "service", "for_service")), STAFF),
    "changes:waiting": STAFF,  # leads on to the queue
    **dict.fromkeys(
        (
            "changes:boards",
            "changes:board",
            "changes:cab_value",
            "changes:completeness",
            "changes:cost",
            "changes:cost_of_incident",
            "changes:cost_report",
            "changes:dora",
            "changes:dora_csv",
            "changes:dora_rows",
            "changes:meeting",
            "changes:meeting_live",
        ),
        STAFF,
    ),
    "changes:edit_board": frozenset({"manager", "admin"}),
    **dict.fromkeys(
        ("changes:minutes", "changes:minutes_pdf"), frozenset()
    ),  # the meeting is not closed: see the tests of the boards
    **dict.fromkeys(
        (
            "changes:deliveries",
            "changes:delivery",
            "changes:unmapped",
            "changes:routes",
            "changes:delivery_sources",
            "changes:new_delivery_source",
            "changes:delivery_source",
        ),
        MAIL_KEEPERS,
    ),
    "changes:calendar": EVERYBODY,
    **dict.fromkeys(("changes:calendar_month", "changes:calendar_week", "changes:calendar_lanes"), EVERYBODY),
    "changes:window": STAFF,
    "changes:edit_window": frozenset({"manager", "admin"}),
    "changes:feeds": STAFF,
    "changes:subscribe": frozenset({"manager", "admin"}),
    "changes:take_in": frozenset({"manager", "admin"}),
    "changes:window_step": frozenset({"manager", "admin"}),
    **dict.fromkeys(("changes:experiments", "changes:experiment", "changes:start_up", "changes:past_of"), STAFF),
    "changes:new_experiment": AUTHORS,
    "changes:detail": STAFF,
    "changes:for_incident": STAFF,
    "changes:for_item": STAFF,
    "changes:for_service": EVERYBODY,
    "changes:list": EVERYBODY,
    "changes:models": STAFF,
    "changes:model": STAFF,
    "changes:model_figures": STAFF,
    "changes:news": STAFF,
    "changes:rewrite": frozenset(),  # whoever asked for it
    "changes:override": frozenset({"manager", "admin"}),
    # Whoever may attest, and had no part in it.
    "changes:attest": frozenset({"engineer", "approver", "manager", "owner", "admin"}),
    **dict.fromkeys(
        ("changes:refund", "changes:shadow_service", "changes:enforce_service"), frozenset({"manager", "admin"})
    ),
    "changes:new": AUTHORS,
    "changes:probe": STAFF,
    **dict.fromkeys(
        ("changes:policies", "changes:policy", "changes:policy_text", "changes:back_test", "changes:shadow"), STAFF
    ),
    **dict.fromkeys(("changes:questionnaire", "changes:try_questionnaire"), STAFF),
    "changes:questions": AUTHORS,
    "changes:answer_questions": frozenset(),  # whoever asked for it
    "changes:differing": STAFF,
    "changes:policy_cell": frozenset({"manager", "admin"}),
    "changes:policy_authority": frozenset({"manager", "admin"}),
    "changes:policy_step": frozenset({"manager", "admin"}),
    "changes:reach": STAFF,
    "changes:conflicts": STAFF,
    "changes:impacted": STAFF,
    "changes:slots": STAFF,
    **dict.fromkeys(
        ("changes:move", "changes:move_free"), frozenset()
    ),  # whoever asked for it: see the calendar's tests
    "changes:tasks": STAFF,
    "changes:newly_impacted": STAFF,
    "changes:step": frozenset(),  # opened with a step that nobody here may take: see the tests of the changes
    **dict.fromkeys(
        (
            "item_imports:list",
            "item_imports:run",
            "item_imports:sources",
            "item_imports:conflicts",
            "item_imports:claims",
            "item_imports:why",
        ),
        STAFF,
    ),
    "item_imports:new": AUTHORS,
    "item_imports:source": KEEPERS,
    "environments:edit": frozenset({"manager", "admin"}),
    "environments:list": EVERYBODY,
    **dict.fromkeys(("fields:field", "fields:list", "fields:narrow", "fields:new_field"), KEEPERS),
    "files:file": STAFF,
    "files:thumbnail": frozenset(),  # of a text there is none
    "home:desk": EVERYBODY,
    "home:keys": EVERYBODY,
    "home:notifications": EVERYBODY,
    "home:search": EVERYBODY,
    "imports:history": frozenset(),  # the world's incident began here: see the tests of the imports
    "incident_macros:macro": RESPONDERS,
    "incident_macros:menu": RESPONDERS,
    "incident_macros:text": RESPONDERS,
    "macros:list": STAFF,
    "macros:macro": STAFF,
    "macros:add": STAFF - {"auditor"},
    "macros:add_template": KEEPERS,
    "macros:template": STAFF,
    "macros:try": STAFF,
    "reports:csv": STAFF,
    "reports:desk": STAFF,
    "reports:jsonl": STAFF,
    **dict.fromkeys(
        (
            f"problems:{name}"
            for name in ("list", "detail", "events", "together", "for_incident", "burn", "broadcast", "unowned")
        ),
        STAFF,
    ),
    **dict.fromkeys((f"problems:{name}" for name in ("new", "rewrite", "step")), RESPONDERS),
    "requests:list": EVERYBODY,
    **dict.fromkeys((f"requests:{name}" for name in ("report", "detail")), STAFF),
    "requests:item_step": RESPONDERS,
    "requests:step": frozenset(),  # the author's, who asked for it and is none of these
    **dict.fromkeys(
        (f"postmortems:{name}" for name in ("list", "actions", "for_incident", "detail", "md", "pdf")), STAFF
    ),
    **dict.fromkeys((f"majors:{name}" for name in ("list", "rules", "detail", "live", "for_incident")), STAFF),
    **dict.fromkeys((f"majors:{name}" for name in ("edit", "step")), RESPONDERS),
    "toil:report": STAFF,
    **dict.fromkeys(("postmortems:version", "postmortems:compare"), frozenset()),  # nothing is published
    **dict.fromkeys((f"postmortems:{name}" for name in ("new", "write", "step")), RESPONDERS),
    "incidents:board": STAFF,
    "incidents:choices": EVERYBODY,
    **dict.fromkeys(("reports:saved_list", "reports:new"), STAFF),
    **dict.fromkeys(("reports:saved", "reports:edit"), frozenset()),  # its owner's, who is none of these
    "incidents:detail": STAFF,
    "incidents:events": STAFF,
    "incidents:for_service": EVERYBODY,
    "incidents:list": EVERYBODY,
    "incidents:new": EVERYBODY - {"auditor"},
    "incidents:open_counts": EVERYBODY,
    "incidents:rewrite": RESPONDERS,
    "incidents:routing": STAFF,
    "incidents:save_view": STAFF - {"auditor"},
    **dict.fromkeys(("incidents:columns", "incidents:count_view", "incidents:edit_view"), STAFF - {"auditor"}),
    "next_up:next": STAFF,
    "incidents:step": RESPONDERS,
    "incidents:together": STAFF,
    "incidents:who_feels_it": STAFF,
    **dict.fromkeys(("rules:detail", "rules:list", "rules:matches"), STAFF),
    **dict.fromkeys(("mail_in:list", "mail_in:mail", "mail_in:with_pictures", "mail_in:original"), MAIL_KEEPERS),
    **dict.fromkeys(
        (f"alerts:{name}" for name in ("list", "detail", "quiets", "sources", "routing", "of_incident")), STAFF
    ),
    **dict.fromkeys((f"alerts:{name}" for name in ("parked", "body", "new_source", "source")), MAIL_KEEPERS),
    "changes:quiet": STAFF,
    "mailboxes:list": STAFF,
    "mailboxes:create": KEEPERS,
    "mailboxes:detail": KEEPERS,
    "mailboxes:signed_in": KEEPERS,
    "mailboxes:undeliverable": frozenset({"agent", "manager", "admin"}),
    **dict.fromkeys(("placing:categories", "placing:matrix"), STAFF),
    "placing:category": KEEPERS,
    **dict.fromkeys(("rules:dry_run", "rules:create"), KEEPERS),
    **dict.fromkeys(
        (
            "setup:agreement",
            "setup:objective",
            "setup:overview",
            "setup:people",
            "setup:question",
            "setup:service",
            "setup:token",
        ),
        frozenset({"admin"}),
    ),
    "sla:clocks": STAFF,
    "slo:burn_down": STAFF,
    "slo:correction_step": frozenset({"manager", "admin"}),  # to decline: an owner of another team may not
    "slo:cost": STAFF,
    "slo:detail": STAFF,
    "slo:edit": AUTHORS - {"owner"},
    "slo:effect_of_correction": STAFF,
    "slo:overview_badges": EVERYBODY,
    "slo:for_service": EVERYBODY,
    "offerings:detail": EVERYBODY,
    "offerings:list": EVERYBODY,
    "offerings:new": AUTHORS,
    "slo:list": STAFF,
    "slo:new": AUTHORS,
    "slo:openslo": AUTHORS,
    "slo:propose_correction": AUTHORS - {"owner"},
    "slo:what_if": STAFF,
    "slo:edit_source": AUTHORS,
    "slo:overview_csv": STAFF,
    "slo:indicator": STAFF,
    "slo:indicators": STAFF,
    "slo:measurers": frozenset({"owner", "manager", "admin"}),
    "slo:minutes_csv": STAFF,
    "slo:self_measuring": frozenset({"manager", "admin"}),
    "slo:new_source": AUTHORS,
    "slo:sources": STAFF,
    "slo:template_csv": STAFF,
    "slo:upload": AUTHORS,
    "slo:wall": STAFF,
    "slo:window_csv": STAFF,
}
POST_ONLY = {
    "accounts:end_door",
    "factor_rules:stop",
    *(f"factors:{name}" for name in ("ask", "codes", "keep", "key_options", "remove")),
    "chats:end",
    "accounts:add_address",
    "accounts:add_device",
    "accounts:change_device",
    "accounts:add_member",
    "accounts:change_address",
    "accounts:change_member",
    "accounts:change_password",
    "accounts:end_session",
    "accounts:invite",
    "accounts:lift_lock",
    "accounts:edit_queue",
    "accounts:give_right",
    "accounts:make_triage",
    "accounts:merge_team",
    "accounts:withdraw_grant",
    "accounts:reactivate",
    "accounts:rename_team",
    "accounts:retire_team",
    "accounts:revive_team",
    "accounts:edit_profile",
    "accounts:issue_token",
    "accounts:revoke_token",
    "roles:look",
    "roles:stop_looking",
    "accounts:sign_out",
    "agreements:keep",
    "offerings:keep",
    "setup:take_back_agreement",
    "approvals:confirmation_step",
    "delegations:end",
    "calendars:import",
    "cis:clear",
    "cis:explain",
    "cis:impact_layout",
    "cis:retire_class",
    "health:answer",
    "health:confirm_offered",
    "health:take_up_again",
    "health:tick",
    "health:tasks",
    "answers:use",
    "improvements:link",
    "items:change",
    "items:picture",
    "knowledge:picture",
    "knowledge:preview",
    "knowledge:suggested",
    "knowledge:vote",
    "knowledge:withdraw_picture",
    "measures:forecast",
    "measures:keep",
    "changes:cancel_back_test",
    "changes:experiment_step",
    "changes:plan_meeting",
    "changes:move_meeting",
    "changes:vote",
    "waiting:answer",
    "changes:meeting_item",
    "changes:meeting_step",
    "changes:certify",
    "changes:model_version",
    "changes:stop_model",
    "changes:dismiss_attestor",
    "allowances:take_back",
    "changes:withdraw_attestation",
    "changes:calendar_preview",
    "changes:revoke_feed",
    "changes:decide_delivery",
    "changes:unmap",
    "changes:rotate_delivery_source",
    "changes:retire_delivery_source",
    "oncall:cancel_off",
    "oncall:feeds",
    "oncall:revoke_feed",
    "oncall:step",
    "oncall:time_off",
    "oncall:withdraw",
    "changes:calendar_step",
    "changes:event_step",
    "changes:lift",
    "changes:schedule",
    "changes:edit",
    "changes:add_task",
    "changes:task",
    "changes:refresh_impact",
    "changes:impacted_by_hand",
    "changes:note",
    "environments:remove",
    "item_imports:add_rule",
    "item_imports:go",
    "item_imports:look",
    "item_imports:merge",
    "item_imports:pin",
    "item_imports:remove_rule",
    "item_imports:settle",
    "item_imports:split",
    "fields:purge",
    "fields:retire",
    "fields:revive",
    "home:mark_read",
    "portal:suggested",
    "portal:trace",
    "portal:withdraw_announcement",
    *(f"statuspage:{name}" for name in ("rekey", "retire", "retire_component", "set_state")),
    *(f"webhooks:{name}" for name in ("test", "switch", "replay")),
    *(f"paging:{name}" for name in ("acknowledge_page", "acknowledge", "go_live", "test_policy", "add_phone", "rules")),
    *(f"paging:{name}" for name in ("try", "verify", "remove_phone", "switch_provider")),
    "escalation_routes:move",
    "incidents:edit",
    "incidents:note",
    *(f"problems:{name}" for name in ("edit", "note", "add_task", "task", "add_link", "unlink", "apply")),
    *(f"majors:{name}" for name in _PARTS_OF_MAJORS),
    "majors:keep_rule",
    *(f"postmortems:{name}" for name in _PARTS_OF_POSTMORTEMS),
    *(f"requests:{name}" for name in ("say", "follow", "decide", "assign", "add_task", "task")),
    "bulk:send",
    "bulk:undo",
    "bulk:again",
    "oauth:end_consent",
    *(f"agents:{name}" for name in ("issue_token", "revoke_token", "stop", "resume", "end")),
    *(f"proposals:{name}" for name in ("accept", "dismiss", "undo")),
    "incidents:keep_view",
    "incidents:move",
    "macros:delete",
    "macros:delete_template",
    "incidents:row",
    "incidents:fresh",
    "incidents:look",
    "incidents:parent",
    "incidents:add_task",
    "incidents:add_time",
    "incidents:correct_time",
    "incidents:withdraw_time",
    "incidents:withdraw_file",
    "incidents:task",
    "incidents:watch",
    "incidents:unwatch",
    "incidents:unlink",
    "incidents:add_link",
    "rules:move",
    "alerts:decide",
    "alerts:lift",
    "alerts:retire_source",
    "alerts:bench",
    "mail_in:decide",
    "mail_in:unblock",
    "incident_mail:make_caller",
    "mailboxes:test",
    "mailboxes:turn",
    "mailboxes:sign_in",
    "mailboxes:lift",
    "placing:keep_category",
    "reports:remove",
    "reports:mail",
    "reports:no_more_mail",
    "setup:card",
    "setup:decide",
    "setup:take_back_objective",
    "setup:take_back_question",
    "setup:take_back_service",
    "setup:take_back_token",
    "slo:edit_preview",
    "slo:end_self_measuring",
    "slo:quarantine_step",
    "slo:preview",
    "slo:try_queries",
    "slo:retire",
    "slo:revive",
    "slo:try_source",
    "slo:correction_effect",
    "slo:decide_cause",
}


# Who may send something there, where they are fewer than those who may look, or where nobody looks.
MAY_SEND: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "accounts:add_member",
            "accounts:change_member",
            "accounts:invite",
            "accounts:lift_lock",
            "accounts:end_door",
            *(f"factor_rules:{name}" for name in ("rules", "break_glass", "stop")),
            "accounts:edit_queue",
            "accounts:give_right",
            "accounts:make_triage",
            "accounts:merge_team",
            "accounts:withdraw_grant",
            "accounts:reactivate",
            "accounts:rename_team",
            "accounts:retire_team",
            "accounts:revive_team",
        ),
        KEEPERS,
    ),
    **dict.fromkeys(
        ("item_imports:go", "item_imports:look", "item_imports:pin", "item_imports:settle", "item_imports:new"), AUTHORS
    ),
    **dict.fromkeys(("item_imports:merge", "item_imports:split"), frozenset({"owner", "manager", "admin"})),
    **dict.fromkeys(("item_imports:add_rule", "item_imports:remove_rule", "item_imports:source"), KEEPERS),
    "portal:withdraw_announcement": ANNOUNCERS,
    **dict.fromkeys(
        (f"statuspage:{name}" for name in ("new_incident", "incident", "new_maintenance", "maintenance", "set_state")),
        ANNOUNCERS,
    ),
    **dict.fromkeys(("statuspage:reschedule", "statuspage:withdraw"), ANNOUNCERS),
    **dict.fromkeys(
        (
            f"statuspage:{name}"
            for name in ("create", "edit", "rekey", "retire", "add_component", "component", "retire_component")
        ),
        frozenset({"manager", "admin"}),
    ),
    "roles:look": KEEPERS | {"auditor"},
    **dict.fromkeys(
        (
            *("directory:sync", "directory:let_go"),
            *(f"workloads:{name}" for name in ("trust", "map", "withdraw", "withdraw_mapping")),
            *(f"roles:{name}" for name in ("new", "edit", "retire")),
            *(f"identity:{name}" for name in IDENTITY_WRITES),
            *(f"webhooks:{name}" for name in ("create", "edit", "rotate", "test", "switch", "delete", "replay")),
        ),
        KEEPERS,
    ),
    "invariants:clear": MAIL_KEEPERS,
    **dict.fromkeys(("paging:acknowledge_page", "paging:acknowledge"), frozenset({"engineer"})),
    "paging:go_live": frozenset({"engineer", "admin"}),
    "paging:test_policy": STAFF,
    **dict.fromkeys(("paging:add_phone", "paging:rules", "paging:try"), EVERYBODY),
    **dict.fromkeys(("paging:verify", "paging:remove_phone", "paging:switch_provider"), KEEPERS),
    "escalation_routes:move": MAIL_KEEPERS,
    "agreements:detail": KEEPERS,
    "agreements:keep": KEEPERS,
    "offerings:detail": AUTHORS,
    "offerings:keep": AUTHORS,
    "setup:take_back_agreement": KEEPERS,
    "delegations:end": frozenset({"admin", "engineer", "owner"}),
    "delegations:list": EVERYBODY,
    "approvals:confirmation_step": RESPONDERS,  # to decline what the world's program proposed about an incident
    "calendars:detail": KEEPERS,
    "calendars:import": KEEPERS,
    **dict.fromkeys(("knowledge:new", "knowledge:edit", "knowledge:step", "knowledge:picture"), RESPONDERS),
    "items:new": RESPONDERS,
    "items:preview": STAFF,
    **dict.fromkeys(
        (
            f"items:{name}"
            for name in ("change", "picture", "section", "question", "step_of_approval", "task", "words", "step")
        ),
        frozenset({"manager", "owner", "admin"}),
    ),
    "items:terms": frozenset({"agent", "manager", "owner", "admin"}),
    "answers:use": RESPONDERS,
    **dict.fromkeys(("oncall:new", "oncall:edit", "oncall:step"), frozenset({"manager", "admin"})),
    **dict.fromkeys(
        ("oncall:override", "oncall:swap", "oncall:withdraw", "oncall:cancel_off"),
        frozenset({"engineer", "manager", "admin"}),
    ),
    "oncall:swap_step": frozenset({"engineer"}),
    "oncall:time_off": STAFF - {"auditor"},
    "oncall:feeds": STAFF,
    "oncall:revoke_feed": frozenset({"manager"}),  # whose it is
    "improvements:new": STAFF - {"auditor"},
    **dict.fromkeys(
        ("improvements:edit", "improvements:link", "improvements:step"),
        frozenset({"agent", "manager", "owner", "admin"}),
    ),
    **dict.fromkeys(("knowledge:preview", "knowledge:withdraw_picture"), RESPONDERS),
    "knowledge:suggested": EVERYBODY,
    "knowledge:terms": frozenset({"agent", "manager", "owner", "admin"}),
    "knowledge:vote": EVERYBODY - {"auditor"},
    "cis:clear": AUTHORS,
    "health:tick": AUTHORS,
    "cis:explain": AUTHORS,
    "cis:impact_layout": STAFF,
    "cis:class": KEEPERS,
    "cis:group": AUTHORS,
    "cis:retire_class": KEEPERS,
    **dict.fromkeys(("health:answer", "health:confirm_offered", "health:tasks"), AUTHORS),
    **dict.fromkeys(("health:finding", "health:take_up_again"), frozenset({"owner", "manager", "admin"})),
    "measures:forecast": AUTHORS,
    "measures:keep": AUTHORS,
    "changes:calendar": frozenset({"manager", "admin"}),
    "changes:calendar_preview": frozenset({"manager", "admin"}),
    "changes:feeds": STAFF,
    "changes:revoke_feed": frozenset({"manager"}),  # whose it is
    **dict.fromkeys(
        (
            "changes:decide_delivery",
            "changes:unmapped",
            "changes:routes",
            "changes:unmap",
            "changes:new_delivery_source",
            "changes:delivery_source",
            "changes:rotate_delivery_source",
            "changes:retire_delivery_source",
        ),
        MAIL_KEEPERS,
    ),
    **dict.fromkeys(
        ("changes:subscribe", "changes:calendar_step", "changes:event_step", "changes:take_in"),
        frozenset({"manager", "admin"}),
    ),
    "changes:boards": frozenset({"manager", "admin"}),
    "changes:edit_board": frozenset({"manager", "admin"}),
    **dict.fromkeys(("changes:plan_meeting", "changes:move_meeting"), frozenset({"manager", "engineer", "admin"})),
    "changes:vote": frozenset({"admin", "approver", "engineer"}),
    "waiting:answer": frozenset({"admin", "approver", "engineer"}),
    "changes:meeting_item": frozenset({"admin", "engineer"}),
    "changes:meeting_step": frozenset({"admin", "engineer"}),
    "changes:experiment_step": STAFF - {"auditor"},
    "changes:certify": frozenset({"owner", "admin"}),
    "changes:stop_model": frozenset({"owner", "admin"}),
    "changes:dismiss_attestor": frozenset({"manager", "owner", "admin"}),
    "allowances:list": frozenset({"manager", "owner", "admin"}),
    **dict.fromkeys(("allowances:detail", "allowances:take_back"), frozenset({"manager", "admin"})),
    "changes:lift": frozenset({"manager", "admin"}),
    "changes:edit_window": frozenset({"manager", "admin"}),
    "changes:window_step": frozenset({"manager", "admin"}),
    **dict.fromkeys(("changes:models", "changes:model"), frozenset({"engineer", "manager", "owner", "admin"})),
    "changes:model_version": frozenset({"engineer", "manager", "owner", "admin"}),  # who may discard one
    "changes:note": STAFF,
    "changes:schedule": frozenset(),  # whoever asked for it
    "changes:edit": frozenset(),  # whoever asked for it
    **dict.fromkeys(
        ("changes:add_task", "changes:task", "changes:refresh_impact", "changes:impacted_by_hand"),
        frozenset({"engineer", "manager", "admin"}),
    ),
    "changes:answer_questions": frozenset(),  # as above
    **dict.fromkeys(
        (
            "changes:policies",
            "changes:policy",
            "changes:policy_text",
            "changes:questionnaire",
            "changes:back_test",
            "changes:shadow",
            "changes:cancel_back_test",
        ),
        frozenset({"manager", "admin"}),
    ),
    "changes:withdraw_attestation": frozenset(),  # its author's alone, who is none of these
    "environments:list": frozenset({"manager", "admin"}),
    "environments:remove": frozenset({"manager", "admin"}),
    **dict.fromkeys(("fields:purge", "fields:retire", "fields:revive"), KEEPERS),
    "incidents:edit": RESPONDERS,
    "incidents:note": STAFF,
    **dict.fromkeys(
        (f"problems:{name}" for name in ("edit", "note", "add_task", "task", "add_link", "unlink", "broadcast")),
        RESPONDERS,
    ),
    **dict.fromkeys((f"requests:{name}" for name in ("say", "assign", "add_task", "task")), RESPONDERS),
    "requests:follow": STAFF - {"auditor"},
    "requests:decide": frozenset({"approver"}),  # who is asked
    "problems:apply": frozenset(),  # which incident it is applied to stands in the form
    **dict.fromkeys((f"majors:{name}" for name in _PARTS_OF_MAJORS), RESPONDERS),
    "majors:keep_rule": frozenset({"manager", "admin"}),
    **dict.fromkeys((f"postmortems:{name}" for name in _PARTS_OF_POSTMORTEMS), RESPONDERS),
    "bulk:ask": STAFF - {"auditor"},
    "bulk:send": STAFF,
    "bulk:undo": frozenset(),
    "bulk:again": frozenset(),
    "agents:issue_token": frozenset({"engineer"}),
    "oauth:end_consent": frozenset(),  # of whom nobody signed in yet: see tests/itsm/oauth
    **dict.fromkeys(
        (f"agents:{name}" for name in ("revoke_token", "stop", "resume", "end")), frozenset({"engineer", "admin"})
    ),
    **dict.fromkeys(("proposals:accept", "proposals:dismiss", "proposals:undo"), RESPONDERS),
    "incidents:keep_view": STAFF,
    "incidents:move": RESPONDERS,
    "incident_macros:macro": RESPONDERS,
    "macros:delete": KEEPERS,
    "macros:delete_template": KEEPERS,
    "macros:macro": KEEPERS,
    "macros:add": STAFF - {"auditor"},
    "macros:add_template": KEEPERS,
    "macros:template": KEEPERS,
    "incidents:row": RESPONDERS,
    "incidents:look": STAFF,
    "incidents:parent": RESPONDERS,
    "incidents:add_task": RESPONDERS,
    "incidents:add_time": RESPONDERS,
    "incidents:correct_time": frozenset({"admin"}),  # whose it is
    "incidents:withdraw_time": frozenset({"admin"}),
    "incidents:withdraw_file": frozenset({"manager", "admin"}),
    "incidents:task": RESPONDERS,
    "incidents:watch": STAFF - {"auditor"},
    "incidents:unwatch": STAFF - {"auditor"},
    "incidents:add_link": RESPONDERS,
    "incidents:unlink": RESPONDERS,
    "incidents:routing": RESPONDERS,
    "rules:detail": KEEPERS,
    "rules:move": KEEPERS,
    **dict.fromkeys(
        (f"alerts:{name}" for name in ("decide", "new_source", "source", "retire_source", "routing")), MAIL_KEEPERS
    ),
    "alerts:lift": RESPONDERS,
    "alerts:bench": STAFF,
    "mail_in:decide": MAIL_KEEPERS,
    "mail_in:unblock": frozenset({"admin"}),
    "incident_mail:make_caller": RESPONDERS,
    **dict.fromkeys(("mailboxes:create", "mailboxes:detail", "mailboxes:test", "mailboxes:turn"), KEEPERS),
    **dict.fromkeys(("mailboxes:sign_in", "mailboxes:signed_in"), KEEPERS),
    "mailboxes:lift": frozenset({"agent", "manager", "admin"}),
    **dict.fromkeys(("placing:categories", "placing:category", "placing:keep_category", "placing:matrix"), KEEPERS),
    **dict.fromkeys(("reports:remove", "reports:mail", "reports:no_more_mail"), frozenset()),  # its owner's
    "setup:card": frozenset({"admin"}),
    "setup:decide": frozenset({"admin"}),
    "setup:take_back_objective": frozenset({"admin"}),
    "setup:take_back_question": frozenset({"admin"}),
    "setup:take_back_service": frozenset({"admin"}),
    "setup:take_back_token": frozenset({"admin"}),
    "slo:correction_effect": AUTHORS - {"owner"},
    "slo:edit_preview": AUTHORS - {"owner"},
    "slo:end_self_measuring": AUTHORS - {"owner"},
    "slo:decide_cause": RESPONDERS,
    "slo:preview": AUTHORS,
    "slo:try_queries": AUTHORS,
    "slo:quarantine_step": frozenset({"manager", "owner", "admin"}),
    "slo:retire": AUTHORS - {"owner"},
    "slo:revive": AUTHORS - {"owner"},
    "slo:try_source": AUTHORS,
}
# What is one's own, or the same for everybody who is signed in.
ONES_OWN = {
    *(f"factors:{name}" for name in ("add_app", "add_key", "ask", "codes", "keep", "key_options", "list", "remove")),
    "accounts:prove",
    "chats:end",
    "chats:list",
    "accounts:add_address",
    "accounts:add_device",
    "accounts:change_device",
    "accounts:devices",
    "accounts:change_address",
    "accounts:change_password",
    "accounts:end_session",
    "accounts:verify_address",
    "incidents:fresh",
    "accounts:edit_profile",
    "accounts:issue_token",
    "accounts:profile",
    "accounts:revoke_token",
    "roles:stop_looking",
    "accounts:sign_out",
    "accounts:wishes",
    "home:mark_read",
    "portal:suggested",
    "portal:trace",
}


def _as_part(turn: int, role: str) -> dict[str, str]:
    """Sampled: a refusal is drawn as a whole page for one role in four, by turns; the others ask for a part of one."""
    whole = IN_FULL or (turn // 8 + ROLES.index(role)) % 4 == 0  # by the eight turns in which all are refused once
    return {} if whole else {"HX-Request": "true"}


def _is_refused_here(may: frozenset[str], turn: int, role: str) -> bool:
    """Whether this page refuses this role in this sample: a requester, who is a customer, at every page that is none of
    theirs; of the others one in eight, with each page others."""
    refused = EVERYBODY - may
    return role in refused and (role == "requester" or role in by_turns(refused, turn, one_in=8))


SENT: tuple[dict[str, str], ...] = ({}, {"no_such_field": "1", "version": "many"})


def _sent_here(turn: int) -> tuple[dict[str, str], ...]:
    """Sampled: one of them, and the other one when those who are refused come round again."""
    return SENT if IN_FULL else (SENT[turn // 8 % len(SENT)],)


def names(resolver: Any = None, space: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace not in ("api", "scim", "mcp"):  # none is opened by a browser's session
                yield from names(entry, entry.namespace or space)
        elif f"{space}:{entry.name}" not in ONE_TIME:
            yield f"{space}:{entry.name}" if space else entry.name


def _looked_up(name: str, world: World) -> list[Any]:
    """Of records that the world does not hold: only these pages are worth a query."""
    match name:
        case "item_imports:settle":
            return [world.sourced.conflicts.get().pk, "accept"]
        case "cis:explain":
            return [world.item.reference, world.item.history.order_by("id")[0].pk]
        case "fields:narrow":
            return [Field.objects.filter(set__owner="ci:server")[0].pk, "ci:virtual_machine"]
        case "health:answer":
            return [world.round.pk, world.round.lines.get(ci=world.item).pk]
        case "changes:event_step":
            return [world.subscribed.events.get().pk, "dismiss"]
        case "changes:take_in":
            return [world.subscribed.events.get().pk]
        case "audit:entry":
            return [Entry.objects.filter(record_kind="incident", record_id=world.incident.pk)[0].pk]
    return []


def address(name: str, world: World) -> str:
    if looked_up := _looked_up(name, world):
        return reverse(name, args=looked_up)
    kinds: dict[str, list[Any]] = vars(world).get("arguments of its pages") or _arguments(world)
    vars(world)["arguments of its pages"] = (
        kinds  # once: for each page anew it was two fifths of what its refusal costs
    )
    if name in kinds:
        return reverse(name, args=kinds[name])
    record = {"catalog": world.service.slug, "slo": world.objective.slug, "incidents": world.incident.reference}
    record["problems"] = world.problem.reference
    record["requests"] = world.requested.reference
    record["majors"] = world.major.reference
    record["postmortems"] = world.postmortem.reference
    record["sla"] = world.incident.reference
    record["changes"] = world.pending.change.reference
    space = name.partition(":")[0]
    if name.endswith((":for_service", ":history_for_service", ":in_short", ":probe")):
        return reverse(name, args=[world.service.slug])
    try:
        return reverse(name)
    except NoReverseMatch:  # it wants the record of its app
        return reverse(name, args=[record[space]])


def _arguments(world: World) -> dict[str, list[Any]]:
    return {
        "accounts:revoke_token": ["abcdefgh"],
        "accounts:change_address": [1, "primary"],
        "accounts:change_device": [1, "end"],
        "chats:end": [1],
        "accounts:change_member": ["payments", "engineer", "lead"],
        "accounts:end_session": ["others"],
        "accounts:lift_lock": [world.lockout.pk],
        **{f"factors:{name}": ["key"] for name in ("add_key", "key_options")},
        "factors:remove": ["app", 1],
        "factor_rules:reset": ["engineer"],
        "factor_rules:stop": [1],
        "accounts:verify_address": ["made-up"],
        **{f"accounts:{name}": ["made-up"] for name in ("new_password", "welcome")},
        **{
            f"accounts:{name}": ["engineer"]
            for name in (
                "deactivate",
                "edit_person",
                "invite",
                "merge_person",
                "person",
                "reactivate",
                "rights",
                "sessions",
            )
        },
        "accounts:location": ["oslo"],
        **{
            f"accounts:{name}": ["payments"]
            for name in (
                "add_member",
                "edit_queue",
                "give_right",
                "make_triage",
                "merge_team",
                "rename_team",
                "retire_team",
                "revive_team",
                "team",
            )
        },
        "accounts:withdraw_grant": ["triage", world.grant.pk],
        **{f"item_imports:{name}": [world.sourced.reference] for name in ("claims", "why", "merge", "split")},
        "item_imports:pin": [world.sourced.reference, "pin"],
        "item_imports:run": [world.run.reference],
        "item_imports:go": [world.seen_run.reference, "take-in"],
        "item_imports:source": ["netbox"],
        "item_imports:remove_rule": [world.precedence.pk],
        **{
            f"portal:{name}": [world.announcement.reference]
            for name in ("announcement", "edit_announcement", "withdraw_announcement")
        },
        **{f"paging:{name}": [world.called.pk] for name in ("page", "acknowledge_page")},
        **{f"paging:{name}": [world.escalation.reference] for name in ("escalation", "acknowledge", "hand_over")},
        **{
            f"paging:{name}": [world.paging_draft.slug]
            for name in ("policy", "edit_policy", "go_live", "retire", "test_policy")
        },
        **{f"paging:{name}": [world.phone.pk] for name in ("verify", "remove_phone")},
        **{f"paging:{name}": [world.provider.pk] for name in ("provider", "switch_provider")},
        "paging:answer": ["made-up-token"],
        "escalation_routes:for_incident": [world.incident.reference],
        **{f"escalation_routes:{name}": [world.escalation_route.pk] for name in ("edit", "move")},
        **{f"workloads:{name}": [world.trusted_issuer.pk] for name in ("detail", "map", "withdraw")},
        **{f"directory:{name}": ["directory"] for name in ("sync", "let_go")},
        "directory:run": ["directory", world.sync_run.pk],
        "workloads:withdraw_mapping": [world.workload_mapping.pk],
        **{f"roles:{name}": ["night-desk"] for name in ("detail", "edit", "retire")},
        "roles:built_in": ["agent"],
        "invariants:detail": ["I17"],
        "invariants:clear": [world.violation.pk],
        **{
            f"identity:{name}": ["house"]
            for name in ("detail", "preview", "people", "refused", "edit", "trust", "withdraw", "map", "links")
        },
        "identity:add": ["oidc"],
        "identity:end_mapping": [world.group_mapping.pk],
        **{f"single_sign_on:{name}": ["house"] for name in SIGN_ON},
        "pipelines:deliver": [world.service.slug],
        **{f"webhooks:{name}": [world.webhook.pk] for name in ("detail", "edit", "rotate", "test", "switch", "delete")},
        **{f"webhooks:{name}": [world.webhook.pk, world.webhook_message.pk] for name in ("delivery", "replay")},
        **{
            f"statuspage:{name}": ["acme"]
            for name in (
                "detail",
                "edit",
                "rekey",
                "retire",
                "add_component",
                "new_incident",
                "new_maintenance",
            )
        },
        **{
            f"statuspage:{name}": ["acme", world.component.pk]
            for name in ("component", "retire_component", "set_state")
        },
        "statuspage:incident": ["acme", world.notice.pk],
        **{f"statuspage:{name}": ["acme", world.public_maintenance.pk] for name in ("maintenance", "reschedule")},
        "statuspage:withdraw": [world.public_update.pk],
        "statuspage:about": ["INC-1"],
        "portal:whom": ["no-such-item"],
        "portal:icon": [180],
        "portal:want": ["no-such-item"],
        "agreements:detail": [world.agreement.pk],
        **{f"deployments:{name}": [world.service.slug] for name in ("service", "for_service")},
        "agreements:keep": [world.agreement.pk, "retire"],
        "offerings:detail": [world.offering.pk],
        "offerings:keep": [world.offering.pk, "retire"],
        "offerings:new": [world.service.slug],
        "setup:take_back_agreement": [world.agreement.pk],
        "delegations:end": [world.delegation.reference],
        "approvals:confirmation": [world.confirmation.reference],
        "approvals:confirmation_step": [world.confirmation.reference, "decline"],
        **{
            f"cis:{name}": [world.item.reference]
            for name in (
                "detail",
                "edit",
                "identifiers",
                "relate",
                "if_it_fails",
                "impact",
                "impact_graph",
                "impact_layout",
            )
        },
        "cis:step": [world.item.reference, "take_out"],
        "cis:group": [world.relation.target.reference, world.relation.group_id],
        "cis:end": [world.item.reference, world.relation.pk],
        "cis:clear": [world.item.reference, world.condition.pk],
        **{f"cis:{name}": [world.ci_class.slug] for name in ("class", "retire_class")},
        **{f"knowledge:{name}": [world.article.reference] for name in ("detail", "edit", "terms", "picture", "vote")},
        **{f"answers:{name}": [world.incident.reference] for name in ("offered", "use")},
        **{f"improvements:{name}": [world.improvement.reference] for name in ("detail", "edit", "link")},
        "improvements:step": [world.improvement.reference, "drop"],
        **{
            f"items:{name}": [world.catalog_item.slug]
            for name in ("detail", "build", "change", "words", "terms", "picture", "preview")
        },
        "items:version": [world.catalog_item.slug, 1],
        "items:section": [world.catalog_item.slug, "where"],
        "items:question": [world.catalog_item.slug, "port"],
        "items:step_of_approval": [world.catalog_item.slug, 0],
        "items:task": [world.catalog_item.slug, "do"],
        "items:step": [world.revised_item.slug, "propose"],
        "knowledge:version": [world.article.reference, 1],
        "knowledge:withdraw_picture": [world.article.reference, world.picture.key],
        "knowledge:by_slug": [world.article.reference, "swollen-battery"],
        "knowledge:step": [world.revised_article.reference, "propose"],
        **{f"health:{name}": [world.finding.pk] for name in ("finding", "take_up_again")},
        **{f"health:{name}": [world.round.pk] for name in ("round", "confirm_offered")},
        "health:of_item": [world.item.reference],
        "health:tick": [world.item.reference, world.item_task.pk],
        "agreements:of_item": [world.item.reference],
        "health:step": [world.round.pk, "close"],
        "measures:of_item": [world.item.reference],
        "measures:keep": [world.measure.slug, "retire"],
        **{f"measures:{name}": [world.measure.slug] for name in ("detail", "picture", "edit", "forecast")},
        "slo:quarantine_step": [world.quarantined.pk, "discard"],
        "changes:for_incident": [world.incident.reference],
        "changes:cost_of_incident": [world.incident.reference],
        "changes:refund": [world.pending.change.reference, world.objective.slug],
        "changes:for_item": [world.item.reference],
        "changes:reach": [world.pending.change.reference, world.pending.decision_id],
        **{
            f"changes:{name}": [world.pending.change.reference]
            for name in ("conflicts", "impacted", "schedule", "slots", "tasks", "add_task", "answer_questions")
        },
        **{f"changes:{name}": [world.service.slug] for name in ("past_of", "shadow_service", "enforce_service")},
        "changes:experiment": [world.experiment.reference],
        "changes:experiment_step": [world.experiment.reference, "abort"],
        "changes:task": [world.pending.change.reference, world.change_task.pk, "done"],
        "changes:impacted": [world.pending.change.reference],
        **{f"changes:{name}": [world.board.slug] for name in ("board", "edit_board", "plan_meeting")},
        **{
            f"changes:{name}": [world.meeting.pk]
            for name in ("meeting", "meeting_live", "minutes", "minutes_pdf", "move_meeting")
        },
        "changes:vote": [world.meeting.pk, world.board_item.pk],
        "waiting:answer": [world.board_item.pk],
        "changes:meeting_item": [world.meeting.pk, "decide"],
        "changes:meeting_step": [world.meeting.pk, "open"],
        "changes:certify": [world.model.slug],
        "changes:model": [world.model.slug],
        "changes:model_version": [world.model.slug, 2],
        "changes:stop_model": [world.model.slug],
        "changes:lift": [world.window.pk],
        "changes:window": [world.lockdown.reference],
        "changes:edit_window": [world.lockdown.reference],
        "changes:revoke_feed": [world.feed.pk],
        **{f"oncall:{name}": [world.on_call.schedule.slug] for name in ("schedule", "edit", "override")},
        "oncall:swap": [world.on_call.schedule.slug, world.on_call.layer, 1],
        "oncall:step": [world.on_call.schedule.slug, "go-live"],
        "oncall:withdraw": [world.on_call.override.pk],
        "oncall:swap_step": [world.on_call.asked.reference, "take"],
        "oncall:cancel_off": [world.on_call.off.pk],
        "oncall:revoke_feed": [world.on_call.feed.pk],
        "oncall:feed": ["no-such-token-of-any-feed"],
        "changes:feed": ["no-such-token"],
        "changes:calendar_step": [world.subscribed.pk, "end"],
        **{f"changes:{name}": [world.delivery.parked.pk] for name in ("delivery", "decide_delivery")},
        "changes:unmap": [world.delivery.route.pk],
        **{
            f"changes:{name}": ["ci"]
            for name in ("delivery_source", "rotate_delivery_source", "retire_delivery_source")
        },
        "changes:window_step": [world.lockdown.reference, "submit"],
        "changes:dismiss_attestor": [world.attestor.pk],
        **{f"allowances:{name}": [world.allowance.pk] for name in ("detail", "take_back")},
        "allowances:for_agent": [world.software_agent.reference],
        "changes:withdraw_attestation": [world.attestation.pk],
        "changes:step": [world.pending.change.reference, "auto_close"],
        "files:file": [world.attachment.key],
        "files:thumbnail": [world.attachment.key],
        "bulk:ask": ["incident", "resolve"],
        "bulk:send": ["incident"],
        **{f"bulk:{name}": [world.bulk.pk] for name in ("result", "undo", "again")},
        **{
            f"agents:{name}": [world.software_agent.reference]
            for name in ("detail", "edit", "issue_token", "stop", "resume", "end")
        },
        "oauth:consents": [world.software_agent.reference],
        "oauth:end_consent": [1],
        "agents:revoke_token": [world.software_agent.reference, world.agents_token.prefix],
        **{f"proposals:{name}": [world.proposal.pk] for name in ("detail", "accept", "dismiss", "undo")},
        "proposals:beside": ["incident", world.incident.pk],
        "incidents:keep_view": [world.view.slug],
        **{f"incident_macros:{name}": [world.incident.reference, world.macro.slug] for name in ("macro", "text")},
        "incident_macros:menu": [world.incident.reference],
        **{f"macros:{name}": [world.macro.slug] for name in ("macro", "try", "delete")},
        **{f"macros:{name}": [world.template.slug] for name in ("template", "delete_template")},
        "problems:for_incident": [world.incident.reference],
        "requests:step": [world.requested.reference, "cancel"],
        "requests:decide": [f"{world.asked_for.reference}.1"],
        "requests:item_step": [f"{world.requested.reference}.1", "wait"],
        "requests:task": [f"{world.requested.reference}.1", world.request_task.pk, "begin"],
        **{f"requests:{name}": [f"{world.requested.reference}.1"] for name in ("assign", "add_task")},
        "majors:for_incident": [world.incident.reference],
        "majors:keep_rule": ["storm"],
        "majors:remove_stakeholder": [world.major.reference, world.major_stakeholder.pk],
        "majors:unpin": [world.major.reference, world.major_moment.pk],
        "majors:task": [world.major.reference, world.major_task.pk, "done"],
        "majors:step": [world.major.reference, "inform"],
        "postmortems:for_incident": [world.incident.reference],
        "postmortems:version": [world.postmortem.reference, 1],
        "postmortems:step": [world.postmortem.reference, "submit"],
        "postmortems:edit_event": [world.postmortem.reference, world.postmortem_event.pk],
        "postmortems:remove_event": [world.postmortem.reference, world.postmortem_event.pk],
        "postmortems:edit_action": [world.postmortem.reference, world.postmortem_action.pk],
        "postmortems:action": [world.postmortem.reference, world.postmortem_action.pk, "done"],
        "problems:task": [world.problem.reference, world.problem_task.pk, "done"],
        "problems:unlink": [world.problem.reference, world.problem_link.id],
        "problems:step": [world.problem.reference, "assess"],
        "incidents:withdraw_file": [world.incident.reference, world.attachment.key],
        "incidents:correct_time": [world.incident.reference, world.time_worked.pk],
        "incidents:withdraw_time": [world.incident.reference, world.time_worked.pk],
        "incidents:task": [world.incident.reference, world.task.pk, "done"],
        "incidents:unlink": [world.incident.reference, world.link.id],
        **{f"rules:{name}": [world.rule.pk] for name in ("detail", "move")},
        **{f"mail_in:{name}": [world.parked.pk] for name in ("mail", "with_pictures", "original", "decide")},
        "mail_in:unblock": [world.blocked.pk],
        "alerts:detail": [world.alerts.one.pk],
        **{f"alerts:{name}": [world.alerts.parked.pk] for name in ("body", "decide")},
        "alerts:lift": [world.alerts.quiet.pk],
        **{f"alerts:{name}": [world.alerts.source.slug] for name in ("source", "retire_source")},
        "alerts:of_incident": [world.incident.reference],
        "changes:quiet": [world.pending.change.reference],
        "incident_mail:make_caller": [world.incident.reference],
        **{f"mailboxes:{name}": [world.mailbox.slug] for name in ("detail", "test", "sign_in")},
        "mailboxes:turn": [world.mailbox.slug, "pause"],
        "mailboxes:lift": [world.undeliverable.pk],
        **{f"placing:{name}": [world.category.pk] for name in ("category", "keep_category")},
        "imports:history": [world.incident.reference],
        "incidents:step": [world.incident.reference, "acknowledge"],
        "calendars:detail": [world.calendar.pk],
        "calendars:import": [world.calendar.pk],
        "environments:edit": ["sandbox"],
        **{f"changes:{name}": [world.draft_policy.pk] for name in ("policy", "policy_text", "back_test", "shadow")},
        **{f"changes:{name}": [world.draft_policy.pk] for name in ("questionnaire", "try_questionnaire")},
        "changes:cancel_back_test": [world.proposed_policy.pk],
        **{f"changes:dora_{name}": ["lead_time"] for name in ("csv", "rows")},
        "changes:policy_authority": [world.draft_policy.pk, "cab"],
        "changes:policy_cell": [world.draft_policy.pk, "standard.healthy"],
        "changes:policy_step": [world.draft_policy.reference, "propose"],
        "changes:differing": [world.draft_policy.pk, world.draft_policy.difference.pk],
        **{f"erasure:{name}": ["requester"] for name in ("person", "export")},
        "erasure:fetch": ["requester", 1],
        "environments:remove": ["sandbox"],
        **{f"fields:{name}": [world.field.pk] for name in ("field", "purge", "retire", "revive")},
        **{f"reports:{name}": [world.report.pk] for name in ("saved", "edit", "remove", "mail", "no_more_mail")},
        "incidents:edit_view": [world.view.slug],
        "problem": ["not-found"],
        "setup:card": ["dismiss"],
        "setup:decide": ["token", "skip"],
        "setup:take_back_objective": [world.objective.slug],
        "setup:take_back_question": [world.pending.change_id],
        "setup:take_back_service": [world.service.slug],
        "setup:take_back_token": ["abcdefgh"],
        "slo:correction_step": [world.objective.slug, world.correction.pk, "decline"],
        "slo:cost": [world.incident.reference],
        "slo:effect_of_correction": [world.objective.slug, world.correction.pk],
        "slo:decide_cause": [world.objective.slug, world.outage.pk],
        "slo:edit_source": [world.source.slug],
        "slo:try_source": [world.source.slug],
        **{
            f"slo:{name}": ["checkout-requests"]
            for name in ("indicator", "measurers", "minutes_csv", "template_csv", "upload")
        },
    }


def test_every_page_has_an_entry() -> None:
    known = PUBLIC | BY_LINK | POST_ONLY | set(MAY_OPEN)
    missing = sorted(set(names()) - known)
    assert not missing, f"Say in MAY_OPEN who may open these: {missing}"


@pytest.mark.heavy
def test_without_signing_in_every_page_leads_to_the_sign_in(world: World) -> None:
    """Sampled: a page's GET, and of what sends one by turns, at every fourth page."""
    stranger = browser(None)
    for turn, name in enumerate(sorted(set(names()) - PUBLIC - BY_LINK), TURN):
        sending = by_turns({"post", "put", "delete"}, turn // 4) if IN_FULL or turn % 4 == 0 else set()
        for method in {"get"} | sending:
            answer = getattr(stranger, method)(address(name, world))
            led_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
            assert led_away or answer.status_code == 405, f"{method} {name}: {answer.status_code}"


@pytest.mark.heavy
def test_half_signed_in_every_page_is_as_closed_as_to_a_stranger(world: World) -> None:
    """The password was right, the second step is owed: nothing opens, with no method. Sampled: two pages of three."""
    half = half_signed_in(world.people["admin"])
    for turn, name in enumerate(sorted(set(names()) - PUBLIC - BY_LINK), TURN):
        if turn % 3 == 0 and not IN_FULL:
            continue
        for method in by_turns(("get", "post"), turn):
            answer = getattr(half, method)(address(name, world))
            led_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
            assert led_away or answer.status_code == 405, f"{method} {name}: {answer.status_code}"


def test_public_pages_are_public(world: World) -> None:
    stranger = browser(None)
    assert {stranger.get(address(name, world)).status_code for name in PUBLIC} == {200}


def _doubled_ids(answer: Any) -> list[str]:
    """What a button opens by an id that more than one element bears: it then opens the wrong one, or nothing."""
    if answer.streaming or not answer["Content-Type"].startswith("text/html"):
        return []
    page = answer.content.decode()
    borne = Counter(re.findall(r'<[a-z][^<>]*? id="([^"]+)"', page))
    return sorted(one for one in set(re.findall(r' data-opens="([^"]+)"', page)) if borne[one] > 1)


def _looks(role: str, name: str, turn: int) -> bool:
    """Whether this role asks for this page in this turn of the page. Sampled: each page is opened by one in sixteen of
    those who may; each is refused to requesters and one in eight of the others; that a door for sending shows nothing,
    which is the same for all, is asked by one of the roles."""
    if name in POST_ONLY:
        return role in by_turns(ROLES, turn, one_in=8)
    may = MAY_OPEN.get(name, frozenset())
    return role in by_turns(may, turn, one_in=16) if role in may else _is_refused_here(may, turn, role)


PAGES = sorted(set(names()) - PUBLIC - BY_LINK - {"accounts:sign_out"})


def test_every_role_comes_round_at_every_page_and_each_turn_opens_every_page() -> None:
    missed, turns = [], range(16)  # the pages begin at other numbers, which go on by one with each turn
    for first, name in enumerate(PAGES):
        asked = [{role for role in ROLES if _looks(role, name, first + turn)} for turn in turns]
        may = MAY_OPEN.get(name, frozenset()) - ({*ROLES} if name in POST_ONLY else set())
        if never := EVERYBODY - set().union(*asked):
            missed.append(f"{name}: never asked for by {sorted(never)}")
        if may and not all(may & some for some in asked):
            missed.append(f"{name}: not opened in each turn: {asked}")
    assert not missed, "\n".join(missed)


def test_every_refused_role_comes_round_with_everything_that_is_sent() -> None:
    for may in (frozenset[str](), AUTHORS, frozenset({"admin"}), EVERYBODY - {"requester", "auditor"}):
        sent = {
            (role, number)
            for turn in range(16)
            for role in ROLES
            if _is_refused_here(may, turn, role)
            for number in map(SENT.index, _sent_here(turn))
        }
        assert sent == {(role, number) for role in EVERYBODY - may for number in range(len(SENT))}, may


@pytest.mark.heavy
@pytest.mark.parametrize("role", ROLES)
def test_every_role_at_every_page(world: World, role: str) -> None:
    """Whoever is denied, everywhere. Sampled: see `_looks`."""
    wrong = []
    client = browser(world.people[role])
    for turn, name in enumerate(PAGES, TURN):
        if not _looks(role, name, turn):
            continue
        may = MAY_OPEN.get(name, frozenset())
        with transaction.atomic():
            answer = client.get(address(name, world), headers={} if role in may else _as_part(turn, role))
        status = answer.status_code
        if answer.streaming:
            list(answer.streaming_content)  # an answer that nobody reads keeps its file open
        expected = {405} if name in POST_ONLY else {200, 302} if role in may else {403, 404, 405}
        if status not in expected:
            wrong.append(f"{name} for {role}: {status}, not {sorted(expected)}")
        elif status == 200 and (doubled := _doubled_ids(answer)):
            wrong.append(f"{name} for {role}: a button opens one of two: {doubled}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.heavy
@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_before_what_it_sends_and_the_state_are_looked_at(world: World, role: str) -> None:
    """Sampled: at each door a requester and one in eight of the others, by turns."""
    wrong = []
    client = browser(world.people[role])
    for turn, name in enumerate(sorted(set(names()) - PUBLIC - BY_LINK - ONES_OWN), TURN):
        if not _is_refused_here(MAY_SEND.get(name, MAY_OPEN.get(name, frozenset())), turn + 1, role):
            continue
        for sent in _sent_here(turn + 1):
            with transaction.atomic():
                status = client.post(address(name, world), sent, headers=_as_part(turn, role)).status_code
            if status not in {403, 404, 405}:
                wrong.append(f"{name} for {role} with {sent}: {status}")
    assert not wrong, "\n".join(wrong)


def test_every_door_for_sending_has_an_entry() -> None:
    assert set(MAY_SEND) | ONES_OWN >= POST_ONLY


# Its service is not measured yet, so one approver decides: the engineer is a peer of the owning team.
STEPS_OF_A_CHANGE = {
    "approve": {"approver", "engineer", "manager", "admin"},
    "decline": {"approver", "engineer", "manager", "admin"},
    "cancel": {"manager", "admin"},
    "close": {"manager", "owner", "admin"},
    "finish": {"engineer"},
    "revert": set(),
    "hold": {"manager", "admin"},
    "review": {"approver", "manager", "owner", "admin"},
    "resume": {"manager", "admin"},
    "roll_back": {"engineer"},
    "start": {"engineer"},
    "submit": set(),
}


@pytest.mark.parametrize("role", sorted(STAFF))
def test_every_step_of_a_change_is_refused_by_role_first(world: World, role: str) -> None:
    wrong = []
    client = browser(world.people[role])
    for action, may in STEPS_OF_A_CHANGE.items():
        if role not in may:
            with transaction.atomic():
                status = client.post(reverse("changes:step", args=[world.pending.change.reference, action])).status_code
            if status != 403:
                wrong.append(f"{action} by {role}: {status}")
    assert not wrong, "\n".join(wrong)
