"""Filters shared by the requests page and the API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.requests.models import Request, RequestItem
from catalog.requests.permissions import staff
from catalog.requests.workflow import OPEN, Status
from itsm.accounts.actors import actor_of
from itsm.accounts.models import Team
from itsm.api.filters import Listed
from itsm.kernel.references import number_in

STATES = [("open", _("Open")), *Status.choices[1:]]


class RequestFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    state = django_filters.ChoiceFilter(method="in_state", choices=STATES, label=_("State"), empty_label=_("Any state"))
    item = django_filters.CharFilter(method="of_item", label=_("Item"), max_length=63)
    team = django_filters.CharFilter(method="in_queue", label=_("Queue"), max_length=63)
    requested_for = django_filters.CharFilter(field_name="requested_for__username", label=_("For"), max_length=150)

    class Meta:
        model = Request
        fields = ("text", "state", "item", "team", "requested_for")

    def matching(self, requests: QuerySet[Request], name: str, value: str) -> QuerySet[Request]:
        number = number_in(value, "REQ")
        return requests.filter(pk=number) if number is not None else requests.filter(title__icontains=value)

    def in_state(self, requests: QuerySet[Request], name: str, value: str) -> QuerySet[Request]:
        return requests.filter(status__in=OPEN) if value == "open" else requests.filter(status=value)

    def of_item(self, requests: QuerySet[Request], name: str, value: str) -> QuerySet[Request]:
        return requests.filter(pk__in=RequestItem.objects.filter(item__slug=value).values("request"))

    def in_queue(self, requests: QuerySet[Request], name: str, value: str) -> QuerySet[Request]:
        """Of a queue that there is; those of another are none. In which one it lies only those know who work here."""
        asks = actor_of(self.request) if self.request is not None else None
        if asks is not None and not staff(asks):
            return requests.none()
        team = Team.objects.filter(slug=value).values_list("pk", flat=True).first()
        return requests.filter(teams__contains=[team]) if team is not None else requests.none()
