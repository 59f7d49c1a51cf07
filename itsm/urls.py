"""The front gate: pages, API, problems explained."""

from django.urls import include, path

from catalog.agreements.urls import OFFERINGS
from changes.urls import DEPLOYMENTS
from itsm.api.routing import api
from itsm.approvals.urls import DELEGATIONS, WAITING
from itsm.home import views as home
from itsm.setup import views as setup

urlpatterns = [
    api("api/v1/", "itsm.api_urls"),  # programs ask most: they are not led past thirty rooms of pages
    path("", include("itsm.agents.door.urls")),
    path("scim/v2/", include("itsm.scim.urls")),
    path("", include("itsm.home.urls")),
    path("", include("itsm.portal.urls")),
    path("", include("itsm.satisfaction.urls")),  # before other reports, which take any word
    path("", include("itsm.paging.urls")),
    path("sign-in/", setup.sign_in, name="sign_in"),  # before the accounts': a desk without people says what to do
    path("sign-in/", include("itsm.second_factors.sign_in_urls")),
    path("profile/factors/", include("itsm.second_factors.urls")),
    path("profile/chats/", include("itsm.webhooks.slash.urls")),
    path("", include("itsm.people.urls")),
    path("services/", include("catalog.urls")),
    path("agreements/", include("catalog.agreements.urls")),
    path("offerings/", include(OFFERINGS)),
    path("improvements/", include("catalog.improvement.urls")),
    path("knowledge/", include("catalog.knowledge.urls")),
    path("requests/", include("catalog.requests.urls")),
    path("catalog/items/", include("catalog.items.urls")),
    path("imports/", include("catalog.reconciliation.urls")),
    path("environments/", include("catalog.environments.urls")),
    path("cis/", include("catalog.cmdb.urls")),
    path("health/", include("catalog.health.urls")),
    path("measures/", include("catalog.capacity.urls")),
    path("incidents/", include("incidents.next_up.urls")),
    path("incidents/", include("incidents.sla.urls")),  # before those of the steps, which take any word
    path("incidents/", include("incidents.macros.urls")),
    path("incidents/", include("incidents.answers.urls")),
    path("incidents/", include("incidents.imports.urls")),
    path("incidents/", include("incidents.mail_in.urls")),
    path("incidents/", include("incidents.incident.urls")),
    path("alerts/", include("incidents.alerts_in.urls")),
    path("files/", include("itsm.files.urls")),
    path("", include("incidents.urls")),
    path("reports/toil/", include("incidents.toil.urls")),
    path("reports/on-call/", include("itsm.oncall.report_urls")),
    path("reports/", include("incidents.reports.urls")),
    path("slos/", include("slo.urls")),
    path("", include("changes.pipelines.urls")),
    path("deployments/", include(DEPLOYMENTS)),
    path("changes/", include("changes.urls")),
    path("allowances/", include("changes.allowances.urls")),
    path(".well-known/", include("changes.statements.urls")),
    path(".well-known/", include("itsm.oauth.well_known_urls")),
    path("oauth/", include("itsm.oauth.urls")),
    path("agents/", include("itsm.agents.urls")),
    path("approvals/", include(WAITING)),
    path("confirmations/", include("itsm.approvals.urls")),
    path("delegations/", include(DELEGATIONS)),
    path("proposals/", include("itsm.proposals.urls")),
    path("bulk/", include("itsm.bulk.urls")),
    path("fields/", include("itsm.fields.urls")),
    path("macros/", include("itsm.macros.urls")),
    path("mail/in/", include("itsm.mail.incoming_urls")),
    path("mail/", include("itsm.mail.boxes.urls")),
    path("rules/", include("itsm.assignment.urls")),
    path("settings/", include("itsm.administration.urls")),
    path("settings/backups/", include("itsm.continuity.urls")),
    path("settings/retention/", include("itsm.retention.urls")),
    path("settings/security/", include("itsm.security.urls")),
    path("audit/", include("itsm.audit_trail.urls")),
    path("settings/webhooks/", include("itsm.webhooks.urls")),
    path("settings/identity/", include("itsm.identity.urls")),
    path("settings/identity/", include("itsm.directory.urls")),
    path("sign-in/with/", include("itsm.single_sign_on.urls")),
    path("settings/workloads/", include("itsm.workload_identity.urls")),
    path("settings/roles/", include("itsm.roles.urls")),
    path("operations/invariants/", include("itsm.invariants.urls")),
    path("settings/factors/", include("itsm.second_factors.rules_urls")),
    path("erasure/", include("itsm.erasure.urls")),
    path("on-call/", include("itsm.oncall.urls")),
    path("calendars/", include("itsm.calendars.urls")),
    path("setup/", include("itsm.setup.urls")),
    path("status/", include("itsm.statuspage.public_urls")),
    path("status-pages/", include("itsm.statuspage.urls")),
    path("majors/", include("incidents.major.urls")),
    path("postmortems/", include("incidents.postmortem.urls")),
    path("escalation-routes/", include("incidents.escalation.urls")),
    path("problems/", include("incidents.problem.urls")),  # before what explains a refusal by its code
    path("problems/<slug:code>/", home.explain_problem, name="problem"),
]

handler400 = "itsm.ui.refusals.bad_request"
handler403 = "itsm.ui.refusals.permission_denied"
handler404 = "itsm.ui.refusals.not_found"
handler500 = "itsm.ui.refusals.server_error"
