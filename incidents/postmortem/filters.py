"""Filters shared by the pages and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.postmortem.models import Postmortem, PostmortemAction
from incidents.postmortem.queries import overdue
from incidents.postmortem.vocabulary import ActionType
from incidents.postmortem.workflow import Status
from itsm.api.filters import Listed
from itsm.kernel.references import number_in


class PostmortemFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    state = django_filters.ChoiceFilter(field_name="status", choices=Status.choices, label=_("State"))
    service = django_filters.CharFilter(method="of_service", label=_("Service"), max_length=63)
    due = django_filters.ChoiceFilter(method="is_due", choices=[("overdue", _("Overdue"))], label=_("Due"))
    about = django_filters.CharFilter(method="about_record", label=_("About"), max_length=20)

    class Meta:
        model = Postmortem
        fields = ("text", "state", "service", "due", "about")

    def matching(self, rows: QuerySet[Postmortem], name: str, value: str) -> QuerySet[Postmortem]:
        number = number_in(value, "PM")
        if number is not None:
            return rows.filter(pk=number)
        return rows.filter(Q(title__icontains=value) | Q(impact__icontains=value))

    def of_service(self, rows: QuerySet[Postmortem], name: str, value: str) -> QuerySet[Postmortem]:
        return rows.filter(Q(incident__service__slug=value) | Q(problem__service__slug=value))

    def is_due(self, rows: QuerySet[Postmortem], name: str, value: str) -> QuerySet[Postmortem]:
        return overdue(rows, timezone.now())

    def about_record(self, rows: QuerySet[Postmortem], name: str, value: str) -> QuerySet[Postmortem]:
        """Of an incident or a problem, by its reference."""
        return rows.filter(Q(incident=number_in(value, "INC") or 0) | Q(problem=number_in(value, "PRB") or 0))


class ActionFilter(Listed):
    state = django_filters.ChoiceFilter(
        method="in_state",
        choices=[("open", _("Open")), ("overdue", _("Overdue")), ("done", _("Done"))],
        label=_("State"),
    )
    owner = django_filters.CharFilter(field_name="owner__username", label=_("Owner"), max_length=150)
    action_type = django_filters.ChoiceFilter(choices=ActionType.choices, label=_("Kind"))

    class Meta:
        model = PostmortemAction
        fields = ("state", "owner", "action_type")

    def in_state(self, rows: QuerySet[PostmortemAction], name: str, value: str) -> QuerySet[PostmortemAction]:
        if value == "done":
            return rows.filter(done_at__isnull=False)
        still_open = rows.filter(done_at=None)
        return still_open.filter(due_at__lt=timezone.now()) if value == "overdue" else still_open
