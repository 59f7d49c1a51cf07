"""The API, composed: every app registers its part."""

from django.urls import URLPattern, URLResolver, re_path
from drf_spectacular.views import SpectacularAPIView

import catalog.api_urls
import changes.api_urls
import incidents.api_urls
import slo.api_urls
from itsm.administration import api as administration
from itsm.agents import api as agents
from itsm.api import schema  # noqa: F401 -- registers itself with the schema generator, which is needed no sooner
from itsm.api.routing import Router
from itsm.approvals.api import urls as approvals_urls
from itsm.assignment import api as assignment
from itsm.audit_trail import api as audit_trail
from itsm.calendars import api as calendars
from itsm.erasure import api as custody
from itsm.fields import api as fields_api
from itsm.home.api_docs import ApiDocs
from itsm.home.keys import KeyboardViewSet
from itsm.identity import api as identity
from itsm.invariants import api as invariants
from itsm.macros import api as macros
from itsm.mail import incoming_api
from itsm.mail.boxes import api as mailboxes
from itsm.oncall import api as oncall
from itsm.paging import api as paging
from itsm.paging.api.own import PagingRulesViewSet
from itsm.paging.api.providers import ProviderDoorViewSet
from itsm.people.api import urls as people_urls
from itsm.people.api.wishes import WishesViewSet
from itsm.portal import api as portal
from itsm.portal.api import reading
from itsm.proposals import api as proposals
from itsm.retention import api as retention
from itsm.roles import api as roles
from itsm.satisfaction.api import OwnSurveyViewSet, SatisfactionViewSet
from itsm.security.api import SecurityViewSet
from itsm.statuspage import api as status_pages
from itsm.webhooks import api as webhooks
from itsm.webhooks.slash import own_api as chats
from itsm.webhooks.slash.api import SlashViewSet
from itsm.work.api import urls as work_urls
from itsm.workload_identity import api as workloads

router = Router()
for app in (catalog, slo, changes, incidents):
    app.api_urls.register(router)
approvals_urls.register(router)
administration.register(router)
agents.register(router)
assignment.register(router)
calendars.register(router)
fields_api.register(router)
macros.register(router)
mailboxes.register(router)
incoming_api.register(router)
paging.register(router)
oncall.register(router)
people_urls.register(router)
portal.register(router)
invariants.register(router)
proposals.register(router)
retention.register(router)
audit_trail.register(router)
custody.register(router)
status_pages.register(router)
webhooks.register(router)
chats.register(router)
work_urls.register(router)
workloads.register(router)
identity.register(router)
roles.register(router)

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^docs/?$", ApiDocs.as_view(url_name="api:schema"), name="docs"),
    re_path(
        r"^keyboard/?$",
        KeyboardViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="keyboard",
    ),
    re_path(
        r"^me/notification-wishes/?$",
        WishesViewSet.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"}),
        name="notification-wishes",
    ),
    re_path(r"^on-call/?$", oncall.OnCallViewSet.as_view({"get": "retrieve"}), name="on-call"),
    re_path(r"^reports/on-call/?$", oncall.OnCallReportViewSet.as_view({"get": "retrieve"}), name="on-call-report"),
    re_path(r"^portal/suggest/?$", reading.SuggestViewSet.as_view({"get": "retrieve"}), name="portal-suggest"),
    re_path(r"^portal/team/?$", reading.TeamViewSet.as_view({"get": "retrieve"}), name="portal-team"),
    re_path(r"^portal/status/?$", reading.StatusViewSet.as_view({"get": "retrieve"}), name="portal-status"),
    re_path(r"^reports/portal/?$", reading.PortalReportViewSet.as_view({"get": "retrieve"}), name="portal-report"),
    re_path(
        r"^satisfaction/(?P<reference>[A-Za-z]{2,4}-[0-9]{1,12})/?$",
        OwnSurveyViewSet.as_view({"get": "retrieve", "post": "answer"}),
        name="satisfaction-own",
    ),
    re_path(r"^reports/satisfaction/?$", SatisfactionViewSet.as_view({"get": "retrieve"}), name="satisfaction-report"),
    re_path(
        r"^integrations/slash/(?P<endpoint>[0-9]{1,18})/?$", SlashViewSet.as_view({"post": "create"}), name="slash"
    ),
    re_path(
        r"^me/paging-rules/?$",
        PagingRulesViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="paging-rules",
    ),
    re_path(
        r"^integrations/paging/(?P<token>[\w-]{8,64})/reports/?$",
        ProviderDoorViewSet.as_view({"post": "reports"}),
        name="paging-reports",
    ),
    re_path(
        r"^integrations/paging/(?P<token>[\w-]{8,64})/replies/?$",
        ProviderDoorViewSet.as_view({"post": "replies"}),
        name="paging-replies",
    ),
    re_path(r"^security/?$", SecurityViewSet.as_view({"get": "retrieve"}), name="security"),
    re_path(r"^oidc/token/?$", workloads.OidcDoor.as_view({"post": "exchange"}), name="oidc-token"),
    *changes.api_urls.urlpatterns,
    *incidents.api_urls.urlpatterns,
    *router.urls,
]
app_name = "api"
