"""Who may do what over REST: every route, every method, every kind of caller, against a table written by hand."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.incident.workflow import WORKFLOW
from itsm.accounts.models import Token, User
from itsm.accounts.scopes import READ
from itsm.api.permissions import Entry
from itsm.webhooks.models import WebhookEndpoint
from tests.api.routes import Route, routes
from tests.api.world import ROLES, World, bearer, half_signed_in, token_of
from tests.slo.proving import IN_FULL, TURN, by_turns

# A leaver keeps a live token, and is denied all the same.
pytestmark = [pytest.mark.django_db, pytest.mark.writes_behind("I16")]

EVERYBODY = frozenset({*ROLES, "pipeline", "author"})
STAFF = EVERYBODY - {"requester"}
ASKERS = frozenset({"engineer", "manager", "owner", "admin", "pipeline", "author"})
RESPONDERS = ASKERS | {"agent"}
AUTHORS_BOSSES = frozenset({"author", "manager", "admin"})
LIFTERS = frozenset({"agent", "manager", "admin"})
PLANNERS = AUTHORS_BOSSES | {"engineer"}
WITHOUT_INTEREST = frozenset({"engineer", "manager", "admin"})
# Steps that take the version which was read.
VERSIONED = (
    "alert-source-retire",
    "delivery-source-r",
    "announcement-withdraw",
    "confirmation-",
    "delegation-end",
    "agreement-re",
    "ci-identifiers",
    "relation-end",
    "offering-re",
    "measure-re",
    "finding-accept",
    "finding-take",
    "policy-shadow",
    "role-retire",
    "trusted-issuer-withdraw",
    "webhook-endpoint-rotate",
    "webhook-endpoint-switch-",
    "workload-mapping-withdraw",
    "identity-provider-trust",
    "identity-provider-withdraw",
    "group-mapping-withdraw",
    "escalation-policy-go-live",
    "paging-provider-rotate",
    "paging-provider-switch-",
    "board-retire",
    "schedule-go-live",
    "schedule-retire",
    "schedule-override-withdraw",
    "time-off-cancel",
    "on-call-feed-revoke",
    "public-incident-updates",
    "proposal-accept",
    "proposal-dismiss",
    "public-maintenance-updates",
    "status-component-retire",
    "status-page-re",
)
# Edits of what carries no version: they refuse one (itsm/api/versions.py).
WITHOUT_VERSION = frozenset(
    {
        "change-finish-deployment",
        "change-task",
        "ci-task",
        "incident-task",
        "incident-time-entry",
        "push-device-detail",
        "major-task",
        "postmortem-action",
        "postmortem-event",
        "problem-link",
        "problem-task",
        "request-item-task",
    }
)
BEYOND_READING = {"GET callback-secret"}  # whoever holds it signs as the desk: it takes the scope to ask
NOBODY_ELSES = frozenset({"anonymous", "expired", "revoked", "leaver"})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# `author` asked for the changes of this world; `engineer` is in the team of its services. The incident has no reporter.
ALLOWED: dict[str, frozenset[str]] = {
    "DELETE data-source-detail": ASKERS,
    "DELETE environment-detail": frozenset({"manager", "admin"}),
    "DELETE slo-detail": WITHOUT_INTEREST,
    "GET announcement-list": EVERYBODY,
    "GET announcement-detail": EVERYBODY,
    **dict.fromkeys(
        ("POST announcement-list", "PATCH announcement-detail", "POST announcement-withdraw"),
        frozenset({"agent", "owner", "manager", "admin"}),
    ),
    **dict.fromkeys(
        (
            "GET status-page-list",
            "GET status-page-detail",
            "GET status-component-list",
            "GET status-component-detail",
            "GET public-incident-list",
            "GET public-incident-detail",
            "GET public-maintenance-list",
            "GET public-maintenance-detail",
            "GET public-update-detail",
        ),
        STAFF,
    ),
    **dict.fromkeys(
        (
            "POST status-page-list",
            "PATCH status-page-detail",
            "POST status-page-rekey",
            "POST status-page-retire",
            "POST status-component-list",
            "PATCH status-component-detail",
            "POST status-component-retire",
        ),
        frozenset({"manager", "admin"}),
    ),
    **dict.fromkeys(
        (
            "POST status-component-state",
            "POST public-incident-list",
            "POST public-incident-updates",
            "POST public-maintenance-list",
            "PATCH public-maintenance-detail",
            "POST public-maintenance-updates",
            "POST public-update-withdraw",
        ),
        frozenset({"agent", "owner", "manager", "admin"}),
    ),
    "GET portal-suggest": EVERYBODY,
    "GET portal-status": EVERYBODY,
    "GET portal-team": EVERYBODY,
    "GET portal-report": STAFF,
    "GET satisfaction-report": STAFF,
    "GET agreement-detail": STAFF,
    "GET agreement-list": STAFF,
    "GET allowance-detail": STAFF,
    "GET allowance-entries": STAFF,
    "GET allowance-list": STAFF,
    **dict.fromkeys(
        ("POST allowance-list", "PATCH allowance-detail", "POST allowance-take-back"), frozenset({"manager", "admin"})
    ),
    "GET approval-mine": EVERYBODY,
    "GET attestation-detail": STAFF,
    "GET attestation-list": STAFF,
    "GET attestor-detail": STAFF,
    "GET attestor-list": STAFF,
    "GET calendar-detail": STAFF,
    "GET calendar-list": STAFF,
    "GET calendar-window-detail": STAFF,  # a draft: what came to be, everybody reads
    "GET calendar-feed-list": STAFF,
    "GET calendar-feed-detail": frozenset({"manager"}),
    **dict.fromkeys(
        (
            "GET subscribed-calendar-list",
            "GET subscribed-calendar-detail",
            "GET proposed-event-list",
            "GET proposed-event-detail",
        ),
        STAFF,
    ),
    "GET calendar-window-list": EVERYBODY,
    "GET calendar-of-period": EVERYBODY,
    "GET change-conflicts": STAFF,
    "GET change-detail": STAFF,
    "GET change-finish-deployment": STAFF,
    "GET change-list": EVERYBODY,
    "GET change-questions": STAFF,
    "GET change-slots": STAFF,
    "GET change-tasks": STAFF,
    "GET change-impacted": STAFF,
    **dict.fromkeys(("GET chaos-experiment-list", "GET chaos-experiment-detail"), STAFF),
    "POST chaos-experiment-list": ASKERS,
    "POST chaos-experiment-abort": STAFF - {"auditor"},
    **dict.fromkeys(
        ("POST chaos-experiment-confirm-stopped", "POST chaos-experiment-conclude", "POST chaos-experiment-find"),
        frozenset({"author", "engineer"}),
    ),
    "GET change-model-detail": STAFF,
    "GET change-model-list": STAFF,
    "GET change-model-review": STAFF,
    "GET confirmation-detail": STAFF,
    "GET confirmation-list": STAFF,
    "GET delegation-detail": frozenset({"admin", "auditor", "engineer", "owner"}),  # the engineer's, to the owner
    "GET delegation-list": EVERYBODY,
    "POST delegation-end": frozenset({"admin", "engineer", "owner"}),
    "POST delegation-list": ASKERS - {"pipeline"} | {"approver"},
    "GET correction-detail": STAFF,
    "GET correction-list": STAFF,
    "GET data-source-detail": STAFF,
    "GET data-source-list": STAFF,
    "GET environment-detail": EVERYBODY,
    "GET environment-list": EVERYBODY,
    "GET evaluation-detail": STAFF,
    "GET evaluation-statement": STAFF,
    "GET incident-clock-list": STAFF,
    "GET field-detail": STAFF,
    "GET field-list": STAFF,
    "GET field-purge": frozenset({"admin"}),
    "GET incident-detail": STAFF,
    "GET incident-list": EVERYBODY,
    "GET incident-csv": EVERYBODY,
    "GET incident-jsonl": EVERYBODY,
    "GET incident-report": STAFF,
    "GET incident-labels": EVERYBODY,
    "GET incident-next": STAFF,
    "GET keyboard": EVERYBODY,
    "DELETE chat-account-detail": frozenset({"admin"}),  # whose it is
    "GET chat-account-detail": frozenset({"admin"}),
    "GET chat-account-list": EVERYBODY,
    "DELETE push-device-detail": frozenset({"admin"}),  # whose it is
    "GET push-device-detail": frozenset({"admin"}),
    "GET push-device-list": EVERYBODY,
    "PATCH push-device-detail": frozenset({"admin"}),
    "POST push-device-list": EVERYBODY - {"pipeline"},
    "GET notification-rule-detail": frozenset({"admin"}),
    "GET notification-rule-list": frozenset({"admin"}),
    "GET notification-wishes": EVERYBODY,
    "GET lockout-detail": frozenset({"admin"}),
    "GET lockout-list": frozenset({"admin"}),
    "GET offering-detail": EVERYBODY,
    "GET offering-list": EVERYBODY,
    "GET openslo-list": STAFF,
    "GET outage-detail": STAFF,
    "GET outage-list": STAFF,
    "GET location-detail": STAFF,
    "GET location-list": STAFF,
    "GET person-merge-preview": frozenset({"admin"}),
    "GET person-detail": STAFF,  # requesters find themselves only
    "GET person-list": EVERYBODY,
    "GET person-orphans": frozenset({"admin"}),
    "GET person-rights": frozenset({"admin", "auditor", "engineer"}),  # whose they are: the engineer's
    **dict.fromkeys(("GET policy-detail", "GET policy-list", "GET policy-backtest", "GET policy-shadow"), STAFF),
    "GET policy-version-detail": STAFF,
    "GET policy-version-list": STAFF,
    "GET quarantined-sample-detail": STAFF,
    "GET quarantined-sample-list": STAFF,
    "GET service-detail": EVERYBODY,
    "GET service-gate": STAFF,
    "GET service-list": EVERYBODY,
    "GET callback-secret": ASKERS,
    "GET sli-detail": STAFF,
    "GET sli-list": STAFF,
    **dict.fromkeys(
        (
            f"GET {name}"
            for name in (
                "security",
                "trusted-issuer-list",
                "trusted-issuer-detail",
                "workload-mapping-list",
                "workload-mapping-detail",
                "role-list",
                "role-detail",
                "role-rights",
                "identity-provider-list",
                "identity-provider-detail",
                "group-mapping-list",
                "group-mapping-detail",
            )
        ),
        frozenset({"admin", "auditor"}),
    ),
    **dict.fromkeys(("GET agent-list", "GET agent-door"), EVERYBODY - {"pipeline"}),
    "POST agent-list": EVERYBODY - {"pipeline"},
    "GET agent-detail": frozenset({"engineer", "admin", "auditor"}),
    **dict.fromkeys(("PATCH agent-detail", "POST agent-tokens"), frozenset({"engineer"})),  # whose it is
    **dict.fromkeys(
        (f"POST agent-{one}" for one in ("revoke-token", "stop", "resume", "end")), frozenset({"engineer", "admin"})
    ),
    "POST agent-stop-all": frozenset({"admin"}),
    "POST agent-resume-all": frozenset(),
    "POST trusted-issuer-withdraw": frozenset({"admin"}),
    "POST workload-mapping-withdraw": frozenset({"admin"}),
    **dict.fromkeys(("POST role-list", "PATCH role-detail", "POST role-retire"), frozenset({"admin"})),
    "POST role-preview": frozenset({"admin", "auditor"}),
    "POST identity-provider-list": frozenset({"admin"}),
    "PATCH identity-provider-detail": frozenset({"admin"}),
    "POST identity-provider-withdraw": frozenset({"admin"}),
    "POST identity-provider-preview": frozenset({"admin", "auditor"}),
    "POST group-mapping-list": frozenset({"admin"}),
    "POST group-mapping-withdraw": frozenset({"admin"}),
    # Where there is no other administrator to confirm it, whoever does it shows who they are: on the page, not by a token.
    "POST trusted-issuer-list": frozenset(),
    "POST workload-mapping-list": frozenset(),
    "POST identity-provider-trust": frozenset(),
    **dict.fromkeys(
        (
            *(
                f"GET webhook-{name}"
                for name in ("endpoint-list", "endpoint-detail", "delivery-list", "delivery-detail")
            ),
            *(f"POST webhook-endpoint-{name}" for name in ("list", "rotate", "test", "switch-off", "switch-on")),
            "PATCH webhook-endpoint-detail",
            "DELETE webhook-endpoint-detail",
            "POST webhook-delivery-replay",
        ),
        frozenset({"admin"}),
    ),
    **dict.fromkeys(
        (
            "GET paging-provider-list",
            "GET paging-provider-detail",
            "PATCH paging-provider-detail",
            *(f"POST paging-provider-{name}" for name in ("list", "switch-off", "switch-on", "rotate")),
        ),
        frozenset({"admin"}),
    ),
    **dict.fromkeys(("GET paging-rules", "GET contact-point-list"), EVERYBODY),
    **dict.fromkeys(("PUT paging-rules", "POST contact-point-list"), EVERYBODY - {"pipeline"}),
    **dict.fromkeys(  # whose they are
        (
            "GET contact-point-detail",
            "DELETE contact-point-detail",
            "POST contact-point-verify",
            "POST contact-point-send-code",
        ),
        frozenset({"admin"}),
    ),
    **dict.fromkeys(("GET escalation-policy-list", "GET escalation-policy-detail"), STAFF),
    "POST escalation-policy-list": frozenset({"engineer", "admin"}),
    **dict.fromkeys(
        ("PATCH escalation-policy-detail", "DELETE escalation-policy-detail", "POST escalation-policy-go-live"),
        frozenset({"engineer", "admin"}),
    ),
    **dict.fromkeys(("GET escalation-list", "GET page-list"), EVERYBODY),
    **dict.fromkeys(("GET escalation-detail", "GET page-detail"), STAFF),
    **dict.fromkeys(
        ("POST escalation-acknowledge", "POST escalation-hand-over", "POST page-acknowledge"),
        frozenset({"engineer"}),
    ),
    **dict.fromkeys(("GET escalation-route-list", "GET escalation-route-detail"), STAFF),
    **dict.fromkeys(
        (
            "POST escalation-route-list",
            "PATCH escalation-route-detail",
            "DELETE escalation-route-detail",
            "POST escalation-route-move",
            "POST escalation-route-preset",
        ),
        frozenset({"manager", "admin"}),
    ),
    **dict.fromkeys(
        ("GET invariant-list", "GET invariant-violation-list", "GET invariant-violation-detail"),
        frozenset({"admin", "manager", "auditor"}),
    ),
    "DELETE retention-rule-detail": frozenset({"admin"}),
    **dict.fromkeys(
        ("GET audit-entry-list", "GET audit-entry-detail", "GET audit-entry-verify", "POST audit-entry-verify"),
        frozenset({"admin", "auditor"}),
    ),
    **dict.fromkeys(("GET custody-erase", "POST custody-erase", "GET custody-export"), frozenset({"admin"})),
    "POST custody-export": frozenset(),  # a token proves no person's presence
    "GET retention-rule-detail": frozenset({"admin"}),
    "GET retention-rule-list": frozenset({"admin"}),
    "GET retention-rule-preview": frozenset({"admin"}),
    "PATCH retention-rule-detail": frozenset({"admin"}),
    "POST retention-rule-list": frozenset({"admin"}),
    "GET setting-detail": frozenset({"admin"}),
    "GET setting-list": frozenset({"admin"}),
    "GET slo-budget": STAFF,
    "GET slo-detail": STAFF,
    "GET slo-forecast": STAFF,
    "GET slo-list": STAFF,
    "GET team-detail": STAFF,
    "GET team-list": STAFF,
    "GET team-orphans": STAFF,
    "PATCH agreement-detail": frozenset({"admin"}),
    "PATCH calendar-detail": frozenset({"admin"}),
    "PATCH change-detail": frozenset({"author"}),
    "PATCH change-finish-deployment": frozenset({"author", "engineer"}),
    "POST change-stage": frozenset({"author", "engineer"}),
    "PATCH data-source-detail": ASKERS,
    "PATCH environment-detail": frozenset({"manager", "admin"}),
    "PATCH incident-detail": RESPONDERS,
    "PATCH keyboard": EVERYBODY,  # one's own
    "PATCH notification-wishes": EVERYBODY - {"pipeline"},  # one's own, of people
    "PUT notification-wishes": EVERYBODY - {"pipeline"},
    "PATCH offering-detail": frozenset({"engineer", "manager", "owner", "admin"}),
    "PATCH location-detail": frozenset({"admin"}),
    "PATCH person-detail": frozenset({"admin"}),
    "PATCH service-detail": frozenset({"engineer", "manager", "owner", "admin"}),
    "PATCH notification-rule-detail": frozenset({"admin"}),
    "PATCH setting-detail": frozenset({"admin"}),
    "PATCH slo-detail": WITHOUT_INTEREST,
    "PATCH team-detail": frozenset({"admin"}),
    "POST agreement-list": frozenset({"admin"}),
    "POST agreement-match": STAFF,
    "POST agreement-retire": frozenset({"admin"}),
    "POST agreement-revive": frozenset({"admin"}),
    "POST offering-list": frozenset({"engineer", "manager", "owner", "admin"}),
    "POST offering-retire": frozenset({"engineer", "manager", "owner", "admin"}),
    "POST offering-revive": frozenset({"engineer", "manager", "owner", "admin"}),
    "POST approval-answer": frozenset({"admin", "approver", "engineer"}),  # who sits in the board that is asked
    "POST attestation-list": ASKERS | {"approver"},
    "POST attestation-withdraw": frozenset({"author"}),
    "POST attestor-dismiss": frozenset({"manager", "owner", "admin"}),
    "POST attestor-list": frozenset({"manager", "owner", "admin"}),
    **dict.fromkeys(
        (
            "GET board-list",
            "GET board-detail",
            "GET item-detail",
            "GET meeting-list",
            "GET meeting-detail",
            "GET meeting-agenda",
        ),
        STAFF,
    ),
    "GET meeting-minutes": frozenset(),  # it is not closed
    **dict.fromkeys(("POST board-list", "PATCH board-detail", "POST board-retire"), frozenset({"manager", "admin"})),
    "POST item-votes": frozenset({"admin", "approver", "engineer"}),  # who sits in the board
    **dict.fromkeys(
        ("POST meeting-list", "POST meeting-cancel", "PATCH meeting-detail"),
        frozenset({"admin", "engineer", "manager"}),
    ),
    **dict.fromkeys(
        (
            "POST meeting-open",
            "POST meeting-close",
            "POST meeting-order",
            "POST meeting-decide",
            "POST meeting-defer",
            "POST meeting-note",
        ),
        frozenset({"admin", "engineer"}),  # its chairs
    ),
    "POST calendar-list": frozenset({"admin"}),
    "POST calendar-preview": STAFF,
    **dict.fromkeys(
        [f"POST calendar-window-{step}" for step in ("submit", "revert", "cancel", "lift")],
        frozenset({"manager", "admin"}),
    ),
    **dict.fromkeys(("POST calendar-window-approve", "POST calendar-window-decline"), frozenset({"admin"})),
    **dict.fromkeys(
        (
            "POST subscribed-calendar-list",
            "POST subscribed-calendar-end",
            "POST subscribed-calendar-read",
            "POST proposed-event-take-in",
            "POST proposed-event-dismiss",
        ),
        frozenset({"manager", "admin"}),
    ),
    "POST calendar-feed-list": STAFF - {"pipeline"},
    "POST calendar-feed-revoke": frozenset({"manager"}),  # whose it is
    "POST calendar-window-preview": frozenset({"manager", "admin"}),
    "POST calendar-window-list": frozenset({"manager", "admin"}),
    "PATCH calendar-window-detail": frozenset({"manager", "admin"}),
    # Its service is not measured yet, so one approver decides: the engineer is a peer of the owning team.
    "POST change-tasks": PLANNERS,
    "POST change-impacted": PLANNERS,
    "POST change-impacted-refresh": PLANNERS,
    "DELETE change-impacted-by-hand": PLANNERS,
    "POST change-task-order": PLANNERS,
    "PATCH change-task": PLANNERS,
    "DELETE change-task": PLANNERS,
    "POST change-approvals": frozenset({"approver", "engineer", "manager", "admin"}),
    "POST change-answers": frozenset({"author"}),
    "POST change-cancel": AUTHORS_BOSSES,
    "POST change-hold": AUTHORS_BOSSES,
    "POST change-review": frozenset({"approver", "manager", "owner", "admin"}),
    "POST change-resume": AUTHORS_BOSSES,
    "POST change-revert": frozenset({"author"}),
    "POST change-submit": frozenset({"author"}),
    "POST change-close": frozenset({"manager", "owner", "admin"}),
    "POST change-deployments": frozenset({"author", "engineer"}),
    **dict.fromkeys(
        ("POST change-model-certify", "POST change-model-suspend", "POST change-model-retire"),
        frozenset({"owner", "admin"}),
    ),
    "GET change-model-versions": STAFF,
    "POST change-model-approve": frozenset({"owner", "admin"}),
    "POST change-model-approve-version": frozenset({"owner", "admin"}),
    **dict.fromkeys(
        ("POST change-model-list", "POST change-model-versions", "POST change-model-discard-version"),
        frozenset({"author", "engineer", "manager", "owner", "admin"}),
    ),
    "POST confirmation-confirm": RESPONDERS - {"pipeline", "author"},  # who waits for a board about that service
    "POST confirmation-decline": RESPONDERS - {"pipeline"},
    "POST confirmation-withdraw": frozenset({"pipeline"}),  # its owner proposed it
    "POST correction-approve": frozenset({"manager", "admin"}),
    "POST correction-decline": frozenset({"manager", "admin"}),
    "POST correction-effect": ASKERS,
    "POST correction-list": ASKERS - {"owner"},
    "POST correction-withdraw": AUTHORS_BOSSES,
    "POST data-source-list": ASKERS,
    "POST environment-list": frozenset({"manager", "admin"}),
    "POST evaluation-cancel": AUTHORS_BOSSES,
    # And owners in the service's team; the administrator is the second person here.
    "POST evaluation-override": frozenset({"manager"}),
    # And owners in the service's team.
    **dict.fromkeys(
        ("POST change-refund", "POST start-up-shadow", "POST start-up-enforce"), frozenset({"manager", "admin"})
    ),
    "POST evaluation-judge": frozenset({"author", "engineer", "approver", "manager", "owner", "admin"}),
    "POST evaluation-list": ASKERS,
    **dict.fromkeys(
        (f"GET problem-{part}" for part in ("list", "detail", "notes", "tasks", "links", "known", "burn", "broadcast")),
        STAFF,
    ),
    **dict.fromkeys(
        (
            *(f"POST problem-{part}" for part in ("list", "notes", "tasks", "links", "broadcast", "apply")),
            *(f"{method} problem-{part}" for method, part in (("PATCH", "detail"), ("PATCH", "task"))),
            *(f"DELETE problem-{part}" for part in ("task", "link")),
            *(f"POST problem-{step}" for step in ("accept", "dismiss", "assess", "know", "fix", "resolve", "verify")),
            *(f"POST problem-{step}" for step in ("merge", "cancel")),
        ),
        RESPONDERS,
    ),
    "GET form-file-list": EVERYBODY - {"auditor"},
    "POST form-file-list": EVERYBODY - {"auditor"},
    "DELETE form-file-detail": frozenset({"author"}),  # whose it is
    "GET request-list": EVERYBODY,
    "POST request-list": EVERYBODY - {"auditor"},
    **dict.fromkeys(
        (f"GET request-{part}" for part in ("detail", "notes", "report", "item-list", "item-detail", "item-tasks")),
        STAFF,
    ),
    "POST request-notes": RESPONDERS,
    **dict.fromkeys((f"GET request-{part}" for part in ("watchers", "attachment-list", "attachment-detail")), STAFF),
    "GET request-attachment-content": STAFF,
    "POST request-watchers": STAFF - {"auditor", "pipeline"},
    "DELETE request-watcher": RESPONDERS,
    "POST request-attachment-list": RESPONDERS,
    "DELETE request-attachment-detail": frozenset({"author", "manager", "admin"}),  # who sent it, managers
    **dict.fromkeys(("GET satisfaction-own", "POST satisfaction-own"), frozenset({"author"})),  # whose it was
    # The author asked for it; nobody confirms, cancels or misses what others asked for.
    **dict.fromkeys(
        (f"POST request-{step}" for step in ("cancel", "confirm", "item-cancel", "item-reopen")), frozenset({"author"})
    ),
    **dict.fromkeys(
        (
            *(f"POST request-item-{step}" for step in ("wait", "go-on", "fulfil", "fulfil-in-part", "skip", "assign")),
            *(f"POST request-item-task-{verb}" for verb in ("begin", "settle", "retry")),
            "POST request-item-tasks",
            "PATCH request-item-task",
        ),
        RESPONDERS,
    ),
    "POST request-item-decide": frozenset({"approver"}),  # who is asked
    "POST problem-accept-risk": frozenset({"admin"}),  # the service is that of a team that the owner is not in
    "POST problem-re-analyse": frozenset({"manager", "admin"}),
    **dict.fromkeys(
        (
            *(f"GET postmortem-{part}" for part in ("list", "detail", "events", "actions", "versions", "md", "pdf")),
            *(f"GET postmortem-actions-{part}" for part in ("list", "detail", "by-owner")),
            "GET toil-report",
        ),
        STAFF,
    ),
    **dict.fromkeys(
        (
            *(f"POST postmortem-{part}" for part in ("list", "events", "actions", "action-done", "action-undone")),
            *(f"{method} postmortem-{part}" for method in ("PATCH", "DELETE") for part in ("event", "action")),
            "PATCH postmortem-detail",
            *(
                f"POST postmortem-{step}"
                for step in ("submit", "send-back", "revise", "discard", "refill", "ask-waiver")
            ),
        ),
        RESPONDERS,
    ),
    **dict.fromkeys(
        (
            *(
                f"GET major-{part}"
                for part in ("list", "detail", "timeline", "suspects", "stakeholders", "moments", "tasks")
            ),
            *(f"GET candidate-rule-{part}" for part in ("list", "detail")),
        ),
        STAFF,
    ),
    **dict.fromkeys(
        (
            *(f"POST major-{part}" for part in ("list", "say", "stakeholders", "moments", "tasks")),
            *(f"POST major-{step}" for step in ("propose", "inform", "correct-times")),
            *(f"DELETE major-{part}" for part in ("stakeholder", "moment", "task")),
            "PATCH major-detail",
            "PATCH major-task",
        ),
        RESPONDERS,
    ),
    **dict.fromkeys(
        (f"POST major-{step}" for step in ("accept", "reject", "demote", "conclude")),
        frozenset({"manager", "owner", "admin"}),
    ),
    # Who commands it, in person.
    **dict.fromkeys(
        (f"POST major-{step}" for step in ("mitigate", "flare-up", "resolve", "reopen")), frozenset({"admin"})
    ),
    "PATCH candidate-rule-detail": frozenset({"manager", "admin"}),
    "POST postmortem-wording": STAFF | {"reader"},  # it keeps nothing
    "POST postmortem-publish": RESPONDERS - {"admin", "pipeline"},  # the admin wrote in it
    **dict.fromkeys(
        (f"POST postmortem-{step}" for step in ("waive", "refuse-waiver")), frozenset({"manager", "owner"})
    ),
    "POST incident-acknowledge": RESPONDERS,
    "POST incident-cancel": RESPONDERS,
    "POST incident-close": frozenset({"manager", "owner", "admin"}),
    "POST incident-confirm": RESPONDERS - {"pipeline"},
    "POST incident-escalate": RESPONDERS,
    "POST incident-hold": RESPONDERS,
    "POST incident-list": EVERYBODY - {"auditor"},
    "POST incident-merge": RESPONDERS,
    "POST incident-parent": RESPONDERS,
    "DELETE incident-parent": RESPONDERS,
    "POST incident-reopen": RESPONDERS,
    "POST incident-resolve": RESPONDERS,
    "POST incident-resume": RESPONDERS,
    "POST incident-split": RESPONDERS,
    "POST lockout-lift": frozenset({"admin"}),
    "POST openslo-list": ASKERS,
    "POST outage-decide": RESPONDERS,
    "POST location-list": frozenset({"admin"}),
    "POST person-deactivate": frozenset({"admin"}),
    "POST person-merge": frozenset({"admin"}),
    "POST person-invite": frozenset({"admin"}),
    "POST person-list": frozenset({"admin"}),
    "POST person-reset-password": frozenset({"admin"}),
    "POST person-reactivate": frozenset({"admin"}),
    "PATCH policy-detail": frozenset({"manager", "admin"}),
    **dict.fromkeys(
        (
            "POST policy-list",
            "POST policy-propose",
            "POST policy-withdraw",
            "POST policy-discard",
            "POST policy-backtest",
            "POST policy-backtest-cancel",
            "POST policy-shadow",
        ),
        frozenset({"manager", "admin"}),
    ),
    **dict.fromkeys(("POST policy-approve", "POST policy-decline"), frozenset({"admin"})),
    # Letting a policy rule takes a person who has just shown who they are: no token does.
    **dict.fromkeys(("POST policy-activate", "POST policy-version-approvals"), frozenset()),
    "POST policy-version-list": frozenset({"manager", "admin"}),
    "POST quarantined-sample-discard": frozenset({"manager", "owner", "admin"}),
    "POST quarantined-sample-release": frozenset({"manager", "owner", "admin"}),
    "POST service-import-list": ASKERS,
    "POST service-list": ASKERS,
    "POST sli-list": ASKERS,
    "POST sli-measurers": frozenset({"manager", "admin"}),
    "POST sli-samples": ASKERS,
    "POST slo-allow-self-measuring": frozenset({"manager", "admin"}),
    "POST slo-end-self-measuring": ASKERS - {"owner"},
    "POST slo-evaluate": ASKERS,
    "POST slo-list": ASKERS - {"owner"},
    "POST team-list": frozenset({"admin"}),
    "PATCH field-detail": frozenset({"admin"}),
    **dict.fromkeys(
        ("POST field-list", "POST field-narrow", "POST field-purge", "POST field-retire", "POST field-revive"),
        frozenset({"admin"}),
    ),
    **dict.fromkeys(
        (
            "GET ci-list",
            "GET ci-detail",
            "GET ci-history",
            "GET ci-impact",
            "GET ci-conditions",
            "GET ci-tasks",
            "GET ci-class-list",
            "GET ci-class-detail",
            "GET ci-group-list",
            "GET ci-group-detail",
            "GET relation-list",
            "GET relation-detail",
            "GET relation-type-list",
            "GET relation-type-detail",
            "GET finding-list",
            "GET finding-detail",
            "GET round-list",
            "GET round-detail",
            "GET round-lines",
            "GET measure-list",
            "GET measure-detail",
            "GET measure-forecast",
            "GET ci-claim-list",
            "GET conflict-list",
            "GET conflict-detail",
            "GET import-list",
            "GET import-detail",
            "GET import-documents",
            "GET precedence-list",
            "GET precedence-detail",
            "GET source-list",
            "GET source-detail",
        ),
        STAFF,
    ),
    **dict.fromkeys(("POST ci-bulk-list", "POST import-list", "POST import-cancel", "POST import-take-in"), ASKERS),
    **dict.fromkeys(("POST ci-merge-list", "POST ci-split-list"), frozenset({"manager", "owner", "admin"})),
    "POST ci-list": ASKERS,
    # What people of the owner team, service owners and change managers do to an item.
    **dict.fromkeys(
        (
            "PATCH ci-detail",
            "PATCH ci-task",
            "POST ci-identifiers",
            "POST ci-order",
            "POST ci-build",
            "POST ci-put-into-service",
            "POST ci-take-out",
            "POST ci-report",
            "POST ci-clear",
            "POST ci-retire",
            "PATCH ci-group-detail",
            "POST relation-list",
            "POST relation-end",
            "POST ci-claim-pin",
            "POST ci-claim-unpin",
            "POST conflict-accept",
            "POST conflict-settle",
        ),
        frozenset({"engineer", "manager", "owner", "admin"}),
    ),
    # Programs of the team only send points.
    **dict.fromkeys(
        ("POST measure-list", "PATCH measure-detail", "POST measure-retire", "POST measure-revive"),
        frozenset({"engineer", "manager", "owner", "admin"}),
    ),
    "GET article-list": EVERYBODY,
    "GET article-detail": EVERYBODY,
    "GET article-suggest": EVERYBODY,
    "GET article-versions": STAFF,
    "GET article-picture-list": STAFF,
    **dict.fromkeys(
        (
            "POST article-list",
            "POST article-preview",
            "POST article-picture-list",
            "DELETE article-picture-detail",
            "POST article-propose",
            "POST article-return",
            "POST article-revise",
            "POST article-discard",
        ),
        RESPONDERS,
    ),
    "POST article-publish": RESPONDERS - {"pipeline"},
    # The agent owns it.
    **dict.fromkeys(
        ("PATCH article-detail", "POST article-confirm", "POST article-retire"),
        frozenset({"agent", "manager", "owner", "admin"}),
    ),
    "POST article-vote": EVERYBODY - {"pipeline", "auditor"},
    **dict.fromkeys(("GET catalog-item-list", "GET catalog-item-detail", "GET catalog-item-form"), EVERYBODY),
    **dict.fromkeys(("GET catalog-item-versions", "POST catalog-item-preview"), STAFF),
    # Of a team without members.
    **dict.fromkeys(
        (
            "POST catalog-item-picture-list",
            "POST catalog-item-propose",
            "POST catalog-item-publish",
            "POST catalog-item-return",
            "POST catalog-item-revise",
            "POST catalog-item-discard",
            "PATCH catalog-item-detail",
        ),
        frozenset({"manager", "owner", "admin"}),
    ),
    "POST catalog-item-list": frozenset({"engineer", "manager", "owner", "admin"}),  # of the engineer's own team
    "POST catalog-item-retire": frozenset({"agent", "manager", "owner", "admin"}),  # the agent owns it
    **dict.fromkeys(
        (
            "GET on-call",
            "GET on-call-report",
            "GET schedule-list",
            "GET schedule-detail",
            "GET schedule-final",
            "POST schedule-preview",
            "GET schedule-override-list",
            "GET schedule-override-detail",
            "GET swap-list",
            "GET swap-detail",
            "GET time-off-list",
            "GET time-off-detail",
            "GET on-call-feed-list",
        ),
        STAFF,
    ),
    **dict.fromkeys(
        (
            "POST schedule-list",
            "PATCH schedule-detail",
            "POST schedule-go-live",
            "POST schedule-retire",
            "POST swap-withdraw",
        ),
        frozenset({"manager", "admin"}),
    ),
    # The engineer works in its team and takes turns.
    **dict.fromkeys(
        (
            "POST schedule-override-list",
            "POST schedule-override-withdraw",
            "POST swap-give-back",
            "POST swap-list",  # takes a turn over
        ),
        frozenset({"engineer", "manager", "admin"}),
    ),
    "POST swap-take": frozenset({"engineer"}),
    "POST time-off-list": STAFF - {"auditor", "pipeline"},
    "POST time-off-cancel": frozenset({"engineer", "manager", "admin"}),
    "POST on-call-feed-list": STAFF - {"pipeline"},
    **dict.fromkeys(("GET on-call-feed-detail", "POST on-call-feed-revoke"), frozenset({"manager"})),  # whose it is
    "GET improvement-list": STAFF,
    "GET improvement-detail": STAFF,
    "POST improvement-list": STAFF - {"auditor"},
    **dict.fromkeys(
        (
            "PATCH improvement-detail",
            "POST improvement-links",
            "POST improvement-start",
            "POST improvement-finish",
            "POST improvement-conclude",
            "POST improvement-drop",
        ),
        frozenset({"agent", "manager", "owner", "admin"}),
    ),
    "POST improvement-accept": frozenset({"manager", "owner", "admin"}),
    "POST finding-tasks": ASKERS,
    "POST round-confirm-offered": ASKERS - {"pipeline"},
    "POST round-answer": frozenset({"engineer", "manager", "owner", "admin"}),
    **dict.fromkeys(
        (
            "POST finding-accept",
            "POST finding-take-up-again",
            "POST round-list",
            "POST round-open",
            "POST round-close",
            "POST round-cancel",
        ),
        frozenset({"manager", "owner", "admin"}),
    ),
    "POST measure-points": frozenset({"engineer", "manager", "owner", "admin"}),
    "POST ci-revive": frozenset({"manager", "owner", "admin"}),
    "POST ci-explain": ASKERS - {"pipeline"},
    **dict.fromkeys(
        (
            "POST ci-class-list",
            "PATCH ci-class-detail",
            "POST ci-class-retire",
            "POST relation-type-list",
            "PATCH relation-type-detail",
            "POST relation-type-retire",
            "PATCH source-detail",
            "POST precedence-list",
            "DELETE precedence-detail",
        ),
        frozenset({"admin"}),
    ),
    "GET incident-notes": STAFF,
    "POST incident-notes": RESPONDERS,
    "GET incident-tasks": STAFF,
    "POST incident-tasks": RESPONDERS,
    "PATCH incident-task": RESPONDERS,
    "DELETE incident-task": RESPONDERS,
    "GET incident-watchers": STAFF,
    "POST incident-watchers": STAFF - {"auditor", "pipeline"},
    "DELETE incident-watcher": RESPONDERS,
    "GET incident-attachment-list": STAFF,
    "POST incident-answer-list": RESPONDERS,
    "POST incident-attachment-list": RESPONDERS,
    "GET incident-attachment-detail": STAFF,
    "GET incident-attachment-content": STAFF,
    "GET incident-attachment-thumbnail": frozenset(),  # of a text there is none
    "DELETE incident-attachment-detail": frozenset({"author", "manager", "admin"}),  # who sent it, managers
    "GET incident-time": STAFF,
    "POST incident-time": RESPONDERS,
    "PATCH incident-time-entry": frozenset({"admin"}),  # whose it is
    "DELETE incident-time-entry": frozenset({"admin"}),
    "GET incident-links": STAFF,
    "POST incident-links": RESPONDERS,
    "DELETE incident-link": RESPONDERS,
    "GET incident-routing-list": STAFF,
    "POST incident-routing-list": RESPONDERS,
    **dict.fromkeys(("GET category-list", "GET category-detail", "GET matrix-list", "GET matrix-detail"), STAFF),
    "POST category-list": frozenset({"admin"}),
    "PATCH category-detail": frozenset({"admin"}),
    "POST category-retire": frozenset({"admin"}),
    "POST category-revive": frozenset({"admin"}),
    "POST matrix-list": frozenset({"admin"}),
    **dict.fromkeys(
        (
            "POST alerts-alertmanager",
            "POST alerts-grafana",
            "POST alerts-cdevents",
            "POST alerts-pagerduty",
            "POST alerts-generic",
        ),
        frozenset({"pipeline"}),  # programs alone
    ),
    **dict.fromkeys(
        (
            "GET alert-list",
            "GET alert-detail",
            "GET alert-source-list",
            "GET alert-source-detail",
            "GET alert-routing-list",
            "GET alert-routing-detail",
            "POST alert-source-bench",
            "GET quiet-list",
            "GET quiet-detail",
            "GET change-quiet-preview",
            "GET change-cost",
        ),
        STAFF,
    ),
    "POST quiet-lift": RESPONDERS,
    **dict.fromkeys(
        (
            "GET alert-intake-list",
            "GET alert-intake-detail",
            "GET alert-intake-body",
            "POST alert-intake-retry",
            "POST alert-intake-discard",
            "POST alert-source-list",
            "PATCH alert-source-detail",
            "POST alert-source-retire",
            "POST alert-routing-propose",
        ),
        frozenset({"manager", "admin"}),
    ),
    **dict.fromkeys(("GET deployment-event-list", "GET deployment-event-detail", "GET completeness"), STAFF),
    "POST deployment-event-list": frozenset({"pipeline"}),  # programs alone
    **dict.fromkeys(
        (
            "GET delivery-source-list",
            "GET delivery-source-detail",
            "POST delivery-source-list",
            "PATCH delivery-source-detail",
            "POST delivery-source-rotate",
            "POST delivery-source-retire",
            "GET deployment-route-list",
            "GET deployment-route-detail",
            "POST deployment-route-list",
            "DELETE deployment-route-detail",
            "GET platform-delivery-list",
            "GET platform-delivery-detail",
            "GET platform-delivery-body",
            "POST platform-delivery-replay",
            "POST platform-delivery-discard",
        ),
        frozenset({"manager", "admin"}),
    ),
    "POST drop-door-list": frozenset({"admin"}),  # and programs with the role of an agent
    **dict.fromkeys(
        (
            "GET mail-in-list",
            "GET mail-in-detail",
            "GET mail-in-text",
            "GET mail-in-header-lines",
            "POST mail-in-retry",
            "POST mail-in-discard",
            "POST mail-in-open",
            "POST mail-in-take-all",
        ),
        frozenset({"manager", "admin"}),
    ),
    "POST mail-in-block": frozenset({"admin"}),  # and the leads of the mailbox's team
    "GET mailbox-list": STAFF,
    "GET mailbox-detail": STAFF,
    "POST mailbox-list": frozenset({"admin"}),
    "PATCH mailbox-detail": frozenset({"admin"}),
    "POST mailbox-test": frozenset({"admin"}),
    "POST mailbox-pause": frozenset({"admin"}),
    "POST mailbox-resume": frozenset({"admin"}),
    "GET undeliverable-address-list": LIFTERS,
    "GET undeliverable-address-detail": LIFTERS,
    "POST undeliverable-address-lift": LIFTERS,
    "GET rule-list": STAFF,
    "GET rule-detail": STAFF,
    "POST rule-list": frozenset({"admin"}),
    "PATCH rule-detail": frozenset({"admin"}),
    "POST rule-move": frozenset({"admin"}),
    "POST rule-dry-run": frozenset({"admin"}),
    "GET team-grants": STAFF,
    "GET team-queue": STAFF,
    "PATCH team-queue": frozenset({"admin"}),
    "POST team-grants": frozenset({"admin"}),
    "POST team-withdraw-grant": frozenset({"admin"}),
    "POST team-merge": frozenset({"admin"}),
    "POST team-retire": frozenset({"admin"}),
    "POST team-revive": frozenset({"admin"}),
    "DELETE macro-detail": frozenset({"admin"}),
    "DELETE template-detail": frozenset({"admin"}),
    "GET macro-detail": STAFF,
    "GET macro-list": EVERYBODY,
    "GET template-detail": EVERYBODY,
    "GET template-list": EVERYBODY,
    "PATCH macro-detail": frozenset({"admin"}),
    "PATCH template-detail": frozenset({"admin"}),
    "POST incident-macro": RESPONDERS,
    "POST macro-list": STAFF - {"auditor"},
    "POST template-list": frozenset({"admin"}),
    "GET incident-bulk-detail": frozenset({"author"}),  # who sent it
    "POST incident-bulk-list": STAFF - {"auditor"},  # what each record allows is its own to say
    "POST incident-bulk-undo": frozenset({"author"}),
    **dict.fromkeys(("GET proposal-list", "GET proposal-detail"), STAFF),
    # Whoever may change the incident, and is a person: no program decides what a program proposed.
    **dict.fromkeys((f"POST proposal-{verb}" for verb in ("accept", "dismiss", "undo")), RESPONDERS - {"pipeline"}),
    "DELETE saved-report-detail": frozenset({"author"}),
    **dict.fromkeys(
        ("GET desk-report", "GET cab-value", "GET dora", "GET dora-rows", "GET start-up", "GET start-up-past"), STAFF
    ),
    "GET saved-report-detail": frozenset({"author"}),  # and whom it is mailed to
    "GET saved-report-list": STAFF,
    "PATCH saved-report-detail": frozenset({"author"}),
    "POST saved-report-list": STAFF - {"pipeline"},
    "POST saved-report-mail": frozenset({"author"}),
    "POST saved-report-stop-mail": frozenset({"author"}),
    "DELETE view-detail": frozenset({"author", "admin"}),
    "GET view-detail": STAFF,
    "GET view-list": EVERYBODY,
    "PATCH view-detail": frozenset({"author", "admin"}),
    "POST view-list": STAFF - {"auditor"},
    "POST view-pin": STAFF - {"auditor", "pipeline"},
    "POST view-unpin": STAFF - {"auditor"},
}


def callers(world: World) -> dict[str, APIClient]:
    admin, yesterday = world.people["admin"], timezone.now() - timedelta(days=1)
    texts = {name: token_of(world.people[name]) for name in EVERYBODY}
    texts |= {"reader": token_of(admin, "read"), "expired": token_of(admin), "revoked": token_of(admin)}
    texts["leaver"] = token_of(world.people["leaver"])
    # Else each call would note it, since what it did is undone; on a busy machine also a minute from now.
    Token.objects.update(last_used_at=timezone.now() + timedelta(hours=1))
    _of(texts["expired"]).update(created_at=yesterday - timedelta(days=1), expires_at=yesterday)
    _of(texts["revoked"]).update(revoked_at=yesterday)
    User.objects.filter(username="leaver").update(is_active=False)
    return {"anonymous": APIClient(), **{name: bearer(text) for name, text in texts.items()}}


def _of(text: str) -> "QuerySet[Token]":
    return Token.objects.filter(prefix=text[3:15])


Asked = Callable[[APIClient], int]


def _asking(world: World, route: Route, method: str) -> Asked:
    """Sends this to the route, for one client after another: the answer's status. Whatever it did is undone."""
    asked = route.name.startswith(VERSIONED) and method == "POST"
    named = (method in {"PATCH", "DELETE"} and route.name not in WITHOUT_VERSION) or asked
    headers = {"HTTP_IF_MATCH": '"1"'} if named else {}
    body, kind = world.sent(route.name, method) if method not in {"GET", "DELETE"} else (b"", "application/json")
    path = world.path(route.name)
    return lambda client: _status(client, method, path, body, kind, headers)


