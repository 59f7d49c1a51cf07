"""Paging over REST."""

from itsm.api.routing import Router
from itsm.paging.api.escalations import EscalationViewSet, PageViewSet
from itsm.paging.api.own import ContactPointViewSet
from itsm.paging.api.policies import EscalationPolicyViewSet
from itsm.paging.api.providers import ProviderViewSet


def register(router: Router) -> None:
    """What has a key; one's own rules, and the doors of providers, are paths by themselves."""
    router.register("me/contact-points", ContactPointViewSet, basename="contact-point")
    router.register("escalation-policies", EscalationPolicyViewSet, basename="escalation-policy")
    router.register("escalations", EscalationViewSet, basename="escalation")
    router.register("pages", PageViewSet, basename="page")
    router.register("paging-providers", ProviderViewSet, basename="paging-provider")
