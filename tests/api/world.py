"""A small company in which every address of the API leads somewhere, and a usable body for every write."""

import json
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from axes.models import AccessAttempt
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.agreements import operations as agreements
from catalog.capacity import operations as capacity
from catalog.cmdb import operations as items
from catalog.cmdb.vocabulary import State
from catalog.health import operations as health
from catalog.improvement import operations as improvement
from catalog.items import operations as catalog_items
from catalog.knowledge import operations as knowledge
from catalog.models import CI, CIClass, Service, SourceRecord
from catalog.reconciliation import operations as reconciliation
from catalog.requests import operations as requests
from catalog.requests.workflow import ITEM
from catalog.services import operations as catalog
from changes.allowances import operations as allowances
from changes.back_tests.vocabulary import RunState
from changes.boards.operations import keeping, meetings
from changes.boards.queries.seats import KIND
from changes.calendar.operations import lockdowns, windows
from changes.change.operations import asking, attesting, checklist, deploying, people_decide
from changes.change.operations.content import content_hash
from changes.change.operations.evaluations import PEOPLE_IN_TIME
from changes.change.vocabulary import EXPERIMENT
from changes.change_models import operations as change_models
from changes.change_models.operations import versioning
from changes.feeds.operations import issuing
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import (
    BackTest,
    Board,
    CalendarWindow,
    Change,
    ChaosExperiment,
    Debit,
    Decision,
    DeliverySource,
    DeploymentEvent,
    DeploymentRoute,
    Evaluation,
    GatePolicy,
    Meeting,
    PlatformDelivery,
    ProposedEvent,
    SubscribedCalendar,
)
from changes.policies import operations as policies
from incidents.alerts_in.operations import quiets
from incidents.alerts_in.operations.bodies import keep as keep_alerts
from incidents.alerts_in.operations.routings import held as routing_held
from incidents.escalation.models import EscalationRoute
from incidents.incident import operations as incidents
from incidents.major import operations as majors
from incidents.major.workflow import WORKFLOW as MAJOR
from incidents.models import AlertOccurrence, AlertSource, Incident
from incidents.postmortem import operations as postmortems
from incidents.postmortem.workflow import WORKFLOW as POSTMORTEM
from incidents.problem import operations as problems
from incidents.problem.workflow import WORKFLOW as PROBLEM
from incidents.reports import operations as reports
from itsm.accounts import operations as accounts
from itsm.accounts import signing_in
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Grant, Membership, OwnRole, Team, User
from itsm.agents import operations as agents
from itsm.agents.acting import call_of
from itsm.agents.models import Agent
from itsm.announcements import operations as announcements
from itsm.approvals import delegating
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalRequest
from itsm.assignment import operations as rules
from itsm.audit.models import Entry as AuditEntry
from itsm.bulk import operations as bulks
from itsm.bulk import working
from itsm.calendars import operations as calendars
from itsm.clocks import due
from itsm.directory.checking import checked as directory_checked
from itsm.directory.models import DirectorySync, SyncRun
from itsm.fields import operations as fields
from itsm.fields.models import Field
from itsm.files.models import Attachment
from itsm.identity.models import GroupMapping, IdentityProvider
from itsm.invariants.models import Violation
from itsm.kernel.actors import Actor, Door
from itsm.kernel.references import reference
from itsm.macros import operations as macros
from itsm.macros.models import Macro, Template
from itsm.macros.templates import create_template
from itsm.mail import intake
from itsm.mail.applying import apply
from itsm.mail.boxes import operations as mailboxes
from itsm.mail.models import BlockedSender, UndeliverableAddress
from itsm.notifications.models import PushDevice, RuleDefault
from itsm.oncall import operations as oncall
from itsm.paging import operations as paging
from itsm.paging.models import ContactPoint, EscalationPolicy
from itsm.paging.operations import contacts, escalating
from itsm.proposals import operations as proposals
from itsm.proposals.models import Proposal
from itsm.retention import operations as retention
from itsm.satisfaction.models import Survey
from itsm.statuspage.operations import keeping as status_pages
from itsm.statuspage.operations import notices
from itsm.statuspage.operations.maintenance import plan_maintenance
from itsm.webhooks import operations as webhooks
from itsm.webhooks.models import ChatAccount, WebhookDelivery, WebhookEvent
from itsm.webhooks.receivers import endpoints
from itsm.work import saved_views, tasks
from itsm.work.actions import Action
from itsm.work.models import TimeWorked
from itsm.work.watching import watch
from itsm.workload_identity.models import TrustedIssuer, WorkloadMapping
from slo.engine.samples import epoch_minute
from slo.measuring import operations as measuring_operations
from slo.models import Measurer, Objective, Outage, OutageCause, QuarantinedSample
from slo.objectives import operations as slo
from tests.catalog.reconciliation.sources import begun, bring, server
from tests.factories import requests as wishes
from tests.factories.catalog import an_item, joined
from tests.factories.changes import a_model, an_artifact
from tests.factories.files import received
from tests.factories.items import BY_MANAGER, FIREWALL, ONE_TASK
from tests.itsm.mail.mails import a_mail
from tests.itsm.paging.company import a_policy, a_provider

SYSTEM = Actor.system("tests", Door.COMMAND)
_PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
_APPROVERS = {"who": "role", "value": "approver", "quorum": "any"}
ROLES = ("requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin")

# As a browser gives them out: a point of P-256, and sixteen bytes.
A_BROWSERS_KEY = "BI5TO2-gv3tGJbswZnwB-2B--fi4qA_vWzAGKHAxh7Kjc-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ"
ITS_SECRET = "MDEyMzQ1Njc4OWFiY2RlZg"