def _status(client: APIClient, method: str, path: str, body: bytes, kind: str, headers: dict[str, str]) -> int:
    with transaction.atomic():
        point = transaction.savepoint()
        answer = client.generic(method, path, body, kind, **headers)
        if answer.streaming:
            list(answer.streaming_content)  # an answer that nobody reads keeps its file open
        connection.set_rollback(False)
        transaction.savepoint_rollback(point)
    return answer.status_code


@pytest.mark.heavy
def test_half_signed_in_no_route_opens(world: World) -> None:
    """The password was right, the second step is owed: REST knows nobody."""
    half = half_signed_in(world.people["admin"])
    wrong = []
    for turn, route in enumerate(routes(), TURN):
        if (turn % 4 and not IN_FULL) or "anonymous" in ALLOWED.get(str(route), ()):
            continue
        body, kind = world.sent(route.name, route.method) if route.method not in {"GET", "DELETE"} else (b"", "")
        status = half.generic(route.method, world.path(route.name), body, kind or "application/json").status_code
        if status != 401:
            wrong.append(f"{route}: {status}")
    assert not wrong, "\n".join(wrong)


def test_every_route_and_action_has_a_policy_entry() -> None:
    without = [str(route) for route in routes() if not isinstance(route.viewset.policy.get(route.action), Entry)]
    assert not without, f"Give these a policy entry in their viewset: {without}"


