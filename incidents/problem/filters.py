"""Filters shared by the problems page and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.problem.models import Problem
from incidents.problem.models.problems import ProblemQuerySet
from incidents.problem.queries import reviews_due
from incidents.problem.workflow import OPEN, Status
from itsm.api.filters import Listed
from itsm.kernel.references import number_in

STATES = [("open", _("Open")), *Status.choices]


class ProblemFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    state = django_filters.ChoiceFilter(method="in_state", choices=STATES, label=_("State"), empty_label=_("Any state"))
    service = django_filters.CharFilter(field_name="service__slug", label=_("Service"), max_length=63)
    owner = django_filters.CharFilter(field_name="owner__username", label=_("Owner"), max_length=150)
    review = django_filters.ChoiceFilter(
        method="of_review", choices=[("due", _("Review due"))], label=_("Review"), empty_label=_("Any review")
    )

    class Meta:
        model = Problem
        fields = ("text", "state", "service", "owner", "review")

    def matching(self, problems: QuerySet[Problem], name: str, value: str) -> QuerySet[Problem]:
        number = number_in(value, "PRB")
        if number is not None:
            return problems.filter(pk=number)
        said = Q(statement__icontains=value) | Q(symptom__icontains=value) | Q(workaround__icontains=value)
        return problems.filter(said)

    def in_state(self, problems: QuerySet[Problem], name: str, value: str) -> QuerySet[Problem]:
        return problems.filter(status__in=OPEN) if value == "open" else problems.filter(status=value)

    def of_review(self, problems: ProblemQuerySet, name: str, value: str) -> QuerySet[Problem]:
        return reviews_due(problems)