@dataclass
class World:
    """`author` asked for the changes and reported nothing; nobody else here has an interest in them."""

    people: dict[str, User]
    service: Service
    objective: Objective
    incident: Incident
    problem: Any
    other_problem: Any
    problem_task: Any
    problem_link: Any
    requested: Any
    asked_for: Any
    request_task: Any
    major: Any
    major_stakeholder: Any
    major_moment: Any
    major_task: Any
    postmortem: Any
    postmortem_event: Any
    postmortem_action: Any
    pending: Evaluation
    running: Change
    decided: Evaluation
    experiment: Any
    decided: Evaluation
    model: Any
    proposed_model: Any
    attestation: Any
    attestor: Any
    allowance: Any
    policy: Any
    proposed_policy: Any
    draft_policy: Any
    window: Any
    lockdown: Any
    asked_lockdown: Any
    feed: Any
    on_call: Any
    subscribed: Any
    source: Any
    correction: Any
    outage: Any
    confirmation: Any
    delegation: Any
    quarantined: Any
    lockout: Any
    grant: Any
    calendar: Any
    agreement: Any
    article: Any
    announcement: Any
    improvement: Any
    improvement_accepted: Any
    improvement_doing: Any
    improvement_finished: Any
    proposed_article: Any
    revised_article: Any
    catalog_item: Any
    proposed_item: Any
    revised_item: Any
    offering: Any
    view: Any
    macro: Macro
    template: Template
    bulk: Any
    proposal: Any
    report: Any
    task: Any
    change_task: Any
    attachment: Attachment
    picture: Attachment
    form_file: Attachment
    request_file: Attachment
    time_worked: TimeWorked
    link: Any
    field: Any
    rule: Any
    category: Any
    item: CI
    condition: Any
    item_task: Any
    relation: Any
    measure: Any
    finding: Any
    round: Any
    ci_class: Any
    relation_type: Any
    sourced: CI
    run: Any
    seen_run: Any
    precedence: Any
    retention: Any
    violation: Any
    trusted_issuer: Any
    workload_mapping: Any
    directory: Any
    sync_run: Any
    own_role: Any
    software_agent: Any
    agents_token: Any
    identity_provider: Any
    group_mapping: Any
    webhook: Any
    webhook_off: Any
    webhook_message: Any
    news_rule: Any
    push_device: Any
    status_page: Any
    idle_page: Any
    component: Any
    notice: Any
    public_maintenance: Any
    public_update: Any
    chat_account: Any
    board: Any
    escalation: Any
    called: Any
    paging_policy: Any
    paging_draft: Any
    provider: Any
    provider_off: Any
    escalation_route: Any
    phone: Any
    other_phone: Any
    meeting: Any
    later: Any
    board_item: Any
    parked: Any
    alerts: Any
    delivery: Any
    blocked: Any
    mailbox: Any
    undeliverable: Any
    at: datetime

    def path(self, route: str) -> str:
        """Where a route of this name leads to."""
        if looked_up := self._looked_up(route):
            return f"/api/v1/{looked_up}"
        slug, number = self.service.slug, self.incident.reference
        change = self.pending.change.reference
        tried = f"chaos-experiments/{self.experiment.reference}/"
        ends = {
            "keyboard": "keyboard/",
            "notification-wishes": "me/notification-wishes/",
            "paging-rules": "me/paging-rules/",
            "contact-point-list": "me/contact-points/",
            "contact-point-detail": f"me/contact-points/{self.phone.pk}/",
            "contact-point-verify": f"me/contact-points/{self.phone.pk}/verify/",
            "contact-point-send-code": f"me/contact-points/{self.other_phone.pk}/send-code/",
            "escalation-policy-list": "escalation-policies/",
            "escalation-policy-detail": f"escalation-policies/{self.paging_draft.slug}/",
            "escalation-policy-go-live": f"escalation-policies/{self.paging_draft.slug}/go-live/",
            "escalation-list": "escalations/",
            "escalation-detail": f"escalations/{self.escalation.pk}/",
            "escalation-acknowledge": f"escalations/{self.escalation.pk}/acknowledge/",
            "escalation-hand-over": f"escalations/{self.escalation.pk}/hand-over/",
            "page-list": "pages/",
            "page-detail": f"pages/{self.called.pk}/",
            "page-acknowledge": f"pages/{self.called.pk}/acknowledge/",
            "paging-provider-list": "paging-providers/",
            "paging-provider-detail": f"paging-providers/{self.provider.pk}/",
            "paging-provider-switch-off": f"paging-providers/{self.provider.pk}/switch-off/",
            "paging-provider-switch-on": f"paging-providers/{self.provider_off.pk}/switch-on/",
            "paging-provider-rotate": f"paging-providers/{self.provider.pk}/rotate/",
            "paging-reports": f"integrations/paging/{self.provider.token}/reports/",
            "paging-replies": f"integrations/paging/{self.provider.token}/replies/",
            "escalation-route-list": "escalation-routes/",
            "escalation-route-detail": f"escalation-routes/{self.escalation_route.pk}/",
            "escalation-route-move": f"escalation-routes/{self.escalation_route.pk}/move/",
            "escalation-route-preset": "escalation-routes/preset/",
            "callback-secret": "callback-secret/",
            "agent-list": "agents/",
            "agent-detail": f"agents/{self.software_agent.reference}/",
            **{
                f"agent-{one}": f"agents/{self.software_agent.reference}/{one}/"
                for one in ("tokens", "revoke-token", "stop", "resume", "end")
            },
            "agent-door": "agents/door/", "agent-stop-all": "agents/stop-all/", "agent-resume-all": "agents/resume-all/",
            "trusted-issuer-list": "trusted-issuers/",
            "trusted-issuer-detail": f"trusted-issuers/{self.trusted_issuer.pk}/",
            "trusted-issuer-withdraw": f"trusted-issuers/{self.trusted_issuer.pk}/withdraw/",
            "role-list": "roles/",
            "role-detail": "roles/night-desk/",
            "role-retire": "roles/night-desk/retire/",
            "role-preview": "roles/night-desk/preview/",
            "role-rights": "roles/rights/",
            "identity-provider-list": "identity-providers/",
            **{
                f"identity-provider-{one}": f"identity-providers/{self.identity_provider.slug}/{path}"
                for one, path in {"detail": "", "trust": "trust/", "withdraw": "withdraw/", "preview": "preview/"}.items()
            },
            "group-mapping-list": "group-mappings/",
            "group-mapping-detail": f"group-mappings/{self.group_mapping.pk}/",
            "group-mapping-withdraw": f"group-mappings/{self.group_mapping.pk}/withdraw/",
            "workload-mapping-list": "workload-mappings/",
            "workload-mapping-detail": f"workload-mappings/{self.workload_mapping.pk}/",
            "workload-mapping-withdraw": f"workload-mappings/{self.workload_mapping.pk}/withdraw/",
            "webhook-endpoint-list": "webhook-endpoints/",
            "webhook-endpoint-detail": f"webhook-endpoints/{self.webhook.pk}/",
            "webhook-endpoint-rotate": f"webhook-endpoints/{self.webhook.pk}/rotate/",
            "webhook-endpoint-test": f"webhook-endpoints/{self.webhook.pk}/test/",
            "webhook-endpoint-switch-off": f"webhook-endpoints/{self.webhook.pk}/switch-off/",
            "webhook-endpoint-switch-on": f"webhook-endpoints/{self.webhook_off.pk}/switch-on/",
            "webhook-delivery-list": f"webhook-endpoints/{self.webhook.pk}/deliveries/",
            "webhook-delivery-detail": f"webhook-endpoints/{self.webhook.pk}/deliveries/{self.webhook_message.pk}/",
            "webhook-delivery-replay": f"webhook-endpoints/{self.webhook.pk}/deliveries/{self.webhook_message.pk}/replay/",
            "invariant-list": "invariants/",
            "invariant-violation-list": "invariant-violations/",
            "invariant-violation-detail": f"invariant-violations/{self.violation.pk}/",
            "audit-entry-list": "audit/",
            "audit-entry-verify": "audit/verify/",
            **{f"custody-{part}": f"people/agent/{part}/" for part in ("erase", "export")},
            "retention-rule-list": "retention-rules/",
            "retention-rule-preview": f"retention-rules/{self.retention.pk}/preview/",
            "retention-rule-detail": f"retention-rules/{self.retention.pk}/",
            "chat-account-list": "me/chat-accounts/",
            "chat-account-detail": f"me/chat-accounts/{self.chat_account.pk}/",
            "push-device-list": "me/push-devices/",
            "push-device-detail": f"me/push-devices/{self.push_device.pk}/",
            "notification-rule-list": "notification-rules/",
            "notification-rule-detail": f"notification-rules/{self.news_rule.pk}/",
            "service-list": "services/", "service-detail": f"services/{slug}/",
            "environment-list": "environments/", "environment-detail": "environments/sandbox/",
            "service-import-list": "service-imports/",
            "setting-list": "settings/", "setting-detail": "settings/outgoing_allow/",
            "service-gate": f"services/{slug}/gate/",
            "slo-list": "slos/", "slo-detail": f"slos/{self.objective.slug}/",
            "slo-budget": f"slos/{self.objective.slug}/budget/",
            "slo-forecast": f"slos/{self.objective.slug}/forecast/",
            "slo-evaluate": f"slos/{self.objective.slug}/evaluate/",
            "data-source-list": "data-sources/", "data-source-detail": f"data-sources/{self.source.slug}/",
            "correction-list": "corrections/", "correction-detail": f"corrections/{self.correction.pk}/",
            "correction-effect": "corrections/effect/", "openslo-list": "openslo/",
            "outage-list": "outages/", "outage-detail": f"outages/{self.outage.pk}/",
            "outage-decide": f"outages/{self.outage.pk}/decide/",
            "sli-list": "slis/", "sli-detail": "slis/checkout-requests/",
            "sli-samples": "slis/checkout-requests/samples/",
            "sli-measurers": "slis/checkout-requests/measurers/",
            "slo-allow-self-measuring": "slos/ledger-answers/allow-self-measuring/",  # none of them measures it
            "slo-end-self-measuring": f"slos/{self.objective.slug}/end-self-measuring/",
            "quarantined-sample-list": "quarantined-samples/",
            "quarantined-sample-detail": f"quarantined-samples/{self.quarantined.pk}/",
            "delegation-list": "delegations/",
            "delegation-detail": f"delegations/{self.delegation.reference}/",
            "delegation-end": f"delegations/{self.delegation.reference}/end/",
            "confirmation-list": "confirmations/",
            "confirmation-detail": f"confirmations/{self.confirmation.reference}/",
            "incident-clock-list": f"incidents/{number}/clocks/",
            "incident-report": "reports/incidents/", "incident-csv": "incidents.csv", "incident-next": "incidents/next/",
            "incident-jsonl": "incidents.jsonl", "incident-labels": "incidents/labels/",
            "incident-list": "incidents/", "incident-detail": f"incidents/{number}/",
            "evaluation-list": "gate-evaluations/", "evaluation-detail": f"gate-evaluations/{self.pending.pk}/",
            "evaluation-cancel": f"gate-evaluations/{self.pending.pk}/cancel/",
            "evaluation-override": f"gate-evaluations/{self.pending.pk}/override/",
            "evaluation-judge": f"gate-evaluations/{self.pending.pk}/judge/",
            "change-list": "changes/", "change-detail": f"changes/{change}/",
            "change-approvals": f"changes/{change}/approvals/", "change-cancel": f"changes/{change}/cancel/",
            "change-conflicts": f"changes/{change}/conflicts/", "change-slots": f"changes/{change}/slots/",
            "change-questions": f"changes/{change}/questions/", "change-answers": f"changes/{change}/answers/",
            "calendar-of-period": "calendar/",
            "change-impacted": f"changes/{change}/impacted/",
            "change-impacted-refresh": f"changes/{change}/impacted/refresh/",
            "change-impacted-by-hand": f"changes/{change}/impacted/ledger/",
            "change-tasks": f"changes/{change}/tasks/", "change-task-order": f"changes/{change}/tasks/order/",
            "change-task": f"changes/{change}/tasks/{self.change_task.pk}/",
            "change-hold": f"changes/{change}/hold/", "change-resume": f"changes/{change}/resume/",
            "change-review": f"changes/{change}/review/",
            "change-revert": f"changes/{change}/revert/", "change-submit": f"changes/{change}/submit/",
            "change-close": f"changes/{change}/close/", "change-deployments": f"changes/{change}/deployments/",
            "change-finish-deployment": f"changes/{self.running.reference}/deployments/1/",
            "change-stage": f"changes/{self.running.reference}/deployments/1/stages/",
            "chaos-experiment-list": "chaos-experiments/", "chaos-experiment-detail": tried,
            **{
                f"chaos-experiment-{step}": f"{tried}{step}/"
                for step in ("abort", "confirm-stopped", "conclude")
            },
            "chaos-experiment-find": f"{tried}problem/",
            "change-model-list": "change-models/", "change-model-detail": f"change-models/{self.model.slug}/",
            **{f"change-model-{step}": f"change-models/{self.model.slug}/{step}/" for step in ("suspend", "retire")},
            "change-model-approve": f"change-models/{self.proposed_model.slug}/approve/",
            "change-model-versions": f"change-models/{self.model.slug}/versions/",
            **{
                f"change-model-{step}-version": f"change-models/{self.model.slug}/versions/2/{step}/"
                for step in ("approve", "discard")
            },
            "change-model-review": "change-model-review/",
            "change-model-certify": f"change-models/{self.model.slug}/certify/",
            "agreement-list": "agreements/", "agreement-detail": f"agreements/{self.agreement.pk}/",
            "agreement-match": "agreements/match/",
            "offering-list": "offerings/", "offering-detail": f"offerings/{self.offering.pk}/",
            "offering-retire": f"offerings/{self.offering.pk}/retire/",
            "offering-revive": f"offerings/{self.offering.pk}/revive/",
            "agreement-retire": f"agreements/{self.agreement.pk}/retire/",
            "agreement-revive": f"agreements/{self.agreement.pk}/revive/",
            "attestation-list": "attestations/", "attestation-detail": f"attestations/{self.attestation.pk}/",
            "attestation-withdraw": f"attestations/{self.attestation.pk}/withdraw/",
            "attestor-list": "attestors/", "attestor-detail": f"attestors/{self.attestor.pk}/",
            "attestor-dismiss": f"attestors/{self.attestor.pk}/dismiss/",
            "allowance-list": "allowances/", "allowance-detail": f"allowances/{self.allowance.pk}/",
            "allowance-entries": f"allowances/{self.allowance.pk}/entries/",
            "allowance-take-back": f"allowances/{self.allowance.pk}/take-back/",
            "policy-list": "policies/",
            **{
                f"policy-{step}": f"policies/{self.draft_policy.pk}/{step}/"
                for step in ("propose", "discard", "backtest", "shadow")
            },
            "policy-detail": f"policies/{self.draft_policy.pk}/",
            **{
                f"policy-{step}": f"policies/{self.proposed_policy.pk}/{step}/"
                for step in ("approve", "decline", "withdraw", "activate")
            },
            "policy-backtest-cancel": f"policies/{self.proposed_policy.pk}/backtest/cancel/",
            "policy-version-list": "policy-versions/", "policy-version-detail": f"policy-versions/{self.policy.pk}/",
            "policy-version-approvals": f"policy-versions/{self.policy.pk}/approvals/",
            "calendar-list": "calendars/", "calendar-detail": f"calendars/{self.calendar.pk}/",
            "calendar-preview": f"calendars/{self.calendar.pk}/preview/",
            "calendar-window-list": "calendar-windows/", "calendar-window-preview": "calendar-windows/preview/",
            "calendar-window-detail": f"calendar-windows/{self.lockdown.pk}/",
            "calendar-window-lift": f"calendar-windows/{self.window.pk}/lift/",
            "calendar-feed-list": "calendar-feeds/", "calendar-feed-detail": f"calendar-feeds/{self.feed.pk}/",
            "calendar-feed-revoke": f"calendar-feeds/{self.feed.pk}/revoke/",
            "subscribed-calendar-list": "subscribed-calendars/",
            "subscribed-calendar-detail": f"subscribed-calendars/{self.subscribed.pk}/",
            **{
                f"subscribed-calendar-{step}": f"subscribed-calendars/{self.subscribed.pk}/{step}/"
                for step in ("read", "end")
            },
            "proposed-event-list": "proposed-events/",
            "calendar-window-submit": f"calendar-windows/{self.lockdown.pk}/submit/",
            **{
                f"calendar-window-{step}": f"calendar-windows/{self.asked_lockdown.pk}/{step}/"
                for step in ("approve", "decline", "revert", "cancel")
            },
        }  # fmt: skip
        ends |= {"drop-door-list": "integrations/mail/", "mail-in-list": "mail-in/"}
        ends |= {"mail-in-detail": f"mail-in/{self.parked.pk}/"}
        for step in ("text", "headers", "retry", "discard", "open", "take-all", "block"):
            ends[f"mail-in-{'header-lines' if step == 'headers' else step}"] = f"mail-in/{self.parked.pk}/{step}/"
        ends |= {f"alerts-{one}": f"integrations/{one}/" for one in ("alertmanager", "grafana", "cdevents")}
        ends |= {
            "alerts-pagerduty": "integrations/pagerduty/v2/enqueue/",
            "alerts-generic": "integrations/alerts/probe/",
        }
        ends |= {f"deliveries-{one}": f"integrations/{one}/" for one in ("github", "gitlab")}
        ends |= {"deliveries-generic": "integrations/generic/ci/", "completeness": "reports/completeness/"}
        told, came = self.delivery.event, self.delivery.parked
        ends |= {"deployment-event-list": "deployments/", "deployment-event-detail": f"deployments/{told.pk}/"}
        ends |= {"delivery-source-list": "delivery-sources/", "delivery-source-detail": "delivery-sources/ci/"}
        ends |= {f"delivery-source-{step}": f"delivery-sources/ci/{step}/" for step in ("rotate", "retire")}
        ends |= {"deployment-route-list": "deployment-routes/"}
        ends |= {"deployment-route-detail": f"deployment-routes/{self.delivery.route.pk}/"}
        ends |= {"platform-delivery-list": "platform-deliveries/"}
        ends |= {"platform-delivery-detail": f"platform-deliveries/{came.pk}/"}
        for step in ("body", "replay", "discard"):
            ends[f"platform-delivery-{step}"] = f"platform-deliveries/{came.pk}/{step}/"
        intake = f"alert-intakes/{self.alerts.parked.pk}/"
        ends |= {"alert-list": "alerts/", "alert-detail": f"alerts/{self.alerts.one.pk}/"}
        ends |= {"alert-intake-list": "alert-intakes/", "alert-intake-detail": intake}
        ends |= {f"alert-intake-{step}": f"{intake}{step}/" for step in ("body", "retry", "discard")}
        ends |= {"alert-source-list": "alert-sources/", "alert-source-detail": "alert-sources/probe/"}
        ends |= {f"alert-source-{step}": f"alert-sources/probe/{step}/" for step in ("bench", "retire")}
        ends |= {"alert-routing-list": "alert-routing/", "alert-routing-detail": "alert-routing/1/"}
        ends |= {"quiet-list": "quiets/", "quiet-detail": f"quiets/{self.alerts.quiet.pk}/"}
        ends |= {"quiet-lift": f"quiets/{self.alerts.quiet.pk}/lift/"}
        ends |= {"change-quiet-preview": f"changes/{change}/quiet-preview/"}
        ends |= {"evaluation-statement": f"gate-evaluations/{self.decided.pk}/statement/"}
        ends |= {"change-cost": f"changes/{change}/cost/", "change-refund": f"changes/{change}/refunds/"}
        ends |= {"alert-routing-propose": "alert-routing/propose/"}
        ends |= {"mailbox-list": "mailboxes/", "mailbox-detail": f"mailboxes/{self.mailbox.slug}/"}
        ends |= {f"mailbox-{verb}": f"mailboxes/{self.mailbox.slug}/{verb}/" for verb in ("test", "pause", "resume")}
        nowhere = f"undeliverable-addresses/{self.undeliverable.pk}/"
        ends |= {"undeliverable-address-list": "undeliverable-addresses/", "undeliverable-address-detail": nowhere}
        ends |= {"undeliverable-address-lift": f"{nowhere}lift/"}
        page, part = f"status-pages/{self.status_page.slug}/", f"status-components/{self.component.pk}/"
        told, planned = f"public-incidents/{self.notice.pk}/", f"public-maintenance/{self.public_maintenance.pk}/"
        ends |= {"status-page-list": "status-pages/", "status-page-detail": page, "status-page-rekey": f"{page}rekey/"}
        ends |= {
            "status-page-retire": f"status-pages/{self.idle_page.slug}/retire/",
            "status-component-list": "status-components/",
        }
        ends |= {"status-component-detail": part, "status-component-state": f"{part}state/"}
        ends |= {"status-component-retire": f"{part}retire/", "public-incident-list": "public-incidents/"}
        ends |= {"public-incident-detail": told, "public-incident-updates": f"{told}updates/"}
        ends |= {"public-maintenance-list": "public-maintenance/", "public-maintenance-detail": planned}
        ends |= {"public-maintenance-updates": f"{planned}updates/"}
        said = f"public-updates/{self.public_update.pk}/"
        ends |= {"public-update-detail": said, "public-update-withdraw": f"{said}withdraw/"}
        ends |= {"board-list": "boards/", "board-detail": f"boards/{self.board.slug}/"}
        ends |= {"board-retire": f"boards/{self.board.slug}/retire/", "meeting-list": "meetings/"}
        ends |= {"meeting-detail": f"meetings/{self.meeting.pk}/", "item-detail": f"items/{self.board_item.pk}/"}
        ends |= {"item-votes": f"items/{self.board_item.pk}/votes/"}
        ends |= {"approval-mine": "approvals/mine/", "approval-answer": f"approvals/{self.board_item.pk}/answer/"}
        for step in ("agenda", "minutes", "open", "close", "cancel", "order", "decide", "defer", "note"):
            ends[f"meeting-{step}"] = f"meetings/{self.meeting.pk}/{step}/"
        ends |= {"person-list": "people/", "person-detail": "people/engineer/", "team-list": "teams/"}
        ends |= {"team-detail": "teams/payments/", "lockout-list": "lockouts/"}
        ends |= {"lockout-detail": f"lockouts/{self.lockout.pk}/", "lockout-lift": f"lockouts/{self.lockout.pk}/lift/"}
        ends |= {"location-list": "locations/", "location-detail": "locations/oslo/"}
        for step in (
            "rights", "orphans", "deactivate", "reactivate", "invite", "reset-password", "merge", "merge-preview",
        ):  # fmt: skip
            ends[f"person-{step}"] = f"people/engineer/{step}/"
        for step in ("orphans", "merge", "retire", "revive"):
            ends[f"team-{step}"] = f"teams/payments/{step}/"
        ends |= {"team-queue": "teams/payments/queue/", "team-grants": "teams/triage/grants/"}
        ends |= {"team-withdraw-grant": f"teams/triage/grants/{self.grant.pk}/withdraw/"}
        ends |= {"field-list": "fields/", "field-detail": f"fields/{self.field.pk}/"}
        for step in ("retire", "revive", "purge"):
            ends[f"field-{step}"] = f"fields/{self.field.pk}/{step}/"
        cis = f"cis/{self.item.reference}/"
        ends |= {"ci-list": "cis/", "ci-detail": cis, "ci-class-list": "ci-classes/", "ci-group-list": "ci-groups/"}
        for part in (
            "history",
            "impact",
            "identifiers",
            "order",
            "build",
            "put-into-service",
            "take-out",
            "retire",
            "conditions",
            "report",
            "tasks",
        ):
            ends[f"ci-{part}"] = f"{cis}{part}/"
        ends["ci-task"] = f"{cis}tasks/{self.item_task.pk}/"
        ends["ci-clear"] = f"{cis}conditions/{self.condition.pk}/clear/"
        ends |= {"ci-revive": f"{cis}revive/", "ci-group-detail": f"ci-groups/{self.relation.group_id}/"}
        measure = f"measures/{self.measure.slug}/"
        ends |= {"measure-list": "measures/", "measure-detail": measure}
        for part in ("points", "forecast", "retire", "revive"):
            ends[f"measure-{part}"] = f"{measure}{part}/"
        article, proposed = f"articles/{self.article.reference}/", f"articles/{self.proposed_article.reference}/"
        revised = f"articles/{self.revised_article.reference}/"
        ends |= {"article-list": "articles/", "article-detail": article, "article-picture-list": f"{article}pictures/"}
        announced = f"announcements/{self.announcement.reference}/"
        ends |= {"announcement-list": "announcements/", "announcement-detail": announced}
        ends |= {"announcement-withdraw": f"{announced}withdraw/", "portal-suggest": "portal/suggest/"}
        ends |= {"portal-status": "portal/status/", "portal-team": "portal/team/", "portal-report": "reports/portal/"}
        ends |= {"satisfaction-report": "reports/satisfaction/"}
        ends |= {"satisfaction-own": f"satisfaction/{self.requested.reference}/"}
        ends["article-picture-detail"] = f"{article}pictures/{self.picture.key}/"
        ends |= {"article-suggest": "articles/suggest/", "article-preview": "articles/preview/"}
        for part in ("versions", "vote", "retire", "confirm", "revise"):
            ends[f"article-{part}"] = f"{article}{part}/"
        ends |= {"article-propose": f"{revised}propose/", "article-discard": f"{revised}discard/"}
        ends |= {"article-publish": f"{proposed}publish/", "article-return": f"{proposed}return/"}
        ends |= self._of_items()
        ends["incident-answer-list"] = f"incidents/{number}/answers/"
        idea, doing = f"improvements/{self.improvement.reference}/", f"improvements/{self.improvement_doing.reference}/"
        ends |= {"improvement-list": "improvements/", "improvement-detail": idea, "improvement-links": f"{idea}links/"}
        ends |= {f"improvement-{part}": f"{idea}{part}/" for part in ("accept", "drop")}
        ends |= {"improvement-start": f"improvements/{self.improvement_accepted.reference}/start/"}
        ends |= {"improvement-finish": f"{doing}finish/"}
        ends |= {"improvement-conclude": f"improvements/{self.improvement_finished.reference}/conclude/"}
        finding, round = f"findings/{self.finding.pk}/", f"rounds/{self.round.pk}/"
        ends |= {"finding-list": "findings/", "finding-detail": finding, "finding-tasks": "findings/tasks/"}
        ends |= {"finding-accept": f"{finding}accept/", "finding-take-up-again": f"{finding}take-up-again/"}
        ends |= {"round-list": "rounds/", "round-detail": round}
        for part in ("lines", "open", "close", "cancel", "confirm-offered"):
            ends[f"round-{part}"] = f"{round}{part}/"
        ends |= {"relation-list": "relations/", "relation-detail": f"relations/{self.relation.pk}/"}
        ends |= {"relation-end": f"relations/{self.relation.pk}/end/", "relation-type-list": "relation-types/"}
        for name, record, plural in (
            ("ci-class", self.ci_class, "ci-classes"), ("relation-type", self.relation_type, "relation-types"),
        ):  # fmt: skip
            ends[f"{name}-detail"] = f"{plural}/{record.slug}/"
            ends[f"{name}-retire"] = f"{plural}/{record.slug}/retire/"
        ours = f"cis/{self.sourced.reference}/"
        ends |= {"ci-bulk-list": "cis/bulk/", "ci-claim-list": f"{ours}claims/", "ci-claim-pin": f"{ours}claims/pin/"}
        ends |= {"ci-claim-unpin": f"{ours}claims/unpin/", "ci-merge-list": f"{ours}merge/"}
        ends |= {"ci-split-list": f"{ours}split/", "import-list": "imports/"}
        ends |= {
            "import-detail": f"imports/{self.run.reference}/",
            "import-cancel": f"imports/{self.run.reference}/cancel/",
        }
        ends |= {"import-documents": f"imports/{self.run.reference}/documents/"}
        ends |= {"import-take-in": f"imports/{self.seen_run.reference}/take-in/", "source-list": "sources/"}
        ends |= {"source-detail": "sources/netbox/", "precedence-list": "precedence/", "conflict-list": "conflicts/"}
        ends |= {"precedence-detail": f"precedence/{self.precedence.pk}/"}
        ends |= {"matrix-list": "matrix/", "matrix-detail": "matrix/1/", "category-list": "categories/"}
        for end in ("detail", "retire", "revive"):
            ends[f"category-{end}"] = f"categories/{self.category.pk}/" + ("" if end == "detail" else f"{end}/")
        ends |= {"rule-list": "rules/", "rule-detail": f"rules/{self.rule.pk}/"}
        ends |= {"rule-move": f"rules/{self.rule.pk}/move/", "rule-dry-run": "rules/dry-run/"}
        ends |= {"incident-routing-list": f"incidents/{number}/routing/"}
        ends |= {"incident-notes": f"incidents/{number}/notes/"}
        ends |= {"view-list": "views/", "view-detail": f"views/{self.view.slug}/"}
        ends |= {f"view-{step}": f"views/{self.view.slug}/{step}/" for step in ("pin", "unpin")}
        ends |= {"macro-list": "macros/", "macro-detail": f"macros/{self.macro.slug}/"}
        ends |= {"template-list": "templates/", "template-detail": f"templates/{self.template.slug}/"}
        file = f"incidents/{number}/attachments/{self.attachment.key}/"
        ends |= {"incident-attachment-list": f"incidents/{number}/attachments/", "incident-attachment-detail": file}
        ends |= {f"incident-attachment-{part}": f"{file}{part}/" for part in ("content", "thumbnail")}
        ends |= {"incident-time-entry": f"incidents/{number}/time/{self.time_worked.pk}/"}
        ends |= {"incident-bulk-list": "incidents/bulk/", "incident-bulk-detail": f"incidents/bulk/{self.bulk.pk}/"}
        ends |= {"incident-bulk-undo": f"incidents/bulk/{self.bulk.pk}/undo/"}
        offered = f"proposals/{self.proposal.pk}/"
        ends |= {"proposal-list": "proposals/", "proposal-detail": offered}
        ends |= {f"proposal-{verb}": f"{offered}{verb}/" for verb in ("accept", "dismiss", "undo")}
        ends |= {"cab-value": "reports/cab-value/", "start-up": "start-up/", "security": "security/"}
        ends |= {f"start-up-{verb}": f"start-up/{self.service.slug}/{verb}/" for verb in ("past", "shadow", "enforce")}
        asked = f"?service={self.service.slug}"
        ends |= {"dora": f"reports/dora/{asked}", "dora-rows": f"reports/dora/rows/{asked}"}
        ends |= {"desk-report": "reports/desk/", "saved-report-list": "reports/saved/"}
        ends |= {"saved-report-detail": f"reports/saved/{self.report.pk}/"}
        ends |= {f"saved-report-{step}": f"reports/saved/{self.report.pk}/{step}/" for step in ("mail", "stop-mail")}
        for part in ("macro", "notes", "tasks", "watchers", "links", "time"):
            ends[f"incident-{part}"] = f"incidents/{number}/{part}/"
        ends |= {"incident-task": f"incidents/{number}/tasks/{self.task.pk}/"}
        ends |= {"incident-link": f"incidents/{number}/links/{self.link.id}/"}
        ends |= {"incident-watcher": f"incidents/{number}/watchers/auditor/"}
        for step in ("release", "discard"):
            ends[f"quarantined-sample-{step}"] = f"quarantined-samples/{self.quarantined.pk}/{step}/"
        for step in ("confirm", "decline", "withdraw"):
            ends[f"confirmation-{step}"] = f"confirmations/{self.confirmation.reference}/{step}/"
        for step in ("approve", "decline", "withdraw"):
            ends[f"correction-{step}"] = f"corrections/{self.correction.pk}/{step}/"
        problem = f"problems/{self.problem.reference}/"
        ends |= {"problem-list": "problems/", "problem-detail": problem}
        ends |= {
            f"problem-{part}": f"{problem}{part}/" for part in ("notes", "tasks", "links", "burn", "broadcast", "apply")
        }
        ends |= {"problem-known": "problems/known-errors/"}
        ends |= {"problem-task": f"{problem}tasks/{self.problem_task.pk}/"}
        ends |= {"problem-link": f"{problem}links/{self.problem_link.id}/"}
        ends |= {f"problem-{step.replace('_', '-')}": f"{problem}{step.replace('_', '-')}/" for step in PROBLEM.steps}
        requested = f"requests/{self.requested.reference}/"
        ends |= {"form-file-list": "form-files/", "form-file-detail": f"form-files/{self.form_file.key}/"}
        ends |= {"request-list": "requests/", "request-detail": requested, "request-report": "requests/report/"}
        ends |= {f"request-{part}": f"{requested}{part}/" for part in ("notes", "cancel", "confirm", "watchers")}
        ends["request-watcher"] = f"{requested}watchers/agent/"
        file = f"{requested}attachments/{self.request_file.key}/"
        ends |= {"request-attachment-list": f"{requested}attachments/", "request-attachment-detail": file}
        ends["request-attachment-content"] = f"{file}content/"
        one, task = f"{requested}items/1/", f"{requested}items/1/tasks/{self.request_task.pk}/"
        ends |= {"request-item-list": f"{requested}items/", "request-item-detail": one}
        ends |= {
            f"request-item-{step.replace('_', '-')}": f"{one}{step.replace('_', '-')}/" for step in ITEM.operations
        }
        ends |= {"request-item-decide": f"requests/{self.asked_for.reference}/items/1/decide/"}
        ends |= {
            "request-item-assign": f"{one}assign/",
            "request-item-tasks": f"{one}tasks/",
            "request-item-task": task,
        }
        ends |= {f"request-item-task-{verb}": f"{task}{verb}/" for verb in ("begin", "settle", "retry")}
        major = f"majors/{self.major.reference}/"
        ends |= {"major-list": "majors/", "major-detail": major}
        parts = ("timeline", "suspects", "say", "stakeholders", "moments", "tasks")
        ends |= {f"major-{part}": f"{major}{part}/" for part in parts}
        ends |= {"major-stakeholder": f"{major}stakeholders/{self.major_stakeholder.pk}/"}
        ends |= {"major-moment": f"{major}moments/{self.major_moment.pk}/"}
        ends |= {"major-task": f"{major}tasks/{self.major_task.pk}/"}
        ends |= {f"major-{step.replace('_', '-')}": f"{major}{step.replace('_', '-')}/" for step in MAJOR.steps}
        ends |= {"candidate-rule-list": "candidate-rules/", "candidate-rule-detail": "candidate-rules/storm/"}
        postmortem = f"postmortems/{self.postmortem.reference}/"
        ends |= {"postmortem-list": "postmortems/", "postmortem-detail": postmortem}
        ends |= {f"postmortem-{part}": f"{postmortem}{part}/" for part in ("events", "actions", "versions", "wording")}
        ends |= {"postmortem-event": f"{postmortem}events/{self.postmortem_event.pk}/"}
        ends |= {"postmortem-action": f"{postmortem}actions/{self.postmortem_action.pk}/"}
        ends |= {f"postmortem-action-{verb}": f"{postmortem}actions/{self.postmortem_action.pk}/{verb}/"
                 for verb in ("done", "undone")}  # fmt: skip
        ends |= {f"postmortem-{form}": f"postmortems/{self.postmortem.reference}.{form}" for form in ("md", "pdf")}
        ends |= {"postmortem-actions-list": "postmortems/actions/"}
        ends |= {"postmortem-actions-detail": f"postmortems/actions/{self.postmortem_action.pk}/"}
        ends |= {"toil-report": "reports/toil/"}
        ends |= {"postmortem-actions-by-owner": "postmortems/actions/by-owner/"}
        steps = [step.replace("_", "-") for step in POSTMORTEM.steps]
        ends |= {f"postmortem-{step}": f"{postmortem}{step}/" for step in steps}
        for step in ("acknowledge", "hold", "resume", "resolve", "reopen", "close", "cancel", "confirm"):
            ends[f"incident-{step}"] = f"incidents/{number}/{step}/"
        for step in ("escalate", "merge", "parent", "split"):
            ends[f"incident-{step}"] = f"incidents/{number}/{step}/"
        ends |= self._of_on_call()
        assert route in ends, f"The new route {route} needs a path in tests/api/world.py."
        return f"/api/v1/{ends[route]}"

    def _of_on_call(self) -> dict[str, str]:
        """Schedules, and what is otherwise than they say."""
        one, made = f"schedules/{self.on_call.schedule.slug}/", f"schedule-overrides/{self.on_call.override.pk}/"
        off, feed = f"time-off/{self.on_call.off.pk}/", f"on-call-feeds/{self.on_call.feed.pk}/"
        asked, taken = f"swaps/{self.on_call.asked.reference}/", f"swaps/{self.on_call.taken.reference}/"
        return {
            "on-call": "on-call/", "on-call-report": "reports/on-call/", "schedule-list": "schedules/", "schedule-detail": one,
            **{f"schedule-{part}": f"{one}{part}/" for part in ("final", "preview", "go-live", "retire")},
            "schedule-override-list": "schedule-overrides/", "schedule-override-detail": made,
            "schedule-override-withdraw": f"{made}withdraw/", "swap-list": "swaps/", "swap-detail": asked,
            "swap-take": f"{asked}take/", "swap-withdraw": f"{asked}withdraw/", "swap-give-back": f"{taken}give-back/",
            "time-off-list": "time-off/", "time-off-detail": off, "time-off-cancel": f"{off}cancel/",
            "on-call-feed-list": "on-call-feeds/", "on-call-feed-detail": feed, "on-call-feed-revoke": f"{feed}revoke/",
        }  # fmt: skip

    def _looked_up(self, route: str) -> str:
        """Of records that nothing here holds, and that only these routes are worth a query for; else empty."""
        match route:
            case "field-narrow":
                return f"fields/{Field.objects.filter(set__owner='ci:server')[0].pk}/narrow/"
            case "audit-entry-detail":
                return f"audit/{AuditEntry.objects.filter(record_kind='incident', record_id=self.incident.pk)[0].pk}/"
            case "ci-explain":
                return f"cis/{self.item.reference}/history/{self.item.history.order_by('id')[0].pk}/explain/"
            case "round-answer":
                line = self._line()
                return f"rounds/{self.round.pk}/lines/{line.pk if line else 0}/answer/"
            case "proposed-event-detail" | "proposed-event-take-in" | "proposed-event-dismiss":
                end = route.removeprefix("proposed-event-")
                return f"proposed-events/{self.subscribed.events.get().pk}/" + ("" if end == "detail" else f"{end}/")
            case "conflict-detail" | "conflict-accept" | "conflict-settle":
                end = route.removeprefix("conflict-")
                return f"conflicts/{self.sourced.conflicts.order_by('pk')[0].pk}/" + (
                    "" if end == "detail" else f"{end}/"
                )
        return ""

    def _of_items(self) -> dict[str, str]:
        here, proposed = f"catalog-items/{self.catalog_item.slug}/", f"catalog-items/{self.proposed_item.slug}/"
        revised = f"catalog-items/{self.revised_item.slug}/"
        ends = {"list": "catalog-items/", "detail": here}
        ends |= {part: f"{here}{part}/" for part in ("form", "versions", "preview", "revise", "retire")}
        ends |= {part: f"{revised}{part}/" for part in ("propose", "discard")}
        ends |= {part: f"{proposed}{part}/" for part in ("publish", "return")}
        ends["picture-list"] = f"{revised}picture/"
        return {f"catalog-item-{part}": end for part, end in ends.items()}

    def sent(self, route: str, method: str) -> tuple[bytes, str]:
        """The usable body as it is sent, and its type."""
        if route == "incident-attachment-list" and method == "POST":
            parts = {"file": SimpleUploadedFile("log.txt", b"one line"), "text": "See there", "private": "true"}
            return encode_multipart(BOUNDARY, parts), MULTIPART_CONTENT
        if route == "request-attachment-list" and method == "POST":
            parts = {"file": SimpleUploadedFile("plan.txt", b"one line"), "text": "See there"}
            return encode_multipart(BOUNDARY, parts), MULTIPART_CONTENT
        if route == "form-file-list" and method == "POST":
            return encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("plan.pdf", b"%PDF-1.4")}), MULTIPART_CONTENT
        if route == "catalog-item-picture-list" and method == "POST":
            parts = {"file": SimpleUploadedFile("tray.png", _PIXEL)}
            return encode_multipart(BOUNDARY, parts), MULTIPART_CONTENT
        if route == "article-picture-list" and method == "POST":
            parts = {"file": SimpleUploadedFile("tray.png", _PIXEL)}
            return encode_multipart(BOUNDARY, parts), MULTIPART_CONTENT
        if route == "drop-door-list" and method == "POST":
            return a_mail(message_id="<world@mail.example.org>"), "message/rfc822"
        return json.dumps(self.body(route, method)).encode(), "application/json"

    def body(self, route: str, method: str) -> dict[str, Any]:
        """A body that this write accepts."""
        soon = self.at + timedelta(days=2)
        other = reference("INC", self.confirmation.record_id)  # the incident that holds changes, whatever its number
        line = self._line() if route == "round-answer" else None
        window = {
            "kind": "freeze", "name": "Holidays", "starts_at": _minute(soon),
            "ends_at": _minute(soon + timedelta(days=1)), "reason": "Nobody is here", "demanded": False,
            "rrule": "FREQ=YEARLY", "zone": "Europe/Berlin",
            "scope": {
                "services": ["ledger"], "with_dependents": True, "tiers": [1, 2, 3, 4], "teams": ["payments"],
                "environments": ["production"],
            },
        }  # fmt: skip
        bodies: dict[tuple[str, str], dict[str, Any]] = {
            ("notification-wishes", "PATCH"): {
                "quiet_from": "20:00", "quiet_until": "07:00",
                "classes": [{"news": "team", "channel": "mail", "how": "hourly"}],
                "exceptions": [{"event": "incident.answered", "relation": "caller", "channel": "push", "how": "daily"}],
            },
            ("notification-wishes", "PUT"): {
                "quiet_from": None, "quiet_until": None,
                "classes": [{"news": "watching", "channel": "mail", "how": "off"}], "exceptions": [],
            },
            ("keyboard", "PATCH"): {"single_keys": True, "remapped": {"j": "y"}},
            ("service-list", "POST"): {
                "slug": "basket", "name": "Basket", "tier": 2, "team": "payments", "description": "Holds goods",
                "depends_on": ["checkout", {"any_of": ["ledger"], "needs": 1}], "standard_deployments": False,
            },
            ("service-detail", "PATCH"): {
                "name": "Till", "tier": 1, "team": "payments", "description": "Takes money", "depends_on": ["ledger"],
            },
            ("environment-list", "POST"): {
                "name": "uat", "aliases": ["acceptance"], "description": "Users look", "is_production": False,
                "position": 25,
            },
            ("environment-detail", "PATCH"): {"aliases": ["sandpit"], "description": "To play", "position": 90},
            ("custody-erase", "POST"): {"login": "agent"},
            ("retention-rule-list", "POST"): {"record_kind": "delivery", "category": 0, "months": 3, "export_first": False},
            ("retention-rule-detail", "PATCH"): {"months": 6, "export_first": False, "active": True, "confirm": True},
            ("notification-rule-detail", "PATCH"): {"how": "daily"},
            ("push-device-detail", "PATCH"): {"shows_content": True},
            ("push-device-list", "POST"): {
                "name": "Laptop", "endpoint": "https://8.8.4.4/push/2", "p256dh": A_BROWSERS_KEY, "auth": ITS_SECRET,
                "shows_content": False,
            },
            ("paging-rules", "PUT"): {"high": [{"channel": "mail", "after": 60, "contact": None}], "low": []},
            ("contact-point-list", "POST"): {"channel": "sms", "address": "+4915199999999", "name": "Night"},
            ("contact-point-verify", "POST"): {"code": "123456"},
            ("escalation-policy-list", "POST"): {
                "name": "Ledger", "team": "payments", "zone": "Europe/Berlin", "repeats": 1, "is_last_resort": False,
                "steps": [
                    {"wait": 300, "begin": "22:00", "end": "06:00", "targets": [{"kind": "person", "person": "engineer"}]},
                    {"wait": 600, "targets": [{"kind": "team", "team": "payments", "which": "now"}, {"kind": "owner"}]},
                ],
            },
            ("escalation-policy-detail", "PATCH"): {
                "name": "Later", "team": "payments", "zone": "UTC", "repeats": 0,
                "steps": [{"wait": 60, "begin": None, "end": None, "targets": [{"kind": "person", "person": "agent"}]}],
            },
            ("escalation-hand-over", "POST"): {"reason": "It is the database.", "policy": ""},
            ("paging-provider-list", "POST"): {
                "name": "Third", "channel": "voice", "url": "https://call.invalid/", "position": 3, "body": "form",
                "template": "to={to}&text={text}", "auth": "none", "username": "", "credential": "", "ok_pointer": "/ok",
                "ok_value": "true", "id_pointer": "/id", "reports": True,
            },
            ("paging-provider-detail", "PATCH"): {"name": "First", "position": 2, "reports": False},
            ("escalation-route-list", "POST"): {
                "service": "checkout", "team": "payments", "urgency": "high", "days": [0, 6], "between_from": "08:00",
                "between_to": "18:00", "zone": "Europe/Berlin", "policy": self.paging_policy.slug, "position": 1,
            },
            ("escalation-route-detail", "PATCH"): {
                "service": None, "team": None, "urgency": "high", "days": [], "between_from": None, "between_to": None,
                "zone": "UTC", "policy": self.paging_policy.slug,
            },
            ("escalation-route-move", "POST"): {"position": 1},
            ("escalation-route-preset", "POST"): {
                "preset": "by_day", "service": "checkout", "builders": self.paging_policy.slug,
                "operations": self.paging_policy.slug, "zone": "Europe/Berlin",
            },
            ("agent-list", "POST"): {"name": "Cursor", "capabilities": ["gate"], "purpose": "ships"},
            ("agent-detail", "PATCH"): {"name": "Robin", "capabilities": ["gate", "desk:read"]},
            ("agent-tokens", "POST"): {"capabilities": ["gate"], "hours": 1},
            ("agent-revoke-token", "POST"): {"token": self.agents_token.reference},
            ("agent-stop", "POST"): {"reason": "odd calls"},
            ("agent-stop-all", "POST"): {"reason": "a leak"},
            ("trusted-issuer-list", "POST"): {"name": "GitLab", "issuer": "https://gitlab.invalid"},
            ("role-list", "POST"): {
                "name": "Trainee", "slug": "trainee", "description": "Learns.", "rights": ["requests.fulfil"],
            },
            ("role-detail", "PATCH"): {"name": "Night", "description": "Nights.", "rights": ["desk.work"]},
            ("role-preview", "POST"): {"rights": ["services.keep"]},
            ("identity-provider-list", "POST"): {
                "name": "Acme", "slug": "acme", "protocol": "oidc", "sign_up": "domains", "domains": ["acme.test"],
                "manages_roles": False, "manages_teams": True,
                "configuration": {"issuer": "https://login.acme.invalid", "client_id": "headroom"},
            },
            ("identity-provider-detail", "PATCH"): {
                "name": "House", "sign_up": "invited", "domains": [], "manages_roles": True, "manages_teams": True,
                "configuration": {"issuer": "https://login.house.invalid", "client_id": "desk"},
            },
            ("identity-provider-preview", "POST"): {"groups": ["engineers"]},
            ("group-mapping-list", "POST"): {
                "provider": "house", "group": "deciders", "role": "approver",
            },
            ("workload-mapping-list", "POST"): {
                "issuer": "GitHub Actions", "claims": {"repository": "acme/ledger"}, "account": "pipeline",
            },
            ("webhook-endpoint-list", "POST"): {
                "name": "Ledger", "url": "https://ledger.invalid/hook", "events": ["incident.*", "change.started"],
                "form": "standard", "team": "payments", "only_team": True, "credential": "", "options": {},
            },
            ("webhook-endpoint-detail", "PATCH"): {"name": "Books", "events": ["*"], "team": None, "only_team": False},
            ("webhook-endpoint-rotate", "POST"): {"hours": 2},
            ("setting-detail", "PATCH"): {"value": ["10.2.0.0/16", "prometheus.internal:9090"], "confirm": True},
            ("field-list", "POST"): {
                "owner": "incident", "key": "site", "kind": "choice", "label": "Site", "help": "Where it stands",
                "section": "Place", "position": 10, "required": "never", "requester_sees": True, "requester_fills": True,
                "filterable": True, "default": "oslo", "rules": {}, "options": [{"key": "oslo", "label": "Oslo"}],
            },
            ("field-detail", "PATCH"): {
                "kind": "long", "label": "Storey", "help": "", "section": "", "position": 20, "required": "resolve",
                "requester_sees": False, "requester_fills": False, "filterable": False, "default": None, "rules": {},
            },
            ("field-narrow", "POST"): {"owner": "ci:virtual_machine", "recommended": True, "rules": {}},
            ("ci-list", "POST"): {
                "class": "virtual_machine", "name": "web-02", "status": "planned", "environment": "production",
                "description": "Serves", "confidential": False, "attributes": {}, "support_team": "shipping",
                "why": "It was bought",
            },
            ("ci-detail", "PATCH"): {"name": "web-01b", "environment": "staging", "class": "container_host"},
            ("ci-identifiers", "POST"): {"identifiers": [{"scheme": "fqdn", "value": "web-01.example.org"}]},
            ("ci-explain", "POST"): {"why": "It was there before Headroom was"},
            ("measure-list", "POST"): {
                "ci": self.item.reference, "name": "Memory used", "unit": "GB", "limit": 64, "side": "below",
                "step": "hour", "season": 24, "fold": "p95", "lead_days": 14,
            },
            ("measure-detail", "PATCH"): {"name": "Disk in use", "limit": 200.5, "season": 7, "fold": "mean"},
            ("measure-points", "POST"): {"points": [{"at": self.at.isoformat(), "value": 41.5}]},
            ("announcement-list", "POST"): {
                "title": "Lifts stop", "body": "Take the stairs", "kind": "maintenance", "audience": ["all"],
                "service": self.service.slug, "starts_at": "2026-12-01T08:00:00Z", "ends_at": "2026-12-01T09:00:00Z",
            },
            ("announcement-detail", "PATCH"): {
                "title": "Lifts stop early", "body": "", "kind": "news", "audience": ["team:payments"], "service": None,
                "starts_at": "2026-12-01T07:00:00Z", "ends_at": "2026-12-01T10:00:00Z",
            },
            ("article-list", "POST"): {
                "title": "Printer jam", "symptoms": "Paper", "body": "Open *tray 2*.", "audience": ["team:payments"],
                "language": "english", "owner": "agent", "team": "payments", "service": "checkout",
                "review_on": (self.at + timedelta(days=90)).date().isoformat(), "valid_to": None,
            },
            ("article-detail", "PATCH"): {
                "title": "Printer jams", "symptoms": "", "body": "Open tray 3.", "audience": ["all"], "language": "simple",
                "owner": "agent", "team": None, "service": None,
                "review_on": (self.at + timedelta(days=80)).date().isoformat(),
                "valid_to": (self.at + timedelta(days=800)).date().isoformat(),
            },
            ("article-preview", "POST"): {"body": "# Steps"},
            ("article-vote", "POST"): {"helped": True},
            ("article-return", "POST"): {"because": "Say which printer"},
            ("article-retire", "POST"): {"because": "It was replaced"},
            ("catalog-item-list", "POST"): {
                "name": "Second screen", "slug": "second-screen", "team": "payments", "summary": "Larger than the first",
                "description": "It is **large**.", "category": "Hardware", "service": "checkout", "keywords": ["monitor"],
                "expected_hours": 48, "form": FIREWALL, "approval": BY_MANAGER, "fulfilment": ONE_TASK, "bundle": [],
                "price_minor": 24900, "currency": "EUR", "price_period": "once", "asks_cost_centre": True,
                "agreement": None, "owner": "agent", "entitlements": [{"token": "team:payments", "allow": True}],
            },
            ("catalog-item-detail", "PATCH"): {
                "name": "Larger screen", "summary": "", "description": "", "category": "Screens", "service": None,
                "keywords": [], "expected_hours": None, "form": {"sections": []}, "approval": {"steps": []},
                "fulfilment": ONE_TASK, "bundle": [], "price_minor": 0, "currency": "", "price_period": "month",
                "asks_cost_centre": False, "agreement": None, "owner": "agent", "team": "payments",
                "entitlements": [{"token": "all", "allow": True}],
            },
            ("catalog-item-preview", "POST"): {"answers": {"environment": "production", "port": 443}, "as_requester": True},
            ("catalog-item-return", "POST"): {"because": "Say which port"},
            ("catalog-item-retire", "POST"): {"because": "It was replaced"},
            ("incident-answer-list", "POST"): {"article": self.article.reference, "how": "note"},
            ("improvement-list", "POST"): {
                "title": "Fewer calls", "why": "They wait", "benefit": 4, "effort": 2, "owner": "agent", "service": "checkout",
                "due": (self.at + timedelta(days=90)).date().isoformat(), "measure": "incidents_28_days",
            },
            ("improvement-detail", "PATCH"): {
                "title": "Far fewer calls", "why": "", "benefit": 5, "effort": 3, "owner": "engineer", "service": None,
                "due": None, "measure": "findings_open",
            },
            ("improvement-links", "POST"): {"to": self.incident.reference},
            ("improvement-drop", "POST"): {"because": "The printers go"},
            ("finding-tasks", "POST"): {"findings": [self.finding.pk]},
            ("finding-accept", "POST"): {"until": (self.at + timedelta(days=20)).isoformat(), "why": "It is replaced"},
            ("round-list", "POST"): {
                "name": "Servers in spring", "due": (self.at + timedelta(days=30)).date().isoformat(),
                "class": "server", "team": "payments", "environment": "production",
            },
            ("round-answer", "POST"): {"answer": "confirmed", "content": line.hash if line else "0" * 32},
            ("ci-take-out", "POST"): {"reason": "A new disk"},
            ("ci-report", "POST"): {"state": "down", "fresh_for_minutes": 5},
            ("ci-task", "PATCH"): {"done": True},
            ("ci-clear", "POST"): {"why": "Looked at the machine"},
            ("ci-retire", "POST"): {"reason": "It is old"},
            ("ci-revive", "POST"): {"reason": "Too early"},
            ("ci-class-list", "POST"): {
                "slug": "badge_reader", "name": "Badge reader", "parent": "resource", "description": "At doors",
                "icon": "resource", "abstract": False, "schemes": ["serial+vendor", "asset_tag"],
            },
            ("ci-class-detail", "PATCH"): {"name": "Scanners", "schemes": None, "description": "", "icon": ""},
            ("ci-group-detail", "PATCH"): {"needs_share": 60, "whole_below": 1},
            ("relation-list", "POST"): {
                "source": self.item.reference, "target": self.relation.target.reference, "type": "depends_on",
                "strength": "soft", "group": "cluster", "why": "It serves from there",
            },
            ("relation-end", "POST"): {"why": "It moved"},
            ("relation-type-list", "POST"): {
                "slug": "backs_up", "reading": "backs up", "reverse": "is backed up by", "flows": "to_target",
                "strength": "soft", "grouping": "none", "source_classes": ["storage"], "target_classes": ["server"],
            },
            ("relation-type-detail", "PATCH"): {
                "reading": "copies", "reverse": "is copied by", "source_classes": [], "target_classes": ["datastore"],
            },
            ("import-list", "POST"): {
                "format": "csv", "source": "csv", "files": [{"name": "a.csv", "text": "name,class\nweb-07,storage\n"}],
                "complete": False, "atomic": False, "dry_run": False, "change": "", "cluster": "", "endpoint": "",
                "netbox_version": "", "class_slug": "storage", "delimiter": ",", "encoding": "utf-8",
                "columns": [{"header": "name", "becomes": "name", "unit": "", "empty": "leave"}], "keep_columns": True,
            },
            ("ci-bulk-list", "POST"): {
                "source": "agent", "complete": False, "atomic": False, "dry_run": False, "change": "",
                "documents": [{
                    "key": "h9", "class": "virtual_machine", "name": "web-09", "identifiers": {"serial": "9"},
                    "attributes": {"os": "Debian 12"}, "observed_at": "2026-01-01T00:00:00Z", "status": "active",
                    "relations": [{"type": "runs_on", "direction": "out", "target": "h1", "by": "key"}],
                    "owner": "payments", "environment": "production", "description": "Serves",
                }],
            },
            ("ci-claim-pin", "POST"): {"key": "attributes.os"},
            ("ci-claim-unpin", "POST"): {"key": "name"},
            ("ci-merge-list", "POST"): {"into": self.item.reference, "why": "It is the same machine"},
            ("ci-split-list", "POST"): {"records": [{"source": "ansible", "key": "h1"}], "why": "They are two"},
            ("source-detail", "PATCH"): {"name": "Racks", "rank": 12, "silent_after_hours": 48},
            ("precedence-list", "POST"): {"class": "server", "source": "ansible", "key": "attributes.cpus", "rank": 1},
            ("conflict-accept", "POST"): {"why": "It is being upgraded"},
            ("conflict-settle", "POST"): {"take": "says", "why": "I looked"},
            ("service-import-list", "POST"): {"table": "name,team,criticality\nBasket,payments,2\n"},
            ("slo-list", "POST"): {
                "slug": "checkout-speed", "name": "Speed", "service": "checkout", "environment": "production",
                "target": "0.99", "gating": False, "description": "Fast answers", "method": "timeslices",
                "time_slice_target": "0.95", "time_slice_minutes": 5, "missing_slices": "bad",
                "calendar": {"unit": "month", "zone": "Europe/Berlin", "count": 1, "start": "2024-01-01 00:00:00"},
                "budget_basis": "elapsed", "alert_rows": ["6h"], "labels": {"tier": ["gold"]},
                "indicator": {
                    "slug": "checkout-fast", "name": "Fast ones", "source": "push", "measure": "threshold", "op": "lte",
                    "threshold": "0.3", "step_minutes": 5,
                },
            },
            ("slo-detail", "PATCH"): {
                "name": "Answers", "description": "", "target": "0.998", "window_days": 14, "gating": False,
                "method": "ratio_timeslices", "time_slice_minutes": 1, "labels": {}, "alert_rows": None,
                "members": [
                    {"indicator": {"slug": "checkout-requests"}, "target": "0.99", "weight": "0.5"},
                    {"indicator": {"slug": "checkout-up", "source": "push"}, "time_slice_target": "0.9"},
                ],
            },
            ("data-source-list", "POST"): {
                "slug": "mimir", "name": "Mimir", "url": "https://mimir.example", "auth": "none", "credential": "",
                "username": "reader", "tenant_header": "X-Scope-OrgID", "tenant": "shop", "lag_minutes": 2,
            },
            ("data-source-detail", "PATCH"): {
                "name": "Thanos", "url": "https://thanos.example", "auth": "none", "credential": "", "username": "",
                "tenant_header": "", "tenant": "", "lag_minutes": 1,
            },
            ("openslo-list", "POST"): {
                "apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "checkout-declared"},
                "spec": {
                    "service": "checkout", "budgetingMethod": "Occurrences", "objectives": [{"target": 0.99}],
                    "timeWindow": [{"duration": "28d", "isRolling": True}],
                    "indicator": {"metadata": {"name": "checkout-told"}, "spec": {"ratioMetric": {
                        "counter": False,
                        "good": {"metricSource": {"type": "Headroom", "spec": {"sent": "to the API"}}},
                        "total": {"metricSource": {"type": "Headroom", "spec": {"sent": "to the API"}}},
                    }}},
                },
            },
            ("correction-list", "POST"): self._correction(),
            ("correction-effect", "POST"): self._correction(),
            ("correction-decline", "POST"): {"reason": "It was ours"},
            ("outage-decide", "POST"): {"reference": "INC-00001", "verdict": "confirmed"},
            ("sli-list", "POST"): {
                "slug": "ledger-reads", "name": "Reads", "source": "prometheus",
                "server_url": "http://prometheus.example", "good_query": "good", "total_query": "sum(calls_total)",
                "measure": "ratio", "counter": True, "step_minutes": 1,
            },
            ("sli-samples", "POST"): {"samples": [{"minute": _minute(self.at), "good": 9, "total": 10}]},
            ("sli-measurers", "POST"): {"measurers": ["engineer", "pipeline"]},
            ("slo-allow-self-measuring", "POST"): {
                "reason": "A small team", "until": (self.at + timedelta(days=30)).date().isoformat(),
            },
            ("approval-answer", "POST"): {"decision": "approve", "comment": "Read it", "content_hash": "0" * 64},
            ("delegation-list", "POST"): {
                "delegate": "builder", "ends_at": f"{timezone.now() + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}",
            },
            ("confirmation-decline", "POST"): {"reason": "It is real"},
            ("confirmation-withdraw", "POST"): {"reason": "A mistake"},
            ("incident-list", "POST"): {
                "title": "Slow", "description": "Since noon", "service": "checkout", "priority": 3, "major": False,
            },
            ("incident-detail", "PATCH"): {
                "title": "Slower", "description": "Since one", "service": "ledger", "priority": 2, "major": True,
                "assigned_to": "agent",
            },
            ("problem-list", "POST"): {
                "statement": "Pool is exhausted", "symptom": "502", "cause": "", "workaround": "Restart it",
                "workaround_public": True, "service": "checkout", "category": None, "owner": "agent",
                "raised_from": [self.incident.reference],
            },
            ("problem-detail", "PATCH"): {
                "statement": "Pool runs dry", "symptom": "503", "cause": "Retries", "cause_unknown": False,
                "workaround": "Restart it", "workaround_public": True, "service": "ledger", "owner": "agent",
            },
            ("problem-broadcast", "POST"): {"text": "Restart it", "requesters": True},
            ("problem-apply", "POST"): {"incident": self.incident.reference, "requester": False},
            ("problem-notes", "POST"): {"text": "Looked at it."},
            ("problem-tasks", "POST"): {"title": "Find the cause", "task_kind": "analysis", "assigned_to": None},
            ("problem-task", "PATCH"): {"title": "Find it", "task_kind": "", "done": True},
            ("problem-links", "POST"): {"to": self.running.reference, "relation": "fixed_by"},
            ("problem-assess", "POST"): {"owner": "agent"},
            ("problem-know", "POST"): {"cause": "Retries", "workaround": "Restart it", "cause_unknown": False},
            ("problem-fix", "POST"): {"change": self.running.reference},
            ("problem-accept-risk", "POST"): {"reason": "Rare", "risk_review_at": soon.isoformat()},
            ("problem-merge", "POST"): {"into": self.other_problem.reference},
            **{(f"problem-{step}", "POST"): {"reason": "None"} for step in ("dismiss", "cancel", "re-analyse")},
            ("satisfaction-own", "POST"): {"score": "good", "comment": "Quick"},
            ("request-watchers", "POST"): {},
            ("request-list", "POST"): {"items": [{"item": "keyboard", "quantity": 2, "answers": {"layout": "German"}}]},
            ("request-notes", "POST"): {"text": "On its way.", "private": False},
            ("request-cancel", "POST"): {"reason": "Found one"},
            ("request-item-cancel", "POST"): {"reason": "Found one"},
            ("request-item-wait", "POST"): {"question": "Which floor?"},
            ("request-item-fulfil", "POST"): {"delivered": "On your desk"},
            **{
                (f"request-item-{step}", "POST"): {"reason": "None left"}
                for step in ("fulfil-in-part", "skip", "reopen")
            },
            ("request-item-decide", "POST"): {"decision": "approve", "comment": "Fine"},
            ("request-item-assign", "POST"): {"assigned_to": "agent"},
            ("request-item-tasks", "POST"): {"title": "Label it", "mandatory": True, "assigned_to": None},
            ("request-item-task", "PATCH"): {"title": "Order it today", "mandatory": False},
            ("request-item-task-settle", "POST"): {"outcome": "done", "reason": ""},
            ("major-list", "POST"): {"incident": self.incident.reference, "reason": "All tills are down"},
            ("major-detail", "PATCH"): {
                "severity": 2, "impact": "Nobody can pay", "commander": "admin", "communications": "agent",
                "scribe": None, "bridge": "https://meet.example.com/7", "cadence": 45,
            },
            ("major-say", "POST"): {"text": "The pool is empty"},
            ("major-stakeholders", "POST"): {"person": "auditor", "why": "speaks with the branches"},
            ("major-moments", "POST"): {"text": "The release ended", "at": self.at.isoformat()},
            ("major-tasks", "POST"): {"title": "Roll back", "assigned_to": None},
            ("major-task", "PATCH"): {"title": "Roll forward", "done": True},
            ("major-accept", "POST"): {"severity": "1", "commander": "admin", "impact": "All tills"},
            ("major-inform", "POST"): {"text": "We roll back."},
            ("major-mitigate", "POST"): {"mitigated_at": None},
            ("major-resolve", "POST"): {"resolution": "Rolled back", "resolution_code": "solved"},
            ("major-correct-times", "POST"): {"reason": "By the logs", "detected_at": None},
            ("major-demote", "POST"): {"reason": "One till", "notice_fate": "none"},
            **{(f"major-{step}", "POST"): {"reason": "None"} for step in ("propose", "reject", "reopen")},
            ("candidate-rule-detail", "PATCH"): {"is_on": True, "least": 40, "minutes": 2},
            ("postmortem-list", "POST"): {"about": self.problem.reference, "title": "What the pool taught"},
            ("postmortem-detail", "PATCH"): {
                "title": "What the pool taught", "impact": "12 minutes", "factors": ["No cap on retries"],
                "went_well": "Rolled back", "went_badly": "No alert", "lucky": "At night", "no_actions_because": "",
            },
            ("postmortem-events", "POST"): {"at": self.at.isoformat(), "text": "The dashboard was red"},
            ("postmortem-event", "PATCH"): {"at": self.at.isoformat(), "text": "The dashboard was yellow"},
            ("postmortem-actions", "POST"): {
                "action_type": "prevent", "text": "Cap retries", "owner": "agent", "due_at": soon.isoformat(),
                "link": self.running.reference,
            },
            ("postmortem-action", "PATCH"): {
                "action_type": "detect", "text": "Alert on retries", "owner": "agent", "due_at": soon.isoformat(),
                "link": self.problem.reference,
            },
            ("postmortem-action-done", "POST"): {"outcome": "They are capped at three"},
            ("postmortem-wording", "POST"): {"text": "Somebody should have noticed"},
            ("postmortem-submit", "POST"): {"no_actions_because": "Nothing is left to do"},
            ("postmortem-send-back", "POST"): {"because": "Name the alert"},
            ("postmortem-ask-waiver", "POST"): {"waiver_reason": "A drill"},
            ("postmortem-refuse-waiver", "POST"): {"because": "It was none"},
            ("incident-hold", "POST"): {"reason": "Waiting for the bank", "hold_reason": "vendor"},
            ("incident-cancel", "POST"): {"reason": "A drill", "cancel_code": "not_an_incident"},
            ("incident-escalate", "POST"): {"words": "It needs somebody who knows the bank"},
            ("incident-parent", "POST"): {"parent": other},
            ("incident-merge", "POST"): {"into": other, "consent": True},
            ("incident-reopen", "POST"): {"reason": "It is back"},
            ("incident-resolve", "POST"): {"resolution": "Rolled back", "resolution_code": "solved"},
            ("evaluation-list", "POST"): question("100"),
            ("change-detail", "PATCH"): {
                "summary": "Deploy 2", "plan": "helm", "backout": "helm rollback", "commit": "abc",
                "artifact": {"digest": an_artifact("2"), "version": "2"},
                "window": {"start": _minute(soon), "end": _minute(soon + timedelta(hours=1))},
            },
            ("change-approvals", "POST"): {"decision": "approve", "comment": "Fine"},
            ("change-cancel", "POST"): {"why": "Not needed"},
            ("change-impacted", "POST"): {"service": "ledger"},
            ("change-impacted-refresh", "POST"): {},
            ("change-tasks", "POST"): {"title": "Warm the caches", "kind": "implementation", "mandatory": True},
            ("change-task", "PATCH"): {"title": "Tell the shops", "kind": "planning"},
            ("change-task-order", "POST"): {"order": [self.change_task.pk + 1, self.change_task.pk]},
            ("change-hold", "POST"): {"hold_reason": "The vendor answers on Monday"},
            ("change-review", "POST"): {
                "review_worked": "It did", "review_cost": "Nothing", "review_follow_up": "Nothing: it went well",
            },
            ("change-answers", "POST"): {"answers": {}},
            ("change-resume", "POST"): {},
            ("change-revert", "POST"): {},
            ("change-submit", "POST"): {},
            ("change-close", "POST"): {"outcome": "successful", "note": "All well"},
            ("change-deployments", "POST"): {
                "artifact": {"digest": an_artifact("1"), "version": "1"}, "environment": "production",
                "url": "https://ci.example/1",
            },
            ("change-finish-deployment", "PATCH"): {"status": "succeeded"},
            ("change-stage", "POST"): {"name": "10 %", "percent": 10},
            ("chaos-experiment-list", "POST"): {
                "service": "checkout", "environment": "production", "summary": "Tills live without one node",
                "hypothesis": "Orders go on.", "blast_radius": "One node of three.", "stake": "0.01",
                "abort_url": "https://8.8.4.4/stop", "plan": "Stop node 2.", "backout": "Start node 2.",
            },
            ("chaos-experiment-abort", "POST"): {"because": "The tills are slow"},
            ("chaos-experiment-conclude", "POST"): {"finding": "held", "shown": "Nothing broke."},
            ("chaos-experiment-find", "POST"): {"statement": "One node is all there is"},
            ("change-model-suspend", "POST"): {"because": "The pipeline changed"},
            ("change-model-versions", "POST"): {"most_commits": 5, "hours_from": "08:00", "hours_until": "17:00", "zone": "UTC"},
            ("change-model-list", "POST"): {
                "slug": "config", "service": "checkout", "environments": ["production"], "repository": "r",
                "workflow_name": "w", "risk": "low", "allows_migration": False, "progressive": True,
                "rollback_tested": True,
            },
            ("attestation-list", "POST"): {
                "service": "checkout", "artifact_digest": an_artifact("9"), "about": "tests", "passed": 5, "failed": 0, "source": "ci",
                "url": "https://ci.example/2",
            },
            ("attestor-list", "POST"): {"service": "ledger", "about": "scans", "account": "pipeline"},
            ("allowance-list", "POST"): {
                "service": "checkout", "agent": None, "team": "shipping", "share": "0.2", "reason": "Their deployments",
            },
            ("allowance-detail", "PATCH"): {"share": "0.1", "reason": "They ship less"},
            ("allowance-take-back", "POST"): {"reason": "They ship no more"},
            ("policy-list", "POST"): {"title": "Another", "content": _content(3)},
            ("policy-detail", "PATCH"): {"title": "Another title"},
            ("policy-approve", "POST"): {"comment": "Read and agreed"},
            ("policy-decline", "POST"): {"comment": "Too kind"},
            ("policy-backtest", "POST"): {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
            ("policy-shadow", "POST"): {"on": True},
            ("policy-version-list", "POST"): {"content": _content(3)},
            ("policy-version-approvals", "POST"): {"decision": "approve", "comment": "Read and agreed"},
            ("agreement-list", "POST"): {
                "name": "Silver", "agreement_type": "ola", "party": "Network", "position": 7, "service": "checkout", "tier": 1,
                "offering": None, "valid_from": _minute(self.at), "valid_until": None, "availability": "0.995",
                "team": "payments", "priority": 2, "category": "Network / VPN", "channel": "phone",
                "calendar": self.calendar.pk, "targets": {"first_response": 30, "update": "2 h", "resolve": "8 h"},
                "pauses": ["caller", "vendor"], "warn": [60, 90], "on_reopen": "restart",
                "levels": [{"after_minutes": 30, "tell": ["lead"], "raise_to": "shipping"}],
            },
            ("offering-list", "POST"): {
                "service": "checkout", "name": "Gift cards", "description": "Sold and taken", "audience": ["staff"],
            },
            ("offering-detail", "PATCH"): {"name": "Cards", "description": "", "audience": ["all"]},
            ("agreement-detail", "PATCH"): {"targets": {"resolve": 300}, "calendar": None, "priority": None},
            ("agreement-match", "POST"): {
                "service": "checkout", "team": "payments", "priority": 2, "category": "Network", "channel": "mail",
            },
            ("calendar-list", "POST"): {
                "name": "Night shift", "zone": "Europe/Berlin", "week": {"sat": ["22:00-24:00"], "sun": ["00:00-06:00"]},
                "days": [{"date": "2026-12-24", "name": "Christmas Eve", "spans": ["09:00-12:00"], "origin": "person"}],
            },
            ("calendar-detail", "PATCH"): {
                "name": "Berlin office", "week": {"mon": ["08:00-12:00", "13:00-17:00"]}, "days": [], "reason": "It was wrong",
                "valid_from": _minute(self.at - timedelta(days=1)),
            },
            ("calendar-preview", "POST"): {
                "week": {"mon": ["08:00-12:00"]}, "days": [], "target_minutes": 240, "begin": _minute(self.at),
                "end": _minute(soon), "holidays": {"country": "DE", "subdivision": "BE", "years": [2027]},
            },
            ("calendar-window-list", "POST"): window,
            ("calendar-window-preview", "POST"): window,
            ("calendar-feed-list", "POST"): {"about": "person"},
            ("schedule-list", "POST"): {
                "name": "Nights", "slug": "nights", "team": "payments", "zone": "Europe/Berlin", "layers": [_A_LAYER],
            },
            ("schedule-detail", "PATCH"): {
                "name": "Days", "team": "payments", "zone": "Europe/Berlin", "layers": [_A_LAYER],
                "effective_from": _minute(soon),
            },
            ("schedule-preview", "POST"): {"layers": [_A_LAYER], "begin": _minute(self.at), "end": _minute(soon)},
            ("schedule-override-list", "POST"): {
                "schedule": "payments", "starts_at": _minute(soon), "ends_at": _minute(soon + timedelta(hours=9)),
                "people": ["engineer"], "reason": "Swapped by phone", "although_away": True,
            },
            ("swap-list", "POST"): {
                "schedule": "payments", "layer": self.on_call.layer, "turn": 41, "out": "builder", "into": "engineer",
                "note": "Thank you",
            },
            ("time-off-list", "POST"): {
                "starts_at": _minute(soon), "ends_at": _minute(soon + timedelta(days=9)), "note": "Sea",
            },
            ("on-call-feed-list", "POST"): {"schedule": "payments"},
            ("subscribed-calendar-list", "POST"): {"name": "Shops", "zone": "Europe/Berlin", "text": _ics(soon)},
            ("proposed-event-take-in", "POST"): {"kind": "freeze", "scope": {"tiers": [4]}},
            ("calendar-window-detail", "PATCH"): {"reason": "Year end books", "scope": {"services": ["ledger"]}},
            ("calendar-window-approve", "POST"): {"comment": "Stop all of it"},
            ("calendar-window-decline", "POST"): {"comment": "Too wide"},
            ("start-up-shadow", "POST"): {
                "until": (timezone.now() + timedelta(days=28)).isoformat(), "reason": "Four weeks of answers first.",
            },
            ("change-refund", "POST"): {
                "objective": self.objective.slug, "events": 2, "reason": "The load test of another team failed then.",
            },
            ("evaluation-override", "POST"): {
                "reason": "The shop is closed until this is out.", "second_person": "admin",
            },
            ("status-page-list", "POST"): {
                "name": "Partners", "about": "What partners use", "visibility": "public", "zone": "Europe/Berlin",
                "slug": "partners",
            },
            ("status-page-detail", "PATCH"): {"name": "Acme, Inc.", "about": "", "zone": "UTC", "visibility": "key"},
            ("status-component-list", "POST"): {
                "page": self.status_page.slug, "name": "Mail", "about": "Letters", "group": "Office", "position": 3,
                "service": "checkout", "objective": "",
            },
            ("status-component-detail", "PATCH"): {
                "name": "Till", "about": "", "group": "", "position": 7, "service": None, "objective": "",
            },
            ("status-component-state", "POST"): {"state": "degraded_performance"},
            ("public-incident-list", "POST"): {
                "page": self.status_page.slug, "title": "Letters are late", "body": "We look into it.",
                "components": [{"component": self.component.pk, "state": "partial_outage"}], "status": "identified",
                "internal": "", "started_at": None, "next_update_at": _minute(soon),
            },
            ("public-incident-updates", "POST"): {
                "action": "monitor", "body": "It is better.", "next_update_at": None, "postmortem_url": "",
                "components": [{"component": self.component.pk, "state": "degraded_performance"}],
            },
            ("public-maintenance-list", "POST"): {
                "page": self.status_page.slug, "title": "New disks", "body": "Short interruptions.",
                "components": [self.component.pk], "internal": "", "starts_at": _minute(soon),
                "ends_at": _minute(soon + timedelta(hours=1)),
            },
            ("public-maintenance-detail", "PATCH"): {
                "starts_at": _minute(soon), "ends_at": _minute(soon + timedelta(hours=2)), "body": "It takes longer.",
            },
            ("public-maintenance-updates", "POST"): {"action": "update", "body": "All is prepared."},
            ("public-update-withdraw", "POST"): {"reason": "A name stood in it"},
            ("board-list", "POST"): {
                "name": "Payments board", "seats": [{"person": "approver", "part": "chair"}, {"person": "engineer"}],
                "services": ["ledger"], "teams": ["payments"], "tiers": [1], "environments": ["production"],
                "classes": ["normal"], "quorum": 1, "rule": "majority", "above": self.board.slug, "is_emergency": False,
                "rrule": "FREQ=DAILY;INTERVAL=7", "zone": "Europe/Berlin", "first_meeting": _minute(soon), "meeting_minutes": 45,
            },
            ("board-detail", "PATCH"): {"name": "Board of all", "quorum": 1},
            ("meeting-detail", "PATCH"): {
                "starts_at": _minute(soon), "ends_at": _minute(soon + timedelta(hours=1)),
            },
            ("meeting-list", "POST"): {
                "board": self.board.slug, "starts_at": _minute(soon), "ends_at": _minute(soon + timedelta(hours=1)),
            },
            ("meeting-cancel", "POST"): {"reason": "Nothing to decide"},
            ("meeting-order", "POST"): {"order": [self.board_item.pk]},
            ("meeting-decide", "POST"): {"item": self.board_item.pk, "comment": "As voted"},
            ("meeting-defer", "POST"): {"item": self.board_item.pk, "to": self.later.pk, "reason": "Ask the bank"},
            ("meeting-note", "POST"): {"item": self.board_item.pk, "notes": "The bank is asked."},
            ("item-votes", "POST"): {
                "vote_id": "0b9e5a3c-3a3e-4d0e-9a53-6f2a4f0b7c11", "vote": "discuss", "comment": "Which bank?",
            },
            ("person-list", "POST"): {
                "login": "ada", "name": "Ada", "email": "ada@example.com", "account_type": "human",
                "roles": ["engineer"], "teams": [{"team": "payments", "lead": True}], "manager": "manager",
                "owner": None, "time_zone": "Europe/Berlin", "invite": True,
            },
            ("person-detail", "PATCH"): {
                "name": "Eng", "email": "eng@example.com", "roles": ["engineer", "approver"],
                "teams": [{"team": "payments", "lead": True}], "manager": None, "owner": None, "time_zone": "UTC",
            },
            ("person-deactivate", "POST"): {"successor": "author", "reason": "Left"},
            ("person-merge", "POST"): {"into": "author", "reason": "The same person"},
            ("location-list", "POST"): {
                "slug": "bergen", "name": "Bergen", "parent": "oslo", "time_zone": "Europe/Oslo",
            },
            ("location-detail", "PATCH"): {"name": "Oslo S", "parent": None, "time_zone": "", "retired": False},
            ("team-list", "POST"): {
                "slug": "web", "name": "Web", "members": [{"login": "engineer", "lead": True}],
            },
            ("team-detail", "PATCH"): {"name": "Pay", "members": [{"login": "engineer", "lead": False}]},
            ("team-queue", "PATCH"): {"takes_work": True, "tier": 2, "close_after_days": 5, "calendar": self.calendar.pk},
            ("team-grants", "POST"): {"right": "view", "role": "approver"},
            ("incident-tasks", "POST"): {"title": "Look at the logs", "mandatory": True, "assigned_to": None},
            ("incident-task", "PATCH"): {"title": "Look again", "done": True},
            ("incident-links", "POST"): {"to": self.running.reference, "relation": "caused_by"},
            ("incident-time", "POST"): {"minutes": 30, "note": "Looked", "day": self.at.date().isoformat()},
            ("incident-time-entry", "PATCH"): {"minutes": 45, "note": "Looked again"},
            ("incident-notes", "POST"): {"text": "Looked at it.", "private": True},
            ("team-merge", "POST"): {"into": "shipping"},
            ("view-list", "POST"): {
                "record_kind": "incident", "name": "Night shift", "query": "state=open&priority=1,2", "sort": "due",
                "columns": ["due", "ref", "title"], "share": "everyone",
            },
            ("incident-bulk-list", "POST"): {
                "references": [self.incident.reference], "actions": [{"kind": "watcher", "value": "me"}],
            },
            ("proposal-accept", "POST"): {"values": {"title": "Checkout crawls"}},
            ("proposal-dismiss", "POST"): {"why": "It is not"},
            ("category-list", "POST"): {"name": "Printer", "parent": "Hardware", "team": None},
            ("category-detail", "PATCH"): {"name": "Devices", "team": None},
            **{
                (f"alerts-{name}", "POST"): {"alerts": [{"labels": {"alertname": "Slow", "service": "ledger"}}]}
                for name in ("alertmanager", "grafana")
            },
            ("alerts-cdevents", "POST"): {
                "context": {"id": "1", "source": "/probes", "type": "dev.cdevents.incident.detected.0.3.0"},
                "subject": {"id": "incident-9", "content": {"description": "Slow", "service": {"id": "ledger"}}},
            },
            ("alerts-pagerduty", "POST"): {
                "event_action": "trigger", "dedup_key": "disk", "payload": {"summary": "Disk is full", "source": "db1"},
            },
            ("alerts-generic", "POST"): {"name": "Slow", "service": "ledger"},
            ("deployment-event-list", "POST"): {
                "service": "ledger", "environment": "production", "blind": True, "result": "failed", "version": "4.2",
                "artifact_digest": "sha256:" + "d" * 64, "commit": "c" * 40, "repository": "shop", "run_id": "12",
                "url": "https://ci.example/12", "started_at": None, "finished_at": None,
            },
            ("delivery-source-list", "POST"): {
                "slug": "ci-2", "name": "Another CI", "platform": "generic", "account": "pipeline", "credential": "",
                "mapping": {"id": "/id", "environment": "/env", "service": "/app"},
                "api_url": "https://ci.example/api", "app_id": "", "api_credential": "",
            },
            ("delivery-source-detail", "PATCH"): {
                "name": "Our CI", "account": "pipeline", "credential": "ci-secret",
                "mapping": {"id": "/number", "environment": "/env", "service": "/app"},
                "api_url": "https://ci.example/api/v2", "app_id": "7", "api_credential": "ci-key",
            },
            ("deployment-route-list", "POST"): {
                "source": "ci", "repository": "acme/till", "workflow": "deploy", "theirs": "prod",
                "service": "checkout", "environment": "production",
            },
            ("alert-source-list", "POST"): {
                "slug": "probes-2", "name": "Probes", "shape": "generic", "account": "pipeline", "group_by": ["check"],
                "mapping": {"title": "/name"}, "settle": 10, "may_acknowledge": True, "service_label": "service",
                "environment_label": "environment", "server_url": "", "credential": "",
            },
            ("alert-source-detail", "PATCH"): {
                "name": "Probes of ours", "account": None, "group_by": ["check"], "mapping": {"title": "/title"},
                "settle": None, "may_acknowledge": False, "service_label": "app", "environment_label": "env",
                "server_url": "https://alerts.example", "credential": "alertmanager",
            },
            ("alert-source-bench", "POST"): {
                "body": {"name": "Slow"}, "mapping": {"title": "/name"},
                "rules": [{
                    "name": "mine", "when": [{"label": "service", "is": "exists"}], "then": {"service": "ledger"},
                }],
            },
            ("quiet-lift", "POST"): {"reason": "We want to hear it"},
            ("alert-routing-propose", "POST"): {
                "rules": [{
                    "name": "disks", "when": [{"label": "alertname", "is": "one_of", "value": ["Disk", "Inodes"]}],
                    "then": {"team": "payments", "priority": 3, "settle": 10},
                }],
                "reason": "Disks are theirs", "version": 1,
            },
            ("matrix-list", "POST"): {"cells": [1, 2, 3, 2, 3, 4, 3, 4, 4], "read": 1},
            ("rule-list", "POST"): {
                "name": "Printers", "filter": "text=printer&priority=1,2", "team": None, "assign": "none",
                "person": None, "watchers": ["agent"], "checklist": ["Look at the paper"], "override": False,
                "active": True,
            },
            ("rule-detail", "PATCH"): {"name": "Scanners", "filter": "not.channel=mail", "checklist": ["Look"]},
            ("rule-move", "POST"): {"position": 1},
            ("rule-dry-run", "POST"): {"record_kind": "incident", "query": "state=open", "most": 10},
            ("view-detail", "PATCH"): {"name": "Day shift", "query": "state=new"},
            ("macro-list", "POST"): {
                "record_kind": "incident", "name": "Take it and say so", "queues": ["triage"], "position": 3,
                "actions": [{"kind": "assignee", "value": "me"}, {"kind": "reply", "value": "Hello {{ caller.name | there }}"}],
            },
            ("macro-detail", "PATCH"): {"name": "Ask again", "active": False},
            ("template-list", "POST"): {
                "record_kind": "incident", "name": "Leaver", "values": {"title": "Somebody leaves", "urgency": 3},
                "tasks": [{"title": "Take the laptop back", "mandatory": True}],
            },
            ("template-detail", "PATCH"): {"tasks": [{"title": "Order a phone", "mandatory": False}]},
            ("incident-macro", "POST"): {"macro": self.macro.slug, "preview": True},
            ("saved-report-list", "POST"): {
                "name": "Last week", "query": "priority=1,2", "measures": ["opened", "mttr"], "group_by": "service",
                "span": "last_month",
            },
            ("saved-report-detail", "PATCH"): {"name": "Grave ones", "query": "priority=1"},
            ("saved-report-mail", "POST"): {"every": "week"},
            ("mailbox-list", "POST"): {
                "slug": "ops", "address": "ops@desk.example", "team": "payments", "aliases": ["alerts@desk.example"],
                "from_name": "Operations", "is_open": False, "host": "imap.desk.example", "auth": "xoauth2",
                "credential": "mail-ops", "token_url": "https://issuer.example/token", "client_id": "desk",
            },
            ("mailbox-detail", "PATCH"): {"signature": "Yours, the desk", "is_default": True, "folder": "Support"},
        }  # fmt: skip
        return bodies.get((route, method), {})

    def _line(self) -> Any:
        """That of the item in the round; None before it is open."""
        return self.round.lines.filter(ci=self.item).first()

    def _correction(self) -> dict[str, Any]:
        return {
            "slo": self.objective.slug, "category": "scheduled_maintenance", "reason": "Disks",
            "starts_at": _minute(self.at - timedelta(days=1)), "ends_at": _minute(self.at),
            "expires_at": _minute(self.at + timedelta(days=30)),
        }  # fmt: skip


@cache
def _content(version: int) -> dict[str, Any]:
    """A policy as it is sent, nobody's to change: composing one takes longer than most requests."""
    return policy_to_json(default_policy(version=version))


def question(run: str) -> dict[str, Any]:
    return {
        "service": "checkout", "environment": "production", "change_class": "normal", "purpose": "feature",
        "summary": "Deploy", "plan": "helm", "backout": "helm rollback", "migration": False,
        "artifact": {"digest": an_artifact(run), "version": "1"}, "commit": "abc", "exception": None, "window": None,
        "model": None,
        "pipeline": {"provider": "ci", "repository": "r", "workflow": "w", "run_id": run, "attempt": 1, "job": "j",
                     "url": "https://ci.example/1"},
        "proof": {"peer_review": True, "tests_passed": 10, "tests_failed": 0},
    }  # fmt: skip


def _an_experiment(service: Service, author: User, at: datetime) -> ChaosExperiment:
    """Taken back to draft: in the way of nothing here."""
    change = Change(
        summary="Checkout lives without a cache", service=service, purpose=EXPERIMENT, stake=Decimal("0.050000"),
        plan="Stop it.", backout="Start it.", requested_by=author, author=author, created_at=at,
    )  # fmt: skip
    change.content_hash = content_hash(change)
    change.save()
    return ChaosExperiment.objects.create(
        change=change, hypothesis="Orders go on.", blast_radius="One cache.", abort_url="https://8.8.4.4/stop"
    )


def _drafted(model: Any, actor: Actor, at: datetime) -> Any:
    """With a draft of its second version."""
    versioning.write_version(model, actor=actor, version=model.version, at=at, most_commits=3)
    model.refresh_from_db()
    return model


def _planned(change: Change, actor: Actor) -> Any:
    """The first of two tasks."""
    first = checklist.add_task(change, actor=actor, title="Tell the shop")
    checklist.add_task(change, actor=actor, title="Warm the spare")
    return first


def _ics(at: datetime) -> str:
    """A calendar file with one event."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:sale\r\nSUMMARY:Sale\r\n"
        f"DTSTART:{at:%Y%m%dT%H%M%SZ}\r\nDURATION:PT2H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def _subscribed(manager: Actor, at: datetime) -> SubscribedCalendar:
    """A calendar at an address, without asking it: with one event that waits for an answer."""
    calendar = SubscribedCalendar.objects.create(
        name="Shops", url="https://calendars.example/shops.ics", zone="UTC", created_by_id=manager.id, created_at=at
    )
    ProposedEvent.objects.create(
        calendar=calendar, uid_hash="1" * 64, name="Sale", starts_at=at + timedelta(days=9),
        ends_at=at + timedelta(days=10),
    )  # fmt: skip
    return calendar


def _lockdown(manager: Actor, at: datetime) -> CalendarWindow:
    """The draft of one that begins long after the tests are over."""
    return windows.add_window(
        actor=manager, window_type="lockdown", name="Year end", reason="Books", at=at,
        starts_at=at + timedelta(days=30), ends_at=at + timedelta(days=31),
    )  # fmt: skip


def _tested(policy: GatePolicy, keeper: Actor, state: str, at: datetime) -> GatePolicy:
    """With a back-test, done or under way."""
    run = BackTest.objects.create(
        policy=policy, content=policy.content, content_hash="0" * 64, since=at - timedelta(days=90), until=at,
        asked_by_id=keeper.id, asked_at=at, state=state, finished_at=at if state == RunState.DONE else None,
    )  # fmt: skip
    if state == RunState.DONE:
        run.slices.create(first=1, last=1, counts={"changes": 1, "friction": 1, "differing": 1})
        policy.difference = run.differences.create(  # type: ignore[attr-defined]
            decision=Decision.objects.earliest("id"), outcome_then="approved", outcome_now="peer", quadrant="friction"
        )
    else:
        run.slices.create(first=1, last=1)
    return policy


def founded() -> World:
    """The company, made through its own operations."""
    at = timezone.now()
    team = Team.objects.create(slug="payments", name="Payments")
    Team.objects.create(slug="shipping", name="Shipping")
    people = {role: User.objects.create(username=role, roles=[role]) for role in ROLES}
    people["builder"] = User.objects.create(username="builder", roles=["engineer"])
    people["pipeline"] = User.objects.create(
        username="pipeline", roles=["engineer"], account_type="service", owner=people["builder"]
    )
    people["author"] = User.objects.create(username="author", roles=["engineer"])
    people["leaver"] = User.objects.create(username="leaver", roles=["admin"], is_active=True)
    Membership.objects.create(user=people["engineer"], team=team)
    actor = {name: actor_for(user, Door.WEB) for name, user in people.items()}
    ledger = catalog.create_service(actor=SYSTEM, slug="ledger", name="Ledger", tier=1, team=team)
    checkout = catalog.create_service(
        actor=SYSTEM, slug="checkout", name="Checkout", tier=1, team=team,
        depends_on=[{"any_of": [ledger], "needs": 1}],
    )  # fmt: skip
    indicator = measuring_operations.create_indicator(actor=SYSTEM, slug="checkout-requests", source="push")
    objective = slo.create_objective(
        actor=SYSTEM, at=at, slug="checkout-answers", name="Answers", service=checkout, indicator=indicator,
        target=Decimal("0.999"), window_days=7,
    )  # fmt: skip
    Measurer.objects.bulk_create(
        Measurer(indicator=indicator, account=people[name], named_by="tests", named_at=at)
        for name in ("engineer", "manager", "owner", "admin", "pipeline", "author")
    )
    aside = QuarantinedSample.objects.create(
        indicator=measuring_operations.create_indicator(actor=SYSTEM, slug="ledger-requests", source="push"),
        minute=epoch_minute(at) - 5, bad=0, total=10**12, usual=10_000, arrived_at=at,
    )  # fmt: skip
    slo.create_objective(
        actor=SYSTEM, at=at, slug="ledger-answers", name="Ledger answers", service=ledger, indicator=aside.indicator,
        target=Decimal("0.99"), gating=False,
    )  # fmt: skip
    printers = rules.create_rule(actor=actor["admin"], name="Printers", filter="text=printer", checklist=["Look"])
    grave = incidents.open_incident(actor=SYSTEM, title="Ledger is down", service=ledger, priority=1)
    pending = asking.ask_gate(_request(checkout, an_artifact("1")), actor=actor["author"], at=at)
    Debit.objects.create(
        change=pending.change, objective=objective, day=at.date(), amount=9000, dependency=0, share=Decimal("0.01"),
        gross=Decimal("0.01"), followed=True,
    )  # fmt: skip
    going = asking.ask_gate(_request(checkout, an_artifact("7")), actor=actor["author"], at=at)
    people_decide.decide_by_person(going.change, actor=actor["admin"], decision="approve", comment="", at=at)
    deploying.start_deployment(going.change, artifact_digest=going.change.artifact_digest, actor=actor["author"], at=at)
    outage = Outage.objects.create(
        objective=objective, started_at=at - timedelta(hours=2), ended_at=at - timedelta(hours=1), failed=5, minutes=60,
        cost=Decimal("0.1"), recomputed_at=at,
    )  # fmt: skip
    OutageCause.objects.create(
        outage=outage,
        reference="INC-00001",
        title="Slow",
        url="/incidents/INC-00001/",
        began_at=at,
        score=50,
        why="near",
    )
    accounts.add_location(actor=SYSTEM, slug="oslo", name="Oslo")
    berlin = calendars.create_calendar(
        actor=SYSTEM, at=at, name="Berlin", zone="Europe/Berlin", week={"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]},
    )  # fmt: skip
    slow = incidents.open_incident(actor=SYSTEM, title="Checkout is slow", service=checkout, priority=3)
    watch(slow, actor=SYSTEM, user=people["auditor"])
    web = an_item(name="web-01", environment="production", team=team)
    bring("netbox", server("dcim.device:1", "db-01", serial="1", os="Debian 12", owner="payments"))
    bring("ansible", server("h1", "db-01", serial="1", os="Debian 11"))
    sourced = SourceRecord.objects.get(key="h1").ci
    assert sourced is not None
    reconciliation.pin(sourced, "name", actor=SYSTEM)
    wanted_team = Team.objects.get(triage=True)
    keyboard = wishes.an_item(
        "keyboard", questions=[wishes.question("layout")], tasks=[wishes.task("order")], team=wanted_team
    )
    wanted = wishes.a_request(actor["author"], keyboard, answers={"layout": "Swiss"})
    pool = problems.open_problem(actor=SYSTEM, statement="Pool is exhausted", service=checkout)
    led = majors.accept(
        majors.propose_incident(
            incidents.open_incident(actor=SYSTEM, title="Tills are down", priority=3), actor=SYSTEM, reason="All tills"
        ),
        actor=SYSTEM, severity=3, commander="admin", at=at,
    )  # fmt: skip
    taught = postmortems.open_postmortem(actor=actor["admin"], incident=slow, at=at)
    taught = postmortems.edit(taught, actor=actor["admin"], version=taught.version, factors=["No cap on retries"])
    postmortems.ask_waiver(taught, actor=actor["admin"], waiver_reason="A drill")
    said = [received("log.txt", b"one line")]
    _note, (file,) = incidents.say(slow, actor=actor["author"], text="See there", private=True, received=said)
    version = policies.propose(_content(2), actor=actor["manager"], at=at)
    board, meeting, later, asked_board = _a_board(actor, people, ledger, at)
    article = _an_article(people["agent"], at)
    picture = knowledge.add_picture(article, received("tray.png", _PIXEL), actor=actor["admin"])
    status_page, component, notice, work = _told_to_the_public(actor["manager"], at)
    stranger = intake.accept(a_mail("Eve <eve@x.example>", text="Let me in"), mailbox=None, at=at)
    return World(
        parked=apply(stranger.pk, at),
        alerts=_alerts(ledger, at),
        delivery=_delivery(ledger, people, at),
        blocked=BlockedSender.objects.create(address="mallory@x.example", since=at, by=people["admin"]),
        status_page=status_page,
        idle_page=status_pages.create_page(actor=actor["manager"], name="Old", slug="old"),
        component=component,
        notice=notice,
        public_maintenance=work,
        public_update=notice.updates.get(),
        board=board,
        meeting=meeting,
        later=later,
        board_item=asked_board,
        mailbox=mailboxes.create_mailbox(
            actor=actor["admin"], slug="payments", address="payments@desk.example", team=team, at=at
        ),
        undeliverable=UndeliverableAddress.objects.create(
            address="gone@example.org", since=at, code="5.1.1", reason="no such user"
        ),
        attachment=file,
        picture=picture,
        form_file=catalog_items.upload(received("plan.pdf", b"%PDF-1.4"), actor=actor["author"], at=at),
        time_worked=incidents.add_time(slow, actor=actor["admin"], minutes=30),
        source=measuring_operations.create_source(actor=SYSTEM, slug="prometheus", url="http://prometheus.example:9090"),
        correction=slo.propose_correction(
            objective, actor=actor["author"], at=at, category="other", reason="A drill",
            starts_at=at - timedelta(days=2), ends_at=at - timedelta(days=1),
        ),
        confirmation=incidents.cancel(grave, actor=actor["builder"], cancel_code="not_an_incident", reason="A drill").awaits,
        delegation=delegating.delegate(
            actor=actor["engineer"], delegate=people["owner"], starts_at=timezone.now() + timedelta(days=3),
            ends_at=timezone.now() + timedelta(days=4), at=at,
        ),
        quarantined=aside,
        report=reports.save_report(actor=actor["author"], name="The week"),
        view=saved_views.save_view(actor=actor["author"], record_kind="incident", name="Grave", share="everyone"),
        macro=macros.create_macro(
            actor=actor["admin"], record_kind="incident", name="Ask for the number", share="everyone",
            actions=[{"kind": "note", "value": "Asked {{ caller.first_name | them }}."}],
        ),
        template=create_template(
            actor=actor["admin"], record_kind="incident", name="New starter", values={"title": "New starter"},
            tasks=[{"title": "Order a laptop", "mandatory": True}],
        ),
        bulk=working.work(
            bulks.send("incident", actor=actor["author"], ids=[grave.pk], todo=[Action("watcher", "me")])
        ),
        proposal=_proposed(people["author"], slow, at),
        field=fields.add_field(actor=actor["admin"], owner="incident", key="floor", type="text", label="Floor"),
        rule=printers,
        violation=Violation.objects.create(
            invariant="I17", first_seen_at=at, last_seen_at=at, holds_since=at, count=1, told_at=at,
            sample=[{"question": "altered", "kind": "attachment", "reference": "attachment 1", "detail": "gone"}],
        ),
        retention=retention.create_rule(actor=actor["admin"], record_kind="incident", months=36),
        push_device=PushDevice.objects.create(
            user=people["admin"], name="Phone", endpoint="https://8.8.4.4/push/1", p256dh=A_BROWSERS_KEY, auth=ITS_SECRET
        ),
        news_rule=RuleDefault.objects.get(event="incident.answered", relation="caller"),
        category=incidents.add_category(actor=actor["admin"], name="Hardware"),
        grant=Grant.objects.filter(team__triage=True, right="assign", role="owner").get(),
        lockout=AccessAttempt.objects.create(
            username="engineer", ip_address="192.0.2.7", user_agent="curl", failures_since_start=8, path_info="/sign-in/"
        ),
        outage=outage,
        people=people,
        service=checkout,
        objective=objective,
        incident=slow,
        problem=pool,
        other_problem=problems.open_problem(actor=SYSTEM, statement="Retries pile up", service=checkout),
        major=led,
        major_stakeholder=majors.add_stakeholder(led, actor=actor["admin"], person=people["owner"], at=at),
        major_moment=majors.add_moment(led, actor=actor["admin"], text="The tills went dark", at=at, now=at),
        major_task=majors.add_task(led, actor=actor["admin"], title="Roll back"),
        postmortem=taught,
        postmortem_event=postmortems.add_event(taught, actor=actor["admin"], at=at, text="The dashboard was red"),
        postmortem_action=postmortems.add_action(
            taught, actor=actor["admin"], action_type="prevent", text="Cap retries", owner=people["agent"],
            due_at=at + timedelta(days=30),
        ),
        requested=wanted,
        request_file=_followed(wanted, actor, people, at),
        asked_for=wishes.a_request(
            actor["author"], wishes.an_item("monitor", steps=[wishes.asks(_APPROVERS)], team=wanted_team)
        ),
        request_task=tasks.tasks_of(wanted.items.get())[0],
        problem_task=problems.add_task(pool, actor=actor["admin"], title="Find the cause"),
        problem_link=problems.connect(pool, actor=actor["admin"], to=slow.reference, relation="caused"),
        task=incidents.add_task(slow, actor=actor["admin"], title="Call the bank"),
        change_task=_planned(pending.change, actor["admin"]),
        link=incidents.connect(slow, actor=actor["admin"], to=grave.reference, relation="relates"),
        pending=pending,
        running=Change.objects.get(pk=going.change_id),
        decided=going,
        experiment=_an_experiment(checkout, people["author"], at),
        model=_drafted(
            a_model(ledger, actor["owner"], at),
            actor["author"], at,
        ),
        proposed_model=change_models.propose_model(actor=actor["author"], service=ledger, slug="ledger-flags", at=at),
        attestation=attesting.attest(
            actor=actor["author"], service=ledger, artifact_digest=an_artifact("1"), about="tests", source="ci", at=at
        ),
        attestor=attesting.name_attestor(
            actor=actor["owner"], service=ledger, about="tests", account=people["pipeline"], at=at
        ),
        allowance=allowances.give(
            actor=actor["manager"], service=ledger, team=Team.objects.get(slug="shipping"), share=Decimal("0.2"), at=at
        ),
        policy=version,
        proposed_policy=_tested(GatePolicy.objects.get(frozen=version), actor["manager"], RunState.WORKING, at),
        draft_policy=_tested(
            policies.start_draft(actor=actor["manager"], title="Kinder", at=at), actor["manager"], RunState.DONE, at
        ),
        lockdown=_lockdown(actor["manager"], at),
        asked_lockdown=lockdowns.submit(_lockdown(actor["manager"], at), actor=actor["manager"], at=at),
        on_call=_on_call(team, people, actor, at),
        feed=issuing.issue_feed(actor=actor["manager"], about="person", at=at)[0],
        subscribed=_subscribed(actor["manager"], at),
        window=windows.add_window(
            actor=actor["manager"], window_type="maintenance", name="Night", reason="Disks", at=at,
            starts_at=at + timedelta(days=3), ends_at=at + timedelta(days=4), services=[ledger],
        ),
        calendar=berlin,
        agreement=agreements.create_agreement(
            actor=SYSTEM, at=at, name="Gold", targets={"first_response": 30, "resolve": 240}, calendar=berlin,
        ),
        item=web,
        item_task=tasks.add_task(web, actor=actor["admin"], title="Say who keeps it"),
        condition=items.report_condition(web, State.DEGRADED, actor=SYSTEM, at=at).conditions.get(),
        relation=joined(web, an_item("cluster", name="web", team=team), "member_of"),
        measure=_a_measure(web, at),
        finding=_a_finding(web, at),
        improvement=_an_improvement(people["agent"], at, 0),
        improvement_accepted=_an_improvement(people["agent"], at, 1),
        improvement_doing=_an_improvement(people["agent"], at, 2),
        improvement_finished=_an_improvement(people["agent"], at - timedelta(days=20), 3),
        announcement=announcements.publish(
            actor=actor["admin"], title="New phones", starts_at=at - timedelta(hours=1), ends_at=at + timedelta(days=9)
        ),
        article=article,
        proposed_article=knowledge.propose(_a_draft(people["agent"], at), actor=SYSTEM),
        revised_article=knowledge.revise(_an_article(people["agent"], at), actor=SYSTEM, at=at),
        catalog_item=_an_item(people["agent"], at),
        proposed_item=catalog_items.propose(_an_item(people["agent"], at, live=False), actor=SYSTEM, at=at),
        revised_item=catalog_items.revise(_an_item(people["agent"], at), actor=SYSTEM, at=at),
        round=_a_round(at),
        ci_class=items.add_class(actor=actor["admin"], slug="scanner", name="Scanner"),
        relation_type=items.add_relation_type(
            actor=actor["admin"], slug="mirrors", reading="mirrors", reverse="is mirrored by"
        ),
        offering=agreements.create_offering(actor=SYSTEM, service=checkout, name="Card payments"),
        sourced=sourced,
        run=begun("netbox", server("dcim.device:2", "db-02", serial="2")),
        seen_run=bring("netbox", server("dcim.device:3", "db-03", serial="3"), dry=True),
        precedence=reconciliation.set_precedence(
            CIClass.objects.get(slug="server"), reconciliation.source_for("ansible", actor=SYSTEM), 5,
            actor=actor["admin"], key="attributes.kernel",
        ),
        **_workloads(people, at),
        **_agents(people, at),
        **_directories(people, at),
        **_identity(people, at),
        **_webhooks(actor["admin"], at),
        **_paging(people, slow, at),
        at=at,
    )  # fmt: skip


def _paging(people: dict[str, Any], incident: Incident, at: datetime) -> dict[str, Any]:
    """The engineer is called for an incident; the admin has two phones, of which one was sent the code 123456."""
    team = Team.objects.get(slug="payments")
    both = [people["engineer"]], [people["manager"]]
    live = a_policy(team, *both, name="Payments, high", at=at)
    draft = a_policy(team, *both, name="Later", at=at)
    EscalationPolicy.objects.filter(pk=draft.pk).update(live_at=None)
    draft.refresh_from_db()
    escalation = paging.begin(
        "incident", incident.pk, policy=live, urgency="high", title=f"{incident.reference} slow",
        path=incident.get_absolute_url(), team_id=team.pk, at=at, actor=SYSTEM,
    )  # fmt: skip
    escalating.step_when_due(escalation.pk, at)
    escalation.refresh_from_db()
    first = a_provider("https://sms.invalid", "First", token="t" * 32)
    off = a_provider("https://sms.invalid", "Off", position=9, off_at=at, token="o" * 32)
    phone = ContactPoint.objects.create(person=people["admin"], channel="sms", address="+4915111111111", name="Day")
    phone.code_hash, phone.code_sent_at = contacts._hashed(phone, "123456"), at + timedelta(days=3650)
    phone.save()
    other = ContactPoint.objects.create(person=people["admin"], channel="sms", address="+4915122222222")
    EscalationRoute.objects.create(position=1, policy=live, urgency="low")
    route = EscalationRoute.objects.create(position=2, policy=live)
    return {
        "escalation": escalation, "called": escalation.pages.get(), "paging_policy": live, "paging_draft": draft,
        "provider": first, "provider_off": off, "escalation_route": route, "phone": phone, "other_phone": other,
    }  # fmt: skip


def _workloads(people: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Pipelines of one repository at GitHub come in without a secret."""
    admin = people["admin"]
    issuer = TrustedIssuer.objects.create(
        name="GitHub Actions", issuer="https://token.actions.invalid", trusted_by=admin, asked_at=at, trusted_at=at
    )
    mapping = WorkloadMapping.objects.create(
        issuer=issuer, claims={"repository": "acme/checkout"}, account=people["pipeline"], mapped_by=admin,
        asked_at=at, trusted_at=at,
    )  # fmt: skip
    night = OwnRole.objects.create(
        slug="night-desk", name="Night desk", description="Partners at night.", rights=["desk.work", "paging.respond"]
    )
    return {"trusted_issuer": issuer, "workload_mapping": mapping, "own_role": night}


def _agents(people: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The engineer's agent, with a token."""
    actor = actor_for(people["engineer"], Door.WEB)
    agent = agents.connect(actor=actor, name="Claude Code", capabilities=["gate", "desk:read"], at=at)
    token, _text = agents.issue_token(agent, actor=actor, hours=24, at=at)
    return {"software_agent": agent, "agents_token": token}


def _identity(people: dict[str, Any], at: datetime) -> dict[str, Any]:
    """A provider that is being set up, one of whose groups means something."""
    admin = people["admin"]
    provider = IdentityProvider.objects.create(
        slug="house", name="House", protocol="oidc", asked_at=at, made_by=admin,
        configuration={"issuer": "https://login.house.invalid", "client_id": "headroom"},
    )  # fmt: skip
    mapping = GroupMapping.objects.create(
        provider=provider, group="engineers", role="engineer", mapped_by=admin, asked_at=at
    )
    return {"identity_provider": provider, "group_mapping": mapping}


def _directories(people: dict[str, Any], at: datetime) -> dict[str, Any]:
    """A directory whose last sync waits for a person: too many would have left at once."""
    said = {"host": "ldap.invalid", "base_dn": "ou=people,dc=acme,dc=invalid"}
    provider = IdentityProvider.objects.create(
        slug="directory", name="Directory", protocol="ldap", configuration=directory_checked(said),
        made_by=people["admin"], asked_at=at, trusted_at=at,
    )  # fmt: skip
    run = SyncRun.objects.create(provider=provider, outcome="held", begun_at=at, ended_at=at, found=3)
    DirectorySync.objects.create(provider=provider, due_at=at, held_since=at, leaving=["1", "2"])
    return {"directory": provider, "sync_run": run}


def _webhooks(admin: Actor, at: datetime) -> dict[str, Any]:
    """One that is on, with a message of which only the log knows any more; and one that is off."""
    one, _secret = webhooks.create(actor=admin, name="Status board", url="https://board.invalid/hook", events=["*"])
    other, _secret = webhooks.create(actor=admin, name="Old board", url="https://old.invalid/", events=["problem.*"])
    body = '{"type":"incident.resolved","timestamp":"2026-11-29T12:00:00.000Z","data":{}}'
    event = WebhookEvent.objects.create(
        key="msg_1", type="incident.resolved", at=at, reference="INC-00001", path="/incidents/INC-00001/", body=body
    )
    sent = WebhookDelivery.objects.create(endpoint=one, event=event, key="webhook-1-msg_1")
    WebhookDelivery.objects.filter(pk=sent.pk).update(created_at=at - timedelta(days=2))
    off = webhooks.switch_off(other, actor=admin)
    endpoints.say_none()
    keeper = User.objects.get(pk=admin.id)
    account = ChatAccount.objects.create(
        endpoint=one, chat_user="U7", name="there", user=keeper, access_version=keeper.access_version, linked_at=at
    )
    return {"webhook": one, "webhook_off": off, "webhook_message": sent, "chat_account": account}


def _proposed(owner: User, incident: Incident, at: datetime) -> Proposal:
    """What a software agent of this person proposes about an incident."""
    account = User(username="scout", account_type="agent", owner=owner)
    account.set_unusable_password()
    account.save()
    call = call_of(Agent.objects.create(account=account), owner, frozenset({"desk:propose"}), at=at)
    return proposals.propose(
        actor=call.actor, eyes=call.eyes, at=timezone.now(), kind="fields", reference=incident.reference,
        body={"title": "Checkout times out"}, reason="So the log says.",
    )  # fmt: skip


def _told_to_the_public(actor: Actor, at: datetime) -> tuple[Any, Any, Any, Any]:
    """A page with a component, an incident and planned work."""
    page = status_pages.create_page(actor=actor, name="Acme", slug="acme", visibility="key")
    part = status_pages.add_component(page, actor=actor, at=at, name="Shop")
    told = notices.publish(
        page, actor=actor, at=at, title="Payments fail", body="We look into it.", states={part.pk: "major_outage"}
    )
    starts = at + timedelta(days=2)
    work = plan_maintenance(
        page, actor=actor, at=at, title="New cables", body="Nothing is noticed.", components=[part.pk],
        starts_at=starts, ends_at=starts + timedelta(hours=1),
    )  # fmt: skip
    return page, part, told, work


def _a_board(
    actor: dict[str, Actor], people: dict[str, User], service: Service, at: datetime
) -> tuple[Board, Meeting, Meeting, ApprovalRequest]:
    """A board that is asked about a change of the author's, with two meetings to come."""
    seats = {people["admin"]: "chair", people["engineer"]: "chair", people["approver"]: "member"}
    board = keeping.found_board(
        actor=actor["manager"], at=at, name="Board", seats=seats, quorum=2, classes=["emergency"]
    )
    change = asking.ask_gate(_request(service, an_artifact("9")), actor=actor["author"], at=at).change
    panel = Panel(board.name, "approver", None, 2, change.interested, KIND, board.pk, board.rule)
    asked = approvals.ask(
        change, panel, content_hash=change.content_hash, at=at, due_at=at + timedelta(days=5), subject="Waits"
    )
    due.schedule(PEOPLE_IN_TIME, change.kind, change.pk, at + timedelta(days=5))  # as the gate does when it asks
    first, second = (
        meetings.plan_meeting(
            board,
            actor=actor["manager"],
            at=at,
            starts_at=at + timedelta(days=day),
            ends_at=at + timedelta(days=day, hours=1),
        )
        for day in (1, 8)
    )
    return board, first, second, asked


# A day each; who is asked about is the engineer on even days.
_A_LAYER = {
    "name": "Days", "zone": "Europe/Berlin", "unit": "days", "length": 1, "anchor_date": "2026-01-05", "handoff": "09:00",
    "count": "covered", "slots": [["engineer"], ["builder"], []],
    "hours": [{"from_day": 4, "from_time": "18:00", "to_day": 0, "to_time": "08:00"}],
}  # fmt: skip


def _on_call(team: Team, people: dict[str, User], actor: dict[str, Actor], at: datetime) -> SimpleNamespace:
    """Engineer and builder take turns of a day; the builder's second turn is asked for, their third is the engineer's."""
    daily = oncall.Said("days", 1, at.date(), time(0), ((people["engineer"].pk,), (people["builder"].pk,)), zone="UTC")
    schedule = oncall.create_schedule(actor=SYSTEM, at=at, name="Payments", team=team, zone="UTC", layers=[daily])
    line = schedule.layers.get().pk
    begins, ends = at + timedelta(days=2), at + timedelta(days=4)
    swap = {"actor": SYSTEM, "at": at, "layer": line, "out": people["builder"]}
    return SimpleNamespace(
        schedule=schedule,
        layer=line,
        override=oncall.override(
            schedule, actor=actor["engineer"], at=at, starts_at=begins, ends_at=ends, people=[people["builder"]]
        ),
        asked=oncall.ask_swap(schedule, turn=3, **swap),
        taken=oncall.ask_swap(schedule, turn=5, into=people["engineer"], **swap),
        off=oncall.take_time_off(people["engineer"], actor=actor["engineer"], at=at, starts_at=begins, ends_at=ends),
        feed=oncall.make_feed(actor=actor["manager"], at=at, schedule=schedule)[0],
    )


def _an_improvement(owner: User, at: datetime, steps: int) -> Any:
    """Proposed by Headroom, the agent's, so many steps on."""
    said = {"title": "Fewer calls about printing", "benefit": 4, "effort": 2, "measure": "findings_open"}
    one = improvement.propose_improvement(actor=SYSTEM, owner=owner, **said)
    if steps:
        one = improvement.accept(one, actor=SYSTEM)
    for take in (improvement.start, improvement.finish)[: steps - 1 if steps else 0]:
        one = take(one, actor=SYSTEM, at=at)
    return one


def _a_draft(owner: User, at: datetime) -> Any:
    """Nobody here wrote it."""
    said = {"title": "Swollen battery", "symptoms": "The case bends", "body": "Stop using it.", "audience": ["all"]}
    return knowledge.create_article(actor=SYSTEM, at=at, owner=owner, **said)


def _an_article(owner: User, at: datetime) -> Any:
    """Live, for everybody; published by somebody of whom nothing else is asked."""
    reviewer = User.objects.get_or_create(username="reviewer", defaults={"roles": ["agent"]})[0]
    proposed = knowledge.propose(_a_draft(owner, at), actor=SYSTEM)
    return knowledge.publish(proposed, actor=actor_for(reviewer, Door.WEB), at=at)


def _followed(wanted: Any, actor: Mapping[str, Actor], people: Mapping[str, User], at: datetime) -> Attachment:
    """Whose it is was asked how it was handled; the agent follows it; its author sent a file."""
    Survey.objects.create(
        record_kind=wanted.kind, record_id=wanted.pk, team_id=wanted.teams[0], asked_at=at,
        expires_at=at + timedelta(days=30),
    )  # fmt: skip
    requests.watch(wanted, actor=actor["author"], user=people["agent"])
    said = [received("plan.txt", b"one line")]
    _note, (file,) = requests.say(wanted, actor=actor["author"], text="See there", private=False, received=said)
    return file


def _an_item(owner: User, at: datetime, *, live: bool = True) -> Any:
    """Of a team without members, offered to everybody; nobody here wrote it."""
    desk = Team.objects.get_or_create(slug="fulfilment", defaults={"name": "Fulfilment"})[0]
    made = catalog_items.create_item(
        actor=SYSTEM,
        at=at,
        name="Firewall port",
        team=desk,
        owner=owner,
        form=FIREWALL,
        approval=BY_MANAGER,
        fulfilment=ONE_TASK,
        currency="EUR",
    )
    publisher = User.objects.get_or_create(username="publisher", defaults={"roles": ["owner"]})[0]
    return catalog_items.publish(made, actor=actor_for(publisher, Door.WEB), at=at) if live else made


def _a_finding(item: CI, at: datetime) -> Any:
    """No support team is called first for it."""
    health.examine([item.pk], actor=SYSTEM, at=at)
    return item.findings.get(finding_kind="full")


def _a_round(at: datetime) -> Any:
    """Open, with a line for each item; all that was seen lately is offered (in life, chance keeps one in ten back)."""
    made = health.plan_round(actor=SYSTEM, name="Spring", due=(at + timedelta(days=30)).date(), at=at)
    opened = health.open_round(made, actor=SYSTEM, at=at)
    opened.lines.filter(ci__last_seen_at__isnull=False).update(offered=True)
    return opened


def _a_measure(item: CI, at: datetime) -> Any:
    """Of an item, with enough points for a forecast, which is made."""
    measure = capacity.add_measure(actor=SYSTEM, ci=item, name="Disk used", limit=100.0, unit="GB")
    points = [capacity.Sent(at - timedelta(days=day), 60.0 - day / 2) for day in range(60)]
    capacity.take_points(measure, points, actor=SYSTEM, at=at)
    capacity.forecast_measure(measure, actor=SYSTEM, at=at)
    return measure


def _delivery(ledger: Service, people: dict[str, User], at: datetime) -> Any:
    """A source of deliveries, what of it is mapped, a body that waits for a mapping, and a deployment it told of."""
    source = DeliverySource.objects.create(
        slug="ci", name="CI", platform="generic", account=people["pipeline"], created_at=at,
        mapping={"id": "/id", "environment": "/env", "service": "/app"},
    )  # fmt: skip
    route = DeploymentRoute.objects.create(
        source=source, repository="acme/ledger", service=ledger, environment="production", created_at=at
    )
    body = b'{"id": 1, "env": "prod", "app": "till"}'
    parked = PlatformDelivery.objects.create(
        source=source, delivery_id="1", body=zlib.compress(body), sha256=sha256(body).hexdigest(), size=len(body),
        received_at=at, status="unmapped", reason="Nobody said.", repository="till", environment="prod", applied_at=at,
    )  # fmt: skip
    event = DeploymentEvent.objects.create(
        told_by="generic", external_id="ci:7", service=ledger, environment="production", version="4.1",
        started_at=at, told_at=at, standing="blind",
    )  # fmt: skip
    return SimpleNamespace(source=source, route=route, parked=parked, event=event)


def _alerts(service: Service, at: datetime) -> Any:
    """A source of any shape, what it brought, a body of it that could not be read, and the first rules."""
    source = AlertSource.objects.create(
        slug="probe", name="Probes", shape="generic", mapping={"title": "/name", "labels": {"service": "/service"}}
    )
    one = AlertOccurrence.objects.create(
        source=source, fingerprint="probe", started_at=at, seen_at=at, received_at=at, title="Slow", service=service,
        labels={"service": service.slug}, group_key="probe",
    )  # fmt: skip
    parked = keep_alerts(source, b'{"name": "Slow"}', at=at, alerts=1, parked="it had no mapping")
    quiet = quiets.plan(
        change_reference="CHG-99999", services=[service.pk], environment="production",
        starts_at=at + timedelta(days=2), ends_at=at + timedelta(days=2, hours=1),
        matchers=[{"name": "instance", "value": "a"}],
    )  # fmt: skip
    return SimpleNamespace(quiet=quiet, source=source, one=one, parked=parked, routing=routing_held(at=at))


def token_of(user: User, *scopes: str, **options: Any) -> str:
    return accounts.issue_token(user, actor=SYSTEM, name="test", allowed=list(scopes) or None, **options)[1]


def bearer(text: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def browser(user: User | None) -> Client:
    """Somebody who has just signed in."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="itsm.accounts.backends.PeopleOnly")
        session = client.session
        session["proved_at"] = timezone.now().timestamp()
        session.save()
    return client


def half_signed_in(person: User) -> Client:
    """Somebody whose password was right and who owes the second step."""
    client, request = browser(None), HttpRequest()
    request.session = client.session
    signing_in._half_sign_in(request, signing_in.Half(person, "password", False, "/", True))
    request.session.save()
    client.cookies["sessionid"] = request.session.session_key or ""
    assert signing_in.half_signed_in(request) is not None
    return client


def _request(service: Service, digest: str) -> asking.GateRequest:
    return asking.GateRequest(
        service=service, environment="production", change_class="normal", purpose="feature", summary=f"Deploy {digest}",
        plan="helm", backout="helm rollback", artifact_digest=digest, artifact_version="1", commit="abc",
        pipeline={"run_id": digest}, proof={"peer_review": True, "tests_passed": 1, "tests_failed": 0},
    )  # fmt: skip


def _minute(instant: datetime) -> str:
    return instant.replace(second=0, microsecond=0).isoformat()