def test_the_scope_to_read_opens_what_is_read_and_nothing_else() -> None:
    """An entry that names no scope takes the one to read: a write that forgot its own is open to who may only look."""
    odd = {str(route) for route in routes() if (route.method == "GET") != (READ in _scopes(route))}
    assert odd == BEYOND_READING | {"POST postmortem-wording"}  # it keeps nothing


def _scopes(route: Route) -> tuple[str, ...]:
    said = route.viewset.policy[route.action].scope
    return (said,) if isinstance(said, str) else said


def test_every_policy_entry_belongs_to_a_route() -> None:
    walked = {(route.viewset, route.action) for route in routes()}
    lost = [(v.__name__, a) for v in {route.viewset for route in routes()} for a in v.policy if (v, a) not in walked]
    assert not lost, f"These actions cannot be reached: {lost}"


def test_every_step_of_an_incident_has_its_route() -> None:
    assert {f"incident-{step.replace('_', '-')}" for step in WORKFLOW.steps} <= {route.name for route in routes()}


def test_the_table_and_the_routes_are_the_same() -> None:
    assert {str(route) for route in routes()} == set(ALLOWED)


def _is_as_expected(name: str, allowed: bool, status: int) -> bool:
    if name in NOBODY_ELSES:
        return status == 401
    return (status in {401, 403, 404}) != allowed and status < 500 and status not in {400, 405, 415}


def _allowed(route: Route) -> frozenset[str]:
    allowed, reads = ALLOWED[str(route)], route.method == "GET" and str(route) not in BEYOND_READING
    return allowed | {"reader"} if reads and "admin" in allowed else allowed


VIEWSETS = sorted({route.viewset.__name__ for route in routes()})
# To let so many callers in takes a while: in the sample some viewsets share them.
TOGETHER = [VIEWSETS[at : at + (1 if IN_FULL else 16)] for at in range(0, len(VIEWSETS), 1 if IN_FULL else 16)]


def _asked(route: Route, turn: int) -> set[str]:
    """Whom to ask. Sampled: of those who are allowed, which costs most, one in sixteen by turns, so that each route is opened.

    Of those who are denied a read a requester is always asked, who is a customer, and one in eight of the others by turns;
    of those who are denied a write one with a good body, and more by the test below. That a token is worth nothing is said
    in one place for all routes: without one always, with one of the others at one route in four.
    """
    allowed = _allowed(route)
    denied = {*EVERYBODY, "reader"} - allowed
    at_the_door = denied - BY_THEIR_BODY.get(str(route), set()) if route.writes else set()
    return (
        by_turns(allowed, turn, one_in=16)
        | ((denied - at_the_door) & {"requester"})
        | by_turns(denied - at_the_door, turn, one_in=8)
        | by_turns(at_the_door, turn, one_in=8)
        | {"anonymous"}
        | (by_turns(NOBODY_ELSES - {"anonymous"}, turn // 4) if IN_FULL or turn % 4 == 0 else set())
    )


def test_every_caller_comes_round_at_every_route_and_each_turn_opens_every_route() -> None:
    missed, turns = [], range(16)  # the routes begin at other numbers, which go on by one with each turn
    for first, route in enumerate(routes()):
        asked = [_asked(route, first + turn) for turn in turns]
        if never := {*EVERYBODY, "reader"} - set().union(*asked):
            missed.append(f"{route}: never asked by {sorted(never)}")
        if _allowed(route) and not all(_allowed(route) & some for some in asked):
            missed.append(f"{route}: not opened in each turn: {asked}")
    assert not missed, "\n".join(missed)


@pytest.mark.heavy
@pytest.mark.parametrize("some", TOGETHER, ids="-".join)
def test_every_caller_at_every_route_of(some: list[str], world: World) -> None:
    everybody, wrong = callers(world), []
    here = [route for route in routes() if route.viewset.__name__ in some]
    for turn, route in enumerate(here, TURN):
        allowed, asks = _allowed(route), _asking(world, route, route.method)
        asked = _asked(route, turn)
        assert len(asked) >= (15 if IN_FULL else 2), route
        for name in asked:
            status = asks(everybody[name])
            if not _is_as_expected(name, name in allowed, status):
                wrong.append(f"{route} by {name}: {status}, {'allowed' if name in allowed else 'denied'} expected")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_the_door_of_chats_is_opened_by_no_account(
    world: World, api: Any, admin: User, settings: Any, tmp_path: Path
) -> None:
    """`POST slash`: its row is nobody, whoever they are, without the chat's own proof."""
    (tmp_path / "proof").write_text("what-the-chat-signs-with")
    settings.SECRETS_DIR = str(tmp_path)
    heard = WebhookEndpoint.objects.create(
        name="Chat", url="https://chat.invalid/x", form="slack", events=["*"], slash_credential="proof", owner=admin
    )
    for person in world.people.values():
        said = [
            api(person).post(
                f"/api/v1/integrations/slash/{endpoint.pk}/", "text=help&user_id=U1",
                content_type="application/x-www-form-urlencoded",
            ).status_code
            for endpoint in (world.webhook, heard)
        ]  # fmt: skip
        assert said == [404, 401], person.username


# Which service it is about stands in the body: only then can be said who may.
BY_THEIR_BODY = {
    # For what: about requests everybody may name somebody.
    "POST delegation-list": {"agent", "auditor", "requester"},
    # Of which service.
    "POST allowance-list": {"owner"},
    # Programs wish for nothing: who they are is looked at with the wish.
    "PATCH notification-wishes": {"pipeline"},
    "PUT notification-wishes": {"pipeline"},
    "POST push-device-list": {"pipeline"},
    "POST contact-point-list": {"pipeline"},
    "PUT paging-rules": {"pipeline"},
    # Of which team.
    "POST escalation-policy-list": {"author", "manager", "owner", "pipeline"},
    "POST slo-list": {"owner"},
    "POST correction-list": {"owner"},
    # An administrator may, on the page: without another one, by their password.
    "POST trusted-issuer-list": {"admin"},
    "POST workload-mapping-list": {"admin"},
    "POST identity-provider-trust": {"admin"},
    "POST agent-resume-all": {"admin"},
    # They may, on the page, once they have shown who they are: a token is not enough.
    "POST custody-export": {"admin"},
    "POST policy-activate": {"admin", "manager"},
    "POST policy-version-approvals": {"admin"},
    # Whom it names as the second person.
    "POST evaluation-override": {"admin"},
    # Of which board.
    "POST meeting-list": {"approver", "author", "owner"},
    # Whose items it joins.
    "POST relation-list": {"author", "pipeline"},
    "POST measure-list": {"author", "pipeline"},
    # What it is for, and who answers for it, is its keepers' to say.
    "PATCH article-detail": {"author", "engineer", "pipeline"},
    # Of which team it is to be; the agent owns the item, and does not write in it.
    "POST catalog-item-list": {"agent", "author", "pipeline"},
    "PATCH catalog-item-detail": {"agent"},
    # Whose item the line is of.
    "POST round-answer": {"author"},
    # Whose service it is offered under.
    "POST offering-list": {"author", "pipeline"},
    # Which services it is about, the confirmation says.
    "POST confirmation-confirm": {"author"},
    # They have an interest; what they may not do is make it kinder, and only the body, or the record's state, says so.
    "PATCH slo-detail": {"author", "pipeline"},
    "DELETE slo-detail": {"author", "pipeline"},
    # Oneself follows, and is followed no longer, where others are for those who work on it.
    "POST incident-watchers": {"pipeline"},
    "POST request-watchers": {"pipeline"},
    "DELETE incident-watcher": {"approver"},
    # Whose time it is, is said by the entry, which is found after that a body is refused.
    "DELETE incident-time-entry": RESPONDERS - {"admin"},
}
GARBAGE = (b"{", b'{"no_such_field": 1}')


@pytest.mark.heavy
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_role_is_refused_before_its_body_its_version_and_the_state_are_looked_at(method: str, world: World) -> None:
    """Whoever may not do a thing learns nothing of what is wrong with it otherwise. Sampled: one body for each, of a
    requester at every route and of a sixth of the others, by turns."""
    everybody, wrong = callers(world), []
    for turn, route in enumerate(one for one in routes() if one.method == method):
        garbage = GARBAGE if IN_FULL else (GARBAGE[(turn + TURN) // 6 % 2],)  # whoever comes round brings the other one
        path = world.path(route.name)
        for name in sorted({*EVERYBODY, "reader"} - ALLOWED[str(route)] - BY_THEIR_BODY.get(str(route), set())):
            if name != "requester" and name not in by_turns(EVERYBODY | {"reader"}, turn + TURN, one_in=6):
                continue
            for body in garbage:
                with transaction.atomic():
                    answer = everybody[name].generic(route.method, path, body, "application/json")
                if answer.status_code not in {403, 404}:
                    wrong.append(f"{route} by {name} with {body!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.heavy
@pytest.mark.parametrize("method", METHODS)
def test_methods_without_an_action_are_refused_as_such(method: str, world: World) -> None:
    """Sampled: a sixth of the routes that do not take a method, for each method others."""
    everybody, taken = callers(world), {(route.name, route.method) for route in routes()}
    without = {one.name: one for one in routes() if (one.name, method) not in taken}
    assert without
    for name in by_turns(without, METHODS.index(method) + TURN, one_in=6):
        route = without[name]
        asks = _asking(world, route, method)
        assert asks(everybody["admin"]) == 405, f"{method} {route.name}"
        assert asks(everybody["anonymous"]) == 401, f"{method} {route.name}"
